package ansim.hub.load;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.SigningKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Units with a key each, always the same of one seed: what was registered by one run is known to the next. 72 of 112 are taxis, the others
 * poles; each is at home within 1.5 km of a place inside Seoul.
 *
 * <p>The keys are for measuring only: whoever knows the seed has them. Immutable, any thread.
 */
public final class Fleet {
    /** As many as a city plans for. */
    public static final int MAX_UNITS = 1_000_000;

    private static final int ALL = 112;
    private static final int TAXIS = 72;
    private static final int COMPANIES = 255;
    private static final int HOME_E7 = 135_000;

    /** Well inside the outline of the starter map: latitude, longitude. */
    private static final double[][] PLACES = {
        {37.5735, 126.9790}, {37.5641, 126.9979}, {37.5324, 126.9905}, {37.5634, 127.0369}, {37.5385, 127.0823},
        {37.5744, 127.0396}, {37.6063, 127.0726}, {37.5894, 127.0167}, {37.6397, 127.0256}, {37.6542, 127.0568},
        {37.6027, 126.9291}, {37.5791, 126.9368}, {37.5663, 126.9016}, {37.5170, 126.8666}, {37.5509, 126.8495},
        {37.4954, 126.8874}, {37.4669, 126.9055}, {37.5264, 126.8963}, {37.5124, 126.9393}, {37.4784, 126.9516},
        {37.4837, 127.0124}, {37.5172, 127.0473}, {37.5045, 127.1059}, {37.5401, 127.1338}, {37.5145, 127.0759}
    };

    private final long seed;
    private final SigningKey[] keys;

    private Fleet(long seed, SigningKey[] keys) {
        this.seed = seed;
        this.keys = keys;
    }

    /** Makes the keys, on all processors. */
    public static Fleet of(int units, long seed) {
        if (units < 1 || units > MAX_UNITS) {
            throw new IllegalArgumentException("units must be in [1, " + MAX_UNITS + "] (got " + units + ")");
        }
        SigningKey[] keys = IntStream.range(0, units)
                .parallel()
                .mapToObj(unit -> SigningKey.fromSeed(hash("key", seed, unit)))
                .toArray(SigningKey[]::new);
        return new Fleet(seed, keys);
    }

    private static byte[] hash(String what, long seed, int unit) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(("ansim load " + what).getBytes(StandardCharsets.US_ASCII));
            return sha.digest(ByteBuffer.allocate(Long.BYTES + Integer.BYTES)
                    .putLong(seed)
                    .putInt(unit)
                    .array());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** How many. */
    public int size() {
        return keys.length;
    }

    SigningKey key(int unit) {
        return keys[unit];
    }

    /** Of a unit, by its number from 0. */
    public Id16 id(int unit) {
        return Id16.first(hash("unit", seed, unit));
    }

    boolean isTaxi(int unit) {
        return unit % ALL < TAXIS;
    }

    Pos home(int unit) {
        SplittableRandom random = new SplittableRandom(seed * 31 + unit);
        double[] at = PLACES[random.nextInt(PLACES.length)];
        return Pos.of(
                (int) Math.round(at[0] * 1e7) + random.nextInt(-HOME_E7, HOME_E7),
                (int) Math.round(at[1] * 1e7) + random.nextInt(-HOME_E7, HOME_E7));
    }

    /** For the registry. */
    public List<UnitRecord> records() {
        UnitRecord[] records = new UnitRecord[size()];
        Arrays.setAll(records, this::record);
        return List.of(records);
    }

    private UnitRecord record(int unit) {
        boolean taxi = isTaxi(unit);
        return new UnitRecord(
                id(unit),
                key(unit).verifyKey(),
                taxi ? "서울 30바 " + unit : "CCTV " + unit,
                taxi ? "운수 " + unit % COMPANIES : "구청",
                taxi ? "taxi" : "cctv-pole",
                taxi ? Optional.empty() : Optional.of(home(unit)),
                false);
    }
}
