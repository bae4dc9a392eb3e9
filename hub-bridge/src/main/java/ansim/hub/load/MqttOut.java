package ansim.hub.load;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;

/** The packets of which there are many. */
final class MqttOut {
    static final MqttMessage PING_RESPONSE = new MqttMessage(fixed(MqttMessageType.PINGRESP, MqttQoS.AT_MOST_ONCE));
    private static final int IDS = 0xffff;

    private MqttOut() {}

    private static MqttFixedHeader fixed(MqttMessageType type, MqttQoS qos) {
        return new MqttFixedHeader(type, false, qos, false, 0);
    }

    static MqttPublishMessage publish(String topic, int packetId, byte[] payload) {
        return new MqttPublishMessage(
                fixed(MqttMessageType.PUBLISH, MqttQoS.AT_LEAST_ONCE),
                new MqttPublishVariableHeader(topic, packetId),
                Unpooled.wrappedBuffer(payload));
    }

    static MqttMessage unsubscribed(int packetId) {
        return new MqttMessage(
                fixed(MqttMessageType.UNSUBACK, MqttQoS.AT_MOST_ONCE), MqttMessageIdVariableHeader.from(packetId));
    }

    /** The packet id after another one: 1 to 65,535, again and again. */
    static int next(int packetId) {
        return packetId % IDS + 1;
    }
}
