package ansim.wire;

/**
 * Kind 10: numbers that will not come (lane 1, no siren). Durable before what it explains is deleted.
 *
 * @param lane the lane it speaks of, key 37
 * @param chain the chain it speaks of, key 38
 * @param first first missing number, key 40, not negative
 * @param last last missing number, key 41, not negative
 * @param reason key 42
 */
public record Gap(Lane lane, Id8 chain, long first, long last, Reason reason) implements Body {
    /** Why they will not come. */
    public enum Reason implements Coded {
        EVICTED(1),
        /** Unreadable on the unit, or refused by the hub for its bytes. */
        DAMAGED(2),
        /** A memory-only chain has ended: nothing is missing. */
        CHAIN_CLOSED(3),
        /** The unit holds a receipt for them; only after the hub's generation has risen. */
        RECEIPTED_EARLIER(4);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 to 4. */
        @Override
        public int code() {
            return code;
        }
    }

    public Gap {
        Range.uint("first", first);
        Range.uint("last", last);
    }

    @Override
    public Kind kind() {
        return Kind.GAP;
    }

    static Gap read(Fields in) throws WireException {
        return new Gap(
                Lane.read(in.get(37), in.name(37)),
                in.id8(38),
                in.integer(40, 0, Long.MAX_VALUE),
                in.integer(41, 0, Long.MAX_VALUE),
                in.coded(42, Reason.values()));
    }

    MapOut fields() {
        return new MapOut()
                .put(37, lane.number())
                .put(38, chain)
                .put(40, first)
                .put(41, last)
                .put(42, reason.code());
    }
}
