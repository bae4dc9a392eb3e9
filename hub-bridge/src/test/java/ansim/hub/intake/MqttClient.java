package ansim.hub.intake;

import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.Verb;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** MQTT by hand, so that a test can say anything, also what no client library would. */
final class MqttClient implements AutoCloseable {
    static final int V3 = 4;
    static final int V5 = 5;
    static final int CONNACK = 2;
    static final int PUBLISH = 3;
    static final int PUBACK = 4;
    static final int SUBACK = 9;
    static final int UNSUBACK = 11;
    static final int PINGRESP = 13;
    static final int DISCONNECT = 14;
    private static final int TIMEOUT_MS = 30_000;

    /** One packet. */
    record Packet(int type, int flags, byte[] body) {
        /** The byte at that place. */
        int at(int place) {
            return body[place] & 0xff;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private int version = V3;

    MqttClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Over a connection that stands. */
    MqttClient(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** Writes the body of a packet. */
    interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    static byte[] packet(int firstByte, Body body) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        body.write(new DataOutputStream(bytes));
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(firstByte);
        int left = bytes.size();
        do {
            packet.write((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
            left >>>= 7;
        } while (left > 0);
        bytes.writeTo(packet);
        return packet.toByteArray();
    }

    static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeShort(utf8.length);
        out.write(utf8);
    }

    /**
     * A CONNECT.
     *
     * @param properties of MQTT 5, without their length; nothing in 3.1.1
     */
    static byte[] connectPacket(int version, String clientId, int keepAliveS, int... properties) throws IOException {
        return packet(0x10, out -> {
            text(out, version == 3 ? "MQIsdp" : "MQTT");
            out.writeByte(version);
            out.writeByte(0x02);
            out.writeShort(keepAliveS);
            if (version >= V5) {
                out.writeByte(properties.length);
                for (int each : properties) {
                    out.writeByte(each);
                }
            }
            text(out, clientId);
        });
    }

    /** Sends a CONNECT and reads its CONNACK. */
    Packet connect(int as, TestUnit unit) throws IOException {
        version = as;
        send(connectPacket(as, unit.id.hex(), 60));
        return read(CONNACK);
    }

    /** What is said from now on is MQTT 5, or 3.1.1. */
    void speak(int as) {
        version = as;
    }

    byte[] publishPacket(int flags, String topic, int packetId, byte[] payload) throws IOException {
        return packet(0x30 | flags, out -> {
            text(out, topic);
            if ((flags & 0x06) != 0) {
                out.writeShort(packetId);
            }
            if (version == V5) {
                out.writeByte(0);
            }
            out.write(payload);
        });
    }

    /** PUBLISH with QoS 1 on the topic where the message belongs. */
    void publish(int packetId, UpMessage message) throws IOException {
        send(publishPacket(
                0x02, Topics.up(message.batch().unit(), message.batch().lane()), packetId, message.bytes()));
    }

    byte[] subscribePacket(int packetId, String... filters) throws IOException {
        return packet(0x82, out -> {
            out.writeShort(packetId);
            if (version == V5) {
                out.writeByte(0);
            }
            for (String filter : filters) {
                text(out, filter);
                out.writeByte(1);
            }
        });
    }

    /** Subscribes to the unit's commands and reads the SUBACK. */
    void subscribe(TestUnit unit) throws IOException {
        send(subscribePacket(1, Topics.down(unit.id)));
        read(SUBACK);
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    void ping() throws IOException {
        send(new byte[] {(byte) 0xc0, 0});
    }

    Packet read() throws IOException {
        int first = in.readUnsignedByte();
        int length = 0;
        int shift = 0;
        int next;
        do {
            next = in.readUnsignedByte();
            length |= (next & 0x7f) << shift;
            shift += 7;
        } while (next > 0x7f);
        byte[] body = new byte[length];
        in.readFully(body);
        return new Packet(first >> 4, first & 0x0f, body);
    }

    /** The next packet, which must be of that type. */
    Packet read(int type) throws IOException {
        Packet packet = read();
        if (packet.type() != type) {
            throw new IOException("expected a packet of type " + type + ", got one of type " + packet.type());
        }
        return packet;
    }

    /** Reads on to the PUBACK of that id; whether receipts came before it, as they may on a unit's other link. */
    boolean pubackedPastReceipts(int id) throws IOException {
        boolean passed = false;
        Packet packet = read();
        while (packet.type() == PUBLISH) {
            passed = true;
            packet = read();
        }
        if (packet.type() != PUBACK || (packet.at(0) << 8 | packet.at(1)) != id) {
            throw new IOException("expected the PUBACK of " + id + ", got a packet of type " + packet.type());
        }
        return passed;
    }

    /** The packet id of the next packet, which must be a PUBACK. */
    int readPuback() throws IOException {
        Packet puback = read(PUBACK);
        return puback.at(0) << 8 | puback.at(1);
    }

    /** What the next packet says, which must be a message from the hub that its key verifies. */
    Verb readDown(SigningKey hub) throws Exception {
        return down(read(PUBLISH), hub);
    }

    /** What a PUBLISH says, which must be a message from the hub that its key verifies. */
    Verb down(Packet publish, SigningKey hub) throws Exception {
        return command(publish, hub).verb();
    }

    /** The next command that is no receipt, with the packet it came in. */
    Ordered readOrder(SigningKey hub) throws Exception {
        Packet publish = read(PUBLISH);
        Command command = command(publish, hub);
        while (command.verb() instanceof Receipt) {
            publish = read(PUBLISH);
            command = command(publish, hub);
        }
        int topic = publish.at(0) << 8 | publish.at(1);
        int qos = publish.flags() >> 1 & 3;
        return new Ordered(command, qos, qos == 0 ? 0 : publish.at(2 + topic) << 8 | publish.at(3 + topic));
    }

    /** A command as it came. */
    record Ordered(Command command, int qos, int packetId) {}

    void puback(int packetId) throws IOException {
        send(packet(0x40, out -> out.writeShort(packetId)));
    }

    /** Everything that comes before the answer to a PINGREQ, which must be receipts: nothing was ordered. */
    void assertNoOrder(SigningKey hub) throws Exception {
        ping();
        Packet packet = read();
        while (packet.type() == PUBLISH) {
            if (!(down(packet, hub) instanceof Receipt)) {
                throw new AssertionError("a command came");
            }
            packet = read();
        }
        if (packet.type() != PINGRESP) {
            throw new AssertionError("a packet of type " + packet.type());
        }
    }

    private Command command(Packet publish, SigningKey hub) throws Exception {
        int topic = publish.at(0) << 8 | publish.at(1);
        int id = (publish.flags() & 0x06) == 0 ? 0 : 2;
        int from = 2 + topic + id + (version == V5 ? 1 : 0);
        byte[] signed = java.util.Arrays.copyOfRange(publish.body(), from, publish.body().length);
        DownMessage message = DownMessage.parse(signed);
        if (!message.verify(Ed25519Verifier.INSTANCE, hub.verifyKey())) {
            throw new IOException("the hub's signature does not verify");
        }
        return message.command();
    }

    /** The lane's part of the next packet, which must be a receipt. */
    List<Receipted> readReceipt(SigningKey hub, Lane lane) throws Exception {
        return ((Receipt) readDown(hub)).lanes().getOrDefault(lane, List.of());
    }

    /** Reads to the end; true when the hub has closed, with a reset or without. */
    boolean isClosedByHub() throws IOException {
        try {
            while (true) {
                read();
            }
        } catch (EOFException | SocketException e) {
            return true;
        }
    }

    /** Says whatever the hub will hear, then that this was all, and reads to the end. */
    void sayAndGo(byte[] bytes) throws IOException {
        try {
            send(bytes);
            socket.shutdownOutput();
        } catch (SocketException closedEarly) {
            return;
        }
        isClosedByHub();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
