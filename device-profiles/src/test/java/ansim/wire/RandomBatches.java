package ansim.wire;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;

/** Batches that use every part of the contract, from a seed. */
final class RandomBatches {
    private final Random random;

    RandomBatches(long seed) {
        this.random = new Random(seed);
    }

    Batch batch() {
        Id8 ride = id8();
        List<UpRecord> records = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            records.add(new UpRecord(below(UpRecord.MAX_DT_MS), body(ride)));
        }
        TimeQuality quality = one(TimeQuality.values());
        return new Batch(
                new Id16(random.nextLong(), random.nextLong()),
                id8(),
                one(Lane.values()),
                id8(),
                1 + below(Long.MAX_VALUE - 1),
                random.nextBoolean() ? Optional.of(new Id16(random.nextLong(), random.nextLong())) : Optional.empty(),
                quality,
                quality == TimeQuality.UNKNOWN ? 0 : below(Batch.MAX_UTC_MS),
                below(Batch.MAX_MONO_MS),
                records,
                maybeLong(),
                random.nextBoolean(),
                random.nextBoolean());
    }

    private Body body(Id8 ride) {
        return switch (one(Kind.values())) {
            case POSITION -> new Position(pos(), maybeInt(), maybeInt(), small(6), signed(), maybe(ride));
            case TRACK -> track(ride);
            case BOARDED -> new Boarded(change(ride));
            case ALIGHTED -> new Alighted(change(ride));
            case PANIC ->
                new Panic(
                        maybe(pos()),
                        maybe(ride),
                        one(Panic.Origin.values()),
                        one(Panic.Pattern.values()),
                        id8(),
                        one(Phase.values()),
                        maybeLong());
            case TAMPER -> new Tamper(random.nextInt(20), one(Phase.values()), maybeLong());
            case HEALTH -> health();
            case COMMAND_ACK -> new CommandAck(below(Long.MAX_VALUE), one(CommandAck.Outcome.values()));
            case CONTACT -> new Contact("문" + text(29), random.nextBoolean(), maybe(pos()));
            case GAP ->
                new Gap(
                        one(Lane.values()),
                        id8(),
                        below(Long.MAX_VALUE),
                        below(Long.MAX_VALUE),
                        one(Gap.Reason.values()));
            case ANCHOR -> new Anchor(id8(), below(Batch.MAX_MONO_MS), below(Batch.MAX_UTC_MS));
            case PRESENCE -> Presence.near(pos(), random.nextBoolean());
            case UNKNOWN ->
                new Unknown(
                        13 + random.nextInt(random.nextBoolean() ? 100 : Integer.MAX_VALUE - 13),
                        Bytes.of(Diag.encode("{0: [" + random.nextInt() + ", null], 7: {\"a\": h'00', \"bb\": -1}}")));
        };
    }

    private Track track(Id8 ride) {
        List<Pos> fixes = new ArrayList<>();
        List<Integer> speeds = new ArrayList<>();
        fixes.add(pos());
        for (int i = random.nextInt(20); i > 0; i--) {
            Pos last = fixes.get(fixes.size() - 1);
            int latE7 = Math.min(Pos.MAX_LAT_E7, last.latE7() + random.nextInt(4000) - 2000);
            fixes.add(Pos.of(Math.max(-Pos.MAX_LAT_E7, latE7), random.nextInt(1000) - 500));
            speeds.add((int) below(Integer.MAX_VALUE));
        }
        return Track.through(fixes, (int) below(60_000), random.nextBoolean() ? speeds : List.of(), maybe(ride));
    }

    private RideChange change(Id8 ride) {
        byte[] card = new byte[random.nextInt(120)];
        random.nextBytes(card);
        return new RideChange(
                maybe(pos()), ride, maybe(Bytes.of(card)), one(RideChange.Source.values()), small(5), small(2));
    }

    private Health health() {
        Map<String, Long> ports = new HashMap<>();
        Map<String, String> versions = new HashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            ports.put(text(12), below(9));
            versions.put(text(40), text(60));
        }
        return new Health(
                below(Long.MAX_VALUE),
                maybeLong(),
                signed(),
                longs(),
                longs(),
                signed(),
                ports,
                maybeLong(),
                longs(),
                versions,
                maybeLong(),
                small(7),
                random.nextBoolean() ? OptionalLong.of(random.nextLong()) : OptionalLong.empty(),
                maybeLong());
    }

    private Pos pos() {
        int latE7 = random.nextInt(2 * Pos.MAX_LAT_E7 + 1) - Pos.MAX_LAT_E7;
        long lonE7 = (long) (random.nextDouble() * 2 * Pos.MAX_LON_E7) - Pos.MAX_LON_E7;
        return new Pos(latE7, (int) lonE7, maybeInt());
    }

    private List<Long> longs() {
        return random.longs(random.nextInt(5), 0, Long.MAX_VALUE).boxed().toList();
    }

    private String text(int length) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(length); i > 0; i--) {
            text.append((char) ('a' + random.nextInt(26)));
        }
        return text.toString();
    }

    private Id8 id8() {
        return new Id8(random.nextLong());
    }

    /** Of every magnitude alike, so that every length of an integer comes up. */
    private long below(long most) {
        return Math.min(most, random.nextLong() >>> (1 + random.nextInt(63)));
    }

    private OptionalInt maybeInt() {
        return random.nextBoolean() ? OptionalInt.of((int) below(Integer.MAX_VALUE)) : OptionalInt.empty();
    }

    private OptionalInt small(int bound) {
        return random.nextBoolean() ? OptionalInt.of(random.nextInt(bound)) : OptionalInt.empty();
    }

    private OptionalInt signed() {
        return random.nextBoolean() ? OptionalInt.of(random.nextInt()) : OptionalInt.empty();
    }

    private OptionalLong maybeLong() {
        return random.nextBoolean() ? OptionalLong.of(below(Long.MAX_VALUE)) : OptionalLong.empty();
    }

    private <T> Optional<T> maybe(T value) {
        return random.nextBoolean() ? Optional.of(value) : Optional.empty();
    }

    private <T> T one(T[] values) {
        return values[random.nextInt(values.length)];
    }
}
