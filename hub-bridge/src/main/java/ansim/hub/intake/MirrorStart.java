package ansim.hub.intake;

import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Recovery;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;

/** Opens a mirror and brings it and its log level, before anything is answered. */
final class MirrorStart {
    /** The newest entries that both have are compared byte by byte, so many of them, and the first. */
    static final int COMPARED = 64;

    private static final int FORCE_ENTRIES = 1024;
    private static final int FORCE_BYTES = 4 * 1024 * 1024;
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private MirrorStart() {}

    /**
     * A mirror that is level with its log.
     *
     * @param seenThrough how far it went before: the log ends earlier only when neither has what lies between
     */
    record Opened(Journal mirror, long seenThrough) {}

    static Opened open(Journal log, Path directory, JournalOptions options, JournalFiles files) {
        finishReplacing(directory);
        Journal mirror = openCopy(log, directory, options, files);
        try {
            check(log, mirror, directory);
            long seenThrough = mirror.durableIndex();
            Recovery found = mirror.recovery();
            if (!found.lost().isEmpty()) {
                Logger.warn("the mirror in {} is damaged ({}): filling a new one", directory, found);
                replace(log, mirror, directory, options, files);
                mirror = openCopy(log, directory, options, files);
            } else if (!found.nothingLost()) {
                Logger.warn("the mirror in {} was damaged by the last stop: {}", directory, found);
            }
            level(log, mirror, directory);
            Logger.info("receipts wait for the log and for its mirror in {}", directory);
            return new Opened(mirror, seenThrough);
        } catch (IOException e) {
            closeAfter(mirror, e);
            throw failed(directory, e);
        } catch (CommandFailure e) {
            closeAfter(mirror, e);
            throw e;
        }
    }

    /**
     * Makes a new mirror of all that either reads, then moves the damaged one aside: it may be the only one that has the newest entries, or
     * fills a hole of the log. Stopped anywhere it is done again.
     */
    private static void replace(
            Journal log, Journal damaged, Path directory, JournalOptions options, JournalFiles files)
            throws IOException {
        if (copyWhatReads(damaged, log, "the log") < damaged.durableIndex()) {
            Logger.warn(
                    "entry {} of {} reads neither in the log nor in its damaged mirror in {}",
                    log.durableIndex() + 1,
                    damaged.durableIndex(),
                    directory);
        }
        log.readLostFrom(damaged);
        Path filling = filling(directory);
        try {
            HubLog.copy(log, filling, options, files);
        } catch (IOException e) {
            throw new CommandFailure(
                    "the mirror in " + directory + " is damaged, and no new one can be filled from it and the log: "
                            + HubLog.words(e),
                    "checking both disks, then start again; when an entry reads in neither: hub-bridge restore with the"
                            + " newest backup. Both stay as they are: keep " + directory);
        }
        damaged.close();
        Path aside = setAside(directory);
        finishReplacing(directory);
        Logger.warn("the damaged mirror is now in {}", aside);
    }

    private static Path filling(Path directory) {
        return directory.resolveSibling(directory.getFileName() + ".filling");
    }

    /** The new one was whole when the damaged one was moved aside. */
    private static void finishReplacing(Path directory) {
        try {
            if (!Files.exists(directory) && Files.exists(filling(directory))) {
                Files.move(filling(directory), directory);
            }
        } catch (IOException e) {
            throw failed(directory, e);
        }
    }

    private static void closeAfter(Journal mirror, Exception first) {
        try {
            mirror.close();
        } catch (IOException alsoFailed) {
            first.addSuppressed(alsoFailed);
        }
    }

    private static Journal openCopy(Journal log, Path directory, JournalOptions options, JournalFiles files) {
        try {
            return Journal.openCopy(directory, log, options, files);
        } catch (JournalException e) {
            if (e.reason() == JournalException.Reason.LOCKED) {
                throw new CommandFailure(
                        "the mirror: " + HubLog.words(e),
                        "stopping that process first, or give log.mirror a directory of its own");
            }
            throw failed(directory, e);
        }
    }

    private static CommandFailure failed(Path directory, IOException cause) {
        return new CommandFailure(
                "the mirror of the log in " + directory + " cannot be used: " + HubLog.words(cause),
                "mounting or checking that disk, then start again; to go on without a mirror, remove log.mirror from the"
                        + " settings");
    }

    private static void check(Journal log, Journal mirror, Path directory) throws IOException {
        if (mirror.durableIndex() == 0) {
            return;
        }
        Path folder = directory.toAbsolutePath().getParent();
        if (log.durableIndex() == 0) {
            throw new CommandFailure(
                    "the hub's log is empty, but its mirror in " + directory + " holds " + mirror.durableIndex()
                            + " entries: the first disk was lost or replaced, or is not mounted",
                    "mounting the first disk; if it is gone: hub-bridge promote " + folder);
        }
        if (mirror.journalId() != log.journalId()) {
            throw new CommandFailure(
                    "the log in " + directory + " is of another hub, not a mirror of this one's",
                    "giving log.mirror an empty directory. If the headers of the hub's own log were damaged, and with them"
                            + " its id, the mirror is the one to keep: hub-bridge promote --replace " + folder);
        }
        OptionalLong difference = difference(log, mirror);
        if (difference.isPresent()) {
            throw new CommandFailure(
                    "the mirror in " + directory + " went another way than the log: entry " + difference.getAsLong()
                            + " differs (was the hub run or restored without it?)",
                    "moving that directory away, then start again: an empty mirror is filled from the log. If the"
                            + " mirror is the one to keep: hub-bridge promote --replace " + folder);
        }
    }

    /** Compares the newest entries that both have, and entry 1. What one of them cannot read is no contradiction. */
    static OptionalLong difference(Journal one, Journal other) throws IOException {
        long common = Math.min(one.durableIndex(), other.durableIndex());
        if (common > 0 && differs(one, other, 1)) {
            return OptionalLong.of(1);
        }
        for (long index = Math.max(2, common - COMPARED + 1); index <= common; index++) {
            if (differs(one, other, index)) {
                return OptionalLong.of(index);
            }
        }
        return OptionalLong.empty();
    }

    private static boolean differs(Journal one, Journal other, long index) throws IOException {
        Optional<Stored> here = one.read(index);
        Optional<Stored> there = other.read(index);
        return here.isPresent()
                && there.isPresent()
                && !Arrays.equals(here.get().payload(), there.get().payload());
    }

    private static Path setAside(Path directory) throws IOException {
        for (int i = 1; ; i++) {
            Path free = directory.resolveSibling(directory.getFileName() + ".damaged-" + i);
            if (!Files.exists(free)) {
                return Files.move(directory, free);
            }
        }
    }

    /** Gives the shorter one what the other has more. */
    static void level(Journal log, Journal mirror, Path directory) {
        try {
            if (mirror.durableIndex() < log.durableIndex()) {
                copy(log, mirror, "the mirror");
            } else if (log.durableIndex() < mirror.durableIndex()) {
                copy(mirror, log, "the log");
            }
        } catch (IOException e) {
            throw new CommandFailure(
                    "the log and its mirror in " + directory + " cannot be brought level: " + HubLog.words(e),
                    "checking both disks, then start again; to go on without a mirror, remove log.mirror from the"
                            + " settings");
        }
    }

    static void copy(Journal from, Journal to, String name) throws IOException {
        long last = from.durableIndex();
        long reached = copyWhatReads(from, to, name);
        if (reached < last) {
            throw new IOException("entry " + (reached + 1) + " of " + last + " does not read");
        }
    }

    /** Up to the first entry that does not read; returns the last one that both have then, durable. */
    private static long copyWhatReads(Journal from, Journal to, String name) throws IOException {
        long last = from.durableIndex();
        if (to.durableIndex() >= last) {
            return to.durableIndex();
        }
        Logger.info("{} takes over entries {} to {}", name, to.durableIndex() + 1, last);
        long toldNanos = System.nanoTime();
        long bytes = 0;
        long index = to.durableIndex();
        try (JournalReader reader = from.reader(index + 1)) {
            while (index < last) {
                Optional<Stored> next = reader.next();
                if (next.isEmpty() || next.get().index() != index + 1) {
                    break;
                }
                Entry entry = new Entry(
                        Entry.Type.MESSAGE, next.get().keyId(), next.get().payload());
                index = to.write(entry);
                bytes += entry.payload().length;
                if (index % FORCE_ENTRIES == 0 || bytes > FORCE_BYTES) {
                    to.force();
                    bytes = 0;
                }
                if (System.nanoTime() - toldNanos > TELL_EVERY_NANOS) {
                    toldNanos = System.nanoTime();
                    Logger.info("{}: entry {} of {}, {} %", name, index, last, 100 * index / last);
                }
            }
        }
        to.force();
        return index;
    }
}
