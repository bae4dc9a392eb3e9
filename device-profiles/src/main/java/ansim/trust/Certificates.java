package ansim.trust;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x500.style.IETFUtils;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSAbsentContent;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSSignedDataGenerator;

/** Certificates as files and answers carry them. */
public final class Certificates {
    /** In one file or answer at most. */
    public static final int MOST = 16;

    private Certificates() {}

    /**
     * Reads the certificates of a PEM text in their order; text around them is allowed.
     *
     * @throws IllegalArgumentException if there is none, one that does not read, or more than {@value #MOST}
     */
    public static List<X509Certificate> fromPem(String pem) {
        return read(pem.getBytes(StandardCharsets.ISO_8859_1), "PEM");
    }

    /** PEM in this order: for a chain, the leaf first. */
    public static String toPem(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(each -> TlsKey.pem("CERTIFICATE", der(each)))
                .collect(Collectors.joining());
    }

    /**
     * Reads a certs-only PKCS#7 (RFC 7030 section 4.1.3, without the base64 around it).
     *
     * @throws IllegalArgumentException as {@link #fromPem}
     */
    public static List<X509Certificate> fromPkcs7(byte[] der) {
        return read(der, "PKCS#7");
    }

    /** A certs-only PKCS#7, which is how EST answers. */
    public static byte[] toPkcs7(List<X509Certificate> certificates) {
        try {
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addCertificates(new JcaCertStore(certificates));
            return generator.generate(new CMSAbsentContent()).getEncoded();
        } catch (CertificateEncodingException | CMSException | IOException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    private static List<X509Certificate> read(byte[] bytes, String as) {
        try {
            List<X509Certificate> found =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (found.isEmpty() || found.size() > MOST) {
                throw new IllegalArgumentException(
                        "must hold 1 to " + MOST + " certificates in " + as + " (got " + found.size() + ")");
            }
            return found;
        } catch (CertificateException e) {
            throw new IllegalArgumentException("not certificates in " + as + ": " + e.getMessage(), e);
        }
    }

    /** For a client that believes these authorities and no others; it checks names as Java does. */
    public static SSLContext trusting(List<X509Certificate> authorities) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trustManagers(authorities), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("not certificates that can be trusted: " + e.getMessage(), e);
        }
    }

    static TrustManager[] trustManagers(List<X509Certificate> authorities)
            throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        int number = 0;
        for (X509Certificate each : authorities) {
            trusted.setCertificateEntry("authority-" + number++, each);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    /** The subject's common name (RFC 5280 section 4.1.2.6), if it has exactly one: for a unit, its id. */
    public static Optional<String> commonName(X509Certificate certificate) {
        return commonName(
                X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()));
    }

    static Optional<String> commonName(X500Name subject) {
        RDN[] names = subject.getRDNs(BCStyle.CN);
        return names.length == 1 && !names[0].isMultiValued()
                ? Optional.of(IETFUtils.valueToString(names[0].getFirst().getValue()))
                : Optional.empty();
    }

    /** SHA-256 over the SubjectPublicKeyInfo: what a claim pins, so that an authority may renew its certificate. */
    public static byte[] keyHash(X509Certificate certificate) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    /** Whether one has signed the other; says nothing of dates or of what it may sign. */
    static boolean signed(X509Certificate issuer, X509Certificate certificate) {
        try {
            certificate.verify(issuer.getPublicKey());
            return true;
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }
}
