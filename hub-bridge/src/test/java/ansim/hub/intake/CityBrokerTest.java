package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.DownMessage;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Refused;
import ansim.wire.Topics;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.Verb;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A city's own broker between units and hub: a real mosquitto, with the configuration that is shipped where it says so. */
final class CityBrokerTest {
    private static final int WAIT_S = 60;
    private static final Path SHIPPED = Path.of("../scripts/mosquitto");

    @TempDir
    Path folder;

    private final Authority authority =
            Authority.found("city", TlsKey.generate(TestUnit.RANDOM), Instant.now(), TestUnit.RANDOM);

    private static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + WAIT_S + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private static long counted(CityBroker broker, String name) {
        return broker.counts().getOrDefault(name, 0L);
    }

    private static String open(int port) {
        return "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n";
    }

    /** As shipped, with the port, the paths and the user of this test. */
    private String shipped(int port) throws java.io.IOException {
        TlsKey key = TlsKey.generate(TestUnit.RANDOM);
        Path ca = Files.writeString(folder.resolve("ca.pem"), Certificates.toPem(List.of(authority.certificate())));
        Path certificate = Files.writeString(
                folder.resolve("broker.crt.pem"),
                Certificates.toPem(List.of(authority.server(key.publicKey(), List.of("localhost"), Instant.now()))));
        Path keyFile = Files.writeString(folder.resolve("broker.key.pem"), key.toPem());
        Path acl = Files.copy(SHIPPED.resolve("ansim.acl"), folder.resolve("ansim.acl"));
        return Files.readString(SHIPPED.resolve("ansim.conf"))
                        .replace("listener 8883", "listener " + port + " 127.0.0.1")
                        .replace("/etc/mosquitto/ansim/ca.pem", ca.toString())
                        .replace("/etc/mosquitto/ansim/broker.crt.pem", certificate.toString())
                        .replace("/etc/mosquitto/ansim/broker.key.pem", keyFile.toString())
                        .replace("/etc/mosquitto/ansim.acl", acl.toString())
                + "user root\n";
    }

    private SSLContext context(String name) {
        TlsKey key = TlsKey.generate(TestUnit.RANDOM);
        TlsIdentity identity = new TlsIdentity(key, List.of(authority.unit(key.publicKey(), name, Instant.now())));
        return identity.context(
                new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Clock.systemUTC())), TestUnit.RANDOM);
    }

    private CityBroker subscribed(Rig rig, String url) throws InterruptedException {
        CityBroker broker = rig.intake.openBroker(new CityBroker.Site(url, this::context));
        await("the hub is subscribed", broker::isSubscribed);
        return broker;
    }

    /** A unit's link to the broker: plain Paho of MQTT 3.1.1, which keeps what comes down. */
    private final class Link implements AutoCloseable {
        final MqttClient client;
        final BlockingQueue<byte[]> down = new LinkedBlockingQueue<>();

        Link(String url, TestUnit unit) throws MqttException {
            this(url, unit, unit.id.hex());
        }

        /** With the certificate of one unit and the claims of another, if it likes. */
        Link(String url, TestUnit certified, String clientId) throws MqttException {
            client = new MqttClient(url, clientId, new MemoryPersistence());
            client.setTimeToWait(TimeUnit.SECONDS.toMillis(WAIT_S));
            MqttConnectOptions options = new MqttConnectOptions();
            options.setCleanSession(true);
            if (url.startsWith("ssl:")) {
                options.setSocketFactory(context(certified.id.hex()).getSocketFactory());
            }
            client.connect(options);
        }

        Link listening(TestUnit to) throws MqttException {
            client.subscribe(Topics.down(to.id), 1, (topic, message) -> down.add(message.getPayload()));
            return this;
        }

        void publish(TestUnit as, Lane lane, byte[] message) throws MqttException {
            client.publish(Topics.up(as.id, lane), message, 1, false);
        }

        void publish(UpMessage message) throws MqttException {
            client.publish(Topics.up(message.batch().unit(), message.batch().lane()), message.bytes(), 1, false);
        }

        /** The next command that is no receipt. */
        Command nextOrder(Rig rig) throws Exception {
            Command command = nextCommand(rig);
            while (command.verb() instanceof Receipt) {
                command = nextCommand(rig);
            }
            return command;
        }

        /** The next that the hub says. */
        Verb next(Rig rig) throws Exception {
            return nextCommand(rig).verb();
        }

        private Command nextCommand(Rig rig) throws Exception {
            byte[] signed = down.poll(WAIT_S, TimeUnit.SECONDS);
            if (signed == null) {
                throw new AssertionError("nothing came down");
            }
            DownMessage message = DownMessage.parse(signed);
            assertTrue(message.verify(UnitKeyVerifier.INSTANCE, rig.key.verifyKey()));
            return message.command();
        }

        /** Reads receipts until one names this number. */
        void awaitReceipt(Rig rig, Lane lane, long n) throws Exception {
            boolean found = false;
            while (!found) {
                found = next(rig) instanceof Receipt receipt
                        && receipt.lanes().getOrDefault(lane, List.of()).stream()
                                .anyMatch(each -> each.n() >= n);
            }
        }

        @Override
        public void close() throws MqttException {
            client.disconnectForcibly(0, 0, false);
            client.close(true);
        }
    }

    @Test
    void whatAUnitPublishesIsStoredAndReceiptedAndForeignThingsAreCounted() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, CityBrokerTest::open);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "tcp://127.0.0.1:" + mosquitto.port;
            TestUnit unit = rig.unit();
            TestUnit other = rig.unit();
            TestUnit stranger = new TestUnit();
            try (CityBroker broker = subscribed(rig, url);
                    Link link = new Link(url, unit).listening(unit)) {
                TestUnit.Chain events = unit.chain(Lane.EVENT);
                for (int i = 0; i < 3; i++) {
                    link.publish(events.next());
                }
                link.awaitReceipt(rig, Lane.EVENT, 3);
                assertEquals(3, rig.count("stored"));

                link.publish(other, Lane.EVENT, unit.chain(Lane.EVENT).next().bytes());
                rig.awaitCount("refused-other-unit", 1);
                link.publish(unit, Lane.ALARM, unit.chain(Lane.EVENT).next().bytes());
                rig.awaitCount("refused-other-lane", 1);
                link.publish(stranger.chain(Lane.EVENT).next());
                rig.awaitCount("refused-unknown-kid", 1);
                link.client.publish("ansim/1/u/nobody/2", new byte[1], 1, false);
                rig.awaitCount("refused-topic", 1);
                link.client.publish(Topics.up(unit.id, Lane.STATUS), new byte[1], 0, false);
                rig.awaitCount("refused-qos", 1);

                byte[] tampered = unit.chain(Lane.EVENT).next().bytes();
                tampered[tampered.length - 1] ^= 1;
                link.publish(unit, Lane.EVENT, tampered);
                rig.awaitCount("refused-signature", 1);
                Verb verb = link.next(rig);
                while (verb instanceof Receipt) {
                    verb = link.next(rig);
                }
                assertEquals(
                        new Refused.Refusal(UpMessage.messageHash(tampered), Refused.Reason.SIGNATURE),
                        ((Refused) verb).lanes().get(Lane.EVENT));
                assertEquals(3, rig.count("stored"));
                await("every PUBLISH has its PUBACK", () -> counted(broker, "broker-in-flight") == 0);
                assertEquals(2, counted(broker, "broker-subscribed"));
            }
        }
    }

    @Test
    void aSecureElementsMessageIsTakenAndOneWithHighSIsCountedByItsName() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, CityBrokerTest::open);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "tcp://127.0.0.1:" + mosquitto.port;
            TestUnit unit = new TestUnit();
            SecureElement element = new SecureElement();
            UnitRecord plain = unit.record();
            rig.change(new UnitRecord(
                    unit.id, element.verifyKey(), "1", plain.company(), plain.kind(), plain.place(), false));
            try (CityBroker broker = subscribed(rig, url);
                    Link link = new Link(url, unit).listening(unit)) {
                UpMessage event = unit.chain(Lane.EVENT).next();
                link.publish(unit, Lane.EVENT, element.sign(event, true));
                rig.awaitCount("refused-high-s", 1);
                assertEquals(0, rig.count("stored"));
                link.publish(unit, Lane.EVENT, element.sign(event, false));
                link.awaitReceipt(rig, Lane.EVENT, 1);
                assertEquals(1, rig.count("stored"));
                assertTrue(broker.isSubscribed());
            }
        }
    }

    @Test
    void anOrderReachesItsUnitThroughTheBrokerAndEndsWithTheUnitsAnswer() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, CityBrokerTest::open);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "tcp://127.0.0.1:" + mosquitto.port;
            TestUnit unit = rig.unit();
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            rig.order(unit);
            rig.order(unit);
            try (CityBroker broker = subscribed(rig, url);
                    Link link = new Link(url, unit).listening(unit)) {
                // Whether a unit is connected the broker does not say: it is heard first.
                link.publish(events.next());
                assertEquals(1, link.nextOrder(rig).number());
                assertEquals(2, link.nextOrder(rig).number());
                link.publish(events.next(new CommandAck(2, CommandAck.Outcome.DONE)));
                link.awaitReceipt(rig, Lane.EVENT, 2);
                rig.order(unit);
                assertEquals(3, link.nextOrder(rig).number(), "1 and 2 are done with");
                assertTrue(broker.isSubscribed());
            }
        }
    }

    /**
     * The broker is killed with a queue that it has PUBACKed and that the hub never saw: by the unit's protocol, which takes only the hub's
     * receipt for an answer, everything comes again and is stored once.
     */
    @Test
    void aBrokerThatIsKilledLosesItsQueueAndNothingIsLost() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, CityBrokerTest::open);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "tcp://127.0.0.1:" + mosquitto.port;
            TestUnit unit = rig.unit();
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            List<UpMessage> held = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                held.add(events.next());
            }
            try (Link link = new Link(url, unit)) {
                // Nobody is subscribed yet: mosquitto says PUBACK to each and keeps nothing.
                for (UpMessage each : held) {
                    link.publish(each);
                }
            }
            try (CityBroker broker = subscribed(rig, url)) {
                try (Link link = new Link(url, unit)) {
                    link.publish(held.get(0));
                    rig.awaitCount("stored", 1);
                    mosquitto.kill();
                }
                await("the hub has noticed", () -> !broker.isSubscribed());
                mosquitto.startAgain();
                await("the hub is back with new clients", broker::isSubscribed);
                assertTrue(counted(broker, "broker-connects") >= 4);
                try (Link link = new Link(url, unit).listening(unit)) {
                    for (UpMessage each : held) {
                        link.publish(each);
                    }
                    link.awaitReceipt(rig, Lane.EVENT, 8);
                }
                assertEquals(8, rig.count("stored"));
                assertEquals(1, rig.count("duplicate"));
            }
        }
    }

    /** What the hub has in hand when the broker dies is stored all the same; its PUBACKs and receipts go nowhere, and the unit asks again. */
    @Test
    void whatIsInHandWhenTheBrokerDiesIsStoredOnce() throws Exception {
        GatedFiles files = new GatedFiles();
        try (Mosquitto mosquitto = new Mosquitto(folder, CityBrokerTest::open);
                Rig rig = Rig.gated(folder.resolve("log"), files, 10)) {
            String url = "tcp://127.0.0.1:" + mosquitto.port;
            TestUnit unit = rig.unit();
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            List<UpMessage> held = new ArrayList<>();
            try (CityBroker broker = subscribed(rig, url)) {
                GatedFiles.Hold fsync = files.atNextForce(new GatedFiles.Hold());
                try (Link link = new Link(url, unit)) {
                    for (int i = 0; i < 8; i++) {
                        held.add(events.next());
                        link.publish(held.get(i));
                    }
                    await("all are in the hub's hand", () -> counted(broker, "broker-in-flight") == 8);
                    fsync.awaitReached();
                    mosquitto.kill();
                }
                fsync.release();
                rig.awaitCount("stored", 8);
                mosquitto.startAgain();
                await("the hub is back", broker::isSubscribed);
                try (Link link = new Link(url, unit).listening(unit)) {
                    for (UpMessage each : held) {
                        link.publish(each);
                    }
                    link.awaitReceipt(rig, Lane.EVENT, 8);
                }
                rig.awaitCount("duplicate", 8);
                assertEquals(8, rig.count("stored"));
            }
        }
    }

    @Test
    void theShippedConfigurationLetsAUnitSpeakAndHearForItselfOnly() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, this::shipped);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "ssl://localhost:" + mosquitto.port;
            TestUnit victim = rig.unit();
            TestUnit intruder = rig.unit();
            try (CityBroker broker = subscribed(rig, url);
                    Link honest = new Link(url, victim).listening(victim);
                    Link foreign = new Link(url, intruder)) {
                TestUnit.Chain events = victim.chain(Lane.EVENT);
                UpMessage overheard = events.next();
                honest.publish(overheard);
                honest.awaitReceipt(rig, Lane.EVENT, 1);

                // Under the victim's topics, with a message that would verify: nothing arrives at the hub.
                foreign.publish(overheard);
                foreign.publish(events.next());
                // The victim's commands: the broker refuses the filter, also wider ones.
                for (String filter :
                        List.of(Topics.down(victim.id), "ansim/1/d/+", "#", Topics.up(victim.id, Lane.EVENT))) {
                    refusedOrDeaf(foreign, filter);
                }
                // Its own topic with the victim's bytes gets through to the hub, which refuses them.
                foreign.publish(intruder, Lane.EVENT, overheard.bytes());
                rig.awaitCount("refused-other-unit", 1);
                // What the intruder had published before is through by then, had it been let through.
                assertEquals(1, rig.count("stored"));
                assertEquals(0, rig.count("duplicate"));
                honest.publish(victim.chain(Lane.ALARM).next());
                honest.awaitReceipt(rig, Lane.ALARM, 1);
                assertTrue(foreign.down.isEmpty());
                assertTrue(honest.client.isConnected());
                assertTrue(broker.isSubscribed());
            }
        }
    }

    private static void refusedOrDeaf(Link foreign, String filter) {
        try {
            foreign.client.subscribe(
                    filter, 1, (topic, message) -> foreign.down.add(topic.getBytes(StandardCharsets.UTF_8)));
        } catch (MqttException refused) {
            // As it should be.
            assertTrue(foreign.client.isConnected());
        }
    }

    @Test
    void withTheShippedConfigurationNobodyPushesOutAnotherByItsClientId() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, this::shipped);
                Rig rig = new Rig(folder.resolve("log"))) {
            String url = "ssl://localhost:" + mosquitto.port;
            TestUnit victim = rig.unit();
            try (CityBroker broker = subscribed(rig, url);
                    Link honest = new Link(url, victim).listening(victim);
                    Link foreign = new Link(url, rig.unit(), victim.id.hex())) {
                assertTrue(foreign.client.isConnected());
                honest.publish(victim.chain(Lane.EVENT).next());
                honest.awaitReceipt(rig, Lane.EVENT, 1);
                assertTrue(honest.client.isConnected());
                assertTrue(broker.isSubscribed());
            }
        }
    }

    @Test
    void withTheShippedConfigurationNobodyComesInWithoutACertificateOfTheAuthority() throws Exception {
        try (Mosquitto mosquitto = new Mosquitto(folder, this::shipped)) {
            String url = "ssl://localhost:" + mosquitto.port;
            SSLContext anonymous = TlsIdentity.anonymous(
                    new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Clock.systemUTC())), TestUnit.RANDOM);
            assertFalse(comesIn(url, anonymous));
            Authority other =
                    Authority.found("other", TlsKey.generate(TestUnit.RANDOM), Instant.now(), TestUnit.RANDOM);
            TlsKey key = TlsKey.generate(TestUnit.RANDOM);
            SSLContext foreign = new TlsIdentity(
                            key, List.of(other.unit(key.publicKey(), new TestUnit().id.hex(), Instant.now())))
                    .context(
                            new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Clock.systemUTC())),
                            TestUnit.RANDOM);
            assertFalse(comesIn(url, foreign));
            Instant longAgo = Instant.now().minus(Authority.LEAF_LIFE).minusSeconds(3600);
            SSLContext expired = new TlsIdentity(
                            key, List.of(authority.unit(key.publicKey(), new TestUnit().id.hex(), longAgo)))
                    .context(
                            new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Clock.systemUTC())),
                            TestUnit.RANDOM);
            assertFalse(comesIn(url, expired));
            assertTrue(comesIn(url, context(new TestUnit().id.hex())));
        }
    }

    private static boolean comesIn(String url, SSLContext as) throws MqttException {
        MqttClient client = new MqttClient(url, new TestUnit().id.hex(), new MemoryPersistence());
        client.setTimeToWait(TimeUnit.SECONDS.toMillis(WAIT_S));
        MqttConnectOptions options = new MqttConnectOptions();
        options.setSocketFactory(as.getSocketFactory());
        try {
            client.connect(options);
            return true;
        } catch (MqttException refused) {
            return false;
        } finally {
            client.disconnectForcibly(0, 0, false);
            client.close(true);
        }
    }

    @Test
    void aUrlThatNobodyServesIsTriedForEverAndClosesAtOnce() throws Exception {
        try (Rig rig = new Rig(folder.resolve("log"))) {
            try (CityBroker broker = rig.intake.openBroker(new CityBroker.Site("tcp://127.0.0.1:1", this::context))) {
                assertEquals(0, counted(broker, "broker-subscribed"));
                assertThrows(MqttException.class, () -> new Link("tcp://127.0.0.1:1", new TestUnit()));
            }
        }
    }
}
