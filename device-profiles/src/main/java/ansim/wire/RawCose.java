package ansim.wire;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies any COSE_Sign1 of RFC 9052, not only the contract's: tagged or not, whatever its headers and payload, any well-formed
 * CBOR, EdDSA with Ed25519 or ECDSA. For a person with a file in hand; the doors never use it.
 *
 * <p>Refused: a detached payload, a critical header that is not understood (RFC 9052 section 3.1), a label in both headers, and
 * another algorithm than the key's.
 */
public final class RawCose {
    private static final BigInteger TAG = BigInteger.valueOf(18);
    private static final BigInteger ALG = BigInteger.ONE;
    private static final BigInteger CRIT = BigInteger.TWO;

    /** alg, crit, content type, kid, IV, partial IV (RFC 9052 table 3) and typ (RFC 9596): none asks more of a verifier. */
    private static final Set<BigInteger> UNDERSTOOD = Set.of(
            ALG,
            CRIT,
            BigInteger.valueOf(3),
            BigInteger.valueOf(4),
            BigInteger.valueOf(5),
            BigInteger.valueOf(6),
            BigInteger.valueOf(16));

    /** ECDSA of RFC 9053 section 2.1 by its number, with r and s side by side. */
    private static final Map<Integer, String> ECDSA = Map.of(
            -7, "SHA256withECDSAinP1363Format",
            -35, "SHA384withECDSAinP1363Format",
            -36, "SHA512withECDSAinP1363Format");

    /** EdDSA (RFC 9053 section 2.2) and its fully specified twin Ed25519 (RFC 9864). */
    private static final Set<Integer> EDDSA = Set.of(-8, -19);

    private RawCose() {}

    /**
     * What was verified.
     *
     * @param algorithm its number in the COSE registry
     * @param protectedHeader the protected header's own bytes
     * @param payload what was signed
     */
    public record Verified(int algorithm, Bytes protectedHeader, Bytes payload) {}

    /**
     * Verifies {@code message}.
     *
     * @param publicKeyPem a SubjectPublicKeyInfo
     * @param externalAad what else was signed (RFC 9052 section 4.3); empty if nothing
     * @throws WireException if the bytes are not a COSE_Sign1, its headers cannot be honoured, or its signature does not verify
     * @throws IllegalArgumentException if the key is not one that can be used for the message's algorithm
     */
    public static Verified verify(byte[] message, String publicKeyPem, byte[] externalAad) throws WireException {
        List<?> parts = parts(LooseCbor.read(message));
        if (!(parts.get(0) instanceof Bytes header)) {
            throw WireException.encoding("the protected header must be a byte string");
        }
        if (!(parts.get(1) instanceof Map<?, ?> unprotectedMap)) {
            throw WireException.encoding("the unprotected header must be a map");
        }
        if (LooseCbor.Simple.NULL.equals(parts.get(2))) {
            throw WireException.content("the payload is detached: there is nothing to verify");
        }
        if (!(parts.get(2) instanceof Bytes payload) || !(parts.get(3) instanceof Bytes signature)) {
            throw WireException.encoding("payload and signature must be byte strings");
        }
        Map<?, ?> protectedMap = protectedMap(header);
        checkLabels(protectedMap, unprotectedMap);
        int algorithm = algorithm(protectedMap, unprotectedMap);
        // RFC 9052 section 4.4: an empty map counts as an empty string.
        byte[] signedHeader = protectedMap.isEmpty() ? new byte[0] : header.toByteArray();
        byte[] toBeSigned = CoseSign1.toBeSigned(signedHeader, externalAad, payload.toByteArray());
        if (!verifies(algorithm, publicKeyPem, toBeSigned, signature.toByteArray())) {
            throw WireException.signature("the signature does not verify under this key");
        }
        return new Verified(algorithm, header, payload);
    }

    private static List<?> parts(Object item) throws WireException {
        Object content = item;
        if (item instanceof LooseCbor.Tagged tagged) {
            if (!tagged.tag().equals(TAG)) {
                throw WireException.encoding("tag " + tagged.tag() + " is not COSE_Sign1 (18)");
            }
            content = tagged.content();
        }
        if (!(content instanceof List<?> parts) || parts.size() != 4) {
            throw WireException.encoding("a COSE_Sign1 is an array of four");
        }
        return parts;
    }

    private static Map<?, ?> protectedMap(Bytes header) throws WireException {
        if (header.length() == 0) {
            return Map.of();
        }
        if (!(LooseCbor.read(header.toByteArray()) instanceof Map<?, ?> map)) {
            throw WireException.encoding("the protected header must hold a map");
        }
        return map;
    }

    private static void checkLabels(Map<?, ?> protectedMap, Map<?, ?> unprotectedMap) throws WireException {
        for (Object label : unprotectedMap.keySet()) {
            if (protectedMap.containsKey(label)) {
                throw headerFlaw("label " + label + " stands in both headers");
            }
        }
        if (unprotectedMap.containsKey(CRIT)) {
            throw headerFlaw("crit must be protected");
        }
        Object critical = protectedMap.get(CRIT);
        if (critical == null) {
            return;
        }
        if (!(critical instanceof List<?> labels) || labels.isEmpty()) {
            throw headerFlaw("crit must list labels");
        }
        for (Object label : labels) {
            if (!(label instanceof BigInteger number) || !UNDERSTOOD.contains(number)) {
                throw headerFlaw("the critical header " + label + " is not understood");
            }
            if (!protectedMap.containsKey(label)) {
                throw headerFlaw("the critical header " + label + " is missing");
            }
        }
    }

    private static int algorithm(Map<?, ?> protectedMap, Map<?, ?> unprotectedMap) throws WireException {
        Object algorithm = Optional.<Object>ofNullable(protectedMap.get(ALG))
                .or(() -> Optional.ofNullable(unprotectedMap.get(ALG)))
                .orElseThrow(() -> headerFlaw("neither header names the algorithm"));
        if (algorithm instanceof BigInteger number && number.bitLength() < Integer.SIZE) {
            int code = number.intValueExact();
            if (EDDSA.contains(code) || ECDSA.containsKey(code)) {
                return code;
            }
        }
        throw headerFlaw("algorithm " + algorithm + " is neither EdDSA (-8) nor ECDSA (-7, -35, -36)");
    }

    private static boolean verifies(int algorithm, String pem, byte[] toBeSigned, byte[] signature) {
        if (EDDSA.contains(algorithm)) {
            VerifyKey key = VerifyKey.fromPem(pem);
            if (key.kind() != VerifyKey.Kind.ED25519) {
                throw new IllegalArgumentException(
                        "not an Ed25519 public key, which algorithm " + algorithm + " needs");
            }
            return Ed25519Verifier.INSTANCE.verify(key, toBeSigned, signature);
        }
        try {
            PublicKey key =
                    KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(Pem.PUBLIC_KEY.der(pem)));
            Signature verifier = Signature.getInstance(ECDSA.get(algorithm));
            verifier.initVerify(key);
            verifier.update(toBeSigned);
            return verifier.verify(signature);
        } catch (SignatureException wrongLength) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "not an elliptic-curve public key, which algorithm " + algorithm + " needs", e);
        }
    }

    private static WireException headerFlaw(String message) {
        return new WireException(WireException.Reason.HEADER, message);
    }
}
