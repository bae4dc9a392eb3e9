package ansim.wire;

/**
 * What an output needs to know of an alert, verb 2; area, severity and texts are for whoever shows them. Read when the command is
 * carried out, as {@link OutputOrder}.
 *
 * @param id the alert's id
 * @param expS second since 1970 UTC at which it ends
 */
public record Alert(Id8 id, long expS) {
    /** Verb number. */
    public static final int NUMBER = 2;

    private static final int[] SHOWN = {2, 3, 5, 6, 7};

    /**
     * Reads a verb's body.
     *
     * @throws WireException if it is not what the contract says
     */
    public static Alert of(OtherVerb verb) throws WireException {
        Fields in = Fields.of(StrictCbor.item(verb.body().toByteArray(), 0), "alert");
        Id8 id = in.id8(1);
        long expS = in.integer(4, 0, Long.MAX_VALUE);
        for (int key : SHOWN) {
            in.find(key);
        }
        in.end();
        return new Alert(id, expS);
    }
}
