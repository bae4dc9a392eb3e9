package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.CentreBroker.Asks;
import ansim.hub.deliver.Receiver.Taken;
import ansim.trust.Authority;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A centre's own broker that asks who the hub is: a real mosquitto with TLS, passwords and certificates. */
@Timeout(180)
class CentreLoginTest {
    private static final String OF_A = "s3cret of a";
    private static final Map<String, String> PASSWORDS =
            Map.of("hub-a", OF_A, "hub-b", "s3cret-of-b", CentreBroker.CENTRE, "s3cret-of-centre");

    @TempDir
    private Path folder = Path.of("");

    private CentreBroker broker(Asks asks) throws Exception {
        return new CentreBroker(folder.resolve("broker"), asks, PASSWORDS, "localhost");
    }

    private static BrokerAccess user(CentreBroker broker, String name) throws IOException {
        return broker.as(name, broker.secret(name + ".password", PASSWORDS.get(name) + "\n"));
    }

    private Delivery delivery(TestLog log, Destination... destinations) throws IOException {
        return Delivery.start(log.journal, EntryReader.UNSEALED, folder.resolve("index"), List.of(destinations));
    }

    private static Destination at(String district, BrokerAccess access) {
        return new Destination(district, List.of(Targets.mqtt(access)));
    }

    private static List<String> added(TestLog log, int count, String district) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(log.add(false, district));
        }
        return ids;
    }

    /** Waits until a district's events fail for a reason that has all these parts, and returns it. */
    private static String awaitReason(Delivery delivery, String district, String... parts) throws Exception {
        List<String> seen = new ArrayList<>(List.of(""));
        try {
            TestCentre.await(String.join(", ", parts), () -> {
                seen.set(0, status(delivery, district).lastError().orElse(""));
                return List.of(parts).stream().allMatch(seen.get(0)::contains);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + ", last: " + seen.get(0), e);
        }
        return seen.get(0);
    }

    private static CursorStatus status(Delivery delivery, String district) {
        return delivery.status().stream()
                .filter(each -> each.district().equals(district) && !each.alarm())
                .findFirst()
                .orElseThrow();
    }

    private static void awaitAll(Delivery delivery, String district, long count) throws Exception {
        TestCentre.await("all delivered", () -> status(delivery, district).delivered() == count);
        CursorStatus status = status(delivery, district);
        assertEquals(0, status.deadLettered());
        assertEquals(Optional.empty(), status.lastError());
        assertTrue(status.reconciles());
    }

    @Test
    void aUserWithAPasswordDeliversOverTlsAndEachLoginHasAConnectionOfItsOwn() throws Exception {
        try (CentreBroker broker = broker(Asks.PASSWORD);
                TestLog log = new TestLog(folder.resolve("log"))) {
            BrokerAccess first = user(broker, "hub-a");
            BrokerAccess second = user(broker, "hub-b");
            List<String> sent = new ArrayList<>();
            for (String district : List.of("11680", "11440", "11110")) {
                sent.addAll(added(log, 30, district));
            }
            try (CentreMqtt centre = broker.subscriber(log, user(broker, CentreBroker.CENTRE));
                    Delivery delivery = delivery(log, at("11680", first), at("11440", first), at("11110", second))) {
                for (String district : List.of("11680", "11440", "11110")) {
                    awaitAll(delivery, district, 30);
                }
                TestCentre.await("all came", () -> broker.ids().size() == sent.size());
                assertTrue(centre.awaitSubscribed(0));
            }
            List<String> came = broker.ids();
            sent.sort(null);
            came.sort(null);
            assertEquals(sent, came);
            assertTrue(broker.taken.stream().allMatch(Taken::verified));
            assertEquals(1, broker.connections("hub-a"), "two districts under one login share it");
            assertEquals(1, broker.connections("hub-b"), "another login at the same broker is another connection");
        }
    }

    /** A password that was mistyped, a file that others may read: both are mended while the hub runs. */
    @Test
    void aWrongPasswordWaitsWithItsReasonAndGoesOnWhenTheFileIsMended() throws Exception {
        try (CentreBroker broker = broker(Asks.PASSWORD);
                TestLog log = new TestLog(folder.resolve("log"))) {
            Path file = broker.secret("hub.password", "mistyped-word");
            List<String> sent = added(log, 20, "11680");
            try (CentreMqtt centre = broker.subscriber(log, user(broker, CentreBroker.CENTRE));
                    Delivery delivery = delivery(log, at("11680", broker.as("hub-a", file)))) {
                String reason = awaitReason(delivery, "11680", "the broker refuses the connection", "password-file");
                assertFalse(reason.contains("mistyped-word"), reason);
                CursorStatus waits = status(delivery, "11680");
                assertEquals(20, waits.waiting());
                assertEquals(0, waits.deadLettered());

                broker.write("hub.password", OF_A);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
                awaitReason(delivery, "11680", file + " must be readable by its owner only: chmod 600");
                assertEquals(List.of(), broker.ids());

                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                awaitAll(delivery, "11680", 20);
                TestCentre.await("all came", () -> broker.ids().size() == 20);
                assertTrue(centre.awaitSubscribed(0));
            }
            assertEquals(sent, broker.ids(), "in order");
            assertEquals(List.of(), everyFileThatHolds("mistyped-word"));
        }
    }

    private List<Path> everyFileThatHolds(String text) throws IOException {
        try (var files = Files.walk(folder.resolve("index"))) {
            List<Path> found = new ArrayList<>();
            for (Path each : files.filter(Files::isRegularFile).toList()) {
                if (Files.readString(each, StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(each);
                }
            }
            return found;
        }
    }

    @Test
    void aSinkWithoutALoginIsToldWhatTheBrokerMayWant() throws Exception {
        try (CentreBroker broker = broker(Asks.PASSWORD);
                TestLog log = new TestLog(folder.resolve("log"))) {
            added(log, 1, "11680");
            BrokerAccess nobody = new BrokerAccess(
                    broker.url(),
                    Optional.of(broker.trusted),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            try (Delivery delivery = delivery(log, at("11680", nobody))) {
                awaitReason(delivery, "11680", "it may want user and password-file, or certificate and key");
                assertEquals(1, status(delivery, "11680").waiting());
            }
        }
    }

    /** Of a city's authority of its own, which may issue RSA: what the centre's people give is not ours to choose. */
    @Test
    void aClientCertificateOfEitherKindDeliversWhereTheBrokerAsksForOne() throws Exception {
        try (CentreBroker broker = broker(Asks.CERTIFICATE);
                TestLog log = new TestLog(folder.resolve("log"))) {
            KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
            BrokerAccess first =
                    broker.with("hub-rsa", broker.authority.unit(rsa.getPublic(), "hub-rsa", Instant.now()), pem(rsa));
            BrokerAccess second = broker.withCertificateOf(broker.authority, "hub-p256");
            List<String> sent = added(log, 20, "11680");
            List<String> others = added(log, 20, "11440");
            try (CentreMqtt centre =
                            broker.subscriber(log, broker.withCertificateOf(broker.authority, CentreBroker.CENTRE));
                    Delivery delivery = delivery(log, at("11680", first), at("11440", second))) {
                awaitAll(delivery, "11680", 20);
                awaitAll(delivery, "11440", 20);
                TestCentre.await("all came", () -> broker.ids().size() == 40);
                assertTrue(centre.awaitSubscribed(0));
            }
            assertEquals(sent, broker.ids().stream().filter(sent::contains).toList());
            assertEquals(others, broker.ids().stream().filter(others::contains).toList());
            assertEquals(1, broker.connections("hub-rsa"));
            assertEquals(1, broker.connections("hub-p256"));
        }
    }

    private static String pem(KeyPair pair) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(pair.getPrivate());
        }
        return text.toString();
    }

    @Test
    void aCertificateOfAnotherAuthorityAndNoneAreRefusedAndTheEventsWait() throws Exception {
        try (CentreBroker broker = broker(Asks.CERTIFICATE);
                TestLog log = new TestLog(folder.resolve("log"))) {
            Authority other = CentreBroker.authority("other");
            BrokerAccess foreign = broker.withCertificateOf(other, "hub-foreign");
            BrokerAccess none = new BrokerAccess(
                    broker.url(),
                    Optional.of(broker.trusted),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
            List<String> sent = added(log, 5, "11680");
            added(log, 5, "11440");
            try (CentreMqtt centre =
                            broker.subscriber(log, broker.withCertificateOf(broker.authority, CentreBroker.CENTRE));
                    Delivery delivery = delivery(log, at("11680", foreign), at("11440", none))) {
                awaitReason(delivery, "11680", "mend certificate and key");
                awaitReason(delivery, "11440", "it may want user and password-file, or certificate and key");
                for (String district : List.of("11680", "11440")) {
                    assertEquals(5, status(delivery, district).waiting());
                    assertEquals(0, status(delivery, district).deadLettered());
                }
                assertEquals(List.of(), broker.ids());

                // The right ones come into the same files.
                broker.withCertificateOf(broker.authority, "hub-foreign");
                awaitAll(delivery, "11680", 5);
                TestCentre.await("they came", () -> broker.ids().size() == 5);
                assertTrue(centre.awaitSubscribed(0));
            }
            assertEquals(sent, broker.ids());
        }
    }

    @Test
    void aBrokerOfAnotherAuthorityOrAnotherNameHearsNoPasswordAndNoEvent() throws Exception {
        Path elsewhere = folder.resolve("elsewhere");
        try (CentreBroker broker = broker(Asks.PASSWORD);
                CentreBroker misnamed = new CentreBroker(elsewhere, Asks.PASSWORD, PASSWORDS, "broker.example");
                TestLog log = new TestLog(folder.resolve("log"))) {
            Path password = broker.secret("hub.password", OF_A);
            BrokerAccess wrongAuthority = new BrokerAccess(
                    broker.url(),
                    Optional.of(misnamed.trusted),
                    Optional.of("hub-a"),
                    Optional.of(password),
                    Optional.empty(),
                    Optional.empty());
            added(log, 3, "11680");
            added(log, 3, "11440");
            try (Delivery delivery =
                    delivery(log, at("11680", wrongAuthority), at("11440", misnamed.as("hub-a", password)))) {
                awaitReason(delivery, "11680", "the server's certificate is not believed");
                awaitReason(delivery, "11440", "the server's certificate is not believed", "localhost");
                assertEquals(3, status(delivery, "11680").waiting());
                assertEquals(3, status(delivery, "11440").waiting());
            }
            assertEquals(0, broker.connections("hub-a"));
            assertEquals(0, misnamed.connections("hub-a"));
        }
    }

    /**
     * A build took a PUBACK that refuses for one that takes: what a login might not publish counted as delivered, and was lost.
     * This mosquitto, 2.0, ends the connection behind such a PUBACK.
     */
    @Test
    void whatTheLoginMayNotPublishWaitsAndHoldsUpNoOtherDistrict() throws Exception {
        try (CentreBroker broker = broker(Asks.PASSWORD);
                TestLog log = new TestLog(folder.resolve("log"))) {
            broker.acl("user " + CentreBroker.CENTRE, "topic read #", "user hub-a", "topic write ansim/1/g/11680/#");
            broker.mosquitto.kill();
            broker.mosquitto.startAgain();
            BrokerAccess access = user(broker, "hub-a");
            List<String> granted = added(log, 20, "11680");
            added(log, 20, "11440");
            try (CentreMqtt centre = broker.subscriber(log, user(broker, CentreBroker.CENTRE));
                    Delivery delivery = delivery(log, at("11680", access), at("11440", access))) {
                awaitReason(delivery, "11440", "the broker refuses what is published: not authorised (0x87)");
                assertEquals(20, status(delivery, "11440").waiting());
                assertEquals(0, status(delivery, "11440").deadLettered());
                awaitAll(delivery, "11680", 20);
                granted.addAll(added(log, 20, "11680"));
                awaitAll(delivery, "11680", 40);
                TestCentre.await("all came", () -> broker.ids().size() == 40);
                assertEquals(granted, broker.ids());
                assertEquals(20, status(delivery, "11440").waiting());

                broker.acl("pattern readwrite #");
                broker.mosquitto.kill();
                broker.mosquitto.startAgain();
                awaitAll(delivery, "11440", 20);
                assertTrue(centre.awaitSubscribed(0));
            }
        }
    }
}
