package ansim.wire;

/**
 * The body of verb 3: an alert is over before its end. Read when the command is carried out, as {@link OutputOrder}.
 *
 * @param id the alert's id
 */
public record CancelAlert(Id8 id) {
    /** Verb number. */
    public static final int NUMBER = 3;

    /**
     * Reads a verb's body.
     *
     * @throws WireException if it is not what the contract says
     */
    public static CancelAlert of(OtherVerb verb) throws WireException {
        Fields in = Fields.of(StrictCbor.item(verb.body().toByteArray(), 0), "cancel-alert");
        Id8 id = in.id8(1);
        in.end();
        return new CancelAlert(id);
    }
}
