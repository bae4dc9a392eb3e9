package ansim.edge;

import ansim.edge.port.PortReading;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.profile.Reading;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/**
 * A taxi's day at one fix a second through the agent's own recorder and lanes, on a clock that runs ahead; the link is healthy: the hub
 * receipts every message within a second. Readings go in where the ports would deliver them.
 */
public final class TaxiDay implements AutoCloseable {
    public static final int DAY_S = 24 * 60 * 60;
    /** Every {@link #SLOT_S} a ride of 10 to 24 minutes: some 8.5 hours hired. Two drivers share the taxi. */
    public static final int RIDES = 30;

    private static final int SLOT_S = DAY_S / RIDES;
    private static final int RIDE_LEAST_S = 10 * 60;
    private static final int RIDE_MOST_S = 24 * 60;
    private static final int NAMED_AFTER_S = 90;
    /** In this ride of a day the rider calls for help. */
    private static final int CALL_IN_RIDE = 20;

    private static final int TICKS_PER_S = 5;
    private static final long UTC_MS = 1_767_225_600_000L;
    private static final Id16 UNIT = Id16.parse("00112233445566778899aabbccddeeff");
    /** As agent.yaml has them when nothing is set. */
    private static final Quota QUOTA = new Quota(256L << 20, 192L << 20, 2 << 20);

    private static final Recorder.Pace PACE = new Recorder.Pace(30_000, 10_000, 2_000, 60_000, 60_000);

    private final SplittableRandom random;
    private final Disk disk;
    private final Lanes lanes;
    private final Outgoing outgoing;
    private final Receipts receipts;
    private final Recorder recorder;
    private long nowMs = 1_000;
    private int latE7 = 375_012_345;
    private int lonE7 = 1_270_012_345;
    private int speedCms;
    public long signals;
    public long messages;
    public long hiredS;

    /** What the day is written to. */
    public interface Disk {
        /** Flushes of files so far. */
        long flushes();

        /** The file system's own commit, as it comes by itself every few seconds while there is something to commit. */
        void commit() throws Exception;
    }

    public TaxiDay(Path data, JournalFiles files, Disk disk, long seed) throws JournalException {
        this.random = new SplittableRandom(seed);
        this.disk = disk;
        LongSupplier mono = () -> nowMs;
        UnitClock clock = new UnitClock(() -> 0, () -> false);
        Sealer sealer = new Sealer(UNIT, new Id8(77), SigningKey.generate(new SecureRandom()), clock, mono);
        lanes = new Lanes(data, QUOTA, files, sealer, new SecureRandom());
        lanes.open();
        outgoing = new Outgoing(lanes);
        receipts = new Receipts(lanes, outgoing);
        recorder = new Recorder(
                new Recorder.Parts(lanes, clock, sealer, CardSealer.none(), new Signals(on -> signals += on ? 1 : 0, on -> {}), new Whereabouts(Optional.empty()), new Measures()),
                PACE,
                RideRules.standard(),
                random.split(),
                now -> health());
    }

    private Health health() {
        return new Health(
                nowMs / 1_000,
                OptionalLong.of(12_000),
                OptionalInt.empty(),
                lanes.figures().waiting(),
                lanes.figures().dropped(),
                OptionalInt.empty(),
                Map.of("gnss", 1L, "reader", 1L, "lamp", 1L, "panic", 1L),
                OptionalLong.empty(),
                List.of(),
                Map.of("agent", "rig", "store", "disk"),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    /**
     * Plays a day; the first second begins where the day before has ended.
     *
     * @param commitS how often the file system commits what it knows of its files (mount option commit)
     */
    public void day(int commitS) throws Exception {
        int rideS = 0;
        long flushes = disk.flushes();
        for (int s = 0; s < DAY_S; s++) {
            int at = s % SLOT_S;
            if (at == 0) {
                rideS = random.nextInt(RIDE_LEAST_S, RIDE_MOST_S + 1);
                take("lamp", new Reading.Lamp(true, false));
            } else if (at == NAMED_AFTER_S) {
                take("reader", new Reading.Tap(String.format("%010X", random.nextLong(1L << 40))));
            } else if (at == rideS) {
                take("lamp", new Reading.Lamp(false, false));
            } else if (at == 2 * NAMED_AFTER_S && s / SLOT_S == CALL_IN_RIDE) {
                take("panic", new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.PRESS, false, 1));
            }
            second();
            hiredS += recorder.hired() ? 1 : 0;
            if (s % commitS == 0 && disk.flushes() != flushes) {
                flushes = disk.flushes();
                disk.commit();
            }
        }
    }

    private void take(String port, Reading reading) {
        recorder.take(new PortReading(port, reading, nowMs));
    }

    private void second() throws WireException {
        drive();
        take("gnss", new Reading.Fix(
                UTC_MS + nowMs,
                false,
                latE7,
                lonE7,
                OptionalInt.of(speedCms),
                OptionalInt.of(0),
                new Reading.Quality(OptionalInt.of(9), OptionalInt.of(90), OptionalInt.of(380), OptionalInt.of(1))));
        for (int i = 0; i < TICKS_PER_S; i++) {
            nowMs += 1_000 / TICKS_PER_S;
            recorder.tick(nowMs);
        }
        link();
    }

    /** A city's traffic: 0 to 60 km/h, never a straight line. */
    private void drive() {
        speedCms = Math.max(0, Math.min(1_667, speedCms + random.nextInt(-200, 201)));
        latE7 += random.nextInt(-speedCms, speedCms + 1);
        lonE7 += random.nextInt(-speedCms, speedCms + 1);
    }

    /** The hub has taken all that is offered, and says so. */
    private void link() throws WireException {
        for (Outgoing.Offer offer : outgoing.offers()) {
            Optional<HeldMessage> last = Optional.empty();
            Optional<HeldMessage> next = outgoing.next(offer.lane(), offer.chain(), offer.receiptedN());
            while (next.isPresent()) {
                messages += offer.lane() == Lane.STATUS ? 0 : 1;
                last = next;
                next = outgoing.next(offer.lane(), offer.chain(), last.get().n());
            }
            if (last.isPresent()) {
                UpMessage message = UpMessage.parse(last.get().bytes());
                Receipted receipted = new Receipted(offer.chain(), last.get().n(), message.payloadHash8());
                receipts.receipt(1, Map.of(offer.lane(), List.of(receipted)));
            }
        }
    }

    /** Messages of lanes 1 to 3 without a receipt. */
    public long waiting() {
        return lanes.figures().waiting().subList(0, Lanes.DURABLE.size()).stream().mapToLong(Long::longValue).sum();
    }

    /** Messages dropped, of lanes 1 to 3. */
    public long dropped() {
        return lanes.figures().dropped().subList(0, Lanes.DURABLE.size()).stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void close() {
        lanes.close();
    }
}
