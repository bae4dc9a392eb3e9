package ansim.wire;

import java.util.Optional;

/**
 * A unit's request to take a new message key, signed by that key itself: who sends it has the private half. A unit that has a key
 * already lets that one sign too, so that a stolen certificate alone puts no key in force.
 *
 * <p>Guarantees that {@link #bytes()} are the bytes as signed or as received, that they obey the contract, and that the header's kid is
 * that of the key inside. Only {@link #verify} and {@link #verifyPresent} vouch for the signatures. Signing is deterministic: the same
 * key and random bytes give the same request, so that it can be asked again. Immutable.
 */
public final class KeyRegistration {
    /** The protected header's typ (RFC 9596), of request and {@link KeyConfirmation}. */
    public static final String TYP = "ansim.key.v1";

    static final int VERSION = 1;

    private static final int SPKI_BYTES = 44;
    private static final int SIGNATURE_BYTES = 64;

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Core core;
    private final Optional<byte[]> present;

    /** What both keys sign. */
    private record Core(Id16 unit, VerifyKey key, Id8 random) {
        MapOut fields() {
            return new MapOut()
                    .put(1, VERSION)
                    .put(2, unit.bytes())
                    .put(3, key.spki())
                    .put(4, random);
        }

        /** The Sig_structure (RFC 9052 section 4.4) that the present key signs: fields 1 to 4 alone, under the new key's header. */
        byte[] forPresentKey() {
            return CoseSign1.toBeSigned(CoseSign1.header(key, TYP), new byte[0], CborOut.encode(fields()));
        }
    }

    private KeyRegistration(byte[] bytes, CoseSign1 cose, Core core, Optional<byte[]> present) {
        this.bytes = bytes;
        this.cose = cose;
        this.core = core;
        this.present = present;
    }

    /**
     * The first key of a unit.
     *
     * @param random fresh for each key; the confirmation repeats it
     */
    public static KeyRegistration first(Id16 unit, SigningKey key, Id8 random) {
        Core core = new Core(unit, key.verifyKey(), random);
        return sign(core.fields(), key);
    }

    /**
     * The key after another one.
     *
     * @param present the unit's key in force, which signs too
     */
    public static KeyRegistration next(Id16 unit, SigningKey key, Id8 random, SigningKey present) {
        Core core = new Core(unit, key.verifyKey(), random);
        return sign(core.fields().put(5, present.sign(core.forPresentKey())), key);
    }

    private static KeyRegistration sign(MapOut fields, SigningKey key) {
        try {
            return parse(CoseSign1.sign(CborOut.encode(fields), TYP, key));
        } catch (WireException e) {
            throw new IllegalStateException("a registration of our own is not one: " + e.getMessage(), e);
        }
    }

    /** Reads a request and refuses whatever the contract does not allow. Checks no signature. */
    public static KeyRegistration parse(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, TYP);
        Fields in = fields(cose, "key registration");
        Id16 unit = in.get(2).id16(in.name(2));
        VerifyKey key = key(in.get(3).byteString(SPKI_BYTES, in.name(3)), in.name(3));
        Id8 random = in.id8(4);
        Optional<Item> second = in.find(5);
        Optional<byte[]> present = second.isPresent()
                ? Optional.of(second.get().byteString(SIGNATURE_BYTES, in.name(5)))
                : Optional.empty();
        if (!key.kid().equals(cose.kid())) {
            throw WireException.content("the header's kid must be that of the key to be registered");
        }
        return new KeyRegistration(bytes.clone(), cose, new Core(unit, key, random), present);
    }

    /** The payload's fields, after the version and what must be understood. */
    static Fields fields(CoseSign1 cose, String where) throws WireException {
        Fields in = Fields.of(StrictCbor.item(cose.payload(), 0), where);
        if (in.integer(1, 0L, Long.MAX_VALUE) != VERSION) {
            throw new WireException(WireException.Reason.VERSION, "another major version than " + VERSION);
        }
        in.refuseNegative();
        return in;
    }

    private static VerifyKey key(byte[] spki, Object where) throws WireException {
        try {
            return VerifyKey.fromSpki(spki);
        } catch (IllegalArgumentException e) {
            throw WireException.content(where + ": " + e.getMessage());
        }
    }

    /** A copy of the request as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public Id16 unit() {
        return core.unit();
    }

    /** The key to be registered. */
    public VerifyKey key() {
        return core.key();
    }

    /** Repeated by the confirmation: an older one does not answer a newer request. */
    public Id8 random() {
        return core.random();
    }

    /** Whether the new key has signed this request. */
    public boolean verify(Verifier verifier) {
        return cose.verify(verifier, core.key());
    }

    /** Whether a present key claims to have signed too; only {@link #verifyPresent} says that it has. */
    public boolean namesPresentKey() {
        return present.isPresent();
    }

    /** Whether {@code presentKey} has signed for the new one. */
    public boolean verifyPresent(Verifier verifier, VerifyKey presentKey) {
        return present.isPresent() && verifier.verify(presentKey, core.forPresentKey(), present.get());
    }

    @Override
    public String toString() {
        return "registration of " + core.key() + " for unit " + core.unit();
    }
}
