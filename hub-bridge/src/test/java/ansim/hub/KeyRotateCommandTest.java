package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Order;
import ansim.hub.core.UnitRecord;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.intake.MqttDoor;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Batch;
import ansim.wire.CommandAck;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The hub gets another key, and no unit is left without one that it believes. */
@Timeout(180)
class KeyRotateCommandTest {
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    private Path data;

    private Path file = Path.of("");
    private SigningKey old = SigningKey.generate(RANDOM);

    /** A unit with its key. */
    private static final class Taxi {
        final Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
        final SigningKey key = SigningKey.generate(RANDOM);
        private final Id8 chain = Id8.random(RANDOM);
        private long n;
        private Optional<Id16> previous = Optional.empty();

        UnitRecord record() {
            return new UnitRecord(id, key.verifyKey(), "taxi", "company", "taxi", Optional.empty(), false);
        }

        UpMessage acknowledges(long number, CommandAck.Outcome outcome) {
            n++;
            UpMessage message = UpMessage.sign(
                    new Batch(
                            id,
                            new Id8(1),
                            Lane.EVENT,
                            chain,
                            n,
                            previous,
                            TimeQuality.UNKNOWN,
                            0,
                            1_000 + n,
                            List.of(new UpRecord(0, new CommandAck(number, outcome))),
                            OptionalLong.empty(),
                            false,
                            false),
                    key);
            previous = Optional.of(message.payloadHash());
            return message;
        }
    }

    @BeforeEach
    void found() throws IOException {
        file = data.resolve(HubFolder.KEY);
        old = HubKey.open(file, RANDOM);
    }

    private String rotate(String... more) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("key", "rotate", "--data", data.toString()));
        arguments.addAll(List.of(more));
        int code = HubBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        assertEquals(0, code, err.toString());
        return out.toString();
    }

    private Registry registry() throws IOException {
        return Registry.open(data.resolve(HubFolder.REGISTRY));
    }

    private List<Order> orders() throws IOException {
        try (Registry registry = registry()) {
            return registry.orders().rows().stream().map(OrderTable.Row::order).toList();
        }
    }

    @Test
    void theNextKeyIsInTheFileAndEachUnitIsOrderedItOnce() throws Exception {
        Taxi early = new Taxi();
        Taxi revoked = new Taxi();
        Taxi late = new Taxi();
        try (Registry registry = registry()) {
            registry.add(early.record(), 1);
            registry.add(revoked.record(), 1);
            registry.revoke(revoked.id, 1);
        }
        String first = rotate("--days", "3");
        HubKeys keys = HubKey.keys(file).orElseThrow();
        HubKeys.Dated next = keys.next(Instant.now()).orElseThrow();
        assertEquals(old.verifyKey(), keys.present(Instant.now()).verifyKey());
        assertTrue(first.startsWith("kid: " + next.key().verifyKey().kid().hex()), first);
        assertTrue(first.contains("1 unit is told"), first);
        assertTrue(!next.from().isBefore(Instant.now().plus(Duration.ofDays(2))));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));

        assertTrue(rotate().contains("(chosen before)"));
        assertEquals(keys.text(), HubKey.keys(file).orElseThrow().text(), "it goes on with the same key");
        try (Registry registry = registry()) {
            registry.add(late.record(), 2);
        }
        assertTrue(rotate().contains("1 unit is told"));
        assertEquals(
                List.of(early.id, late.id), orders().stream().map(Order::unit).toList());
        for (Order order : orders()) {
            assertEquals(
                    new NextHubKey(next.key().verifyKey(), next.from().getEpochSecond()), NextHubKey.of(order.verb()));
        }
    }

    /** A hub whose clock is the test's. */
    private final class Hub implements AutoCloseable {
        final Registry registry = registry();
        final Journal log = Journal.open(data.resolve("log"), JournalOptions.hub(), JournalFiles.real());
        final LiveHubKeys keys;
        final Intake intake;
        final RegistryFeed feed;
        final MqttDoor door;
        volatile Instant now = Instant.now();

        Hub() throws Exception {
            keys = new LiveHubKeys(file, HubKey.keys(file).orElseThrow(), () -> now);
            intake = Intake.start(
                    HubLog.alone(log), data.resolve("snapshots"), keys, new CompletableFuture<Throwable>()::complete);
            feed = new RegistryFeed(registry, intake, changed -> keys.reload());
            feed.start();
            door = intake.openMqtt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        }

        @Override
        public void close() throws IOException {
            try (registry;
                    log;
                    intake;
                    feed) {
                door.close();
            }
        }
    }

    /** A connection of a unit, which keeps what comes down. */
    private static final class Link implements AutoCloseable {
        final MqttClient client;
        final BlockingQueue<DownMessage> down = new LinkedBlockingQueue<>();

        Link(Hub hub, Taxi taxi) throws Exception {
            client = new MqttClient(
                    "tcp://127.0.0.1:" + hub.door.address().getPort(), taxi.id.hex(), new MemoryPersistence());
            client.connect();
            client.subscribe(
                    Topics.down(taxi.id), 1, (topic, message) -> down.add(DownMessage.parse(message.getPayload())));
        }

        DownMessage next() throws InterruptedException {
            DownMessage next = down.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came down");
            }
            return next;
        }

        /** The announcement, whatever receipts come before it. */
        DownMessage announcement() throws InterruptedException {
            DownMessage next = next();
            while (!(next.command().verb() instanceof OtherVerb)) {
                next = next();
            }
            return next;
        }

        void send(UpMessage message) throws Exception {
            client.publish(Topics.up(message.batch().unit(), Lane.EVENT), message.bytes(), 1, false);
        }

        /** The kid of the key that has signed the next message which is no announcement. */
        Id8 signedBy() throws InterruptedException {
            DownMessage next = next();
            while (next.command().verb() instanceof OtherVerb) {
                next = next();
            }
            return next.kid();
        }

        @Override
        public void close() throws MqttException {
            client.disconnectForcibly(0, 0, false);
            client.close(true);
        }
    }

    @Test
    void aUnitHearsTheKeyBeforeUntilItHasAcknowledgedAndOneThatWasToldByNobodyThePresentOne() throws Exception {
        Taxi told = new Taxi();
        Taxi away = new Taxi();
        try (Registry registry = registry()) {
            registry.add(told.record(), 1);
            registry.add(away.record(), 1);
        }
        try (Hub hub = new Hub();
                Link link = new Link(hub, told)) {
            rotate("--days", "3");
            DownMessage announcement = link.announcement();
            assertEquals(old.verifyKey().kid(), announcement.kid());
            NextHubKey next = NextHubKey.of((OtherVerb) announcement.command().verb());
            link.send(told.acknowledges(1, CommandAck.Outcome.DONE));
            assertEquals(old.verifyKey().kid(), link.signedBy(), "its moment has not come");

            hub.now = Instant.ofEpochSecond(next.fromS());
            link.send(told.acknowledges(1, CommandAck.Outcome.DONE));
            assertEquals(next.key().kid(), link.signedBy());

            try (Link late = new Link(hub, away)) {
                assertEquals(old.verifyKey().kid(), late.announcement().kid());
                UpMessage done = away.acknowledges(1, CommandAck.Outcome.DONE);
                late.send(done);
                // The answer that ends it is the first that the new key may sign.
                assertEquals(next.key().kid(), late.signedBy());
            }
            Taxi enrolled = new Taxi();
            try (Registry operator = registry()) {
                operator.add(enrolled.record(), 2);
            }
            hub.feed.bringNow().get(60, TimeUnit.SECONDS);
            try (Link fresh = new Link(hub, enrolled)) {
                fresh.send(enrolled.acknowledges(1, CommandAck.Outcome.DONE));
                assertEquals(next.key().kid(), fresh.signedBy());
            }
        }
        try (Hub again = new Hub()) {
            assertEquals(old.verifyKey(), again.keys.present().verifyKey(), "by its own clock the moment is to come");
        }
    }
}
