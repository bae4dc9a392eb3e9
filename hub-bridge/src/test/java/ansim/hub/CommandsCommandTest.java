package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Order;
import ansim.hub.core.UnitRecord;
import ansim.hub.intake.Intake;
import ansim.hub.intake.MqttDoor;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Batch;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.ZoneOffset;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From an operator's command to the unit and back to the operator's list. */
@Timeout(180)
class CommandsCommandTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path data;

    private final Id16 unit = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    private final SigningKey unitKey = SigningKey.generate(RANDOM);
    private final SigningKey hubKey = SigningKey.generate(RANDOM);

    private Ran send(String... order) {
        String[] all = new String[order.length + 5];
        List<String> fixed = List.of("commands", "send", "--data", data.toString(), unit.hex());
        for (int i = 0; i < all.length; i++) {
            all[i] = i < fixed.size() ? fixed.get(i) : order[i - fixed.size()];
        }
        return Ran.of(all);
    }

    /** One object for each order. */
    private List<JsonNode> list() throws IOException {
        Ran ran = Ran.of("commands", "list", "--data", data.toString(), "--json", unit.hex());
        assertEquals(0, ran.code(), ran.err());
        List<JsonNode> lines = new java.util.ArrayList<>();
        for (String line : ran.out().lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private String awaitState(int line, String wanted) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        String state = list().get(line).path("state").asText();
        while (!state.equals(wanted) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
            state = list().get(line).path("state").asText();
        }
        return state;
    }

    private void register() throws IOException {
        try (Registry registry = registry()) {
            assertTrue(registry.add(
                    new UnitRecord(unit, unitKey.verifyKey(), "서울 33 바 1", "한빛", "taxi", Optional.empty(), false), 1));
        }
    }

    private Registry registry() throws IOException {
        return Registry.open(data.resolve(HubFolder.REGISTRY));
    }

    /** The parts of a running hub that an order passes. */
    private final class Hub implements AutoCloseable {
        final Registry registry = registry();
        final Journal log = Journal.open(data.resolve("log"), JournalOptions.hub(), JournalFiles.real());
        final Intake intake =
                Intake.start(log, data.resolve("snapshots"), hubKey, new CompletableFuture<Throwable>()::complete);
        final RegistryFeed feed = new RegistryFeed(registry, intake, same -> {});
        final Views views = Views.open(data.resolve("views.db"), log.journalId(), log.durableIndex(), ZoneOffset.UTC);
        final ViewTail tail;
        final MqttDoor door;

        Hub() throws Exception {
            feed.start();
            tail = ViewTail.start(log, intake.reader(), views);
            door = intake.openMqtt(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        }

        @Override
        public void close() throws IOException {
            try (registry;
                    log;
                    intake;
                    feed;
                    views;
                    tail) {
                door.close();
            }
        }
    }

    /** A unit that answers what it is told to. */
    private final class Unit implements AutoCloseable {
        final MqttClient client;
        final BlockingQueue<Command> orders = new LinkedBlockingQueue<>();
        private final Id8 chain = Id8.random(RANDOM);
        private long n;
        private Optional<Id16> previous = Optional.empty();

        Unit(Hub hub) throws Exception {
            client = new MqttClient(
                    "tcp://127.0.0.1:" + hub.door.address().getPort(), unit.hex(), new MemoryPersistence());
            client.connect();
            client.subscribe(Topics.down(unit), 1, (topic, message) -> {
                Command command = DownMessage.parse(message.getPayload()).command();
                if (command.verb() instanceof OtherVerb) {
                    orders.add(command);
                }
            });
        }

        Command next() throws InterruptedException {
            Command next = orders.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was ordered");
            }
            return next;
        }

        void answer(long number, CommandAck.Outcome outcome) throws Exception {
            n++;
            UpMessage message = UpMessage.sign(
                    new Batch(
                            unit,
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
                    unitKey);
            previous = Optional.of(message.payloadHash());
            client.publish(Topics.up(unit, Lane.EVENT), message.bytes(), 1, false);
        }

        @Override
        public void close() throws MqttException {
            client.disconnectForcibly(0, 0, false);
            client.close(true);
        }
    }

    @Test
    void anOrderGoesToTheUnitAndItsAnswerStandsInTheList() throws Exception {
        register();
        try (Hub hub = new Hub()) {
            Ran sent = send("output", "siren", "on", "--seconds", "5", "--by", "shift leader");
            assertEquals(0, sent.code(), sent.err());
            assertTrue(sent.out().startsWith("command 1, output siren on for 5 s"), sent.out());
            assertEquals("waits for the unit", awaitState(0, "waits for the unit"));
            try (Unit there = new Unit(hub)) {
                Command command = there.next();
                assertEquals(1, command.number());
                assertEquals(
                        new OutputOrder("siren", true, OptionalLong.of(5)), OutputOrder.of((OtherVerb) command.verb()));
                assertEquals("sent", awaitState(0, "sent"));
                assertEquals(0, send("re-enrol").code());
                assertEquals(0, send("diagnose").code());
                assertEquals(0, send("commission", "--minutes", "10").code());
                for (int number = 2; number <= 4; number++) {
                    assertEquals(number, there.next().number());
                }
                there.answer(1, CommandAck.Outcome.REFUSED);
                there.answer(2, CommandAck.Outcome.DONE);
                there.answer(4, CommandAck.Outcome.UNKNOWN);
                assertEquals("unknown", awaitState(3, "unknown"));
            }
            List<JsonNode> lines = list();
            assertEquals(
                    List.of("refused", "done", "passed over", "unknown"),
                    lines.stream().map(each -> each.path("state").asText()).toList());
            assertEquals(
                    List.of("output siren on for 5 s", "re-enrol", "diagnose", "commission for 10 min"),
                    lines.stream().map(each -> each.path("order").asText()).toList());
            assertEquals("shift leader", lines.get(0).path("by").asText());
            assertTrue(lines.get(0).has("answeredAt") && lines.get(0).has("sentAt"));
            String table = Ran.of("commands", "list", "--data", data.toString()).out();
            assertEquals(5, table.lines().count(), table);
            assertTrue(table.contains("서울 33 바 1"), table);
        }
    }

    @Test
    void whatTheHubDoesNotTakeFailsWithItsReason() throws Exception {
        register();
        try (Hub hub = new Hub()) {
            for (int i = 1; i <= 8; i++) {
                assertEquals(0, send("diagnose").code());
            }
            Ran ninth = send("diagnose");
            assertEquals(1, ninth.code());
            assertTrue(ninth.err().contains("8 commands wait for this unit's answer"), ninth.err());
            assertTrue(list().get(8).path("state").asText().startsWith("not taken: "));
            assertEquals(10, hub.log.durableIndex(), "the founding, the unit and eight orders");
        }
    }

    @Test
    void anOrderToAHubThatDoesNotRunIsTakenAtItsStartOnce() throws Exception {
        register();
        try (Registry registry = registry()) {
            OtherVerb diagnose = new OtherVerb(7, ansim.wire.Bytes.of(new byte[] {(byte) 0xa0}));
            registry.orders().add(List.of(new Order(unit, new Id8(5), diagnose, Integer.MAX_VALUE, "test")), 1);
        }
        assertEquals("not in the log yet", list().get(0).path("state").asText());
        long entries;
        try (Hub hub = new Hub()) {
            entries = hub.log.durableIndex();
            assertEquals(3, entries);
        }
        // As after a crash between the log and the registry: it is asked for once more.
        try (java.sql.Connection crash =
                        java.sql.DriverManager.getConnection("jdbc:sqlite:" + data.resolve(HubFolder.REGISTRY));
                java.sql.Statement statement = crash.createStatement()) {
            statement.executeUpdate("UPDATE orders SET command = NULL");
        }
        try (Hub hub = new Hub()) {
            assertEquals(entries, hub.log.durableIndex());
            assertEquals(
                    OptionalLong.of(1),
                    hub.registry.orders().rows().stream()
                            .map(OrderTable.Row::order)
                            .mapToLong(Order::number)
                            .findFirst());
        }
    }

    @Test
    void whatIsNoOrderIsAUsageError() throws Exception {
        Files.createDirectories(data);
        register();
        for (List<String> wrong : List.of(
                List.of("dance"),
                List.of("output", "siren"),
                List.of("output", "siren", "maybe"),
                List.of("output", "x".repeat(33), "on"),
                List.of("diagnose", "now"),
                List.of("diagnose", "--seconds", "5"),
                List.of("re-enrol", "--minutes", "5"),
                List.of("commission", "--minutes", "31"),
                List.of("commission", "--minutes", "-1"))) {
            Ran ran = send(wrong.toArray(String[]::new));
            assertEquals(2, ran.code(), wrong + ran.err());
        }
        assertEquals(List.of(), list());
    }

    @Test
    void aRevokedAndAnUnknownUnitAreOrderedNothing() throws Exception {
        assertEquals(1, send("diagnose").code());
        register();
        try (Registry registry = registry()) {
            registry.revoke(unit, 1);
        }
        Ran ran = send("diagnose");
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("restore-trust"), ran.err());
        assertEquals(List.of(), list());
    }
}
