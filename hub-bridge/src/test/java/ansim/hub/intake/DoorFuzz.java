package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.fuzz.FuzzTarget;
import ansim.hub.core.UnitRecord;
import ansim.journal.MemoryFiles;
import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.flow.FlowControlHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The fuzz targets of the hub's door, with the real decoder, session, verification and log behind it; only the socket is in memory.
 * {@code door-stream}: bytes of a connection. {@code door-packets}: packets with true lengths, on a connection that may already be open.
 *
 * <p>Whatever comes: no exception reaches a thread, the hub goes on, what it says is whole packets, and the connection ends with the
 * client.
 */
public final class DoorFuzz {
    static final List<FuzzTarget> TARGETS;

    private static final int CONNECTED = 1;
    private static final int MQTT_5 = 2;
    private static final int SUBSCRIBED = 4;
    private static final int PATIENCE_S = 30;

    private static final Id16 UNIT = new Id16(0x0123_4567_89ab_cdefL, 0x0123_4567_89ab_cdefL);
    private static final SigningKey KEY = SigningKey.fromSeed(new byte[32]);

    static {
        try {
            TARGETS = List.of(
                    new FuzzTarget("door-stream", streams(), input -> Hall.ONE.take(input)),
                    new FuzzTarget("door-packets", packets(), input -> Hall.ONE.take(unfold(input))));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FuzzTarget target = TARGETS.get(0);

    private DoorFuzz() {}

    /** Jazzer calls it with the target's name. */
    public static void fuzzerInitialize(String[] args) {
        target = FuzzTarget.named(TARGETS, args[0]);
    }

    /** Jazzer calls it with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.body().take(input);
    }

    /** For scripts/fuzz. */
    public static void main(String[] args) throws IOException {
        FuzzTarget.tool(TARGETS, args);
    }

    private static byte[] message() {
        return UpMessage.sign(
                        new Batch(
                                UNIT,
                                new Id8(1),
                                Lane.EVENT,
                                new Id8(2),
                                1,
                                Optional.empty(),
                                TimeQuality.UNKNOWN,
                                0,
                                1_000,
                                List.of(new UpRecord(0, new Contact("door", true, Optional.empty()))),
                                OptionalLong.empty(),
                                false,
                                false),
                        KEY)
                .bytes();
    }

    /** What a client says after its CONNECT, in one version. */
    private static List<byte[]> words(int version) throws IOException {
        return List.of(
                MqttClient.packet(0x82, out -> {
                    out.writeShort(1);
                    if (version == MqttClient.V5) {
                        out.writeByte(0);
                    }
                    MqttClient.text(out, Topics.down(UNIT));
                    out.writeByte(1);
                }),
                MqttClient.packet(0x32, out -> {
                    MqttClient.text(out, Topics.up(UNIT, Lane.EVENT));
                    out.writeShort(2);
                    if (version == MqttClient.V5) {
                        out.writeByte(0);
                    }
                    out.write(message());
                }),
                MqttClient.packet(0xa2, out -> {
                    out.writeShort(3);
                    if (version == MqttClient.V5) {
                        out.writeByte(0);
                    }
                    MqttClient.text(out, Topics.down(UNIT));
                }),
                new byte[] {(byte) 0xc0, 0},
                new byte[] {(byte) 0xe0, 0});
    }

    private static byte[] connect(int version) throws IOException {
        return version == MqttClient.V5
                ? MqttClient.connectPacket(version, UNIT.hex(), 60, 0x21, 0, 20, 0x27, 0, 0, 16, 0)
                : MqttClient.connectPacket(version, UNIT.hex(), 60);
    }

    private static int version(int marks) {
        return (marks & MQTT_5) == 0 ? MqttClient.V3 : MqttClient.V5;
    }

    private static List<byte[]> streams() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (int marks : new int[] {0, MQTT_5, CONNECTED, CONNECTED | MQTT_5}) {
            byte[] all = new byte[] {(byte) marks};
            if ((marks & CONNECTED) == 0) {
                all = FuzzTarget.join(all, connect(version(marks)));
            }
            for (byte[] word : words(version(marks))) {
                all = FuzzTarget.join(all, word);
            }
            seeds.add(all);
        }
        return seeds;
    }

    /** As {@link #unfold} reads them. */
    private static List<byte[]> packets() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (int marks : new int[] {0, MQTT_5, CONNECTED, CONNECTED | MQTT_5 | SUBSCRIBED}) {
            List<byte[]> all = new ArrayList<>(words(version(marks)));
            all.add(0, connect(version(marks)));
            byte[] seed = {(byte) marks};
            for (byte[] word : all) {
                // One or two bytes of length behind the first.
                byte[] body = Arrays.copyOfRange(word, word.length > 1 && word[1] < 0 ? 3 : 2, word.length);
                seed = FuzzTarget.join(seed, new byte[] {word[0], (byte) (body.length >> 8), (byte) body.length}, body);
            }
            seeds.add(seed);
        }
        return seeds;
    }

    /** First byte, two bytes of length, body: to packets whose lengths are true. */
    private static byte[] unfold(byte[] input) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(input.length == 0 ? 0 : input[0]);
        for (int at = 1; at + 2 < input.length; ) {
            int length = (input[at + 1] & 0x3F) << 8 | (input[at + 2] & 0xFF);
            int to = Math.min(input.length, at + 3 + length);
            byte[] body = Arrays.copyOfRange(input, at + 3, to);
            out.write(MqttClient.packet(input[at], packet -> packet.write(body)));
            at = to;
        }
        return out.toByteArray();
    }

    /** The hub behind the door. Opened once: it must survive every input. */
    private static final class Hall {
        static final Hall ONE = open();

        private final Rig rig;
        private final MultiThreadIoEventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        private final LocalAddress address = new LocalAddress("door");
        private final BlockingQueue<Channel> entered = new LinkedBlockingQueue<>();

        private Hall(Rig rig) {
            this.rig = rig;
        }

        private static Hall open() {
            try {
                // Nothing is left behind on a disk.
                Hall hall = new Hall(new Rig(Path.of("fuzz"), new MemoryFiles(1), KEY, 100));
                hall.rig.change(
                        new UnitRecord(UNIT, KEY.verifyKey(), "fuzz 1", "fuzz", "taxi", Optional.empty(), false));
                hall.listen();
                return hall;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private void listen() throws InterruptedException {
            new ServerBootstrap()
                    .group(loops)
                    .channel(LocalServerChannel.class)
                    .childHandler(new ChannelInitializer<LocalChannel>() {
                        @Override
                        protected void initChannel(LocalChannel channel) {
                            channel.pipeline()
                                    .addLast(new MqttDecoder(Limits.PACKET_BYTES, Limits.PACKET_BYTES))
                                    .addLast(MqttEncoder.INSTANCE)
                                    .addLast(new FlowControlHandler())
                                    .addLast(new MqttSession(rig.door, channel));
                            entered.add(channel);
                        }
                    })
                    .bind(address)
                    .sync();
        }

        void take(byte[] input) throws Exception {
            int marks = input.length == 0 ? 0 : input[0];
            byte[] said = input.length == 0 ? input : Arrays.copyOfRange(input, 1, input.length);
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            Channel client = enter(heard);
            Channel inside = entered.poll(PATIENCE_S, TimeUnit.SECONDS);
            assertTrue(inside != null, "nobody opened");
            if ((marks & CONNECTED) != 0) {
                say(client, connect(version(marks)));
                if ((marks & SUBSCRIBED) != 0) {
                    say(client, words(version(marks)).get(0));
                }
            }
            Random random = new Random(Arrays.hashCode(input));
            for (int from = 0; from < said.length; ) {
                int length = 1 + random.nextInt(said.length - from);
                say(client, Arrays.copyOfRange(said, from, from + length));
                from += length;
            }
            // Also when the hub has stopped reading: who goes is gone.
            client.close().sync();
            assertTrue(inside.closeFuture().await(PATIENCE_S, TimeUnit.SECONDS), "the connection outlives its client");
            wholePackets(heard.toByteArray());
            assertEquals(0, rig.count("refused-defect"), "an exception in the door");
            assertFalse(rig.failed.isDone(), "the hub has failed");
        }

        private Channel enter(ByteArrayOutputStream heard) throws InterruptedException {
            return new Bootstrap()
                    .group(loops)
                    .channel(LocalChannel.class)
                    .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) throws IOException {
                            bytes.readBytes(heard, bytes.readableBytes());
                        }
                    })
                    .connect(address)
                    .sync()
                    .channel();
        }

        /** What does not arrive because the hub has closed is no fault. */
        private static void say(Channel client, byte[] bytes) throws InterruptedException {
            client.writeAndFlush(Unpooled.wrappedBuffer(bytes)).await();
        }

        private static void wholePackets(byte[] heard) {
            int at = 0;
            while (at < heard.length) {
                int length = 0;
                int shift = 0;
                do {
                    at++;
                    assertTrue(at < heard.length && shift < 28, "a packet was cut");
                    length |= (heard[at] & 0x7f) << shift;
                    shift += 7;
                } while (heard[at] < 0);
                at += 1 + length;
            }
            assertEquals(heard.length, at, "a packet was cut");
        }
    }
}
