import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.SigningKey;
import ansim.wire.Topics;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * As much of a hub as orders an output (MQTT 3.1.1, one unit): takes the unit's connection, tells it that its messages came, and never
 * gives a receipt, so that all stay in the unit's journal. A thread of its own reads.
 */
final class HubDoor implements AutoCloseable {
    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int SUBSCRIBE = 8;
    private static final int PINGREQ = 12;
    private static final byte[] CONNACK = {0x20, 2, 0, 0};
    private static final byte[] PINGRESP = {(byte) 0xd0, 0};

    private final Id16 unit;
    private final SigningKey key;
    private final ServerSocket door;
    private final Consumer<byte[]> heard;
    final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile DataOutputStream out = new DataOutputStream(new ByteArrayOutputStream());
    private final long generationS = System.currentTimeMillis() / 1_000;
    private long number;

    HubDoor(Id16 unit, SigningKey key) throws IOException {
        this(unit, key, message -> {});
    }

    /** Gives each message of the unit to {@code heard}, on the reading thread. */
    HubDoor(Id16 unit, SigningKey key, Consumer<byte[]> heard) throws IOException {
        this.heard = heard;
        this.unit = unit;
        this.key = key;
        this.door = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    int port() {
        return door.getLocalPort();
    }

    /** Takes units from now on. */
    void open() {
        Thread thread = new Thread(this::serve, "hub-door");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        while (!door.isClosed()) {
            try (Socket unitSide = door.accept()) {
                DataInputStream in = new DataInputStream(unitSide.getInputStream());
                out = new DataOutputStream(unitSide.getOutputStream());
                while (true) {
                    int first = in.readUnsignedByte();
                    byte[] rest = new byte[length(in)];
                    in.readFully(rest);
                    answer(first, rest);
                }
            } catch (IOException gone) {
                // the next connection
            }
        }
    }

    private static int length(DataInputStream in) throws IOException {
        int length = 0;
        int shift = 0;
        int digit;
        do {
            digit = in.readUnsignedByte();
            length |= (digit & 0x7f) << shift;
            shift += 7;
        } while ((digit & 0x80) != 0);
        return length;
    }

    private void answer(int first, byte[] rest) throws IOException {
        switch (first >> 4) {
            case CONNECT -> send(CONNACK);
            case SUBSCRIBE -> {
                send(new byte[] {(byte) 0x90, 3, rest[0], rest[1], 0});
                subscribed.countDown();
            }
            case PINGREQ -> send(PINGRESP);
            case PUBLISH -> {
                int at = 2 + ((rest[0] & 0xff) << 8 | rest[1] & 0xff);
                int from = (first & 6) != 0 ? at + 2 : at;
                heard.accept(Arrays.copyOfRange(rest, from, rest.length));
                if ((first & 6) != 0) {
                    send(new byte[] {0x40, 2, rest[at], rest[at + 1]});
                }
            }
            default -> {}
        }
    }

    private synchronized void send(byte[] packet) throws IOException {
        out.write(packet);
        out.flush();
    }

    /** Orders an output on or off. */
    void order(String name, boolean on) throws IOException {
        long nowS = System.currentTimeMillis() / 1_000;
        OtherVerb verb = new OtherVerb(OutputOrder.NUMBER, Bytes.of(body(name, on)));
        Command command = new Command("hub", unit, OptionalLong.empty(), nowS, generationS, ++number, verb);
        say(DownMessage.sign(command, key).bytes());
    }

    /** Says anything under the unit's topic. */
    void say(byte[] message) throws IOException {
        byte[] topic = Topics.down(unit).getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        DataOutputStream write = new DataOutputStream(packet);
        write.write(0x30);
        int length = 2 + topic.length + message.length;
        for (; length > 0x7f; length >>= 7) {
            write.write(length & 0x7f | 0x80);
        }
        write.write(length);
        write.writeShort(topic.length);
        write.write(topic);
        write.write(message);
        send(packet.toByteArray());
    }

    /** CBOR: {1: name, 2: on}; a name of less than 24 bytes. */
    private static byte[] body(String name, boolean on) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(new byte[] {(byte) 0xa2, 1, (byte) (0x60 | text.length)});
        body.writeBytes(text);
        body.writeBytes(new byte[] {2, (byte) (on ? 0xf5 : 0xf4)});
        return body.toByteArray();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
