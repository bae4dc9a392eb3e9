package ansim.hub.intake;

import ansim.journal.Journal;
import ansim.journal.JournalReader;
import ansim.journal.Recovery;
import ansim.journal.Stored;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Reads the log and its mirror from their beginnings, slowly and again and again, so that a disk on which old segments rot is noticed
 * before the other one is lost: every entry's checksum on both, and that both hold the same bytes.
 *
 * <p>At most {@value #BYTES_PER_LOOK} bytes of payload a look and a look a second: a segment of 64 MiB in about a minute, a terabyte in
 * twelve days. Of each round the first entry that is wrong is told, and at its end how many were; {@link #counts} has them at any time.
 *
 * <p>Repairs nothing: a mirror that does not read whole is moved aside and filled anew at the next start, a log is read from its mirror
 * meanwhile. Not noticed: what the machine still holds in its page cache, until it has to read it from the disk.
 *
 * <p>One thread looks, any asks for the counts.
 */
final class MirrorScrub {
    static final int BYTES_PER_LOOK = 1 << 20;

    /** Looks without work between two rounds: about an hour. */
    static final int REST_LOOKS = 3_600;

    /** One of the two, read in order. */
    private static final class Side {
        private final JournalReader reader;
        private Optional<Stored> ahead = Optional.empty();

        Side(Journal journal, long from) {
            reader = journal.reader(from);
        }

        /** A reader passes over what does not read. */
        Optional<Stored> at(long index) throws IOException {
            if (ahead.isEmpty() || ahead.get().index() < index) {
                ahead = reader.next();
            }
            return ahead.filter(stored -> stored.index() == index);
        }
    }

    private final Journal log;
    private final Journal mirror;
    private final Path directory;
    private @Nullable Side here;
    private @Nullable Side there;
    private long next = 1;
    private int rest;
    private String error = "";
    private List<Recovery.Lost> lostInLog = List.of();
    private final AtomicLong rounds = new AtomicLong();
    private final AtomicLong compared = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private volatile long wrongBefore;

    MirrorScrub(Journal log, Journal mirror, Path directory) {
        this.log = log;
        this.mirror = mirror;
        this.directory = directory;
    }

    /** Does a second's work. A disk that gives an error is told of once; after a rest the next round begins. */
    void look() {
        if (rest > 0) {
            rest--;
            return;
        }
        try {
            compare(Math.min(log.durableIndex(), mirror.durableIndex()));
            tellOfTheLog();
        } catch (IOException e) {
            String words = HubLog.words(e);
            if (!words.equals(error)) {
                error = words;
                Logger.error("the log and its mirror in {} cannot be compared: {}", directory, words);
            }
            begin();
        }
    }

    /** After a rest, from entry 1. */
    private void begin() {
        close(here);
        close(there);
        here = null;
        there = null;
        next = 1;
        rest = REST_LOOKS;
        compared.set(0);
        wrong.set(0);
    }

    private static void close(@Nullable Side side) {
        if (side != null) {
            try {
                side.reader.close();
            } catch (IOException e) {
                Logger.warn("a file of the log or its mirror does not close: {}", HubLog.words(e));
            }
        }
    }

    private void compare(long last) throws IOException {
        Side ours = here == null ? new Side(log, next) : here;
        Side theirs = there == null ? new Side(mirror, next) : there;
        here = ours;
        there = theirs;
        for (int bytes = 0; next <= last && bytes < BYTES_PER_LOOK; next++) {
            Optional<Stored> one = ours.at(next);
            Optional<Stored> other = theirs.at(next);
            bytes += one.or(() -> other).map(stored -> stored.payload().length).orElse(1);
            compared.incrementAndGet();
            if (other.isEmpty()) {
                tell("does not read in the mirror");
            } else if (one.isEmpty()) {
                tell("reads in neither the log nor its mirror");
            } else if (!Arrays.equals(one.get().payload(), other.get().payload())) {
                tell("is another one in the mirror");
            }
        }
        if (next > last) {
            endRound();
        }
    }

    private void tell(String what) {
        if (wrong.get() == 0) {
            Logger.warn(
                    "entry {} {} in {}: that copy would not be whole when it is needed; replace the disk, or start the hub"
                            + " again, which fills a new mirror",
                    next,
                    what,
                    directory);
        }
        wrong.incrementAndGet();
    }

    private void endRound() {
        if (wrong.get() > 0) {
            Logger.warn("of {} entries of the log {} are wrong in the mirror in {}", compared, wrong, directory);
        }
        wrongBefore = wrong.get();
        rounds.incrementAndGet();
        error = "";
        begin();
    }

    private void tellOfTheLog() {
        List<Recovery.Lost> lost = log.recovery().lost();
        if (!lost.equals(lostInLog)) {
            lostInLog = lost;
            Logger.warn("entries of the log do not read and are taken from its mirror: {}; replace that disk", lost);
        }
    }

    /** By name, for people: entries compared in this round, rounds done, entries wrong in this or the last round. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("mirror-compared", compared.get());
        counts.put("mirror-rounds", rounds.get());
        counts.put("mirror-wrong", Math.max(wrong.get(), wrongBefore));
        return counts;
    }
}
