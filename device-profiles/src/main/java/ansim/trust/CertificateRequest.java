package ansim.trust;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.RuntimeOperatorException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A request for a certificate (PKCS#10, RFC 2986) whose sender has shown that it holds the private key. Its subject is a wish; the
 * authority decides the name. Immutable.
 */
public final class CertificateRequest {
    /** Bytes of a request at most. */
    public static final int MAX_BYTES = 4096;

    private static final int FIELD_BITS = 256;

    private final byte[] der;
    private final PublicKey publicKey;
    private final Optional<String> commonName;

    private CertificateRequest(byte[] der, PublicKey publicKey, Optional<String> commonName) {
        this.der = der;
        this.publicKey = publicKey;
        this.commonName = commonName;
    }

    /**
     * Makes a request, signed by the key that it is for.
     *
     * @param commonName the subject: a box's serial before it has a unit id, then that
     */
    public static CertificateRequest make(String commonName, TlsKey key) {
        X500Name subject = new X500NameBuilder().addRDN(BCStyle.CN, commonName).build();
        try {
            byte[] der = new JcaPKCS10CertificationRequestBuilder(subject, key.publicKey())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.privateKey()))
                    .getEncoded();
            return new CertificateRequest(der, key.publicKey(), Optional.of(commonName));
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("a request cannot be signed", e);
        }
    }

    /**
     * Reads a request and checks its signature.
     *
     * @throws IllegalArgumentException if it is none, too long, not for a key on P-256, or its signature is wrong
     */
    public static CertificateRequest parse(byte[] der) {
        if (der.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a request must have at most " + MAX_BYTES + " bytes (got " + der.length + ")");
        }
        try {
            JcaPKCS10CertificationRequest request = new JcaPKCS10CertificationRequest(der);
            // Parsing is lenient, and the signature is checked over what was parsed: what is not the same again was not
            // signed.
            if (!Arrays.equals(request.toASN1Structure().getEncoded(ASN1Encoding.DER), der)) {
                throw new IllegalArgumentException("a request must be in DER");
            }
            PublicKey key = request.getPublicKey();
            if (!(key instanceof ECPublicKey ec)
                    || ec.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
                throw new IllegalArgumentException("a request must be for a key on P-256 (got " + key.getAlgorithm()
                        + "): openssl ecparam -name prime256v1 -genkey");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new IllegalArgumentException("the request's own signature is wrong");
            }
            return new CertificateRequest(der.clone(), key, Certificates.commonName(request.getSubject()));
        } catch (IOException
                | GeneralSecurityException
                | PKCSException
                | OperatorCreationException
                | RuntimeOperatorException
                | IllegalStateException e) {
            // The last one: a BIT STRING that ends within a byte.
            throw new IllegalArgumentException("not a PKCS#10 request: " + e.getMessage(), e);
        }
    }

    public byte[] der() {
        return der.clone();
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** The name that the sender would like. */
    public Optional<String> commonName() {
        return commonName;
    }
}
