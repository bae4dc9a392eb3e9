package ansim.hub.api;

import java.util.Arrays;
import java.util.Optional;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.OctetKeyPairJsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.AlgorithmIdentifiers;

/** How a provider's tokens may be signed (RFC 7518, RFC 8037); nothing else is taken, least of all {@code none} and shared secrets. */
enum ProviderAlgorithm {
    RS256(AlgorithmIdentifiers.RSA_USING_SHA256),
    ES256(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256),
    EDDSA(AlgorithmIdentifiers.EDDSA);

    private final String word;

    ProviderAlgorithm(String word) {
        this.word = word;
    }

    /** As it stands in a header. */
    String word() {
        return word;
    }

    static Optional<ProviderAlgorithm> of(String word) {
        return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
    }

    static String[] words() {
        return Arrays.stream(values()).map(ProviderAlgorithm::word).toArray(String[]::new);
    }

    /** Whether it is a key for this, by its kind and by what it says of itself. */
    boolean fits(PublicJsonWebKey key) {
        boolean kind = switch (this) {
            case RS256 -> key instanceof RsaJsonWebKey;
            case ES256 ->
                key instanceof EllipticCurveJsonWebKey curve
                        && curve.getCurveName().equals("P-256");
            case EDDSA ->
                key instanceof OctetKeyPairJsonWebKey pair && pair.getSubtype().equals("Ed25519");
        };
        return kind && (key.getAlgorithm() == null || key.getAlgorithm().equals(word));
    }
}
