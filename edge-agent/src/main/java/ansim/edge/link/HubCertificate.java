package ansim.edge.link;

import ansim.trust.PeerTrust;
import java.net.InetSocketAddress;
import java.security.cert.CertPath;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.eclipse.californium.elements.util.CertPathUtil;
import org.eclipse.californium.elements.util.StringUtil;
import org.eclipse.californium.scandium.dtls.AlertMessage;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertDescription;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertLevel;
import org.eclipse.californium.scandium.dtls.CertificateMessage;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.CertificateVerificationResult;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.HandshakeException;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.x509.NewAdvancedCertificateVerifier;
import org.eclipse.californium.scandium.util.ServerNames;

/**
 * Believes a hub whose certificate comes from the hub's authority and bears the name or address that the link leads to. Any thread.
 *
 * @param host as the setting has it
 */
record HubCertificate(PeerTrust trust, String host) implements NewAdvancedCertificateVerifier {
    private static final String KEY_EXCHANGE = "ECDHE_ECDSA";

    @Override
    public List<CertificateType> getSupportedCertificateTypes() {
        return List.of(CertificateType.X_509);
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
            return refused(cid, "the hub has sent no certificate");
        }
        X509Certificate[] chain = path.getCertificates().toArray(X509Certificate[]::new);
        boolean named = StringUtil.isLiteralIpAddress(host)
                ? CertPathUtil.matchLiteralIP(chain[0], host)
                : CertPathUtil.matchDestination(chain[0], host);
        if (!named) {
            return refused(cid, "the hub's certificate does not bear the name " + host);
        }
        try {
            trust.checkServerTrusted(chain, KEY_EXCHANGE);
            return new CertificateVerificationResult(cid, path, null);
        } catch (CertificateException e) {
            return refused(cid, String.valueOf(e.getMessage()));
        }
    }

    private static CertificateVerificationResult refused(ConnectionId cid, String why) {
        AlertMessage alert = new AlertMessage(AlertLevel.FATAL, AlertDescription.BAD_CERTIFICATE);
        return new CertificateVerificationResult(cid, new HandshakeException(why, alert), null);
    }

    @Override
    public List<X500Principal> getAcceptedIssuers() {
        return Arrays.stream(trust.getAcceptedIssuers())
                .map(X509Certificate::getSubjectX500Principal)
                .toList();
    }

    @Override
    public void setResultHandler(HandshakeResultHandler resultHandler) {
        // The answer is at hand: none comes later.
    }
}
