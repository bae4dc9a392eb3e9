package ansim.wire;

/**
 * The body of verb 10: a fitter is about to try the unit.
 *
 * @param forS s from now, 0 to {@value #LONGEST_S}; 0 ends it
 */
public record CommissioningOrder(int forS) {
    /** Verb number. */
    public static final int NUMBER = 10;

    /** Half an hour. */
    public static final int LONGEST_S = 1_800;

    /** Checks the range. */
    public CommissioningOrder {
        Range.check("commissioning, s,", forS, 0, LONGEST_S);
    }

    /**
     * Reads a verb's body.
     *
     * @throws WireException if it is not what the contract says
     */
    public static CommissioningOrder of(OtherVerb verb) throws WireException {
        Fields in = Fields.of(StrictCbor.item(verb.body().toByteArray(), 0), "commissioning");
        int forS = in.integer(1, 0, LONGEST_S);
        in.end();
        return new CommissioningOrder(forS);
    }

    /** The verb to send. */
    public OtherVerb verb() {
        return new OtherVerb(NUMBER, Bytes.of(CborOut.encode(new MapOut().put(1, forS))));
    }
}
