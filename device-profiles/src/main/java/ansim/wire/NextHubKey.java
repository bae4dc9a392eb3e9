package ansim.wire;

/**
 * The body of verb 9: the key with which the hub will sign from a moment on. The message that carries it is signed by the key before.
 *
 * @param key the next key
 * @param fromS s since 1970 UTC: the hub signs nothing with it before
 */
public record NextHubKey(VerifyKey key, long fromS) {
    /** Verb number. */
    public static final int NUMBER = 9;

    private static final int SPKI_BYTES = 44;

    /** Checks the range. */
    public NextHubKey {
        Range.check("from", fromS, 0, Batch.MAX_UTC_MS / 1_000);
    }

    /**
     * Reads a verb's body.
     *
     * @throws WireException if it is not what the contract says
     */
    public static NextHubKey of(OtherVerb verb) throws WireException {
        Fields in = Fields.of(StrictCbor.item(verb.body().toByteArray(), 0), "next hub key");
        byte[] spki = in.get(1).byteString(SPKI_BYTES, in.name(1));
        long fromS = in.integer(2, 0, Batch.MAX_UTC_MS / 1_000);
        in.end();
        try {
            return new NextHubKey(VerifyKey.fromSpki(spki), fromS);
        } catch (IllegalArgumentException e) {
            throw WireException.content(in.name(1) + ": " + e.getMessage());
        }
    }

    /** The verb to send. */
    public OtherVerb verb() {
        byte[] body = CborOut.encode(new MapOut().put(1, key.spki()).put(2, fromS));
        return new OtherVerb(NUMBER, Bytes.of(body));
    }
}
