package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;

/**
 * A command to one unit (CONTRACT, verbs 2 to 7, 9 and 10).
 *
 * @param unit whom
 * @param number the command's number, 1 to 2^32 - 1; 0 while it is not in the log
 * @param request random: the same order that is asked for twice is one
 * @param verb what to do
 * @param expS second since 1970 UTC after which it is not to be done; every order ends, so that none waits for ever
 * @param by who ordered it, for people
 */
public record Order(Id16 unit, long number, Id8 request, OtherVerb verb, long expS, String by) {
    /** Bytes of a verb's body: with everything around it a message to a unit stays below 8 KiB. */
    public static final int MAX_BODY_BYTES = 4096;

    /** Characters of {@link #by}. */
    public static final int MAX_BY = 64;

    /** The highest number. */
    public static final long MAX_NUMBER = 0xffff_ffffL;

    /** Of the year 9999: what a CBOR reader of any kind takes for a date. */
    private static final long MAX_EXP_S = 253_402_300_799L;

    public Order {
        check("number", number, MAX_NUMBER);
        check("exp", expS, MAX_EXP_S);
        check("bytes of a command's body", verb.body().length(), MAX_BODY_BYTES);
        check("characters of who ordered it", by.length(), MAX_BY);
    }

    /** Without a number yet. */
    public Order(Id16 unit, Id8 request, OtherVerb verb, long expS, String by) {
        this(unit, 0, request, verb, expS, by);
    }

    private static void check(String what, long value, long most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(what + " must be in [0, " + most + "] (got " + value + ")");
        }
    }

    /** The same with a number. */
    Order as(long newNumber) {
        return new Order(unit, newNumber, request, verb, expS, by);
    }

    /** Whether it is too late to do it. */
    public boolean isOver(long nowMs) {
        return nowMs >= expS * 1000;
    }
}
