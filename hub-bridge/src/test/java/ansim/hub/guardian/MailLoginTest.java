package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.guardian.PlayedMail.StartTls;
import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice.Kind;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A login at a mail server with STARTTLS: nothing of password and letter goes out before TLS stands with the server that is meant. */
@Timeout(120)
final class MailLoginTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String USER = "ansim";
    private static final String PASSWORD = "s3cret-of-mail";

    @TempDir
    private Path folder = Path.of("");

    private final Authority authority = Authority.found("mail", TlsKey.generate(RANDOM), Instant.now(), RANDOM);
    private final SSLContext before = SSLContext.getDefault();

    MailLoginTest() throws NoSuchAlgorithmException {}

    @AfterEach
    void trustAsBefore() {
        SSLContext.setDefault(before);
    }

    /** Mail is believed by Java's own list: for a while this authority stands in it. */
    private void trust() {
        SSLContext.setDefault(Certificates.trusting(List.of(authority.certificate())));
    }

    private SSLContext identity(String name) {
        TlsKey key = TlsKey.generate(RANDOM);
        return new TlsIdentity(key, List.of(authority.server(key.publicKey(), List.of(name), Instant.now())))
                .context(new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Clock.systemUTC())), RANDOM);
    }

    private Way.Outcome send(PlayedMail server) throws Exception {
        GuardianSettings.MailServer settings = new GuardianSettings.MailServer(
                "localhost",
                Optional.of(server.port()),
                GuardianSettings.Tls.STARTTLS,
                Optional.of(USER),
                Optional.of(folder.resolve("mail.password")),
                "ansim@city.example");
        try (MailCity city =
                new MailCity(folder.resolve("vault"), MailCity.mother(MailCity.EVERYTHING, "2026-11-26"))) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            Letter letter = city.outbox().next(false, "mail", Set.of()).orElseThrow();
            try (Way way = new MailWay(settings, Optional.of(PASSWORD), city.clock)) {
                return way.send(letter, MailCity.texts().of(letter));
            }
        }
    }

    private static void assertNothingWasGiven(List<String> said) {
        String all = String.join("\n", said);
        assertFalse(said.isEmpty(), "it was asked");
        for (String part : List.of("AUTH", PASSWORD, "MAIL", "RCPT", "DATA", MailCity.MOTHER)) {
            assertFalse(all.contains(part), part + " in: " + all);
        }
    }

    @Test
    void theLoginAndTheLetterGoByTlsAndNothingOfThemBefore() throws Exception {
        trust();
        try (PlayedMail server = new PlayedMail(StartTls.OFFERED, identity("localhost"))) {
            assertEquals(Way.Outcome.SENT, send(server));
            assertNothingWasGiven(server.clear);
            assertEquals("STARTTLS", server.clear.get(server.clear.size() - 1));
            String login = server.encrypted.stream()
                    .filter(each -> each.startsWith("AUTH PLAIN "))
                    .findFirst()
                    .orElseThrow();
            byte[] told = Base64.getDecoder().decode(login.substring("AUTH PLAIN ".length()));
            // RFC 4616: for whom, who, password.
            assertEquals(USER + "\0" + USER + "\0" + PASSWORD, new String(told, StandardCharsets.UTF_8));
            assertTrue(server.encrypted.stream().anyMatch(each -> each.contains(MailCity.MOTHER)));
        }
    }

    /** Also a server between that takes STARTTLS out of the answer, lets it fail, or says yes and goes on in the clear. */
    @ParameterizedTest
    @EnumSource(names = {"NOT_OFFERED", "FAILING", "PRETENDED"})
    void aServerWithoutStartTlsHearsNoPasswordAndGetsNoLetter(StartTls without) throws Exception {
        trust();
        try (PlayedMail server = new PlayedMail(without, identity("localhost"))) {
            Way.Outcome outcome = send(server);
            assertEquals(Way.Verdict.UNREACHABLE, outcome.verdict(), outcome.why());
            assertFalse(outcome.why().isBlank());
            assertFalse(outcome.why().contains(PASSWORD), outcome.why());
            assertNothingWasGiven(server.clear);
            assertEquals(List.of(), server.encrypted);
        }
    }

    @Test
    void aServerOfAnUnknownAuthorityHearsNoPassword() throws Exception {
        try (PlayedMail server = new PlayedMail(StartTls.OFFERED, identity("localhost"))) {
            assertEquals(Way.Verdict.UNREACHABLE, send(server).verdict());
            assertNothingWasGiven(server.clear);
            assertEquals(List.of(), server.encrypted);
        }
    }

    @Test
    void aServerWhoseCertificateHasAnotherNameHearsNoPassword() throws Exception {
        trust();
        try (PlayedMail server = new PlayedMail(StartTls.OFFERED, identity("mail.example"))) {
            assertEquals(Way.Verdict.UNREACHABLE, send(server).verdict());
            assertNothingWasGiven(server.clear);
            assertEquals(List.of(), server.encrypted);
        }
    }
}
