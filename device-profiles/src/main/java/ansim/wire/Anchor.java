package ansim.wire;

/**
 * Kind 11: ties a boot's monotonic clock to UTC, so that messages made before the first fix can be dated (lane 2).
 *
 * @param boot the boot it speaks of, key 43
 * @param monoMs CLOCK_MONOTONIC in ms, key 44, not negative
 * @param utcMs the same instant in ms since 1970 UTC, key 45
 */
public record Anchor(Id8 boot, long monoMs, long utcMs) implements Body {
    public Anchor {
        Range.check("monotonic time", monoMs, 0, Batch.MAX_MONO_MS);
        Range.check("UTC", utcMs, Batch.MIN_UTC_MS, Batch.MAX_UTC_MS);
    }

    @Override
    public Kind kind() {
        return Kind.ANCHOR;
    }

    static Anchor read(Fields in) throws WireException {
        return new Anchor(
                in.id8(43), in.integer(44, 0, Batch.MAX_MONO_MS), in.integer(45, Batch.MIN_UTC_MS, Batch.MAX_UTC_MS));
    }

    MapOut fields() {
        return new MapOut().put(43, boot).put(44, monoMs).put(45, utcMs);
    }
}
