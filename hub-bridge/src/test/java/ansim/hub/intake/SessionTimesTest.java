package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Lane;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deadlines of a connection, by a clock that the test turns. Nothing that another thread answers: an embedded channel has only one. */
final class SessionTimesTest {
    @TempDir
    private Path directory = Path.of("");

    @SuppressWarnings("NullAway.Init")
    private Rig rig;

    @SuppressWarnings("NullAway.Init")
    private EmbeddedChannel channel;

    @BeforeEach
    void open() throws Exception {
        rig = new Rig(directory);
        channel = new EmbeddedChannel();
        channel.freezeTime();
        channel.pipeline()
                .addLast(new MqttDecoder(Limits.PACKET_BYTES, Limits.PACKET_BYTES))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new MqttSession(rig.door, channel));
        channel.pipeline().fireChannelActive();
    }

    @AfterEach
    void close() throws Exception {
        channel.finishAndReleaseAll();
        rig.close();
    }

    private void connect(int keepAliveS) throws Exception {
        channel.writeInbound(
                Unpooled.wrappedBuffer(MqttClient.connectPacket(MqttClient.V5, new TestUnit().id.hex(), keepAliveS)));
        assertEquals(0x20, nextSent());
    }

    /** The first byte of the next packet sent. */
    private int nextSent() {
        ByteBuf sent = channel.readOutbound();
        try {
            return sent.getUnsignedByte(0);
        } finally {
            sent.release();
        }
    }

    private void pass(long ms) {
        channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
        channel.runPendingTasks();
    }

    @Test
    void aConnectionThatDoesNotSayConnectInTimeIsClosed() throws Exception {
        byte[] connect = MqttClient.connectPacket(MqttClient.V3, new TestUnit().id.hex(), 60);
        for (int i = 0; i < 9; i++) {
            channel.writeInbound(Unpooled.wrappedBuffer(connect, i, 1));
            pass(1_000);
        }
        assertTrue(channel.isOpen());
        channel.writeInbound(Unpooled.wrappedBuffer(connect, 9, 1));
        pass(1_000);
        assertFalse(channel.isOpen());
        assertEquals(1, rig.count("refused-no-connect"));
    }

    @Test
    void aClientIsClosedAfterOneAndAHalfKeepAlivesOfSilence() throws Exception {
        connect(10);
        pass(14_999);
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) 0xc0, 0}));
        assertEquals(0xd0, nextSent());
        pass(14_999);
        assertTrue(channel.isOpen());
        pass(1);
        assertEquals(0xe0, nextSent());
        assertFalse(channel.isOpen());
        assertEquals(1, rig.count("refused-silent"));
    }

    @Test
    void bytesThatNeverBecomeAPacketDoNotKeepAConnectionAlive() throws Exception {
        connect(10);
        for (int i = 0; i < 15; i++) {
            channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) (i == 0 ? 0x32 : 0x7f)}));
            pass(1_000);
        }
        assertFalse(channel.isOpen());
    }

    @Test
    void aClientWithoutAKeepAliveIsClosedInTheEnd() throws Exception {
        connect(0);
        pass(TimeUnit.SECONDS.toMillis(Limits.KEEP_ALIVE_S));
        assertTrue(channel.isOpen());
        pass(TimeUnit.SECONDS.toMillis(Limits.KEEP_ALIVE_S));
        assertFalse(channel.isOpen());
    }

    @Test
    void aClientThatDoesNotReadIsClosed() throws Exception {
        connect(60);
        channel.config().setWriteBufferHighWaterMark(Limits.UNSENT_HIGH_BYTES);
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        assertFalse(channel.config().isAutoRead());
        pass(Limits.UNSENT.toMillis() - 1);
        assertTrue(channel.isOpen());
        pass(1);
        assertFalse(channel.isOpen());
        assertEquals(1, rig.count("refused-not-reading"));
    }

    @Test
    void whatComesForAClosedConnectionIsDropped() throws Exception {
        connect(60);
        MqttSession session = channel.pipeline().get(MqttSession.class);
        channel.close().syncUninterruptibly();
        Incoming late = new Incoming(session, 1, Lane.EVENT, new byte[0], 0);
        session.answer(List.of(late));
        session.receipt(List.of());
        session.takenOver();
        channel.runPendingTasks();
        channel.checkException();
    }
}
