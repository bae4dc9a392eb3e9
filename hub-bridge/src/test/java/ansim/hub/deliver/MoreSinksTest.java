package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Sink.Body;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Place;
import ansim.hub.deliver.Sink.Verdict;
import ansim.wire.Ed25519Verifier;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed webhooks, COSE, files and Kafka. */
class MoreSinksTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private static Parcel parcel(long logIndex, Format format, String text) {
        Body body = new Body(
                format,
                text.getBytes(StandardCharsets.UTF_8),
                "aa".repeat(16),
                Map.of("specversion", "1.0", "id", "u/c/2/" + logIndex, "type", "ansim.ride.boarded"));
        return new Parcel("u/c/2/" + logIndex, new Place(logIndex, 0), "11680", false, false, 0, body);
    }

    private Path secret(String text) throws IOException {
        Path file = folder.resolve("secret");
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private record Request(Headers headers, byte[] body) {}

    private static HttpServer noting(BlockingQueue<Request> requests) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                requests.add(new Request(
                        exchange.getRequestHeaders(), exchange.getRequestBody().readAllBytes()));
                exchange.sendResponseHeaders(204, -1);
            }
        });
        server.start();
        return server;
    }

    @Test
    void aWebhookIsSignedSoThatOneChangedBitOrAnOldRequestIsSeen() throws Exception {
        BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
        HttpServer server = noting(requests);
        Path secret = secret("a-secret-of-thirty-two-bytes-....\n");
        try (TestLog log = new TestLog(folder.resolve("log"));
                Delivery delivery = Delivery.start(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        List.of(new Destination(
                                "11680", List.of(Targets.signed(TestCentre.url(server), secret, Format.COSE)))))) {
            assertEquals(2, delivery.status().size());
            byte[] signed = log.entry(false, "11680").message().bytes();
            String id = log.add(false, "11680");
            Request got = requests.poll(60, TimeUnit.SECONDS);
            assertEquals(id, got.headers.getFirst("webhook-id"));
            assertEquals(id, got.headers.getFirst("ce-id"));
            assertEquals("ansim.ride.boarded", got.headers.getFirst("ce-type"));
            assertEquals(Body.COSE_TYPE, got.headers.getFirst("Content-Type"));
            assertEquals(signed.length, got.body.length, "the unit's own COSE_Sign1 and nothing else");
            byte[] key = SecretFile.read(secret);
            String at = got.headers.getFirst("webhook-timestamp");
            String signature = got.headers.getFirst("webhook-signature");
            long nowS = Long.parseLong(at);
            assertTrue(Signature.verifies(key, id, at, signature, got.body, nowS));
            assertFalse(Signature.verifies(key, id, at, signature, got.body, nowS + 301));
            assertFalse(Signature.verifies(key, id + "0", at, signature, got.body, nowS));
            got.body[3] ^= 1;
            assertFalse(Signature.verifies(key, id, at, signature, got.body, nowS));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aCentreWithTheSecretTakesWhatTheHubSignsAndNothingElse() throws Exception {
        Path secret = secret("a-secret-of-thirty-two-bytes-....");
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<String> ids = new CopyOnWriteArrayList<>();
        try (TestLog log = new TestLog(folder.resolve("log"));
                EventBook book = EventBook.inMemory()) {
            Receiver receiver =
                    new Receiver(log.keys(), Ed25519Verifier.INSTANCE, book, taken -> ids.add(taken.text("id")));
            try (CentreHttp centre = CentreHttp.start(any, receiver, Optional.of(secret))) {
                String url = "http://127.0.0.1:" + centre.address().getPort() + "/";
                try (Delivery delivery = Delivery.start(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        List.of(
                                new Destination("11680", List.of(Targets.signed(url, secret, Format.CLOUDEVENTS))),
                                new Destination("11440", List.of(Targets.webhook(url)))))) {
                    String id = log.add(false, "11680");
                    log.add(false, "11440");
                    TestCentre.await("the signed one", () -> ids.contains(id));
                    TestCentre.await(
                            "the other waits",
                            () -> delivery.status().stream()
                                    .anyMatch(each -> each.lastError().equals(Optional.of("HTTP status 401"))));
                    assertEquals(List.of(id), ids);
                }
            }
        }
    }

    @Test
    void aSecretThatOthersMayReadOrThatIsTooShortIsNotUsed() throws Exception {
        Path file = secret("a-secret-of-thirty-two-bytes-....");
        assertEquals(33, SecretFile.read(file).length);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThrows(IOException.class, () -> SecretFile.read(file));
        Path tooShort = secret("short");
        assertThrows(IOException.class, () -> SecretFile.read(tooShort));
        assertThrows(IOException.class, () -> SecretFile.read(folder.resolve("none")));
    }

    private static Outcome sent(Sink sink, Parcel parcel) throws Exception {
        return sink.send(parcel).get(60, TimeUnit.SECONDS);
    }

    @Test
    void aFileHasALinePerEventIsItsOwnersOnlyAndIsSetAsideByDay() throws Exception {
        AtomicLong nowMs = new AtomicLong(Clock.systemUTC().millis());
        Path out = folder.resolve("out");
        try (FileSink sink = new FileSink(out, "d-11680.normal", () -> Instant.ofEpochMilli(nowMs.get()))) {
            assertEquals(Outcome.TAKEN, sent(sink, parcel(1, Format.CLOUDEVENTS, "{\"n\":1}")));
            assertEquals(Outcome.TAKEN, sent(sink, parcel(2, Format.COSE, "xyz")));
            nowMs.addAndGet(86_400_000);
            assertEquals(Outcome.TAKEN, sent(sink, parcel(3, Format.CLOUDEVENTS, "{\"n\":3}")));
        }
        Path current = out.resolve("d-11680.normal.jsonl");
        assertEquals("{\"n\":3}\n", Files.readString(current));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(current)));
        List<String> before = new ArrayList<>();
        try (var files = Files.newDirectoryStream(out, "d-11680.normal.*.1.jsonl")) {
            for (Path each : files) {
                before.addAll(Files.readAllLines(each));
            }
        }
        assertEquals(2, before.size());
        assertEquals("{\"n\":1}", before.get(0));
        JsonNode cose = JSON.readTree(before.get(1));
        assertEquals("u/c/2/2", cose.path("id").asText());
        assertArrayEquals(
                "xyz".getBytes(StandardCharsets.UTF_8), cose.path("signed").binaryValue());
    }

    @Test
    void aLineThatACrashToreIsCutOffAndAFolderThatCannotBeWrittenIsWaitedFor() throws Exception {
        Path out = Files.createDirectories(folder.resolve("out"));
        Path current = out.resolve("x.jsonl");
        Files.writeString(current, "{\"n\":1}\n{\"n\":");
        try (FileSink sink = new FileSink(out, "x", InstantSource.system())) {
            assertEquals(Outcome.TAKEN, sent(sink, parcel(2, Format.CLOUDEVENTS, "{\"n\":2}")));
        }
        assertEquals("{\"n\":1}\n{\"n\":2}\n", Files.readString(current));
        Path inTheWay = folder.resolve("file");
        Files.writeString(inTheWay, "", StandardOpenOption.CREATE);
        try (FileSink sink = new FileSink(inTheWay, "x", InstantSource.system())) {
            assertEquals(
                    Verdict.FAILED,
                    sent(sink, parcel(1, Format.CLOUDEVENTS, "{}")).verdict());
        }
    }

    @Test
    void aKafkaRecordIsKeyedByTheUnitAndNothingWeakensItsPromise() {
        ProducerRecord<String, byte[]> plain = KafkaSink.record("t", parcel(7, Format.CLOUDEVENTS, "{}"));
        assertEquals("aa".repeat(16), plain.key());
        assertEquals("{}", new String(plain.value(), StandardCharsets.UTF_8));
        assertEquals(CloudEvent.CONTENT_TYPE, header(plain, "content-type"));
        assertEquals("normal", header(plain, "ansim-lane"));
        ProducerRecord<String, byte[]> cose = KafkaSink.record("t", parcel(7, Format.COSE, "xyz"));
        assertEquals(Body.COSE_TYPE, header(cose, "content-type"));
        assertEquals("u/c/2/7", header(cose, "ce_id"));
        Properties further = new Properties();
        further.put("acks", "0");
        further.put("enable.idempotence", "false");
        further.put("security.protocol", "SSL");
        Map<String, Object> settings = KafkaSink.settings("a:1", further);
        assertEquals("all", settings.get("acks"));
        assertEquals(true, settings.get("enable.idempotence"));
        assertEquals("SSL", settings.get("security.protocol"));
    }

    private static String header(ProducerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void aKafkaProducerThatFailsIsThrownAwayAndTheNextDeliveryMakesANewOne() throws Exception {
        List<MockProducer<String, byte[]>> made = new ArrayList<>();
        KafkaSink sink = new KafkaSink("t", () -> {
            MockProducer<String, byte[]> producer =
                    new MockProducer<>(!made.isEmpty(), null, new StringSerializer(), new ByteArraySerializer());
            made.add(producer);
            return producer;
        });
        try (sink) {
            var first = sink.send(parcel(1, Format.CLOUDEVENTS, "{}"));
            TestCentre.await(
                    "it is at the producer",
                    () -> !made.isEmpty() && made.get(0).history().size() == 1);
            made.get(0).errorNext(new org.apache.kafka.common.errors.TimeoutException("no broker"));
            assertEquals(new Outcome(Verdict.FAILED, "no broker"), first.get(60, TimeUnit.SECONDS));
            TestCentre.await("it is closed", () -> made.get(0).closed());
            assertEquals(Outcome.TAKEN, sent(sink, parcel(1, Format.CLOUDEVENTS, "{}")));
            assertEquals(2, made.size());
        }
    }

    @Test
    void aKafkaThatIsNotThereOnlyWaits() throws Exception {
        int port = new InetSocketAddress(0).getPort() + 1;
        try (TestLog log = new TestLog(folder.resolve("log"));
                Delivery delivery = Delivery.start(
                        log.journal,
                        EntryReader.UNSEALED,
                        folder.resolve("index"),
                        List.of(new Destination("11680", List.of(Targets.kafka("127.0.0.1:" + port)))))) {
            for (int i = 0; i < 50; i++) {
                log.add(false, "11680");
            }
            TestCentre.await(
                    "the error shows",
                    () -> delivery.status().stream()
                            .anyMatch(each ->
                                    each.waiting() == 50 && each.lastError().isPresent()));
            assertEquals(
                    0,
                    delivery.status().stream().mapToLong(CursorStatus::refused).sum());
        }
    }
}
