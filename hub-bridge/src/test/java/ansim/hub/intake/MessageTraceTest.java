package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.NamedRider;
import ansim.hub.deliver.Delivery;
import ansim.hub.deliver.Destination;
import ansim.hub.deliver.StreamHub;
import ansim.hub.ledger.Provisions;
import ansim.hub.trace.OtlpTrace;
import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.SealedCard;
import ansim.wire.UpMessage;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A message's trace at an OpenTelemetry collector: every stage of its way, and nothing of a rider. */
@Timeout(120)
final class MessageTraceTest {
    private static final String RIDER = "0123456789abcdef0123456789abcdef";
    private static final Set<String> SAID = Set.of(
            "ansim.unit",
            "ansim.lane",
            "ansim.log.index",
            "ansim.disposition",
            "ansim.commit.entries",
            "ansim.events",
            "ansim.district",
            "ansim.sink",
            "ansim.outcome");

    @TempDir
    private Path folder = Path.of("");

    /** Takes OTLP over HTTP as a collector does. */
    private static final class Collector implements AutoCloseable {
        final List<Span> spans = new CopyOnWriteArrayList<>();
        final List<byte[]> bodies = new CopyOnWriteArrayList<>();
        private final HttpServer server;

        Collector() throws IOException {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/v1/traces", exchange -> {
                try (exchange) {
                    byte[] body = exchange.getRequestBody().readAllBytes();
                    bodies.add(body);
                    ExportTraceServiceRequest.parseFrom(body)
                            .getResourceSpansList()
                            .forEach(resource ->
                                    resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
                    exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
                    exchange.sendResponseHeaders(200, -1);
                }
            });
            server.start();
        }

        URI url() {
            return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
        }

        Span await(String name) {
            while (true) {
                for (Span each : spans) {
                    if (each.getName().equals(name)) {
                        return each;
                    }
                }
                Thread.onSpinWait();
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    private Delivery deliver(Rig rig, OtlpTrace trace) throws IOException {
        Destination.Target file = new Destination.Target(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(folder.resolve("secret-name")),
                Destination.Format.CLOUDEVENTS,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return Delivery.start(
                new Delivery.Setup(
                        rig.log,
                        rig.intake.reader(),
                        folder.resolve("index"),
                        Delivery.Limits.DEFAULT,
                        Provisions.NONE,
                        StreamHub.NONE,
                        trace),
                List.of(new Destination("*", List.of(file))));
    }

    private static Map<String, String> attributes(Span span) {
        Map<String, String> all = new TreeMap<>();
        for (KeyValue each : span.getAttributesList()) {
            all.put(
                    each.getKey(),
                    each.getValue().hasIntValue()
                            ? Long.toString(each.getValue().getIntValue())
                            : each.getValue().getStringValue());
        }
        return all;
    }

    @Test
    void aMessageIsOneTraceFromTheDoorToTheSink() throws Exception {
        try (Collector collector = new Collector();
                OtlpTrace trace = OtlpTrace.start(collector.url(), 1);
                Rig rig = new Rig(folder.resolve("log"));
                Delivery delivery = deliver(rig, trace)) {
            rig.intake.trace(trace);
            TestUnit unit = rig.unit();
            UpMessage message = unit.chain(Lane.EVENT).next();
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(7, message);
                client.readPuback();
                client.readReceipt(rig.key, Lane.EVENT);
            }
            for (String stage : List.of("verify", "decide", "commit", "message", "receipt", "route", "deliver")) {
                Span span = collector.await(stage);
                Map<String, String> said = attributes(span);
                assertEquals(unit.id.hex(), said.get("ansim.unit"), stage);
                assertEquals("event", said.get("ansim.lane"), stage);
                assertTrue(span.getStartTimeUnixNano() <= span.getEndTimeUnixNano(), stage);
                assertEquals(collector.await("message").getTraceId(), span.getTraceId(), stage);
                assertEquals(
                        stage.equals("message")
                                ? ""
                                : hex(collector.await("message").getSpanId().toByteArray()),
                        hex(span.getParentSpanId().toByteArray()),
                        stage);
            }
            String index = Long.toString(rig.log.durableIndex());
            assertEquals("stored", attributes(collector.await("message")).get("ansim.disposition"));
            for (String stage : List.of("decide", "commit", "route", "deliver")) {
                assertEquals(index, attributes(collector.await(stage)).get("ansim.log.index"), stage);
            }
            Map<String, String> delivered = attributes(collector.await("deliver"));
            assertEquals("*", delivered.get("ansim.district"));
            assertEquals("file", delivered.get("ansim.sink"));
            assertEquals("taken", delivered.get("ansim.outcome"));
            assertEquals(2, delivery.status().size());
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** Everything that was sent is searched, not only what we know of. */
    @Test
    void neitherTheCardNorTheRideNorTheRiderNorTheSinksAddressIsInIt() throws Exception {
        try (Collector collector = new Collector();
                OtlpTrace trace = OtlpTrace.start(collector.url(), 1);
                Rig rig = new Rig(folder.resolve("log"));
                Delivery delivery = deliver(rig, trace)) {
            rig.intake.trace(trace);
            TestUnit unit = rig.unit();
            byte[] card = new byte[SealedCard.BYTES];
            TestUnit.RANDOM.nextBytes(card);
            Id8 ride = Id8.random(TestUnit.RANDOM);
            Boarded boarded = new Boarded(new RideChange(
                    Optional.of(Pos.of(375_172_000, 1_270_473_000)),
                    ride,
                    Optional.of(Bytes.of(card)),
                    RideChange.Source.CARD,
                    OptionalInt.empty(),
                    OptionalInt.empty()));
            UpMessage message = unit.chain(Lane.EVENT).next(boarded);
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                client.publish(7, message);
                client.readPuback();
                client.readReceipt(rig.key, Lane.EVENT);
            }
            Input.VaultAnswer answer = new Input.VaultAnswer(
                    System.currentTimeMillis(),
                    rig.log.durableIndex(),
                    message,
                    List.of(new NamedRider(RIDER, "11680")));
            rig.intake.change(answer).get(30, TimeUnit.SECONDS);
            assertEquals("taken", attributes(collector.await("deliver")).get("ansim.outcome"));
            assertEquals(2, delivery.status().size());
            Set<String> said = new TreeSet<>();
            collector.spans.forEach(each -> said.addAll(attributes(each).keySet()));
            assertEquals(new TreeSet<>(SAID), said);
            for (byte[] each : collector.bodies) {
                String body = new String(each, StandardCharsets.ISO_8859_1);
                for (String secret : List.of(
                        new String(card, StandardCharsets.ISO_8859_1),
                        hex(card),
                        Base64.getEncoder().encodeToString(card),
                        ride.hex(),
                        new String(HexFormat.of().parseHex(ride.hex()), StandardCharsets.ISO_8859_1),
                        RIDER,
                        "secret-name")) {
                    assertFalse(body.contains(secret));
                }
            }
        }
    }

    @Test
    void aCollectorThatIsNotThereHoldsUpNothingAndIsCounted() throws Exception {
        int free;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = taken.getLocalPort();
        }
        try (OtlpTrace trace = OtlpTrace.start(URI.create("http://127.0.0.1:" + free + "/"), 1);
                Rig rig = new Rig(folder.resolve("log"))) {
            rig.intake.trace(trace);
            TestUnit unit = rig.unit();
            TestUnit.Chain chain = unit.chain(Lane.EVENT);
            try (MqttClient client = rig.client(MqttClient.V3, unit)) {
                for (int i = 1; i <= 3; i++) {
                    client.publish(i, chain.next());
                    assertEquals(i, client.readPuback());
                    assertEquals(1, client.readReceipt(rig.key, Lane.EVENT).size());
                }
            }
            rig.awaitCount("spans-failed", 3);
            assertEquals(3, rig.count("stored"));
            assertEquals(0, rig.count("spans-sent"));
        }
    }
}
