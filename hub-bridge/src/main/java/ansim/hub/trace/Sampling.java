package ansim.hub.trace;

import ansim.wire.Batch;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Which messages are followed, and under which ids: both follow from unit, chain, lane and number, and from nothing else. Any thread. */
final class Sampling {
    private static final long MIX_1 = 0xBF58476D1CE4E5B9L;
    private static final long MIX_2 = 0x94D049BB133111EBL;
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final double ONE = 1L << 53;

    private final long below;

    /** @param share of the messages, 0 to 1 */
    Sampling(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share must be in [0, 1] (got " + share + ")");
        }
        this.below = (long) (share * ONE);
    }

    /** Some multiplications, and no memory. */
    boolean takes(Batch batch) {
        long hash = mix(batch.unit().hi());
        hash = mix(hash ^ batch.unit().lo());
        hash = mix(hash ^ batch.chain().bits());
        hash = mix(hash ^ batch.lane().number());
        hash = mix(hash ^ batch.n());
        return hash >>> 11 < below;
    }

    /** The finalizer of SplitMix64: every bit of what goes in counts for every bit that comes out. */
    private static long mix(long value) {
        long z = value + STEP;
        z = (z ^ (z >>> 30)) * MIX_1;
        z = (z ^ (z >>> 27)) * MIX_2;
        return z ^ (z >>> 31);
    }

    /** Of SHA-256 over the message's id the first 16 bytes, and the next 8. */
    static SpanIds.Root ids(Batch batch) {
        String id = batch.unit().hex() + "/" + batch.chain().hex() + "/"
                + batch.lane().number() + "/" + batch.n();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.US_ASCII));
            HexFormat hex = HexFormat.of();
            return new SpanIds.Root(hex.formatHex(hash, 0, 16), hex.formatHex(hash, 16, 24));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
