package ansim.hub.load;

import ansim.trust.Authority;
import ansim.trust.TlsKey;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Certificates of some units, issued by the hub's own authority. One private key for all of them: the handshake's arithmetic is the same,
 * and nobody trusts units of a measurement. Immutable, any thread.
 */
public final class UnitCertificates {
    private final TlsKey key;
    private final Map<Integer, X509Certificate> leaves;
    private final X509Certificate authority;

    private UnitCertificates(TlsKey key, Map<Integer, X509Certificate> leaves, X509Certificate authority) {
        this.key = key;
        this.leaves = leaves;
        this.authority = authority;
    }

    /**
     * Issues them, on all processors: about a millisecond each.
     *
     * @param units their numbers
     */
    public static UnitCertificates issue(
            Authority authority, Fleet fleet, IntStream units, Instant now, SecureRandom random) {
        TlsKey key = TlsKey.generate(random);
        Map<Integer, X509Certificate> leaves = units.boxed()
                .parallel()
                .collect(Collectors.toConcurrentMap(
                        unit -> unit,
                        unit -> authority.unit(key.publicKey(), fleet.id(unit).hex(), now)));
        return new UnitCertificates(key, leaves, authority.certificate());
    }

    PrivateKey key() {
        return key.privateKey();
    }

    X509Certificate authority() {
        return authority;
    }

    X509Certificate[] chain(int unit) {
        X509Certificate leaf = leaves.get(unit);
        if (leaf == null) {
            throw new IllegalArgumentException("no certificate was issued to unit " + unit);
        }
        return new X509Certificate[] {leaf, authority};
    }
}
