package ansim.hub.api;

import java.io.IOException;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jose4j.jwk.PublicJsonWebKey;
import org.tinylog.Logger;

/**
 * The keys of the identity provider, kept here so that nobody waits for it and a provider that is down takes nobody's access for a while.
 *
 * <p>They are read again every {@link #EVERY}, after a failure every {@link #AGAIN}, and when a token names one that is not among them, but then,
 * too, not before {@link #AGAIN} has passed: whoever sends tokens with invented keys causes one reading a minute. A token is never a reason to wait:
 * while they are being read, what names an unknown key is told to come again. After {@link OidcSettings#keepKeys} without a reading none counts.
 *
 * <p>Any thread; reads on one of its own, {@code api-oidc}.
 */
final class ProviderKeys implements AutoCloseable {
    /** The provider is asked so often while all is well. */
    static final Duration EVERY = Duration.ofMinutes(10);

    /** It is never asked again sooner than that. */
    static final Duration AGAIN = Duration.ofMinutes(1);

    private static final int LOOK_MS = 500;
    private static final int RETRY_S = 2;
    private static final int LATER_S = 60;
    private static final int CLOSE_S = 2;

    /** Reads them at the provider. */
    interface Source {
        List<PublicJsonWebKey> keys() throws IOException, InterruptedException;
    }

    private record Known(List<PublicJsonWebKey> keys, long atMs) {}

    private final Source source;
    private final Duration keep;
    private final InstantSource clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "api-oidc");
        own.setDaemon(true);
        return own;
    });
    private final LongAdder readings = new LongAdder();
    private final LongAdder successes = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private volatile Optional<Known> known = Optional.empty();
    private volatile String failure = "not yet asked";
    /** Guarded by this, like the next two. */
    private boolean asking;

    private boolean failed;
    private long askedMs = Long.MIN_VALUE;

    ProviderKeys(Source source, Duration keep, InstantSource clock) {
        this.source = source;
        this.keep = keep;
        this.clock = clock;
        var unused = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        boolean due;
        synchronized (this) {
            due = asking || begin(failed ? AGAIN : EVERY);
        }
        if (due) {
            ask();
        }
    }

    /** Whether the provider may be asked; then it must be. A clock that was put back holds nothing up. */
    private synchronized boolean begin(Duration after) {
        long nowMs = clock.millis();
        if (askedMs != Long.MIN_VALUE && nowMs >= askedMs && nowMs - askedMs < after.toMillis()) {
            return false;
        }
        askedMs = nowMs;
        asking = true;
        return true;
    }

    private void ask() {
        boolean well = false;
        try {
            readings.increment();
            List<PublicJsonWebKey> keys = source.keys();
            if (known.isEmpty() || !failure.isEmpty()) {
                Logger.info("api.oidc: {} keys of the identity provider", keys.size());
            }
            known = Optional.of(new Known(keys, clock.millis()));
            failure = "";
            well = true;
            successes.increment();
        } catch (IOException | RuntimeException e) {
            failures.increment();
            if (failure.isEmpty() || known.isEmpty()) {
                Logger.warn("api.oidc: the identity provider's keys cannot be read: {}", e.getMessage());
            }
            failure = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                asking = false;
                failed = !well;
            }
        }
    }

    /** Has them read if that may be; false when it may not be yet. */
    private synchronized boolean want() {
        if (asking) {
            return true;
        }
        // The thread looks soon enough, and reads what is marked here.
        return begin(AGAIN);
    }

    /**
     * The key of this name, for this algorithm.
     *
     * @throws Problem 503 when the keys are too old or being read, 401 when there is none of this name
     */
    Key find(String kid, ProviderAlgorithm algorithm) throws Problem {
        Optional<Known> now = known;
        if (now.isEmpty() || clock.millis() - now.get().atMs > keep.toMillis()) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "the keys of the identity provider are not known"
                            + now.map(each -> " since " + Instant.ofEpochMilli(each.atMs))
                                    .orElse("")
                            + "; the hub's own accounts work",
                    OptionalInt.of(LATER_S));
        }
        for (PublicJsonWebKey each : now.get().keys) {
            if (kid.equals(each.getKeyId()) && algorithm.fits(each)) {
                return each.getPublicKey();
            }
        }
        if (want()) {
            throw new Problem(
                    Problem.Kind.UNAVAILABLE,
                    "the token's key is new here, the identity provider is being asked",
                    OptionalInt.of(RETRY_S));
        }
        throw new Problem(
                Problem.Kind.SIGN_IN,
                "the token's key (kid) is none of the identity provider's, which is asked for new ones once a minute");
    }

    /** How often the provider was asked, and with what success. */
    Map<String, Long> counts() {
        return Map.of(
                "api-oidc-readings",
                readings.sum(),
                "api-oidc-successes",
                successes.sum(),
                "api-oidc-failures",
                failures.sum());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.warn("api.oidc: the identity provider is still being asked");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
