package ansim.wire;

import java.util.List;
import java.util.Optional;

/**
 * One record of a batch.
 *
 * @param dtMs milliseconds after the batch's first record, [0, {@link #MAX_DT_MS}]
 * @param body what it says
 */
public record UpRecord(long dtMs, Body body) {
    /** The largest number that four bytes hold: 49 days, where a batch spans seconds. */
    public static final long MAX_DT_MS = 0xffff_ffffL;

    public UpRecord {
        Range.check("dt", dtMs, 0, MAX_DT_MS);
    }

    void write(CborOut out) {
        out.array(3);
        out.integer(body.number());
        out.integer(dtMs);
        Bodies.writer(body).write(out);
    }

    /** What was read, and what was wrong with the body if it had to be kept as it came. */
    record Read(UpRecord upRecord, Optional<String> flaw) {}

    static Read read(Item item, Object where) throws WireException {
        List<Item> parts = item.array(3, 3, where);
        long number = parts.get(0).integer(0, Long.MAX_VALUE, new Name(where, " ", "kind"));
        long dtMs = parts.get(1).integer(0, MAX_DT_MS, new Name(where, " ", "dt"));
        Item body = parts.get(2);
        if (body.major() != 5) {
            throw WireException.content(where + " body must be a map");
        }
        try {
            return new Read(new UpRecord(dtMs, Bodies.read(number, body)), Optional.empty());
        } catch (WireException broken) {
            if (broken.reason() != WireException.Reason.CONTENT) {
                throw broken;
            }
            Unknown kept = new Unknown(number, Bytes.of(body.encoded()));
            return new Read(new UpRecord(dtMs, kept), Optional.of(where + ", " + broken.getMessage()));
        }
    }
}
