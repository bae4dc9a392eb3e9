package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * Looks after the letters of one {@link Route}: a server that is slow with the rest holds no alarm up, and no other channel. Hands what waits to
 * {@link Carrier}s, a letter each, until {@link Route#carriers} letters are in hand.
 *
 * <p>One thread waits. A carrier has one only while it has letters, which is let go of when nobody needed it for a minute: alarms come seldom, and eight
 * idle threads and connections for each channel would be kept for them.
 */
final class Postman {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Route route;
    private final Outbox outbox;
    private final Texts texts;
    private final InstantSource clock;
    private final Channel channel;
    private final Ways ways;
    private final ExecutorService carriers;
    private final Thread thread;

    private Postman(
            Route route, Outbox outbox, Texts texts, Supplier<Way> way, InstantSource clock, RandomGenerator random) {
        this.route = route;
        this.outbox = outbox;
        this.texts = texts;
        this.clock = clock;
        this.channel = new Channel(route, outbox, clock, random);
        this.ways = new Ways(way);
        AtomicInteger number = new AtomicInteger();
        // The channel gives out no more letters than there may be carriers.
        this.carriers =
                Executors.newCachedThreadPool(work -> daemon(work, route.name() + "-" + number.incrementAndGet()));
        this.thread = daemon(this::run, route.name());
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    static Postman start(
            Route route, Outbox outbox, Texts texts, Supplier<Way> way, InstantSource clock, RandomGenerator random) {
        Postman postman = new Postman(route, outbox, texts, way, clock, random);
        postman.thread.start();
        return postman;
    }

    private void run() {
        try {
            long seen = 0;
            while (!channel.isClosed()) {
                for (Optional<Letter> letter = channel.take(); letter.isPresent(); letter = channel.take()) {
                    hand(letter.get());
                }
                seen = outbox.await(seen, IDLE);
            }
        } catch (InterruptedException e) {
            Logger.debug("{}: stopped", route.name());
        }
    }

    private void hand(Letter letter) {
        try {
            carriers.execute(new Carrier(letter, channel, outbox, texts, ways, clock));
        } catch (RuntimeException | Error e) {
            // No thread is to be had: nobody has it.
            channel.stop(e);
            channel.release(letter);
        }
    }

    /** Nothing more is taken; what is in hand is brought. Does not wait. */
    void stop() {
        channel.close();
    }

    /** Waits for what is in hand after {@link #stop}, until a moment of {@link System#nanoTime}. */
    void awaitEnd(long deadlineNanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, deadlineNanos - System.nanoTime()));
        carriers.shutdown();
        boolean ended = carriers.awaitTermination(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        ways.close();
        if (!ended || thread.isAlive()) {
            Logger.warn("{} did not end in time: what it has in hand may go again after the next start", route.name());
        }
    }
}
