package ansim.hub.intake;

import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import java.net.InetSocketAddress;
import java.security.cert.CertPath;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import javax.security.auth.x500.X500Principal;
import org.eclipse.californium.scandium.dtls.AlertMessage;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertDescription;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertLevel;
import org.eclipse.californium.scandium.dtls.CertificateIdentityResult;
import org.eclipse.californium.scandium.dtls.CertificateMessage;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.CertificateVerificationResult;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeException;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.SignatureAndHashAlgorithm;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite.CertificateKeyAlgorithm;
import org.eclipse.californium.scandium.dtls.cipher.XECDHECryptography.SupportedGroup;
import org.eclipse.californium.scandium.dtls.x509.CertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.californium.scandium.util.ServerNames;

/**
 * Who the CoAP door is and whom it believes, in Scandium's terms: a unit without a certificate of the hub's authority has no handshake.
 * Any thread.
 */
final class DtlsTrust implements NewAdvancedCertificateVerifier, CertificateProvider {
    private static final List<CertificateType> X509 = List.of(CertificateType.X_509);
    private static final String KEY = "EC";

    private final Supplier<TlsIdentity> identity;
    private final PeerTrust trust;

    /**
     * Creates the two halves.
     *
     * @param identity asked at each handshake, since certificates are renewed
     */
    DtlsTrust(Supplier<TlsIdentity> identity, PeerTrust trust) {
        this.identity = identity;
        this.trust = trust;
    }

    @Override
    public List<CertificateType> getSupportedCertificateTypes() {
        return X509;
    }

    @Override
    public List<CertificateKeyAlgorithm> getSupportedCertificateKeyAlgorithms() {
        return List.of(CertificateKeyAlgorithm.EC);
    }

    @Override
    public CertificateIdentityResult requestCertificateIdentity(
            ConnectionId cid,
            boolean client,
            List<X500Principal> issuers,
            ServerNames serverNames,
            List<CertificateKeyAlgorithm> certificateKeyAlgorithms,
            List<SignatureAndHashAlgorithm> signatureAndHashAlgorithms,
            List<SupportedGroup> curves) {
        TlsIdentity own = identity.get();
        return new CertificateIdentityResult(cid, own.key().privateKey(), own.chain());
    }

    @Override
    public CertificateVerificationResult verifyCertificate(
            ConnectionId cid,
            ServerNames serverName,
            InetSocketAddress remotePeer,
            boolean clientUsage,
            boolean verifySubject,
            boolean truncateCertificatePath,
            CertificateMessage message) {
        CertPath path = message.getCertificateChain();
        if (path == null || path.getCertificates().isEmpty()) {
            return refused(cid, AlertDescription.BAD_CERTIFICATE, "no certificate");
        }
        X509Certificate[] chain = path.getCertificates().toArray(X509Certificate[]::new);
        try {
            trust.checkClientTrusted(chain, KEY);
            return new CertificateVerificationResult(cid, path, null);
        } catch (CertificateException e) {
            boolean ended = hasEnded(e);
            return refused(
                    cid,
                    ended ? AlertDescription.CERTIFICATE_EXPIRED : AlertDescription.BAD_CERTIFICATE,
                    String.valueOf(e.getMessage()));
        }
    }

    private static boolean hasEnded(Throwable refused) {
        for (Throwable why = refused; why != null; why = why.getCause()) {
            if (why instanceof CertificateExpiredException) {
                return true;
            }
        }
        return false;
    }

    private static CertificateVerificationResult refused(ConnectionId cid, AlertDescription alert, String why) {
        HandshakeException refusal = new HandshakeException(why, new AlertMessage(AlertLevel.FATAL, alert));
        return new CertificateVerificationResult(cid, refusal, null);
    }

    /** Why a handshake failed, for the count. */
    static Refusal refusal(Throwable error) {
        if (error instanceof HandshakeException handshake && handshake.getAlert() != null) {
            return switch (handshake.getAlert().getDescription()) {
                case CERTIFICATE_EXPIRED -> Refusal.CERTIFICATE_EXPIRED;
                case BAD_CERTIFICATE, UNSUPPORTED_CERTIFICATE, CERTIFICATE_UNKNOWN, UNKNOWN_CA -> Refusal.CERTIFICATE;
                default -> Refusal.HANDSHAKE;
            };
        }
        return Refusal.HANDSHAKE;
    }

    @Override
    public List<X500Principal> getAcceptedIssuers() {
        return Arrays.stream(trust.getAcceptedIssuers())
                .map(X509Certificate::getSubjectX500Principal)
                .toList();
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        // Both answers are at hand: none comes later.
    }
}
