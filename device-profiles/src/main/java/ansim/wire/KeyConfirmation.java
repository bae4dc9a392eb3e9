package ansim.wire;

import java.time.Instant;

/**
 * The hub's word that a unit's message key is in its log and in force. A unit puts it on disk before it signs with that key.
 *
 * <p>As {@link DownMessage}: the bytes stay what they were, and only {@link #verify} vouches for them. Immutable.
 */
public final class KeyConfirmation {
    private static final long MAX_MS = Batch.MAX_UTC_MS;

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Id16 unit;
    private final Id8 key;
    private final Id8 random;
    private final Instant at;

    private KeyConfirmation(byte[] bytes, CoseSign1 cose, Id16 unit, Id8 key, Id8 random, Instant at) {
        this.bytes = bytes;
        this.cose = cose;
        this.unit = unit;
        this.key = key;
        this.random = random;
        this.at = at;
    }

    /**
     * Confirms what a registration asked for.
     *
     * @param at since when the key is in force, ms
     * @param hub the hub's signing key
     */
    public static KeyConfirmation sign(KeyRegistration request, Instant at, SigningKey hub) {
        Range.check("time of confirmation", at.toEpochMilli(), 0, MAX_MS);
        MapOut fields = new MapOut()
                .put(1, KeyRegistration.VERSION)
                .put(2, request.unit().bytes())
                .put(4, request.random())
                .put(6, request.key().kid())
                .put(7, at.toEpochMilli());
        try {
            return parse(CoseSign1.sign(CborOut.encode(fields), KeyRegistration.TYP, hub));
        } catch (WireException e) {
            throw new IllegalStateException("a confirmation of our own is not one: " + e.getMessage(), e);
        }
    }

    /** Reads a confirmation and refuses whatever the contract does not allow. Checks no signature. */
    public static KeyConfirmation parse(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, KeyRegistration.TYP);
        Fields in = KeyRegistration.fields(cose, "key confirmation");
        return new KeyConfirmation(
                bytes.clone(),
                cose,
                in.get(2).id16(in.name(2)),
                in.id8(6),
                in.id8(4),
                Instant.ofEpochMilli(in.integer(7, 0, MAX_MS)));
    }

    /** A copy of the confirmation as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The hub key that it names. */
    public Id8 kid() {
        return cose.kid();
    }

    public Id16 unit() {
        return unit;
    }

    /** The kid of the key in force. */
    public Id8 key() {
        return key;
    }

    /** Since when. */
    public Instant at() {
        return at;
    }

    /** Whether it confirms what {@code request} asked for, and not another request. */
    public boolean answers(KeyRegistration request) {
        return unit.equals(request.unit()) && key.equals(request.key().kid()) && random.equals(request.random());
    }

    /** Whether {@code hub} is the key that it names and its signature verifies. */
    public boolean verify(Verifier verifier, VerifyKey hub) {
        return cose.verify(verifier, hub);
    }

    @Override
    public String toString() {
        return "confirmation of key " + key + " for unit " + unit;
    }
}
