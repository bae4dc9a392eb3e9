package ansim.wire;

import java.time.Instant;

/**
 * The hub's word on a ride's evidence: that these bytes, and no others, are what it gave out. The units' messages vouch for themselves; this
 * vouches for what stands around them, and that nothing was left out at either end.
 *
 * <p>As {@link DownMessage}: only {@link #verify} vouches for the signature. Immutable.
 */
public final class EvidenceSeal {
    /** The protected header's typ (RFC 9596). */
    public static final String TYP = "ansim.evidence.v1";

    private static final int VERSION = 1;
    private static final int DIGEST_BYTES = 32;

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Id16 unit;
    private final Id8 ride;
    private final Bytes digest;
    private final Instant at;

    private EvidenceSeal(byte[] bytes, CoseSign1 cose, Id16 unit, Id8 ride, Bytes digest, Instant at) {
        this.bytes = bytes;
        this.cose = cose;
        this.unit = unit;
        this.ride = ride;
        this.digest = digest;
        this.at = at;
    }

    /**
     * Seals what was written.
     *
     * @param written every byte before the seal
     * @param at when, ms
     * @param hub the hub's signing key
     */
    public static EvidenceSeal sign(Id16 unit, Id8 ride, byte[] written, Instant at, SigningKey hub) {
        Range.check("time of the seal", at.toEpochMilli(), 0, Batch.MAX_UTC_MS);
        MapOut fields = new MapOut()
                .put(1, VERSION)
                .put(2, unit.bytes())
                .put(3, ride)
                .put(4, Sha256.of(written))
                .put(5, at.toEpochMilli());
        try {
            return parse(CoseSign1.sign(CborOut.encode(fields), TYP, hub));
        } catch (WireException e) {
            throw new IllegalStateException("a seal of our own is not one: " + e.getMessage(), e);
        }
    }

    /** Reads a seal and refuses whatever the contract does not allow. Checks no signature. */
    public static EvidenceSeal parse(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, TYP);
        Fields in = KeyRegistration.fields(cose, "evidence seal");
        return new EvidenceSeal(
                bytes.clone(),
                cose,
                in.get(2).id16(in.name(2)),
                in.id8(3),
                Bytes.of(in.get(4).byteString(DIGEST_BYTES, in.name(4))),
                Instant.ofEpochMilli(in.integer(5, 0, Batch.MAX_UTC_MS)));
    }

    /** A copy of the seal as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public Id16 unit() {
        return unit;
    }

    public Id8 ride() {
        return ride;
    }

    /** When it was made, by the hub's clock. */
    public Instant at() {
        return at;
    }

    /** The hub key that it names. */
    public Id8 kid() {
        return cose.kid();
    }

    /** Whether these are the bytes that were sealed. */
    public boolean covers(byte[] written) {
        return Bytes.of(Sha256.of(written)).equals(digest);
    }

    /** Whether {@code hub} is the key that it names and its signature verifies. */
    public boolean verify(Verifier verifier, VerifyKey hub) {
        return cose.verify(verifier, hub);
    }

    @Override
    public String toString() {
        return "evidence seal of key " + cose.kid() + " at " + at;
    }
}
