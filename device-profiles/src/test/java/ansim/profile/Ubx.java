package ansim.profile;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.function.Consumer;

/** UBX frames as tests write them. */
final class Ubx {
    private static final long GPS_BEGAN_MS = 315_964_800_000L;
    private static final long LEAP_MS = 18_000;
    private static final long WEEK_MS = 604_800_000;

    private Ubx() {}

    static byte[] frame(int classAndId, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 8).order(ByteOrder.LITTLE_ENDIAN);
        frame.putShort((short) 0x62B5).put((byte) (classAndId >> 8)).put((byte) classAndId);
        frame.putShort((short) payload.length).put(payload);
        int a = 0;
        int b = 0;
        for (int i = 2; i < payload.length + 6; i++) {
            a = a + frame.get(i) & 0xFF;
            b = b + a & 0xFF;
        }
        return frame.put((byte) a).put((byte) b).array();
    }

    static byte[] frame(int classAndId, int length, Consumer<ByteBuffer> fill) {
        ByteBuffer payload = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        fill.accept(payload);
        return frame(classAndId, payload.array());
    }

    /** A good three-dimensional fix; {@code change} may put anything else over it. */
    static byte[] pvt(String utc, int latE7, int lonE7, Consumer<ByteBuffer> change) {
        return frame(0x0107, 92, payload -> {
            LocalDateTime time = LocalDateTime.ofInstant(Instant.parse(utc), ZoneOffset.UTC);
            payload.putInt(0, timeOfWeek(utc)).putShort(4, (short) time.getYear());
            payload.put(6, (byte) time.getMonthValue()).put(7, (byte) time.getDayOfMonth());
            payload.put(8, (byte) time.getHour())
                    .put(9, (byte) time.getMinute())
                    .put(10, (byte) time.getSecond());
            payload.put(11, (byte) 3).put(20, (byte) 3).put(21, (byte) 1).put(23, (byte) 9);
            payload.putInt(24, lonE7).putInt(28, latE7);
            change.accept(payload);
        });
    }

    static byte[] pvt(String utc, int latE7, int lonE7) {
        return pvt(utc, latE7, lonE7, payload -> {});
    }

    static int timeOfWeek(String utc) {
        return (int) ((Instant.parse(utc).toEpochMilli() - GPS_BEGAN_MS + LEAP_MS) % WEEK_MS);
    }

    static byte[] monHw(int antenna, int jamming) {
        return frame(0x0A09, 60, payload -> payload.put(20, (byte) antenna).put(22, (byte) (jamming << 2 | 0b10011)));
    }
}
