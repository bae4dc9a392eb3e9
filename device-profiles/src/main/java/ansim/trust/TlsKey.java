package ansim.trust;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * A P-256 key pair (FIPS 186-5, secp256r1) for TLS and DTLS. Not for messages: BoringSSL and most secure elements speak no Ed25519 in
 * certificates. Immutable; {@code toString} shows nothing of the private half.
 */
public final class TlsKey {
    private static final String CURVE = "secp256r1";
    private static final int FIELD_BITS = 256;

    private final PrivateKey privateKey;
    private final PublicKey publicKey;

    private TlsKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
    }

    public static TlsKey generate(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE), random);
            KeyPair pair = generator.generateKeyPair();
            return new TlsKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + CURVE, e);
        }
    }

    /**
     * Reads PEM, PKCS#8 ({@code BEGIN PRIVATE KEY}) or SEC 1 ({@code BEGIN EC PRIVATE KEY}), as {@link #toPem} and openssl write it.
     *
     * @throws IllegalArgumentException if it is no private key on P-256
     */
    public static TlsKey fromPem(String pem) {
        PrivateKey found = privateKey(pem);
        if (!(found instanceof ECPrivateKey ec)
                || ec.getParams().getCurve().getField().getFieldSize() != FIELD_BITS) {
            throw new IllegalArgumentException("must be a private key on P-256 (got " + found.getAlgorithm() + ")");
        }
        org.bouncycastle.math.ec.ECPoint point =
                CustomNamedCurves.getByName(CURVE).getG().multiply(ec.getS()).normalize();
        ECPoint affine = new ECPoint(
                point.getAffineXCoord().toBigInteger(), point.getAffineYCoord().toBigInteger());
        try {
            PublicKey publicKey =
                    KeyFactory.getInstance("EC").generatePublic(new ECPublicKeySpec(affine, ec.getParams()));
            return new TlsKey(ec, publicKey);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("must be a private key on P-256 (" + e.getMessage() + ")", e);
        }
    }

    /**
     * A private key of any kind that Java knows: that of a city's own authority may be RSA.
     *
     * @throws IllegalArgumentException if there is none, or it is encrypted
     */
    static PrivateKey privateKey(String pem) {
        try (PEMParser parser = new PEMParser(new StringReader(pem))) {
            JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
            for (Object next = parser.readObject(); next != null; next = parser.readObject()) {
                if (next instanceof PrivateKeyInfo info) {
                    return converter.getPrivateKey(info);
                }
                if (next instanceof PEMKeyPair pair) {
                    return converter.getKeyPair(pair).getPrivate();
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("not a private key in PEM: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("not a private key in PEM that is not encrypted");
    }

    public PrivateKey privateKey() {
        return privateKey;
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** The private key as PKCS#8 PEM: for a file that only its owner may read. */
    public String toPem() {
        return pem("PRIVATE KEY", privateKey.getEncoded());
    }

    /** RFC 7468. */
    static String pem(String label, byte[] der) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + base64 + "\n-----END " + label + "-----\n";
    }

    @Override
    public String toString() {
        return "TlsKey[]";
    }
}
