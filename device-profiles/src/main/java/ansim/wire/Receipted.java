package ansim.wire;

/**
 * One chain's place in a {@link Receipt}: the hub holds payload {@code n} with this hash and, in that chain, all before it. Counts
 * only where the unit's own payload n has the same hash.
 *
 * @param chain the chain
 * @param n the highest number that the hub holds, not negative
 * @param hash first 8 bytes of SHA-256 over payload n
 */
public record Receipted(Id8 chain, long n, Id8 hash) {
    public Receipted {
        Range.uint("n", n);
    }
}
