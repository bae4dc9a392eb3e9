package ansim.hub.enrol;

import ansim.trust.Certificates;
import ansim.wire.Id16;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection's certificate says is asking; that the authority has signed it, TLS has checked.
 *
 * @param unit its common name, if that is a unit id
 * @param keyHash SHA-256 over its SubjectPublicKeyInfo
 * @param untilMs when it ends, ms since 1970 UTC; perhaps in the past
 */
record Certified(Optional<Id16> unit, byte[] keyHash, long untilMs) {
    private static final Pattern UNIT = Pattern.compile("[0-9a-f]{32}");

    /** Empty where no certificate was shown. */
    static Optional<Certified> of(@Nullable SSLSession session) {
        if (session == null) {
            return Optional.empty();
        }
        try {
            if (session.getPeerCertificates()[0] instanceof X509Certificate leaf) {
                return Optional.of(new Certified(
                        Certificates.commonName(leaf)
                                .filter(name -> UNIT.matcher(name).matches())
                                .map(Id16::parse),
                        Certificates.keyHash(leaf),
                        leaf.getNotAfter().toInstant().toEpochMilli()));
            }
        } catch (SSLPeerUnverifiedException e) {
            // None was shown, which is not wrong here.
        }
        return Optional.empty();
    }
}
