package ansim.hub.intake;

import ansim.hub.keys.Corretto;
import ansim.wire.SigningKey;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.Verifier;
import ansim.wire.VerifyKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.tinylog.Logger;

/**
 * Ed25519 and ES256 by the Amazon Corretto Crypto Provider: native, twice as fast as {@link UnitKeyVerifier}, where it loads (64-bit
 * Linux on x86).
 *
 * <p>Any thread. Keeps the decoded form of at most {@value #KEYS_KEPT} keys; beyond that it begins anew.
 */
final class CorrettoVerifier implements Verifier {
    static final int KEYS_KEPT = 200_000;

    private static final String ED25519 = "Ed25519";
    private static final String EC = "EC";
    private static final String ES256 = "SHA256withECDSAinP1363Format";
    private static final int SIGNATURE_BYTES = 64;
    private static final ThreadLocal<Signature> EDWARDS = new ThreadLocal<>();
    private static final ThreadLocal<Signature> WEIERSTRASS = new ThreadLocal<>();

    private final Provider provider;
    private final Map<VerifyKey, PublicKey> keys = new ConcurrentHashMap<>();

    private CorrettoVerifier(Provider provider) {
        this.provider = provider;
    }

    /** The provider's verifier, if it loads here and tells a good signature from a bad one. */
    static Optional<Verifier> load() {
        return Corretto.provider()
                .map(CorrettoVerifier::new)
                .filter(CorrettoVerifier::works)
                .map(Verifier.class::cast);
    }

    /** RFC 8032 section 7.1, test 2, and the same with one bit changed. */
    private boolean works() {
        HexFormat hex = HexFormat.of();
        VerifyKey key = SigningKey.fromSeed(
                        hex.parseHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
                .verifyKey();
        byte[] signature = hex.parseHex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        boolean good = verify(key, new byte[] {0x72}, signature);
        boolean bad = verify(key, new byte[] {0x73}, signature);
        return good && !bad;
    }

    @Override
    public boolean verify(VerifyKey key, byte[] toBeSigned, byte[] signature) {
        if (signature.length != SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifying = signature(isEd25519(key) ? EDWARDS : WEIERSTRASS, isEd25519(key) ? ED25519 : ES256);
            verifying.initVerify(decoded(key));
            verifying.update(toBeSigned);
            return verifying.verify(signature);
        } catch (SignatureException malformed) {
            forgetSignatures();
            return false;
        } catch (GeneralSecurityException e) {
            forgetSignatures();
            Logger.debug("the Corretto provider failed, asking the other: {}", e.toString());
            return UnitKeyVerifier.INSTANCE.verify(key, toBeSigned, signature);
        }
    }

    /** After a failure nobody says what state they are in. */
    private static void forgetSignatures() {
        EDWARDS.remove();
        WEIERSTRASS.remove();
    }

    /** One a thread and algorithm: asking the provider for one costs as much as a tenth of verifying. */
    private Signature signature(ThreadLocal<Signature> kept, String algorithm) throws GeneralSecurityException {
        Signature known = kept.get();
        if (known == null) {
            known = Signature.getInstance(algorithm, provider);
            kept.set(known);
        }
        return known;
    }

    private static boolean isEd25519(VerifyKey key) {
        return key.kind() == VerifyKey.Kind.ED25519;
    }

    private PublicKey decoded(VerifyKey key) throws GeneralSecurityException {
        PublicKey known = keys.get(key);
        if (known != null) {
            return known;
        }
        PublicKey made = KeyFactory.getInstance(isEd25519(key) ? ED25519 : EC, provider)
                .generatePublic(new X509EncodedKeySpec(key.spki()));
        if (keys.size() >= KEYS_KEPT) {
            keys.clear();
        }
        keys.put(key, made);
        return made;
    }

    @Override
    public String toString() {
        return "Corretto provider " + provider.getVersionStr();
    }
}
