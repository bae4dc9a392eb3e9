package ansim.wire;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The payload of a message from a unit: records of at most one ride, and where they stand in their chain.
 *
 * <p>The constructor checks ranges only. Whether {@code previous} names the message before is the hub's business: a message that
 * verifies is never dropped for its number.
 *
 * @param unit the unit, key 2
 * @param boot first 8 bytes of the kernel's boot_id, key 3
 * @param lane key 4
 * @param chain key 5: random in lanes 1 to 3; in lane 4 the agent's start counter, big-endian
 * @param n key 6, from 1, per chain and lane, never reused
 * @param previous key 7: first 16 bytes of SHA-256 over the payload n - 1; empty at n = 1 and in lane 4
 * @param quality how far {@code t0Ms} can be trusted, key 8
 * @param t0Ms key 9: ms since 1970 UTC of the first record; 0 when the quality is unknown
 * @param m0Ms key 10: CLOCK_MONOTONIC of the first record in ms
 * @param records key 11, 1 to {@link #MAX_RECORDS}
 * @param waiting key 12: messages still waiting in this lane when this one was sealed
 * @param test key 13: sealed while commissioning
 * @param memoryOnly key 14: this chain is not on disk
 */
public record Batch(
        Id16 unit,
        Id8 boot,
        Lane lane,
        Id8 chain,
        long n,
        Optional<Id16> previous,
        TimeQuality quality,
        long t0Ms,
        long m0Ms,
        List<UpRecord> records,
        OptionalLong waiting,
        boolean test,
        boolean memoryOnly) {
    /** The major version of the contract, key 1. */
    public static final int VERSION = 1;

    /** Records in a message at most. */
    public static final int MAX_RECORDS = 256;

    /** The first millisecond of the year 1. */
    public static final long MIN_UTC_MS = -62_135_596_800_000L;

    /** The last millisecond of the year 9999. */
    public static final long MAX_UTC_MS = 253_402_300_799_999L;

    /** 2^53 - 1 ms: 285,000 years of uptime, and still exact in a JSON number. */
    public static final long MAX_MONO_MS = (1L << 53) - 1;

    private static final TimeQuality[] QUALITIES = TimeQuality.values();

    public Batch {
        Range.check("n", n, 1, Long.MAX_VALUE);
        Range.check("t0", t0Ms, MIN_UTC_MS, MAX_UTC_MS);
        Range.check("m0", m0Ms, 0, MAX_MONO_MS);
        Range.check("number of records", records.size(), 1, MAX_RECORDS);
        Range.check("waiting", waiting, 0, Long.MAX_VALUE);
        records = List.copyOf(records);
    }

    /** The ride that these records belong to: the first that one of them names. */
    public Optional<Id8> ride() {
        for (UpRecord each : records) {
            Optional<Id8> ride = Bodies.ride(each.body());
            if (ride.isPresent()) {
                return ride;
            }
        }
        return Optional.empty();
    }

    /** A batch and the first thing that was wrong with it though it could be read. */
    record Read(Batch batch, Optional<String> flaw) {}

    static Read read(Item item) throws WireException {
        Fields in = Fields.of(item, "batch");
        if (in.integer(1, 0L, Long.MAX_VALUE) != VERSION) {
            throw new WireException(WireException.Reason.VERSION, "another major version than " + VERSION);
        }
        // Before any field: what must be understood may change what the fields mean.
        in.refuseNegative();
        Id16 unit = in.get(2).id16(in.name(2));
        Id8 boot = in.id8(3);
        Lane lane = Lane.read(in.get(4), in.name(4));
        Id8 chain = in.id8(5);
        long n = in.integer(6, 1, Long.MAX_VALUE);
        Item hash = in.get(7);
        Optional<Id16> previous = hash.isNull() ? Optional.empty() : Optional.of(hash.id16(in.name(7)));
        TimeQuality quality = in.coded(8, QUALITIES);
        long t0Ms = in.integer(9, MIN_UTC_MS, MAX_UTC_MS);
        long m0Ms = in.integer(10, 0, MAX_MONO_MS);
        Item list = in.get(11);
        OptionalLong waiting = in.maybeLong(12, 0, Long.MAX_VALUE);
        boolean test = in.flag(13);
        boolean memoryOnly = in.flag(14);
        List<UpRecord> records = new ArrayList<>();
        Optional<String> flaw = readRecords(list, in.name(11), records);
        Batch batch = new Batch(
                unit, boot, lane, chain, n, previous, quality, t0Ms, m0Ms, records, waiting, test, memoryOnly);
        return new Read(batch, flaw.isPresent() ? flaw : batch.manyRides());
    }

    private static Optional<String> readRecords(Item list, Object where, List<UpRecord> records) throws WireException {
        Optional<String> flaw = Optional.empty();
        for (Item item : list.array(1, MAX_RECORDS, where)) {
            UpRecord.Read read = UpRecord.read(item, new Name("record", " ", records.size()));
            records.add(read.upRecord());
            flaw = flaw.isPresent() ? flaw : read.flaw();
        }
        return flaw;
    }

    private Optional<String> manyRides() {
        if (records.size() == 1) {
            return Optional.empty();
        }
        Set<Id8> rides = new HashSet<>();
        records.forEach(each -> Bodies.ride(each.body()).ifPresent(rides::add));
        return rides.size() > 1
                ? Optional.of("records of " + rides.size() + " rides in one message")
                : Optional.empty();
    }

    MapOut fields() {
        MapOut out = new MapOut()
                .put(1, VERSION)
                .put(2, unit.bytes())
                .put(3, boot)
                .put(4, lane.number())
                .put(5, chain)
                .put(6, n)
                .put(
                        7,
                        previous.<CborOut.Value>map(hash -> to -> to.bytes(hash.bytes()))
                                .orElse(CborOut::nothing))
                .put(8, quality.code())
                .put(9, t0Ms)
                .put(10, m0Ms)
                .put(11, this::writeRecords);
        return out.putLong(12, waiting).putFlag(13, test).putFlag(14, memoryOnly);
    }

    private void writeRecords(CborOut out) {
        out.array(records.size());
        for (UpRecord each : records) {
            each.write(out);
        }
    }
}
