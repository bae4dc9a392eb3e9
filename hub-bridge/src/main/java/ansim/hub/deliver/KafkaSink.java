package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Target;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Puts each event into a Kafka topic: the key is the unit's id, so that a unit's events stay in order in one partition; the value is the
 * CloudEvent (content type in the header {@code content-type}) or the COSE message with the attributes as {@code ce_} headers (CloudEvents
 * Kafka protocol binding 1.0). The topic is one for both classes; the header {@code ansim-lane} tells them apart.
 *
 * <p>acks=all and an idempotent producer: delivered means that all replicas in sync have it, and the client's own repeats are taken once.
 * What the hub sends again after a failure has the same id.
 *
 * <p>A producer waits for a broker in the calling thread: so it is called in a thread of its own. One that has failed is thrown away.
 */
final class KafkaSink implements Sink {
    static final int WINDOW = 64;
    /** Of all couriers that share it: two classes of every district of a city, each with its window. */
    private static final int QUEUED = 64 * WINDOW;

    static final Duration DELIVERY = Duration.ofSeconds(15);
    private static final Duration BLOCK = Duration.ofSeconds(5);
    private static final Duration REQUEST = Duration.ofSeconds(5);
    private static final long BUFFER_BYTES = 4L * 1024 * 1024;
    private static final long CLOSE_S = 2;

    private final String topic;
    private final Supplier<Producer<String, byte[]>> made;
    private final ExecutorService thread;
    /** Only on the thread. */
    private @Nullable Producer<String, byte[]> producer;

    KafkaSink(String topic, Supplier<Producer<String, byte[]>> made) {
        this.topic = topic;
        this.made = made;
        this.thread = new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUED), task -> {
            Thread one = new Thread(task, "deliver-kafka-" + topic);
            one.setDaemon(true);
            return one;
        });
    }

    static KafkaSink to(Target target) throws IOException {
        Properties further =
                target.properties().isPresent() ? further(target.properties().get()) : new Properties();
        Map<String, Object> settings = settings(target.kafka().orElseThrow(), further);
        return new KafkaSink(
                target.topic().orElseThrow(),
                () -> new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer()));
    }

    static Properties further(Path file) throws IOException {
        Properties further = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            further.load(in);
        }
        return further;
    }

    /** What is promised stands behind what the operator sets: it is not to be weakened. */
    static Map<String, Object> settings(String servers, Properties further) {
        Map<String, Object> all = new LinkedHashMap<>();
        further.stringPropertyNames().forEach(name -> all.put(name, further.getProperty(name)));
        all.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
        all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK.toMillis());
        all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) REQUEST.toMillis());
        all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERY.toMillis());
        all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        all.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
        all.put(ProducerConfig.CLIENT_ID_CONFIG, "ansim-hub");
        return all;
    }

    @Override
    public CompletableFuture<Outcome> send(Parcel parcel) {
        CompletableFuture<Outcome> taken = new CompletableFuture<>();
        try {
            thread.execute(() -> put(parcel, taken));
        } catch (RejectedExecutionException e) {
            taken.complete(new Outcome(Verdict.FAILED, "closed, or too much waits for the broker"));
        }
        return taken.completeOnTimeout(
                new Outcome(Verdict.FAILED, "no answer"),
                DELIVERY.plus(BLOCK).plus(REQUEST).toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void put(Parcel parcel, CompletableFuture<Outcome> taken) {
        if (taken.isDone()) {
            return;
        }
        try {
            Producer<String, byte[]> open = producer;
            if (open == null) {
                open = made.get();
                producer = open;
            }
            Producer<String, byte[]> used = open;
            var unused = open.send(record(topic, parcel), (metadata, error) -> {
                if (error != null) {
                    discardSoon(used);
                }
                taken.complete(error == null ? Outcome.TAKEN : outcome(error));
            });
        } catch (KafkaException | IllegalStateException e) {
            taken.complete(outcome(e));
            discard(Optional.ofNullable(producer));
        }
    }

    private static Outcome outcome(Exception error) {
        boolean never = error instanceof RecordTooLargeException || error instanceof InvalidTopicException;
        return new Outcome(never ? Verdict.REFUSED : Verdict.FAILED, Problems.words(error));
    }

    static ProducerRecord<String, byte[]> record(String topic, Parcel parcel) {
        Body body = parcel.body();
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, body.unit(), body.bytes());
        Headers headers = record.headers();
        headers.add("content-type", bytes(body.contentType()));
        headers.add("ansim-lane", bytes(parcel.alarm() ? "alarm" : "normal"));
        if (body.format() == Destination.Format.COSE) {
            body.attributes().forEach((name, value) -> headers.add("ce_" + name, bytes(value)));
        }
        return record;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** A callback must not close the producer that calls it. */
    private void discardSoon(Producer<String, byte[]> failed) {
        try {
            thread.execute(() -> {
                if (producer == failed) {
                    discard(Optional.of(failed));
                }
            });
        } catch (RejectedExecutionException full) {
            Logger.debug("a Kafka producer that failed is kept: {}", Problems.words(full));
        }
    }

    private void discard(Optional<Producer<String, byte[]>> failed) {
        producer = null;
        failed.ifPresent(each -> each.close(Duration.ZERO));
    }

    @Override
    public int window() {
        return WINDOW;
    }

    @Override
    public int windowAfterFailure() {
        return 1;
    }

    @Override
    public void close() {
        try {
            thread.execute(() -> discard(Optional.ofNullable(producer)));
        } catch (RejectedExecutionException full) {
            Logger.debug("a Kafka producer is left to end by itself: {}", Problems.words(full));
        }
        thread.shutdown();
        try {
            if (!thread.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.debug("a Kafka producer did not end within {} s", CLOSE_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
