package ansim.hub.intake;

import ansim.hub.keys.Corretto;
import ansim.wire.MessageSigner;
import ansim.wire.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.tinylog.Logger;

/**
 * Signs receipts by the Amazon Corretto Crypto Provider: native, three times as fast as BouncyCastle, where {@link CorrettoVerifier} loads. Any
 * thread.
 */
final class CorrettoSigner implements MessageSigner {
    private static final String ED25519 = "Ed25519";

    private final Provider provider;
    private final PrivateKey key;
    private final MessageSigner other;

    private CorrettoSigner(Provider provider, PrivateKey key, MessageSigner other) {
        this.provider = provider;
        this.key = key;
        this.other = other;
    }

    /** The fastest signer of a key that works here: it must give the same signature as the other does. */
    static MessageSigner of(SigningKey key) {
        MessageSigner other = MessageSigner.of(key);
        Optional<Provider> provider = Corretto.provider();
        if (provider.isEmpty()) {
            return other;
        }
        try {
            PrivateKey decoded = KeyFactory.getInstance(ED25519, provider.get())
                    .generatePrivate(new PKCS8EncodedKeySpec(der(key.toPem())));
            CorrettoSigner signer = new CorrettoSigner(provider.get(), decoded, other);
            byte[] sample = {0x72};
            return Arrays.equals(signer.signNatively(sample), other.sign(sample)) ? signer : other;
        } catch (GeneralSecurityException e) {
            Logger.debug("the Corretto provider does not sign here: {}", e.toString());
            return other;
        }
    }

    private static byte[] der(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    @Override
    public byte[] sign(byte[] toBeSigned) {
        try {
            return signNatively(toBeSigned);
        } catch (GeneralSecurityException e) {
            Logger.debug("the Corretto provider failed, asking the other: {}", e.toString());
            return other.sign(toBeSigned);
        }
    }

    private byte[] signNatively(byte[] toBeSigned) throws GeneralSecurityException {
        Signature signing = Signature.getInstance(ED25519, provider);
        signing.initSign(key);
        signing.update(toBeSigned);
        return signing.sign();
    }
}
