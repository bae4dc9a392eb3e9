package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Topics;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttConnectVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a CONNECT asks for, and whether it may come in.
 *
 * @param mqtt5 MQTT 5, otherwise 3.1.1
 * @param unit the client id; empty when it is none
 * @param keepAliveS as asked for; 0 for none
 * @param receiveMaximum PUBLISHes that it takes without having answered
 * @param maxPacketBytes the longest packet that the client takes
 * @param will whether it left a will: a hint that it went unexpectedly, unsigned
 * @param refusal why it may not
 */
record Connect(
        boolean mqtt5,
        Optional<Id16> unit,
        int keepAliveS,
        int receiveMaximum,
        long maxPacketBytes,
        boolean will,
        Optional<Refusal> refusal) {
    private static final Pattern UNIT = Pattern.compile("[0-9a-f]{32}");
    private static final int MQTT_3_1_1 = 4;
    private static final int MQTT_5 = 5;
    private static final int QOS_2 = 2;
    private static final int MAX_PACKET_IDS = 65_535;

    static Connect read(MqttConnectMessage message) {
        MqttConnectVariableHeader header = message.variableHeader();
        boolean mqtt5 = header.version() == MQTT_5;
        String clientId = message.payload().clientIdentifier();
        Optional<Id16> unit = unit(clientId);
        int receive = number(header.properties(), MqttProperties.RECEIVE_MAXIMUM);
        int maxPacket = number(header.properties(), MqttProperties.MAXIMUM_PACKET_SIZE);
        return new Connect(
                mqtt5,
                unit,
                header.keepAliveTimeSeconds(),
                receive > 0 ? receive : MAX_PACKET_IDS,
                maxPacket > 0 ? maxPacket : Long.MAX_VALUE,
                header.isWillFlag(),
                refusal(message, unit));
    }

    /** A unit id as topics and certificates have it: 32 lower-case hexadecimal digits. */
    static Optional<Id16> unit(String text) {
        return UNIT.matcher(text).matches() ? Optional.of(Id16.parse(text)) : Optional.empty();
    }

    private static Optional<Refusal> refusal(MqttConnectMessage message, Optional<Id16> unit) {
        MqttConnectVariableHeader header = message.variableHeader();
        if (header.version() != MQTT_3_1_1 && header.version() != MQTT_5) {
            return Optional.of(Refusal.PROTOCOL_VERSION);
        }
        MqttProperties properties = header.properties();
        if (number(properties, MqttProperties.RECEIVE_MAXIMUM) == 0
                || number(properties, MqttProperties.MAXIMUM_PACKET_SIZE) == 0) {
            return Optional.of(Refusal.PROPERTY);
        }
        if (properties.getProperty(MqttProperties.AUTHENTICATION_METHOD) != null) {
            return Optional.of(Refusal.AUTHENTICATION);
        }
        return unit.isEmpty() ? Optional.of(Refusal.CLIENT_ID) : will(message, unit.get());
    }

    private static Optional<Refusal> will(MqttConnectMessage message, Id16 unit) {
        MqttConnectVariableHeader header = message.variableHeader();
        if (!header.isWillFlag()) {
            return Optional.empty();
        }
        if (header.isWillRetain()) {
            return Optional.of(Refusal.RETAINED);
        }
        if (header.willQos() >= QOS_2) {
            return Optional.of(Refusal.QOS);
        }
        return Topics.will(unit).equals(message.payload().willTopic()) ? Optional.empty() : Optional.of(Refusal.WILL);
    }

    /** A property's value; -1 when it is not there. */
    private static int number(MqttProperties properties, int property) {
        return properties.getProperty(property) instanceof MqttProperties.IntegerProperty found ? found.value() : -1;
    }

    /** What a refused CONNECT is told: MQTT 5 section 3.2.2.2, MQTT 3.1.1 table 3.1. */
    static MqttConnectReturnCode returnCode(boolean mqtt5, Refusal refusal) {
        if (mqtt5) {
            return MqttConnectReturnCode.valueOf(refusal.mqtt5());
        }
        return switch (refusal) {
            case PROTOCOL_VERSION -> MqttConnectReturnCode.CONNECTION_REFUSED_UNACCEPTABLE_PROTOCOL_VERSION;
            case CLIENT_ID -> MqttConnectReturnCode.CONNECTION_REFUSED_IDENTIFIER_REJECTED;
            default -> MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED;
        };
    }
}
