package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * What the carriers of one {@link Route} know together: which letters they have in hand, and whether the channel takes any. By that it decides what is
 * taken next, and when a letter that nobody took goes again.
 *
 * <p>A letter is in hand from {@link #take} to {@link #release}: nobody else takes it, nor another one of its guardian, so that each guardian's go in
 * order. That is in memory only: after a crash what was in hand goes again, under the same id.
 *
 * <p>When one letter finds the channel unreachable, only its guardian's wait; when a second one does before anybody took one, the channel is down and all
 * wait, longer each time up to a cap. After each such wait one letter tries whether it is back. An alarm that was never tried waits for none of that:
 * it is tried once at once, for its receiver may be one who can be reached, and makes nobody's wait longer.
 *
 * <p>After a defect of ours nothing is taken for a while, also no new alarm. Any thread; one at a time, also while the outbox is asked.
 */
final class Channel {
    static final long FIRST_RETRY_MS = 1_000;
    private static final int MAX_DOUBLINGS = 20;
    private static final long NOBODY = -1;

    private final Route route;
    private final Outbox outbox;
    private final InstantSource clock;
    private final RandomGenerator random;
    /** By guardian; as many as there are carriers at most. */
    private final Map<String, Letter> inHand = new HashMap<>();

    /** The last letter that found the channel unreachable, since one was taken. */
    private long unreachableFor = NOBODY;

    /** How often all had to wait, since one was taken: 0 while the channel is up. */
    private int failures;

    private long pausedUntilMs;
    private long stoppedUntilMs;
    /** The letter that tries whether a channel that was down is back. */
    private long probe = NOBODY;

    private boolean closed;

    Channel(Route route, Outbox outbox, InstantSource clock, RandomGenerator random) {
        this.route = route;
        this.outbox = outbox;
        this.clock = clock;
        this.random = random;
    }

    /** A letter to bring now, to be {@link #release released} whatever becomes of it; empty also when the outbox fails, which is then left alone for a while. */
    synchronized Optional<Letter> take() {
        try {
            return next();
        } catch (IOException | RuntimeException | Error e) {
            stop(e);
            return Optional.empty();
        }
    }

    private Optional<Letter> next() throws IOException {
        long nowMs = clock.millis();
        if (closed || nowMs < stoppedUntilMs || inHand.size() >= route.carriers()) {
            return Optional.empty();
        }
        boolean down = failures > 0;
        boolean any = down ? nowMs >= pausedUntilMs && probe == NOBODY : repeated() < route.repeating();
        if (!any && !route.alarm()) {
            return Optional.empty();
        }
        Set<String> guardians = Set.copyOf(inHand.keySet());
        Optional<Letter> next = any
                ? outbox.next(route.alarm(), route.channel(), guardians)
                : outbox.nextUntried(true, route.channel(), guardians);
        next.ifPresent(letter -> {
            if (inHand.putIfAbsent(letter.guardian(), letter) != null) {
                throw new IllegalStateException("letter " + letter + " came while one of its guardian is in hand");
            }
            if (down && any) {
                probe = letter.seq();
            }
        });
        return next;
    }

    private long repeated() {
        return inHand.values().stream().filter(letter -> letter.tries() > 0).count();
    }

    /** It is on its way no more. */
    synchronized void release(Letter letter) {
        inHand.remove(letter.guardian());
        if (probe == letter.seq()) {
            probe = NOBODY;
        }
    }

    /** A letter was taken, or was answered as one letter: the channel can be reached. */
    synchronized void works() {
        if (failures > 0) {
            Logger.info("{} takes letters again", route.name());
        }
        failures = 0;
        pausedUntilMs = 0;
        unreachableFor = NOBODY;
        probe = NOBODY;
    }

    /** When a letter goes again that found the channel unreachable. */
    synchronized long unreachable(Letter letter) {
        long nowMs = clock.millis();
        if (failures == 0) {
            boolean one = unreachableFor == NOBODY || unreachableFor == letter.seq();
            unreachableFor = letter.seq();
            if (one) {
                return againMs(letter.tries());
            }
            Logger.warn("{} takes no letters, they wait", route.name());
            pause();
        } else if (probe == letter.seq()) {
            pause();
        }
        // Any other was under way when all began to wait, or is a new alarm in that time: it waits with them.
        return Math.max(pausedUntilMs, nowMs);
    }

    /** When to try again what failed so often before: later each time. Half of it is chance: what failed together does not come back together. */
    synchronized long againMs(int before) {
        long most = Math.min(route.lastRetryMs(), FIRST_RETRY_MS << Math.min(before, MAX_DOUBLINGS));
        return clock.millis() + most / 2 + random.nextLong(most / 2 + 1);
    }

    private void pause() {
        pausedUntilMs = againMs(failures);
        failures++;
    }

    /** A defect of ours, or of the vault: nothing is taken for a while. What fails meanwhile makes that no longer. */
    synchronized void stop(Throwable why) {
        Logger.error(why, "letters to guardians by {}", route.name());
        if (clock.millis() >= stoppedUntilMs) {
            pause();
            stoppedUntilMs = pausedUntilMs;
        }
    }

    /** Nothing is taken any more. */
    synchronized void close() {
        closed = true;
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
