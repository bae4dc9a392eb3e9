package ansim.wire;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Verb 8: messages that will never be accepted. The unit acts only if it holds exactly these bytes: it moves them aside and writes
 * a gap.
 *
 * @param lanes per lane the message and why; at least one lane
 */
public record Refused(Map<Lane, Refusal> lanes) implements Verb {
    /** Verb number. */
    public static final int NUMBER = 8;

    /** Why. */
    public enum Reason implements Coded {
        SIGNATURE(1),
        ENCODING(2);

        private final int code;

        Reason(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 or 2. */
        @Override
        public int code() {
            return code;
        }
    }

    /**
     * One refused message.
     *
     * @param message first 16 bytes of SHA-256 over the whole message as received
     * @param reason why
     */
    public record Refusal(Id16 message, Reason reason) {}

    public Refused {
        Range.check("number of lanes", lanes.size(), 1, Lane.values().length);
        lanes = Collections.unmodifiableMap(new EnumMap<>(lanes));
    }

    @Override
    public int number() {
        return NUMBER;
    }

    static Refused read(Item body) throws WireException {
        List<Item> items = body.map("refused");
        if (items.isEmpty()) {
            throw WireException.content("refused must name a lane");
        }
        Map<Lane, Refusal> lanes = new EnumMap<>(Lane.class);
        for (int i = 0; i < items.size(); i += 2) {
            Lane lane = Lane.read(items.get(i), "refused lane");
            List<Item> parts = items.get(i + 1).array(2, 2, "refused entry");
            Id16 message = parts.get(0).id16("refused hash");
            Reason reason = Coded.read(Reason.values(), parts.get(1), "refused reason");
            lanes.put(lane, new Refusal(message, reason));
        }
        return new Refused(lanes);
    }

    void write(CborOut out) {
        out.map(lanes.size());
        for (Map.Entry<Lane, Refusal> each : lanes.entrySet()) {
            out.integer(each.getKey().number());
            out.array(2);
            out.bytes(each.getValue().message().bytes());
            out.integer(each.getValue().reason().code());
        }
    }
}
