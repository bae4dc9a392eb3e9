package ansim.trust;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys and certificates that others gave. */
final class GivenIdentityTest {
    private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final Authority authority = Authority.found("Their city", TlsKey.generate(random), NOW, random);

    private String certificate(KeyPair pair) {
        return Certificates.toPem(List.of(authority.unit(pair.getPublic(), "hub", NOW)));
    }

    private static String pkcs8(KeyPair pair) {
        return TlsKey.pem("PRIVATE KEY", pair.getPrivate().getEncoded());
    }

    @ParameterizedTest
    @ValueSource(strings = {"RSA", "EC", "Ed25519"})
    void aKeyOfEachKindThatTlsTakesIsAnIdentityWithItsCertificate(String kind) throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance(kind).generateKeyPair();

        GivenIdentity identity = GivenIdentity.fromPem(pkcs8(pair), certificate(pair));

        SSLContext context = identity.context(List.of(authority.certificate()));
        assertEquals("TLS", context.getProtocol());
        assertTrue(context.createSSLEngine().getSupportedProtocols().length > 0);
        assertTrue(identity.context(List.of()).createSSLEngine().getSupportedProtocols().length > 0);
        String secret = Base64.getEncoder().encodeToString(pair.getPrivate().getEncoded());
        assertEquals("GivenIdentity[CN=hub]", identity.toString());
        assertFalse(identity.toString().contains(secret));
    }

    /** PKCS#1, as openssl wrote RSA for decades. */
    @Test
    void theOlderFormOfAnRsaKeyReadsToo() throws Exception {
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        String pem = traditional(pair);
        assertTrue(pem.startsWith("-----BEGIN RSA PRIVATE KEY-----"));

        assertEquals(
                "GivenIdentity[CN=hub]",
                GivenIdentity.fromPem(pem, certificate(pair)).toString());
    }

    private static String traditional(KeyPair pair) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(pair.getPrivate());
        }
        return text.toString();
    }

    @Test
    void aKeyThatIsNotThatOfTheCertificateIsRefused() throws Exception {
        KeyPair first = KeyPairGenerator.getInstance("EC").generateKeyPair();
        KeyPair second = KeyPairGenerator.getInstance("EC").generateKeyPair();
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        for (KeyPair other : List.of(second, rsa)) {
            IllegalArgumentException refused = assertThrows(
                    IllegalArgumentException.class, () -> GivenIdentity.fromPem(pkcs8(other), certificate(first)));
            assertEquals("the private key is not that of the first certificate", refused.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> GivenIdentity.fromPem("nonsense", certificate(first)));
        assertThrows(IllegalArgumentException.class, () -> GivenIdentity.fromPem(pkcs8(first), "nonsense"));
    }
}
