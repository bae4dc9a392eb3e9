package ansim.hub.guardian;

import ansim.hub.guardian.GuardianSettings.Hook;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * Everybody who sees to letters: two {@link Postman}s a channel, one of them for alarms, and a thread {@code guardian-sweep} that gives up what nobody
 * takes. Runs where the contacts are: in the vault's process.
 */
public final class Posting implements AutoCloseable {
    private static final long SWEEP_S = 600;
    /** Longer than a webhook may take. */
    static final Duration CLOSE = Duration.ofSeconds(12);

    /** Reads a secret from a file that only its owner may read. */
    public interface Secrets {
        String read(Path file) throws IOException;
    }

    private final Outbox outbox;
    private final List<Postman> postmen = new ArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread sweeping = new Thread(this::sweep, "guardian-sweep");

    private final AppNotices app;
    private final Set<String> channels;

    private Posting(Outbox outbox, Texts texts, Set<String> channels) {
        this.outbox = outbox;
        this.app = new AppNotices(outbox, texts);
        this.channels = new TreeSet<>(channels);
        sweeping.setDaemon(true);
    }

    /** Starts them. */
    public static Posting start(Outbox outbox, GuardianSettings settings, Secrets secrets, InstantSource clock)
            throws IOException {
        Texts texts = Texts.open(settings.templates(), settings.language(), ZoneId.systemDefault());
        Map<String, Supplier<Way>> ways = new HashMap<>();
        if (settings.mail().isPresent()) {
            GuardianSettings.MailServer server = settings.mail().get();
            Optional<String> password = server.password().isPresent()
                    ? Optional.of(secrets.read(server.password().get()))
                    : Optional.empty();
            ways.put(Guardian.MAIL, () -> new MailWay(server, password, clock));
        }
        for (Hook hook : settings.webhooks()) {
            String secret = secrets.read(hook.secret());
            ways.put(hook.channel(), () -> new WebhookWay(URI.create(hook.url()), secret, clock));
        }
        for (String channel : outbox.channels()) {
            if (!ways.containsKey(channel) && !channel.equals(Guardian.API)) {
                Logger.warn("some guardians are to be told by {}, for which guardians in hub.yaml has no way", channel);
            }
        }
        return start(outbox, texts, ways, clock, new SecureRandom());
    }

    static Posting start(
            Outbox outbox, Texts texts, Map<String, Supplier<Way>> ways, InstantSource clock, RandomGenerator random) {
        Posting posting = new Posting(outbox, texts, ways.keySet());
        ways.forEach((channel, way) -> {
            for (boolean alarm : List.of(true, false)) {
                Route route = new Route(alarm, channel);
                posting.postmen.add(Postman.start(route, outbox, texts, way, clock, random));
            }
        });
        posting.sweeping.start();
        return posting;
    }

    /** What waits for users of the city's app. */
    public AppNotices app() {
        return app;
    }

    /** By which channels it sends. */
    public Set<String> channels() {
        return Collections.unmodifiableSet(channels);
    }

    private void sweep() {
        try {
            do {
                try {
                    outbox.sweep();
                } catch (IOException | RuntimeException | Error e) {
                    Logger.error(e, "letters to guardians are not swept");
                }
            } while (!closing.await(SWEEP_S, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Logger.debug("guardian-sweep: stopped");
        }
    }

    /** What is in hand is brought; waits 12 s for all of it, and leaves behind what takes longer. */
    @Override
    public void close() {
        close(CLOSE);
    }

    void close(Duration most) {
        closing.countDown();
        postmen.forEach(Postman::stop);
        outbox.wake();
        long deadlineNanos = System.nanoTime() + most.toNanos();
        try {
            for (Postman each : postmen) {
                each.awaitEnd(deadlineNanos);
            }
            sweeping.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
