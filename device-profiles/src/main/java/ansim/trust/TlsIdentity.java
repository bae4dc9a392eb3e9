package ansim.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * A key with the certificate that was issued for it: who somebody is at one end of a connection.
 *
 * @param key the private half never leaves this machine
 * @param chain the leaf first, without the authority itself
 */
public record TlsIdentity(TlsKey key, List<X509Certificate> chain) {
    public TlsIdentity {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("chain must hold the certificate of the key at least");
        }
        if (!chain.get(0).getPublicKey().equals(key.publicKey())) {
            throw new IllegalArgumentException("the first certificate of the chain must be that of the key");
        }
    }

    /** The certificate of the key. */
    public X509Certificate leaf() {
        return chain.get(0);
    }

    /** TLS as this identity, towards peers of whom {@code trust} approves. */
    public SSLContext context(PeerTrust trust, SecureRandom random) {
        try {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            char[] inMemoryOnly = {};
            keys.setKeyEntry("own", key.privateKey(), inMemoryOnly, chain.toArray(Certificate[]::new));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(keys, inMemoryOnly);
            return context(factory.getKeyManagers(), trust, random);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("this Java cannot do TLS with a key on P-256", e);
        }
    }

    /** TLS without an identity, as a unit speaks before it is enrolled. */
    public static SSLContext anonymous(X509ExtendedTrustManager trust, SecureRandom random) {
        try {
            return context(new KeyManager[0], trust, random);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot do TLS", e);
        }
    }

    private static SSLContext context(KeyManager[] own, X509ExtendedTrustManager trust, SecureRandom random)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own, new TrustManager[] {trust}, random);
        return context;
    }
}
