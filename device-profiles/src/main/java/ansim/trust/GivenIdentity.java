package ansim.trust;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Who this machine is at a server that others run: a private key and the certificates that their authority has issued for it. Of any kind that
 * Java's TLS takes (RSA, EC, Ed25519), since it is not ours to choose; what our own authority issues is a {@link TlsIdentity}.
 *
 * <p>Guarantees that the key is that of the first certificate; says nothing of dates. Immutable; {@code toString} shows nothing of the key.
 */
public final class GivenIdentity {
    private static final byte[] PROBE = "whose key is it".getBytes(StandardCharsets.US_ASCII);

    private final PrivateKey key;
    private final List<X509Certificate> chain;

    private GivenIdentity(PrivateKey key, List<X509Certificate> chain) {
        this.key = key;
        this.chain = chain;
    }

    /**
     * From two PEM texts.
     *
     * @param key PKCS#8, SEC 1 or PKCS#1, not encrypted
     * @param certificates the leaf first, at most {@value Certificates#MOST}
     * @throws IllegalArgumentException if one does not read, or they do not belong together
     */
    public static GivenIdentity fromPem(String key, String certificates) {
        PrivateKey own = TlsKey.privateKey(key);
        List<X509Certificate> chain = Certificates.fromPem(certificates);
        if (!belongs(own, chain.get(0).getPublicKey())) {
            throw new IllegalArgumentException("the private key is not that of the first certificate");
        }
        return new GivenIdentity(own, chain);
    }

    private static boolean belongs(PrivateKey key, PublicKey publicKey) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("this kind of key cannot be used for TLS: " + key.getAlgorithm(), e);
        }
    }

    /**
     * TLS with this identity; it checks names as Java does.
     *
     * @param authorities who is believed; none stands for those of Java's own list
     */
    public SSLContext context(List<X509Certificate> authorities) {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            char[] inMemoryOnly = {};
            keys.setKeyEntry("given", key, inMemoryOnly, chain.toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(keys, inMemoryOnly);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    factory.getKeyManagers(),
                    authorities.isEmpty() ? null : Certificates.trustManagers(authorities),
                    null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("not a key and certificates for TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "GivenIdentity[" + chain.get(0).getSubjectX500Principal() + "]";
    }
}
