package ansim.wire;

import java.util.Optional;

/**
 * The hub's word to one unit on what cards are sealed to and where its doors are. A connection's certificate does not vouch for these: whoever
 * can make certificates could name a vault of his own.
 *
 * <p>As {@link DownMessage}: only {@link #verify} vouches for the signature, and {@link #answers} for that it is not an older one or another
 * unit's. Immutable.
 */
public final class HubStatement {
    /** The protected header's typ (RFC 9596). */
    public static final String TYP = "ansim.hub.v1";

    private static final int VERSION = 1;
    private static final int SPKI_BYTES = 44;

    private final byte[] bytes;
    private final CoseSign1 cose;
    private final Id16 unit;
    private final Id8 random;
    private final Said said;

    /**
     * What is said.
     *
     * @param vault what cards are sealed to; empty without a vault
     * @param mqtt {@code tls://HOST:PORT}
     * @param coap {@code coaps://HOST:PORT}
     */
    public record Said(Optional<SealingKey> vault, String mqtt, Optional<String> coap) {}

    private HubStatement(byte[] bytes, CoseSign1 cose, Id16 unit, Id8 random, Said said) {
        this.bytes = bytes;
        this.cose = cose;
        this.unit = unit;
        this.random = random;
        this.said = said;
    }

    /**
     * Answers a unit.
     *
     * @param random the question's
     * @param hub the hub's signing key of now
     */
    public static HubStatement sign(Id16 unit, Id8 random, Said said, SigningKey hub) {
        MapOut fields = new MapOut().put(1, VERSION).put(2, unit.bytes());
        said.vault().ifPresent(key -> fields.put(3, key.spki()));
        fields.put(4, random).put(5, said.mqtt());
        said.coap().ifPresent(url -> fields.put(6, url));
        try {
            return parse(CoseSign1.sign(CborOut.encode(fields), TYP, hub));
        } catch (WireException e) {
            throw new IllegalArgumentException("this cannot be stated: " + e.getMessage(), e);
        }
    }

    /** Reads a statement and refuses whatever the contract does not allow. Checks no signature. */
    public static HubStatement parse(byte[] bytes) throws WireException {
        CoseSign1 cose = CoseSign1.parse(bytes, TYP);
        Fields in = KeyRegistration.fields(cose, "hub statement");
        Id16 unit = in.get(2).id16(in.name(2));
        Optional<Item> vault = in.find(3);
        Optional<SealingKey> key = vault.isPresent()
                ? Optional.of(vault(vault.get().byteString(SPKI_BYTES, in.name(3)), in.name(3)))
                : Optional.empty();
        Id8 random = in.id8(4);
        String mqtt = in.get(5).text(in.name(5));
        Optional<Item> coap = in.find(6);
        Optional<String> url = coap.isPresent() ? Optional.of(coap.get().text(in.name(6))) : Optional.empty();
        return new HubStatement(bytes.clone(), cose, unit, random, new Said(key, mqtt, url));
    }

    private static SealingKey vault(byte[] spki, Object where) throws WireException {
        try {
            return SealingKey.fromSpki(spki);
        } catch (IllegalArgumentException e) {
            throw WireException.content(where + ": " + e.getMessage());
        }
    }

    /** A copy of the statement as signed or received. */
    public byte[] bytes() {
        return bytes.clone();
    }

    public Said said() {
        return said;
    }

    /** Whether it is the answer to this unit's question with this random. */
    public boolean answers(Id16 asking, Id8 asked) {
        return unit.equals(asking) && random.equals(asked);
    }

    /** Whether {@code hub} is the key that it names and its signature verifies. */
    public boolean verify(Verifier verifier, VerifyKey hub) {
        return cose.verify(verifier, hub);
    }

    @Override
    public String toString() {
        return "hub statement of key " + cose.kid() + " for unit " + unit;
    }
}
