package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Sink.Body;
import ansim.hub.deliver.Sink.Outcome;
import ansim.hub.deliver.Sink.Parcel;
import ansim.hub.deliver.Sink.Place;
import ansim.hub.deliver.Sink.Verdict;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.tinylog.Logger;

/** What a broker answers, on one connection that two districts share: a broker that is played, and goes on behind a refusal. */
@Timeout(60)
class MqttLineTest {
    private static final int CONNECT = 1;
    private static final int PUBLISH = 3;
    private static final int NOT_AUTHORISED = 0x87;
    private static final int NO_MATCHING_SUBSCRIBERS = 0x10;
    private static final Outcome BEHIND = new Outcome(Verdict.FAILED, "one before it has failed");
    private static final Outcome DENIED =
            new Outcome(Verdict.FAILED, "the broker refuses what is published: not authorised (0x87)");

    /** Takes one connection after the other. Answers a CONNECT with its Receive Maximum, a PUBLISH by its topic's district. */
    private static final class PlayedBroker implements AutoCloseable {
        final Map<String, Integer> answers = new ConcurrentHashMap<>();
        final Set<String> published = Collections.synchronizedSet(new HashSet<>());
        final AtomicInteger connections = new AtomicInteger();
        private final int receiveMaximum;
        private final ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        private final Thread thread = new Thread(this::serve, "played-broker");

        PlayedBroker(int receiveMaximum) throws IOException {
            this.receiveMaximum = receiveMaximum;
            thread.setDaemon(true);
            thread.start();
        }

        String url() {
            return "tcp://127.0.0.1:" + server.getLocalPort();
        }

        private void serve() {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    connections.incrementAndGet();
                    speak(new DataInputStream(socket.getInputStream()), socket.getOutputStream());
                } catch (IOException ended) {
                    // The client has gone, or the test is over: the loop's condition tells which.
                    Logger.trace(ended);
                }
            }
        }

        private void speak(DataInputStream in, OutputStream out) throws IOException {
            while (true) {
                int type = in.readUnsignedByte() >> 4;
                byte[] packet = in.readNBytes(length(in));
                if (type == CONNECT) {
                    out.write(new byte[] {0x20, 6, 0, 0, 3, 0x21, 0, (byte) receiveMaximum});
                } else if (type == PUBLISH) {
                    int end = 2 + ((packet[0] << 8) | packet[1]);
                    String topic = new String(packet, 2, end - 2, StandardCharsets.UTF_8);
                    String district = topic.substring("ansim/1/g/".length(), topic.lastIndexOf('/'));
                    published.add(district + " " + new String(packet, packet.length - 1, 1, StandardCharsets.UTF_8));
                    int answer = answers.getOrDefault(district, 0);
                    out.write(new byte[] {0x40, 3, packet[end], packet[end + 1], (byte) answer});
                }
                out.flush();
            }
        }

        /** MQTT 5, 1.5.5. */
        private static int length(DataInputStream in) throws IOException {
            int length = 0;
            int shift = 0;
            int next;
            do {
                next = in.readUnsignedByte();
                length |= (next & 0x7f) << shift;
                shift += 7;
            } while (next >= 0x80);
            return length;
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private final List<AutoCloseable> open = new ArrayList<>();
    private MqttLine line = new MqttLine(BrokerAccess.open("tcp://127.0.0.1:1"));

    @AfterEach
    void close() throws Exception {
        line.close();
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    private PlayedBroker broker(int receiveMaximum) throws IOException {
        PlayedBroker broker = new PlayedBroker(receiveMaximum);
        open.add(broker);
        line = new MqttLine(BrokerAccess.open(broker.url()));
        return broker;
    }

    private static CompletableFuture<Outcome> send(MqttSink sink, String district, int number, long attempt) {
        byte[] bytes = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        Body body = new Body(Format.CLOUDEVENTS, bytes, "aa".repeat(16), Map.of());
        return sink.send(new Parcel("u/c/2/" + number, new Place(number, 0), district, false, false, attempt, body));
    }

    private static Outcome of(CompletableFuture<Outcome> sent) throws Exception {
        return sent.get(30, TimeUnit.SECONDS);
    }

    @Test
    void whatTheBrokerRefusesFailsAndTheOtherDistrictsGoOnOverTheSameConnection() throws Exception {
        PlayedBroker broker = broker(20);
        broker.answers.put("11440", NOT_AUTHORISED);
        MqttSink granted = new MqttSink(line);
        MqttSink denied = new MqttSink(line);
        CompletableFuture<Outcome> first = send(denied, "11440", 1, 0);
        List<CompletableFuture<Outcome>> others = new ArrayList<>();
        for (int number = 1; number <= 5; number++) {
            others.add(send(granted, "11680", number, 0));
        }
        assertEquals(DENIED, of(first));
        for (CompletableFuture<Outcome> each : others) {
            assertEquals(Outcome.TAKEN, of(each));
        }
        assertEquals(BEHIND, of(send(denied, "11440", 2, 0)), "of the same attempt nothing passes it");
        assertEquals(DENIED, of(send(denied, "11440", 1, 1)));
        broker.answers.clear();
        assertEquals(Outcome.TAKEN, of(send(denied, "11440", 1, 2)));
        assertEquals(Outcome.TAKEN, of(send(denied, "11440", 2, 2)));
        assertEquals(1, broker.connections.get());
    }

    @Test
    void whatWaitsBehindARefusedOneOfItsDistrictIsNotPublishedAndThatOfOthersIs() throws Exception {
        PlayedBroker broker = broker(1);
        broker.answers.put("11440", NOT_AUTHORISED);
        MqttSink granted = new MqttSink(line);
        MqttSink denied = new MqttSink(line);
        // All are handed over before the connection stands, and only one may be on its way at once.
        CompletableFuture<Outcome> first = send(denied, "11440", 1, 0);
        CompletableFuture<Outcome> second = send(denied, "11440", 2, 0);
        CompletableFuture<Outcome> other = send(granted, "11680", 1, 0);
        assertEquals(DENIED, of(first));
        assertEquals(BEHIND, of(second));
        assertEquals(Outcome.TAKEN, of(other));
        assertEquals(Set.of("11440 1", "11680 1"), broker.published);
    }

    /** MQTT 5, 3.4.2.1: below 0x80 it has been accepted. */
    @Test
    void whatNobodySubscribesToAtTheBrokerIsTakenAllTheSame() throws Exception {
        PlayedBroker broker = broker(20);
        broker.answers.put("11680", NO_MATCHING_SUBSCRIBERS);
        assertEquals(Outcome.TAKEN, of(send(new MqttSink(line), "11680", 1, 0)));
    }
}
