package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Topics;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.codec.mqtt.MqttSubAckPayload;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttSubscriptionOption;
import io.netty.handler.codec.mqtt.MqttTopicSubscription;
import io.netty.handler.codec.mqtt.MqttUnsubAckMessage;
import io.netty.handler.codec.mqtt.MqttUnsubAckPayload;
import io.netty.handler.codec.mqtt.MqttVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The packets that the door sends, MQTT 3.1.1 and 5, and those to a city's broker, MQTT 5. */
final class Packets {
    static final MqttMessage PING_RESPONSE = new MqttMessage(header(MqttMessageType.PINGRESP));

    /** MQTT 5, 3.8.3: the codes of SUBACK and UNSUBACK used here. */
    private static final int NOT_AUTHORIZED = 0x87;

    private static final int SHARED_NOT_SUPPORTED = 0x9e;
    private static final int IDENTIFIERS_NOT_SUPPORTED = 0xa1;
    private static final int WILDCARDS_NOT_SUPPORTED = 0xa2;
    private static final int NO_SUBSCRIPTION_EXISTED = 0x11;

    /** MQTT 3.1.1, 3.9.3. */
    private static final int FAILURE = 0x80;

    /** Fixed header, lengths and properties of a PUBLISH at most. */
    static final int DOWN_OVERHEAD_BYTES = 16;

    /** Of a PUBLISH with QoS 0. */
    static final int NO_PACKET_ID = 0;

    static final MqttMessage PING_REQUEST = new MqttMessage(header(MqttMessageType.PINGREQ));

    private Packets() {}

    private static MqttFixedHeader header(MqttMessageType type) {
        return new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0);
    }

    /** An accepted CONNECT. MQTT 5 clients are told every limit; the session is never kept. */
    static MqttMessage accepted(boolean mqtt5, int keepAliveS) {
        var builder = MqttMessageBuilders.connAck()
                .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                .sessionPresent(false);
        if (mqtt5) {
            builder.properties(properties -> {
                properties
                        .sessionExpiryInterval(0)
                        .receiveMaximum(Limits.IN_FLIGHT)
                        .maximumQos((byte) 1)
                        .retainAvailable(false)
                        .maximumPacketSize(Limits.PACKET_BYTES)
                        .topicAliasMaximum(0)
                        .wildcardSubscriptionAvailable(false)
                        .subscriptionIdentifiersAvailable(false)
                        .sharedSubscriptionAvailable(false);
                if (keepAliveS == 0 || keepAliveS > Limits.KEEP_ALIVE_S) {
                    properties.serverKeepAlive(Limits.KEEP_ALIVE_S);
                }
            });
        }
        return builder.build();
    }

    static MqttMessage refused(boolean mqtt5, Refusal refusal) {
        return MqttMessageBuilders.connAck()
                .returnCode(Connect.returnCode(mqtt5, refusal))
                .sessionPresent(false)
                .build();
    }

    static MqttMessage published(int packetId, byte code) {
        return MqttMessageBuilders.pubAck().packetId(packetId).reasonCode(code).build();
    }

    /** MQTT 5 only. */
    static MqttMessage disconnect(Refusal refusal) {
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader(refusal.mqtt5(), MqttProperties.NO_PROPERTIES));
    }

    static MqttMessage down(Id16 unit, byte[] signed) {
        return publish(Topics.down(unit), signed, NO_PACKET_ID);
    }

    /** Of a command the receiver is to say that it has it; a packet id of {@link #NO_PACKET_ID} is QoS 0. */
    static MqttMessage publish(String topic, byte[] signed, int packetId) {
        return MqttMessageBuilders.publish()
                .topicName(topic)
                .qos(packetId == NO_PACKET_ID ? MqttQoS.AT_MOST_ONCE : MqttQoS.AT_LEAST_ONCE)
                .retained(false)
                .messageId(packetId)
                .payload(Unpooled.wrappedBuffer(signed))
                .build();
    }

    /** To a broker: with a clean session, and what it must not send. */
    static MqttMessage connect(String clientId, int keepAliveS) {
        MqttProperties properties = new MqttProperties();
        properties.add(new MqttProperties.IntegerProperty(MqttProperties.RECEIVE_MAXIMUM, Limits.BROKER_IN_FLIGHT));
        properties.add(new MqttProperties.IntegerProperty(MqttProperties.MAXIMUM_PACKET_SIZE, Limits.PACKET_BYTES));
        return MqttMessageBuilders.connect()
                .protocolVersion(MqttVersion.MQTT_5)
                .clientId(clientId)
                .cleanSession(true)
                .keepAlive(keepAliveS)
                .properties(properties)
                .build();
    }

    /** With QoS 1, as they were published, and not what the broker retains (MQTT 5 section 3.8.3.1). */
    static MqttMessage subscribe(int packetId, List<String> filters) {
        MqttSubscriptionOption option = new MqttSubscriptionOption(
                MqttQoS.AT_LEAST_ONCE,
                false,
                true,
                MqttSubscriptionOption.RetainedHandlingPolicy.DONT_SEND_AT_SUBSCRIBE);
        var builder = MqttMessageBuilders.subscribe().messageId(packetId);
        filters.forEach(each -> builder.addSubscription(each, option));
        return builder.build();
    }

    /** To a broker, at the end. */
    static MqttMessage goodbye() {
        return new MqttMessage(
                header(MqttMessageType.DISCONNECT),
                new MqttReasonCodeAndPropertiesVariableHeader((byte) 0, MqttProperties.NO_PROPERTIES));
    }

    /** What each filter is answered with: the granted QoS for the unit's own commands, a failure for anything else. */
    static List<Integer> subscriptionCodes(boolean mqtt5, Id16 unit, MqttSubscribeMessage message) {
        boolean identified = mqtt5
                && !message.idAndPropertiesVariableHeader()
                        .properties()
                        .getProperties(MqttProperties.SUBSCRIPTION_IDENTIFIER)
                        .isEmpty();
        List<Integer> codes = new ArrayList<>();
        for (MqttTopicSubscription each : message.payload().topicSubscriptions()) {
            boolean own = each.topicFilter().equals(Topics.down(unit));
            if (own && !identified) {
                codes.add(Math.min(each.qualityOfService().value(), MqttQoS.AT_LEAST_ONCE.value()));
            } else {
                codes.add(mqtt5 ? failure(each.topicFilter(), identified) : FAILURE);
            }
        }
        return codes;
    }

    private static int failure(String filter, boolean identified) {
        if (identified) {
            return IDENTIFIERS_NOT_SUPPORTED;
        }
        if (filter.startsWith("$share/")) {
            return SHARED_NOT_SUPPORTED;
        }
        return filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0 ? WILDCARDS_NOT_SUPPORTED : NOT_AUTHORIZED;
    }

    static boolean isGranted(int code) {
        return code < FAILURE;
    }

    static MqttMessage subscribed(int packetId, List<Integer> codes) {
        return new MqttSubAckMessage(
                header(MqttMessageType.SUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES),
                new MqttSubAckPayload(codes));
    }

    static short unsubscriptionCode(boolean existed) {
        return existed ? 0 : (short) NO_SUBSCRIPTION_EXISTED;
    }

    static MqttMessage unsubscribed(int packetId, List<Short> codes) {
        return new MqttUnsubAckMessage(
                header(MqttMessageType.UNSUBACK),
                new MqttMessageIdAndPropertiesVariableHeader(packetId, MqttProperties.NO_PROPERTIES),
                new MqttUnsubAckPayload(codes));
    }

    /** Why a PUBLISH is not taken, whatever its topic. */
    static Optional<Refusal> refusal(MqttPublishMessage message) {
        if (message.fixedHeader().qosLevel() != MqttQoS.AT_LEAST_ONCE) {
            return Optional.of(Refusal.QOS);
        }
        if (message.fixedHeader().isRetain()) {
            return Optional.of(Refusal.RETAINED);
        }
        var properties = message.variableHeader().properties();
        if (properties.getProperty(MqttProperties.TOPIC_ALIAS) != null) {
            return Optional.of(Refusal.TOPIC_ALIAS);
        }
        return properties.getProperties(MqttProperties.SUBSCRIPTION_IDENTIFIER).isEmpty()
                ? Optional.empty()
                : Optional.of(Refusal.PROPERTY);
    }
}
