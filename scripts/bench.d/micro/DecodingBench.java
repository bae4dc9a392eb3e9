package ansim.edge.sim;

import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import java.time.Instant;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** A receiver's second and a card, through the shipped profiles as a port reads them: framing, check, decoding, one reading. */
@State(Scope.Thread)
public class DecodingBench {
    private static final int SECONDS = 3_600;
    private static final int CARDS = 4_096;
    private static final long SECOND_MS = 1_000;
    /** Longer than the silence that ends an epoch. */
    private static final long LATER_MS = 500;

    private final byte[][] nmea = new byte[SECONDS][];
    private final byte[][] ubx = new byte[SECONDS][];
    private final byte[][] cards = new byte[CARDS][];
    private DeviceReader nmeaReader;
    private DeviceReader ubxReader;
    private DeviceReader cardReader;
    private int at;
    private long monoMs;

    @Setup
    public void open() {
        Instant start = Instant.parse("2026-11-23T08:30:00Z");
        for (int i = 0; i < SECONDS; i++) {
            Drive.Place place = new Drive.Place(37.5663 + i * 1e-5, 126.9779 + i * 1e-5, 11.1, 77.5);
            nmea[i] = Frames.fix(start.plusSeconds(i), place);
            ubx[i] = Frames.navPvt(start.plusSeconds(i), place);
        }
        for (int i = 0; i < CARDS; i++) {
            cards[i] = Frames.card("%010X".formatted(i));
        }
        nmeaReader = reader("gnss-nmea0183");
        ubxReader = reader("gnss-ubx");
        cardReader = reader("reader-em4100");
    }

    private static DeviceReader reader(String profile) {
        DeviceReader reader = Profile.load(profile).open();
        reader.opened(0, reading -> {});
        return reader;
    }

    @Benchmark
    public void nmea(Blackhole hole) {
        second(nmeaReader, nmea, hole);
    }

    @Benchmark
    public void ubx(Blackhole hole) {
        second(ubxReader, ubx, hole);
    }

    @Benchmark
    public void card(Blackhole hole) {
        second(cardReader, cards, hole);
    }

    private void second(DeviceReader reader, byte[][] frames, Blackhole hole) {
        byte[] frame = frames[at];
        at = (at + 1) % frames.length;
        monoMs += SECOND_MS;
        reader.accept(frame, 0, frame.length, monoMs, hole::consume);
        reader.tick(monoMs + LATER_MS, hole::consume);
    }
}
