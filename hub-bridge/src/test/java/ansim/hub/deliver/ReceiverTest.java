package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.LogEntry;
import ansim.hub.deliver.Receiver.KnownKey;
import ansim.hub.deliver.Receiver.Malformed;
import ansim.hub.deliver.Receiver.Taken;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Id16;
import ansim.wire.UpMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReceiverTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private TestLog log;
    private final List<Taken> taken = new ArrayList<>();

    @BeforeEach
    void openLog() throws IOException {
        log = new TestLog(folder.resolve("log"));
    }

    @AfterEach
    void closeLog() throws IOException {
        log.close();
    }

    private static byte[] encoded(LogEntry entry, int number) throws IOException {
        Notice notice = Notice.of(entry, index -> Optional.empty()).get(number);
        return CloudEvent.encode(notice, "11440", CloudEvent.attributes(notice));
    }

    private Receiver receiver(EventBook book) {
        return new Receiver(log.keys(), Ed25519Verifier.INSTANCE, book, taken::add);
    }

    private byte[] event() throws IOException {
        LogEntry entry = log.entry(false, "11680", "11440");
        return encoded(entry, 0);
    }

    private static byte[] with(byte[] event, String name, String value) throws IOException {
        ObjectNode tree = (ObjectNode) JSON.readTree(event);
        ObjectNode at = name.startsWith("data.") ? (ObjectNode) tree.get("data") : tree;
        at.put(name.replace("data.", ""), value);
        return JSON.writeValueAsBytes(tree);
    }

    private boolean verified(byte[] event) throws Exception {
        taken.clear();
        receiver(EventBook.inMemory()).take(event);
        return taken.get(0).verified();
    }

    @Test
    void anEventSaysEverythingThatACentreNeeds() throws Exception {
        JsonNode event = JSON.readTree(event());
        assertEquals("1.0", event.path("specversion").asText());
        assertEquals("ansim.ride.boarded", event.path("type").asText());
        assertTrue(event.path("id").asText().matches("[0-9a-f]{32}/[0-9a-f]{16}/2/1"), event.toString());
        assertTrue(event.path("source").asText().startsWith("urn:uuid:"), event.toString());
        assertEquals("2027-01-15T07:59:59Z", event.path("time").asText());
        assertEquals("1122334455667788", event.path("subject").asText());
        assertEquals("application/json", event.path("datacontenttype").asText());
        JsonNode data = event.path("data");
        assertEquals("11440", data.path("district").asText());
        assertEquals("11680", data.path("owner").asText());
        assertEquals(2, data.path("districts").size());
        assertEquals("서울33바1234", data.path("vehicle").asText());
        assertEquals("Hanbit Taxi", data.path("company").asText());
        assertEquals("taxi", data.path("unitKind").asText());
        assertEquals("1122334455667788", data.path("ride").asText());
        assertEquals("gnss", data.path("timeQuality").asText());
        assertEquals("unit", data.path("timeSource").asText());
        assertEquals(37.5, data.path("place").path("lat").asDouble());
        assertEquals(127.0, data.path("place").path("lon").asDouble());
        assertEquals("message", data.path("place").path("source").asText());
        assertEquals("2027-01-15T08:00:00Z", data.path("arrived").asText());
        assertTrue(data.path("late").asBoolean());
        assertFalse(data.path("suspect").asBoolean());
        assertEquals("[\"late\"]", data.path("flags").toString());
        assertTrue(data.path("signed").binaryValue().length > 100);
    }

    @Test
    void theUnitsOwnSignatureDecides() throws Exception {
        byte[] good = event();
        assertTrue(verified(good));
        byte[] signed = JSON.readTree(good).path("data").path("signed").binaryValue();
        for (int at = 0; at < signed.length; at++) {
            byte[] flipped = signed.clone();
            flipped[at] ^= 1;
            assertFalse(verified(with(good, "data.signed", Base64.getEncoder().encodeToString(flipped))), "byte " + at);
        }
        assertFalse(verified(with(good, "data.signed", "AAAA")));
        assertFalse(verified(with(good, "data.signed", "not base64!")));
    }

    @Test
    void aTrueMessageUnderAnotherIdIsNotVerified() throws Exception {
        byte[] good = event();
        String id = JSON.readTree(good).path("id").asText();
        assertFalse(verified(with(good, "id", id + "0")));
        assertFalse(verified(with(good, "data.unit", "00".repeat(16))));
        assertFalse(verified(with(good, "id", id + "/00000000")));
    }

    @Test
    void theHubsOwnTamperNamesTheSignedMessageThatShowsIt() throws Exception {
        LogEntry entry = log.addWithNumbersAlarm(false, List.of("11440"), "11440");
        byte[] alarm = encoded(entry, 1);
        assertTrue(verified(alarm));
        String id = entry.output().id();
        assertEquals(id + "/numbers", taken.get(0).text("id"));
        assertEquals("ansim.tamper", taken.get(0).text("type"));
        String hash = entry.message().payloadHash8().hex().substring(0, 8);
        assertTrue(verified(with(alarm, "id", id + "/" + hash + "/numbers")), "of a fork");
        assertFalse(verified(with(alarm, "id", id + "0/numbers")));
        assertFalse(verified(with(alarm, "id", id + "/numbers/numbers")));
        assertFalse(verified(with(alarm, "type", "ansim.panic")), "only a tamper is the hub's to tell");
    }

    @Test
    void whatTheVaultKnowsOfABoardingVerifiesByThatBoarding() throws Exception {
        byte[] told = event();
        assertTrue(verified(told));
        String id = taken.get(0).text("id");
        byte[] updated = with(told, "type", "ansim.ride.updated");
        assertTrue(verified(with(updated, "id", id + "/vault")));
        assertFalse(verified(with(updated, "id", id + "0/vault")));
        assertFalse(verified(with(updated, "id", id + "/vault/vault")));
        assertFalse(verified(with(told, "id", id + "/vault")), "only an update is the vault's to tell");
    }

    @Test
    void aKeyOfAnotherUnitDoesNotVerify() throws Exception {
        Receiver receiver = new Receiver(
                kid -> Optional.of(new KnownKey(log.key.verifyKey(), Optional.of(new Id16(1, 2)))),
                Ed25519Verifier.INSTANCE,
                EventBook.inMemory(),
                taken::add);
        receiver.take(event());
        assertFalse(taken.get(0).verified());
        assertTrue(taken.get(0).first());
    }

    @Test
    void eachIdIsTakenOnceAlsoAfterARestartAndATornLine() throws Exception {
        Path file = folder.resolve("events.jsonl");
        byte[] one = event();
        byte[] two = event();
        try (EventBook book = EventBook.open(file)) {
            Receiver receiver = receiver(book);
            receiver.take(one);
            receiver.take(one);
            receiver.take(two);
        }
        Files.writeString(file, "{\"id\":\"torn", StandardOpenOption.APPEND);
        try (EventBook book = EventBook.open(file)) {
            receiver(book).take(two);
            receiver(book).take(event());
        }
        assertEquals(
                List.of(true, false, true, false, true),
                taken.stream().map(Taken::first).toList());
        List<String> lines = Files.readAllLines(file);
        assertEquals(5, lines.size());
        for (String line : lines) {
            JsonNode read = JSON.readTree(line);
            assertTrue(read.path("verified").asBoolean(), line);
            assertEquals("11440", read.path("district").asText());
            assertEquals(37.5, read.path("lat").asDouble());
            assertEquals(
                    read.path("id").asText().substring(0, 32),
                    UpMessage.parse(read.path("signed").binaryValue())
                            .batch()
                            .unit()
                            .hex(),
                    "what the unit signed is kept");
        }
    }

    /**
     * Cut at every byte: a line that is not whole was not answered, so its event comes again and is taken then. A centre whose line was
     * torn within a character of a vehicle's number once did not start again.
     */
    @Test
    void anEventWhoseLineACrashToreIsTakenWhenItComesAgain() throws Exception {
        Path file = folder.resolve("events.jsonl");
        byte[] one = event();
        byte[] two = event();
        try (EventBook book = EventBook.open(file)) {
            receiver(book).take(one);
            receiver(book).take(two);
        }
        byte[] whole = Files.readAllBytes(file);
        int second = 1;
        while (whole[second - 1] != '\n') {
            second++;
        }
        for (int end = second; end < whole.length; end++) {
            Files.write(file, Arrays.copyOf(whole, end));
            taken.clear();
            try (EventBook book = EventBook.open(file)) {
                receiver(book).take(one);
                receiver(book).take(two);
                receiver(book).take(two);
            }
            assertEquals(
                    List.of(false, true, false),
                    taken.stream().map(Taken::first).toList(),
                    "cut at byte " + end);
        }
    }

    @Test
    void whatIsNoCloudEventIsRefused() throws IOException {
        Receiver receiver = receiver(EventBook.inMemory());
        for (String json :
                new String[] {"", "{", "[]", "7", "{\"specversion\":\"1.0\"}", "{\"specversion\":\"0.3\",\"id\":\"a\"}"
                }) {
            assertThrows(Receiver.Malformed.class, () -> receiver.take(json.getBytes(StandardCharsets.UTF_8)), json);
        }
        assertEquals(List.of(), taken);
    }

    @Test
    void theWebhookAnswersWithTheRightStatus() throws Exception {
        EventBook book = EventBook.open(folder.resolve("events.jsonl"));
        try (CentreHttp http =
                CentreHttp.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), receiver(book))) {
            URI uri = URI.create("http://127.0.0.1:" + http.address().getPort() + "/any/path");
            assertEquals(204, post(uri, "application/cloudevents+json", event()));
            assertEquals(204, post(uri, "application/CloudEvents+json; charset=utf-8", event()));
            assertEquals(415, post(uri, "application/json", event()));
            assertEquals(400, post(uri, "application/cloudevents+json", new byte[] {'{'}));
            assertEquals(413, post(uri, "application/cloudevents+json", new byte[Receiver.MAX_BYTES + 1]));
            HttpRequest get = HttpRequest.newBuilder(uri).GET().build();
            assertEquals(
                    405,
                    HttpClient.newHttpClient()
                            .send(get, HttpResponse.BodyHandlers.discarding())
                            .statusCode());
            book.close();
            assertEquals(500, post(uri, "application/cloudevents+json", event()), "the disk has failed: come again");
        }
        assertEquals(2, taken.size());
    }

    private static int post(URI uri, String type, byte[] body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static byte[] array(byte[]... events) {
        return Arrays.stream(events)
                .map(each -> new String(each, StandardCharsets.UTF_8))
                .collect(Collectors.joining(",", "[", "]"))
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void ofABatchEachIsTakenOnceAndOneThatStandsInItTwiceIsARepeat() throws Exception {
        byte[] one = event();
        byte[] two = event();
        Path file = folder.resolve("batch.jsonl");
        try (EventBook book = EventBook.open(file)) {
            receiver(book).takeBatch(array(one, two, one));
        }
        assertEquals(
                List.of(true, true, false), taken.stream().map(Taken::first).toList());
        assertTrue(taken.stream().allMatch(Taken::verified));
        assertEquals(3, Files.readAllLines(file).size());
        try (EventBook book = EventBook.open(file)) {
            receiver(book).takeBatch(array(two));
        }
        assertFalse(taken.get(3).first());
    }

    @Test
    void ofABatchWithAMalformedOneNothingIsTaken() throws Exception {
        byte[] good = event();
        byte[] bad = with(event(), "specversion", "0.3");
        try (EventBook book = EventBook.inMemory()) {
            Receiver receiver = receiver(book);
            assertThrows(Malformed.class, () -> receiver.takeBatch(array(good, bad)));
            assertThrows(Malformed.class, () -> receiver.takeBatch(good));
            assertEquals(List.of(), taken);
            receiver.takeBatch(array());
        }
    }
}
