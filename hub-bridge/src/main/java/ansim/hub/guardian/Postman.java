package ansim.hub.guardian;

import ansim.hub.guardian.Way.Outcome;
import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Brings the letters of one channel, alarms or the rest, from the outbox to their receivers, on a thread of its own: a server that is slow with
 * the rest holds no alarm up, and no other channel.
 *
 * <p>While the vault cannot write down that a letter is sent, nothing else goes: only a crash sends it again.
 *
 * <p>When nobody takes anything the whole channel waits, longer each time up to a cap; when one letter is not taken, only its guardian's do, also when
 * the channel is said to be unreachable: a second letter must have found that, too.
 * The outbox has the last word on how often.
 *
 * <p>An alarm that was never tried does not wait with its channel: it is tried once at once, for its receiver may be one who can be reached.
 */
final class Postman implements AutoCloseable {
    static final long FIRST_RETRY_MS = 1_000;
    static final long LAST_RETRY_ALARM_MS = 300_000;
    static final long LAST_RETRY_NORMAL_MS = 900_000;
    private static final int MAX_DOUBLINGS = 20;
    private static final long NOBODY = -1;
    private static final Duration IDLE = Duration.ofSeconds(1);
    /** Longer than a way may take. */
    private static final long CLOSE_MS = 12_000;

    /** What it carries. */
    record Route(boolean alarm, String channel) {
        String name() {
            return "guardian-" + (alarm ? "alarm-" : "") + channel;
        }
    }

    private final Route route;
    private final Outbox outbox;
    private final Texts texts;
    private final Way way;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Thread thread;
    /** The receiver has it, and that could not be written down yet: it is not sent again. */
    private @Nullable Letter sent;

    /** The last letter that found the channel unreachable, since one was taken. */
    private long unreachableFor = NOBODY;

    private int failures;
    private long pausedUntilMs;
    /** After a defect of ours nothing goes, also no new alarm. */
    private long stoppedUntilMs;

    private volatile boolean closed;

    private Postman(Route route, Outbox outbox, Texts texts, Way way, InstantSource clock, RandomGenerator random) {
        this.route = route;
        this.outbox = outbox;
        this.texts = texts;
        this.way = way;
        this.clock = clock;
        this.random = random;
        this.thread = new Thread(this::run, route.name());
        thread.setDaemon(true);
    }

    static Postman start(
            Route route, Outbox outbox, Texts texts, Way way, InstantSource clock, RandomGenerator random) {
        Postman postman = new Postman(route, outbox, texts, way, clock, random);
        postman.thread.start();
        return postman;
    }

    private void run() {
        try (way) {
            long seen = 0;
            while (!closed) {
                drain();
                seen = outbox.await(seen, IDLE);
            }
        } catch (InterruptedException e) {
            Logger.debug("{}: stopped", route.name());
        }
    }

    private void drain() {
        try {
            while (!closed && clock.millis() >= stoppedUntilMs) {
                boolean paused = clock.millis() < pausedUntilMs;
                if (paused && !route.alarm()) {
                    return;
                }
                writeDown();
                Optional<Letter> letter = paused
                        ? outbox.nextUntried(true, route.channel())
                        : outbox.next(route.alarm(), route.channel());
                if (letter.isEmpty()) {
                    return;
                }
                bring(letter.get());
            }
        } catch (IOException | RuntimeException | Error e) {
            // Also a defect of ours: the other channels go on, and this one comes back.
            Logger.error(e, "letters to guardians by {}", route.name());
            pause();
            stoppedUntilMs = pausedUntilMs;
        }
    }

    private void writeDown() throws IOException {
        Letter done = sent;
        if (done != null) {
            outbox.sent(done);
            sent = null;
            recovered();
        }
    }

    private void bring(Letter letter) throws IOException {
        Outcome outcome = way.send(letter, texts.of(letter));
        switch (outcome.verdict()) {
            case SENT -> {
                sent = letter;
                writeDown();
            }
            case REFUSED -> {
                outbox.refused(letter, outcome.why());
                Logger.warn("letter {} was refused for good", letter);
                recovered();
            }
            case LATER -> {
                outbox.later(letter, clock.millis() + delayMs(letter.tries()), outcome.why());
                recovered();
            }
            // Unreachable.
            default -> {
                if (clock.millis() < pausedUntilMs) {
                    // A new alarm in a pause: it waits with the others and makes their wait no longer.
                    outbox.later(letter, pausedUntilMs, outcome.why());
                    return;
                }
                boolean one = unreachableFor == NOBODY || unreachableFor == letter.seq();
                unreachableFor = letter.seq();
                if (one && failures == 0) {
                    outbox.later(letter, clock.millis() + delayMs(letter.tries()), outcome.why());
                    return;
                }
                if (failures == 0) {
                    Logger.warn("{} takes no letters, they wait", route.name());
                }
                pause();
                outbox.later(letter, pausedUntilMs, outcome.why());
            }
        }
    }

    private void recovered() {
        if (failures > 0) {
            Logger.info("{} takes letters again", route.name());
        }
        failures = 0;
        pausedUntilMs = 0;
        unreachableFor = NOBODY;
    }

    private void pause() {
        pausedUntilMs = clock.millis() + delayMs(failures);
        failures++;
    }

    /** Half of it is chance: what failed together does not come back together. */
    private long delayMs(int before) {
        long cap = route.alarm() ? LAST_RETRY_ALARM_MS : LAST_RETRY_NORMAL_MS;
        long most = Math.min(cap, FIRST_RETRY_MS << Math.min(before, MAX_DOUBLINGS));
        return most / 2 + random.nextLong(most / 2 + 1);
    }

    /** Ends after the letter at hand. */
    @Override
    public void close() {
        closed = true;
        outbox.wake();
        try {
            thread.join(CLOSE_MS);
            if (thread.isAlive()) {
                Logger.warn("{} did not end within {} s", route.name(), TimeUnit.MILLISECONDS.toSeconds(CLOSE_MS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
