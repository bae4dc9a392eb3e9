package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Target;
import ansim.trust.Certificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * The sinks of one class of events: those of one broker and login share a connection, webhooks, streams and files are each district's own.
 *
 * <p>Webhooks at the same host that trust the same share a client, with {@value #THREADS} threads of its own, which end when nothing is sent: the
 * client looks the host's name up on them, and a name server that does not answer holds nobody else up. What waits for these threads is no more
 * than what the sinks have on their way, each for no longer than {@link WebhookSink#TIMEOUT} twice.
 */
final class Sinks implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private static final int THREADS = 2;
    private static final long IDLE_S = 30;

    private record Key(Target target, String district) {}

    private record ClientKey(String host, Optional<Path> authority) {}

    private record Client(HttpClient http, ThreadPoolExecutor threads) {}

    private final boolean alarm;
    private final StreamHub streams;
    private final Map<ClientKey, Client> clients = new HashMap<>();
    private final Map<BrokerAccess, MqttLine> lines = new HashMap<>();
    private final Map<Key, Sink> all = new HashMap<>();

    Sinks(boolean alarm, StreamHub streams) {
        this.alarm = alarm;
        this.streams = streams;
    }

    private Client client(String url, Optional<Path> authority) throws IOException {
        ClientKey key = new ClientKey(URI.create(url).getHost(), authority);
        Client known = clients.get(key);
        if (known == null) {
            known = made(key.host, trust(authority));
            clients.put(key, known);
        }
        return known;
    }

    private Client made(String host, Optional<SSLContext> tls) {
        String name = (alarm ? "deliver-alarm-" : "deliver-normal-") + host + "-";
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(threads);
        tls.ifPresent(builder::sslContext);
        return new Client(builder.build(), threads);
    }

    /** The threads on which the requests to a URL are made; for tests, which block them. */
    Executor threads(Target webhook) throws IOException {
        return client(webhook.address(), webhook.authority()).threads;
    }

    Sink sink(String district, Target target) throws IOException {
        Key key = new Key(target, target.kafka().isEmpty() ? district : "");
        Sink known = all.get(key);
        if (known == null) {
            known = make(district, target);
            all.put(key, known);
        }
        return known;
    }

    private Sink make(String district, Target target) throws IOException {
        if (target.webhook().isPresent()) {
            Optional<byte[]> secret = target.secret().isPresent()
                    ? Optional.of(SecretFile.read(target.secret().get()))
                    : Optional.empty();
            return new WebhookSink(
                    client(target.address(), target.authority()).http,
                    URI.create(target.webhook().get()),
                    target.batch(),
                    secret,
                    Clock.systemUTC());
        }
        if (target.mqtt().isPresent()) {
            return new MqttSink(line(target.broker()));
        }
        if (target.kafka().isPresent()) {
            return KafkaSink.to(target);
        }
        if (target.stream().isPresent()) {
            return streams.sink(district, alarm, SecretFile.read(target.stream().get()));
        }
        Path folder = target.file().orElseThrow();
        return new FileSink(folder, Indexer.fileName(district, alarm), Clock.systemUTC());
    }

    /** Who logs in as another has a connection of his own. */
    private MqttLine line(BrokerAccess access) throws IOException {
        MqttLine known = lines.get(access);
        if (known == null) {
            access.checkFiles();
            known = new MqttLine(access);
            lines.put(access, known);
        }
        return known;
    }

    static Optional<SSLContext> trust(Optional<Path> authority) throws IOException {
        return authority.isEmpty()
                ? Optional.empty()
                : Optional.of(Certificates.trusting(certificates(authority.get())));
    }

    /** Those that are trusted. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        String pem = text(file);
        try {
            return Certificates.fromPem(pem);
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no certificates that can be trusted: " + e.getMessage(), e);
        }
    }

    /** What everybody may read. */
    static String text(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " is not there", e);
        }
    }

    @Override
    public void close() {
        all.values().forEach(Sink::close);
        lines.values().forEach(MqttLine::close);
        clients.values().forEach(each -> each.threads.shutdown());
    }
}
