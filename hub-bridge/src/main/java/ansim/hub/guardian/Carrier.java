package ansim.hub.guardian;

import ansim.hub.guardian.Way.Outcome;
import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Brings a letter to its receiver, and then whatever else waits, one after the other until nothing is left to take. One thread.
 *
 * <p>While the vault cannot write down that a letter is sent, this carrier brings nothing else and keeps that letter in hand: only a crash, or the end of
 * the process, sends it again. The others go on, each until it finds the same: so many letters as there are carriers can be sent without its being
 * written down, and none of them twice.
 */
final class Carrier implements Runnable {
    private static final Duration IDLE = Duration.ofSeconds(1);

    private final Letter first;
    private final Channel channel;
    private final Outbox outbox;
    private final Texts texts;
    private final Ways ways;
    private final InstantSource clock;
    private @Nullable Way way;

    /** @param first of the channel's, in hand */
    Carrier(Letter first, Channel channel, Outbox outbox, Texts texts, Ways ways, InstantSource clock) {
        this.first = first;
        this.channel = channel;
        this.outbox = outbox;
        this.texts = texts;
        this.ways = ways;
        this.clock = clock;
    }

    @Override
    public void run() {
        try {
            Optional<Letter> letter = Optional.of(first);
            while (letter.isPresent()) {
                bring(letter.get());
                letter = channel.take();
            }
        } catch (InterruptedException e) {
            Logger.debug("{}: stopped", Thread.currentThread().getName());
        } finally {
            Way lent = way;
            if (lent != null) {
                ways.giveBack(lent);
            }
        }
    }

    private void bring(Letter letter) throws InterruptedException {
        try {
            settle(letter, way().send(letter, texts.of(letter)));
        } catch (IOException | RuntimeException | Error e) {
            // Also a defect of ours: the other channels go on, and this one comes back. Before the letter is anybody
            // else's.
            channel.stop(e);
        } finally {
            channel.release(letter);
        }
    }

    private Way way() {
        Way lent = way;
        if (lent == null) {
            lent = ways.lend();
            way = lent;
        }
        return lent;
    }

    private void settle(Letter letter, Outcome outcome) throws IOException, InterruptedException {
        switch (outcome.verdict()) {
            case SENT -> {
                channel.works();
                writeDown(letter);
            }
            case REFUSED -> {
                outbox.refused(letter, outcome.why());
                Logger.warn("letter {} was refused for good", letter);
                channel.works();
            }
            case LATER -> {
                outbox.later(letter, channel.againMs(letter.tries()), outcome.why());
                channel.works();
            }
            // Unreachable.
            default -> outbox.later(letter, channel.unreachable(letter), outcome.why());
        }
    }

    /** The receiver has it: tried until it is written down, and once only when the channel closes. */
    private void writeDown(Letter letter) throws InterruptedException {
        long seen = 0;
        for (int failures = 0; ; failures++) {
            try {
                outbox.sent(letter);
                return;
            } catch (IOException | RuntimeException | Error e) {
                Logger.error(e, "letter {} is sent, which the vault cannot write down: it is tried again", letter);
            }
            long againMs = channel.againMs(failures);
            while (clock.millis() < againMs) {
                if (channel.isClosed()) {
                    return;
                }
                seen = outbox.await(seen, IDLE);
            }
        }
    }
}
