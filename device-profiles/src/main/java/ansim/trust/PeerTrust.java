package ansim.trust;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes what the hub's authority has signed, and nobody else; never the list that came with Java.
 *
 * <p>Guarantees the checks of RFC 5280 section 6 as of a moment that {@link Moment} chooses, since a unit may not know what time it is,
 * and the name of a server where the connection asks for it (endpoint identification {@code HTTPS}, RFC 9110 section 4.3.4). Asks no
 * revocation list: the hub shuts a unit out by its registry. Any thread.
 */
public final class PeerTrust extends X509ExtendedTrustManager {
    /** As of when a chain is to be valid. */
    @FunctionalInterface
    public interface Moment {
        /**
         * The moment for a chain.
         *
         * @param chain as the peer sent it, the leaf first; not verified yet
         */
        Instant of(List<X509Certificate> chain);
    }

    private final List<X509Certificate> authorities;
    private final Moment moment;

    /**
     * Whom to believe.
     *
     * @param authorities at least one; several while the hub changes its authority
     */
    public PeerTrust(List<X509Certificate> authorities, Moment moment) {
        if (authorities.isEmpty()) {
            throw new IllegalArgumentException("authorities must name at least one");
        }
        this.authorities = List.copyOf(authorities);
        this.moment = moment;
    }

    /** Valid now, by a clock that is right. */
    public static Moment now(InstantSource clock) {
        return chain -> clock.instant();
    }

    /**
     * For a unit: while the time is unknown a chain may begin later than now, and what has ended by the floor has ended.
     *
     * @param time the unit's idea of now; before {@code floor} it is taken for unknown
     * @param floor no moment before it can be now: the build's date, or the newest {@code iat} of a verified message of the hub
     */
    public static Moment floored(InstantSource time, InstantSource floor) {
        return chain -> {
            Instant earliest = floor.instant();
            Instant now = time.instant();
            if (now.isAfter(earliest)) {
                return now;
            }
            Instant begun = chain.stream()
                    .map(each -> each.getNotBefore().toInstant())
                    .max(Instant::compareTo)
                    .orElse(earliest);
            return begun.isAfter(earliest) ? begun : earliest;
        };
    }

    private X509ExtendedTrustManager asOf(X509Certificate[] chain) throws CertificateException {
        Set<TrustAnchor> anchors =
                authorities.stream().map(each -> new TrustAnchor(each, null)).collect(Collectors.toSet());
        try {
            PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, new X509CertSelector());
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(moment.of(List.of(chain))));
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(new CertPathTrustManagerParameters(parameters));
            return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the authorities cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        asOf(chain).checkClientTrusted(chain, authType, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        asOf(chain).checkClientTrusted(chain, authType, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        asOf(chain).checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        asOf(chain).checkServerTrusted(chain, authType, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        asOf(chain).checkServerTrusted(chain, authType, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        asOf(chain).checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities.toArray(X509Certificate[]::new);
    }
}
