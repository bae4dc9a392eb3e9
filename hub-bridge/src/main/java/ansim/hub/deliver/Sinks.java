package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Target;
import ansim.trust.Certificates;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;

/**
 * The sinks of one class of events: those of one broker share a connection, webhooks, streams and files are each district's own. Webhooks that trust
 * the same share a client.
 */
final class Sinks implements AutoCloseable {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private record Key(Target target, String district) {}

    private final boolean alarm;
    private final Executor executor;
    private final StreamHub streams;
    private final Map<Optional<Path>, HttpClient> clients = new HashMap<>();
    private final Map<Key, Sink> all = new HashMap<>();

    Sinks(boolean alarm, Executor executor, StreamHub streams) {
        this.alarm = alarm;
        this.executor = executor;
        this.streams = streams;
    }

    private HttpClient client(Optional<Path> authority) throws IOException {
        HttpClient known = clients.get(authority);
        if (known == null) {
            known = made(trust(authority));
            clients.put(authority, known);
        }
        return known;
    }

    private HttpClient made(Optional<SSLContext> tls) {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(executor);
        tls.ifPresent(builder::sslContext);
        return builder.build();
    }

    Sink sink(String district, Target target) throws IOException {
        boolean own = target.mqtt().isEmpty() && target.kafka().isEmpty();
        Key key = new Key(target, own ? district : "");
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
                    client(target.authority()),
                    URI.create(target.webhook().get()),
                    target.batch(),
                    secret,
                    Clock.systemUTC());
        }
        if (target.mqtt().isPresent()) {
            return new MqttSink(target.mqtt().get(), trust(target.authority()));
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

    private static Optional<SSLContext> trust(Optional<Path> authority) throws IOException {
        if (authority.isEmpty()) {
            return Optional.empty();
        }
        Path file = authority.get();
        try {
            return Optional.of(
                    Certificates.trusting(Certificates.fromPem(Files.readString(file, StandardCharsets.ISO_8859_1))));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds no certificates that can be trusted: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        all.values().forEach(Sink::close);
    }
}
