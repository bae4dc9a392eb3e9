package ansim.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

final class TrustTest {
    private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");

    private final SecureRandom random = new SecureRandom();
    private final TlsKey authorityKey = TlsKey.generate(random);
    private final Authority authority = Authority.found("Test hub", authorityKey, NOW, random);
    private final TlsKey unitKey = TlsKey.generate(random);
    private final TlsKey doorKey = TlsKey.generate(random);

    @Test
    void aKeyComesBackFromItsPemWithTheSamePublicHalf() {
        TlsKey again = TlsKey.fromPem(unitKey.toPem());

        assertEquals(unitKey.publicKey(), again.publicKey());
        assertArrayEquals(unitKey.privateKey().getEncoded(), again.privateKey().getEncoded());
    }

    @Test
    void whatIsNoKeyOnP256IsRefused() throws Exception {
        String rsa = TlsKey.pem(
                "PRIVATE KEY",
                KeyPairGenerator.getInstance("RSA")
                        .generateKeyPair()
                        .getPrivate()
                        .getEncoded());

        assertThrows(IllegalArgumentException.class, () -> TlsKey.fromPem("nonsense"));
        assertThrows(IllegalArgumentException.class, () -> TlsKey.fromPem(rsa));
        assertThrows(
                IllegalArgumentException.class,
                () -> TlsKey.fromPem(Certificates.toPem(List.of(authority.certificate()))));
    }

    @Test
    void aRequestShowsItsKeyAndAChangedOneIsRefused() {
        byte[] der = CertificateRequest.make("BOX-0001", unitKey).der();
        CertificateRequest read = CertificateRequest.parse(der);
        assertEquals(Optional.of("BOX-0001"), read.commonName());
        assertEquals(unitKey.publicKey(), read.publicKey());

        for (int i = 0; i < der.length; i++) {
            byte[] changed = der.clone();
            changed[i] ^= 1;
            assertThrows(IllegalArgumentException.class, () -> CertificateRequest.parse(changed), "byte " + i);
        }
    }

    @Test
    void aRequestForAnotherKindOfKeyIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> CertificateRequest.parse(new byte[0]));
        assertThrows(
                IllegalArgumentException.class,
                () -> CertificateRequest.parse(new byte[CertificateRequest.MAX_BYTES + 1]));
    }

    @Test
    void certificatesComeBackFromPemAndFromPkcs7InTheirOrder() {
        X509Certificate unit = authority.unit(unitKey.publicKey(), "0123", NOW);
        List<X509Certificate> both = List.of(unit, authority.certificate());

        assertEquals(both, Certificates.fromPem("text\n" + Certificates.toPem(both)));
        assertEquals(
                java.util.Set.copyOf(both), java.util.Set.copyOf(Certificates.fromPkcs7(Certificates.toPkcs7(both))));
        assertEquals(Optional.of("0123"), Certificates.commonName(unit));
        assertThrows(IllegalArgumentException.class, () -> Certificates.fromPem(""));
    }

    @Test
    void anAuthorityComesBackFromItsPemAndRefusesAKeyThatIsNotItsOwn() {
        String pem = Certificates.toPem(List.of(authority.certificate()));
        Authority again = Authority.fromPem(authorityKey.toPem(), pem, random);
        assertEquals(authority.certificate(), again.certificate());

        assertThrows(IllegalArgumentException.class, () -> Authority.fromPem(unitKey.toPem(), pem, random));
        String leaf = Certificates.toPem(List.of(authority.unit(unitKey.publicKey(), "0123", NOW)));
        assertThrows(IllegalArgumentException.class, () -> Authority.fromPem(unitKey.toPem(), leaf, random));
    }

    @Test
    void noCertificateOutlivesItsAuthority() {
        Instant late = NOW.plus(Authority.LIFE).minus(Duration.ofDays(1));

        X509Certificate unit = authority.unit(unitKey.publicKey(), "0123", late);

        assertEquals(authority.certificate().getNotAfter(), unit.getNotAfter());
        assertNotEquals(
                unit.getSerialNumber(),
                authority.unit(unitKey.publicKey(), "0123", late).getSerialNumber());
    }

    @Test
    void aUnitAndADoorOfOneAuthorityMeet() throws Exception {
        assertEquals("CN=0123", handshake(authority, "hub.example", NOW));
    }

    @Test
    void aDoorIsRefusedUnderAnotherNameAndByAnotherAuthority() {
        Authority other = Authority.found("Test hub", TlsKey.generate(random), NOW, random);

        assertThrows(SSLException.class, () -> handshake(authority, "evil.example", NOW));
        assertThrows(SSLException.class, () -> handshake(other, "hub.example", NOW));
    }

    @Test
    void aUnitThatDoesNotKnowTheTimeIgnoresTheBeginningAndNeverTheEnd() throws Exception {
        Instant build = NOW.minus(Duration.ofDays(400));
        X509Certificate[] door = {authority.server(doorKey.publicKey(), List.of("hub.example"), NOW)};

        // 1970: the unit has no clock yet. The door's certificate is newer than the build, which must not lock it out.
        PeerTrust.Moment unknown = PeerTrust.floored(() -> Instant.EPOCH, () -> build);
        assertDoesNotThrow(
                () -> new PeerTrust(List.of(authority.certificate()), unknown).checkServerTrusted(door, "ECDHE_ECDSA"));

        PeerTrust.Moment raised = PeerTrust.floored(() -> Instant.EPOCH, () -> NOW.plus(Duration.ofDays(366)));
        assertThrows(
                CertificateException.class,
                () -> new PeerTrust(List.of(authority.certificate()), raised).checkServerTrusted(door, "ECDHE_ECDSA"));
    }

    @Test
    void aUnitsCertificateOpensNoDoor() {
        X509Certificate[] unit = {authority.unit(unitKey.publicKey(), "hub.example", NOW)};
        X509Certificate[] door = {authority.server(doorKey.publicKey(), List.of("hub.example"), NOW)};
        PeerTrust trust = new PeerTrust(List.of(authority.certificate()), chain -> NOW);

        assertDoesNotThrow(() -> trust.checkClientTrusted(unit, "EC"));
        assertThrows(CertificateException.class, () -> trust.checkServerTrusted(unit, "ECDHE_ECDSA"));
        assertThrows(CertificateException.class, () -> trust.checkClientTrusted(door, "EC"));
    }

    /** A whole handshake in memory; answers whom the door saw. */
    private String handshake(Authority believed, String host, Instant at) throws Exception {
        PeerTrust doors = new PeerTrust(List.of(authority.certificate()), chain -> at);
        PeerTrust units = new PeerTrust(List.of(believed.certificate()), chain -> at);
        TlsIdentity door = new TlsIdentity(
                doorKey, List.of(authority.server(doorKey.publicKey(), List.of("hub.example", "127.0.0.1"), NOW)));
        TlsIdentity unit = new TlsIdentity(unitKey, List.of(authority.unit(unitKey.publicKey(), "0123", NOW)));
        SSLEngine server = door.context(doors, random).createSSLEngine();
        server.setUseClientMode(false);
        server.setNeedClientAuth(true);
        SSLContext context = unit.context(units, random);
        SSLEngine client = context.createSSLEngine(host, 8883);
        client.setUseClientMode(true);
        SSLParameters parameters = client.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        client.setSSLParameters(parameters);
        Engines.handshake(client, server);
        assertEquals(HandshakeStatus.NOT_HANDSHAKING, server.getHandshakeStatus());
        assertTrue(client.getSession().getProtocol().startsWith("TLSv1."));
        return server.getSession().getPeerPrincipal().getName();
    }
}
