package ansim.hub.model;

/**
 * A sealed message. {@code bytes} stands for its hash: no two messages of a world have the same.
 *
 * @param lane 1 to 3
 * @param chain which chain of the unit, unique over its lanes
 * @param n from 1
 * @param bytes 0 to 63: also its bit in the world's sets
 * @param gap what it explains, {@link Told#NOTHING} for what a person did
 */
record Message(int lane, int chain, int n, int bytes, Told gap) {
    /** Why numbers will not come; the numbers of the contract. */
    static final int EVICTED = 1;

    static final int DAMAGED = 2;
    static final int RECEIPTED_EARLIER = 4;

    /** What a gap record says. */
    record Told(int lane, int chain, int first, int last, int reason) {
        static final Told NOTHING = new Told(0, 0, 0, -1, 0);

        boolean names(int id, int n) {
            return chain == id && first <= n && n <= last && lane != 0;
        }
    }

    boolean isGap() {
        return gap.lane != 0;
    }

    long bit() {
        return 1L << bytes;
    }

    long mix() {
        return Mix.of(
                Mix.of(lane * 64L + chain, n, bytes),
                gap.lane * 64L + gap.chain,
                gap.first * 4096L + gap.last * 8L + gap.reason);
    }
}
