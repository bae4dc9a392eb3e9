package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ansim.journal.JournalOptions.TornTail;
import ansim.journal.MemoryFiles.PowerCut;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The journal against a map in memory, through random operations on a disk that loses everything since the last force, tears pages,
 * flips bits, fails and fills up. What append has returned for is there, always; what is there was appended, always.
 */
class JournalModelTest {
    private static final Path DIRECTORY = Path.of("journal");
    private static final int HISTORIES = 250;
    private static final int STEPS = 120;

    /** A group that was handed over, in one call with others, and not acknowledged: a failed one may turn up again after a crash. */
    private record Attempt(int call, long index, byte[] message, byte[] state) {
        boolean hasMessage() {
            return message.length > 0;
        }

        boolean hasState() {
            return state.length > 0;
        }
    }

    private static final byte[] NOTHING = new byte[0];

    /** One life of a journal, over many starts. */
    private static final class History {
        final Random random;
        final JournalOptions options;
        final List<String> told = new ArrayList<>();
        MemoryFiles disk;
        Journal journal;
        final Map<Long, byte[]> acknowledged = new TreeMap<>();
        byte[] state = NOTHING;
        final List<Attempt> attempts = new ArrayList<>();
        final Set<Long> halves = new HashSet<>();
        final List<byte[]> states = new ArrayList<>();
        long last;
        /** The first message of the last call that was acknowledged: damage there costs all of it in a log that is cut. */
        long lastCallFrom = 1;

        long dropped;
        long removed;
        int counter;
        int call;

        History(long seed, TornTail tornTail) throws JournalException {
            random = new Random(seed);
            options = new JournalOptions(4096, random.nextBoolean(), tornTail);
            disk = new MemoryFiles(seed);
            journal = Journal.open(DIRECTORY, options, disk);
        }

        /** The last few steps, for whoever must find out. */
        void tell(String step) {
            told.add(step);
            if (told.size() > 12) {
                told.remove(0);
            }
        }

        byte[] payload() {
            counter++;
            byte[] payload = new byte[4 + random.nextInt(random.nextInt(10) == 0 ? 900 : 150)];
            random.nextBytes(payload);
            ByteBuffer.wrap(payload).putInt(counter);
            return payload;
        }

        void step() throws JournalException {
            int what = random.nextInt(100);
            if (what < 42) {
                append();
            } else if (what < 45) {
                flip();
            } else if (what < 60) {
                writeMany();
            } else if (what < 70) {
                remove();
            } else if (what < 74) {
                drop();
            } else if (what < 80) {
                restart(false);
            } else if (what < 90) {
                restart(true);
            } else {
                trouble();
            }
        }

        private List<Entry> group() {
            List<Entry> group = new ArrayList<>();
            int what = random.nextInt(4);
            byte[] message = what == 3 ? NOTHING : payload();
            byte[] newState = what == 0 ? NOTHING : payload();
            if (message.length > 0) {
                group.add(Entry.message(message));
            }
            if (newState.length > 0) {
                group.add(Entry.state(newState));
            }
            long index = lastAttempted() + (message.length > 0 ? 1 : 0);
            attempts.add(new Attempt(call, index, message, newState));
            states.add(newState);
            return group;
        }

        private long lastAttempted() {
            Attempt newest = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
            return newest == null || newest.call() != call ? last : newest.index();
        }

        void append() throws JournalException {
            call++;
            List<Entry> group = group();
            long index = journal.append(group.toArray(Entry[]::new));
            tell("append " + index);
            assertEquals(lastAttempted(), index, () -> told.toString());
            acknowledge();
        }

        void writeMany() throws JournalException {
            call++;
            int many = 1 + random.nextInt(20);
            for (int i = 0; i < many; i++) {
                journal.write(group().toArray(Entry[]::new));
            }
            journal.force();
            tell("write " + many);
            acknowledge();
        }

        private void acknowledge() {
            attempts.removeIf(a -> a.call() != call);
            lastCallFrom = last + 1;
            for (Attempt attempt : attempts) {
                if (attempt.hasMessage()) {
                    acknowledged.put(attempt.index(), attempt.message());
                }
                state = attempt.hasState() ? attempt.state() : state;
                last = attempt.index();
            }
            states.add(state);
            attempts.clear();
            assertEquals(last, journal.durableIndex());
        }

        void remove() {
            removed = Math.max(removed, last == 0 ? 0 : random.nextLong(last + 1));
            journal.remove(removed);
            tell("remove " + removed);
        }

        void drop() throws JournalException {
            long through = journal.oldestSegmentLastIndex().orElse(0);
            dropped = Math.max(dropped, through);
            removed = Math.max(removed, through);
            journal.dropOldestSegment();
            tell("drop through " + through);
        }

        void restart(boolean powerCut) throws JournalException {
            if (powerCut) {
                disk.operationsLeft = random.nextInt(12);
                try {
                    while (true) {
                        if (random.nextInt(3) == 0) {
                            writeMany();
                        } else {
                            append();
                        }
                        if (random.nextInt(6) == 0) {
                            drop();
                        }
                    }
                } catch (PowerCut cut) {
                    disk = disk.powerCut();
                }
            } else {
                journal.close();
            }
            tell(powerCut ? "POWER CUT" : "restart");
            journal = Journal.open(DIRECTORY, options, disk);
            recovered();
        }

        private void thereOrLost(Map<Long, byte[]> found) {
            assertTrue(
                    found.keySet().stream()
                            .filter(index -> !halves.contains(index))
                            .noneMatch(this::lost),
                    () -> "there and lost: " + journal.recovery() + told);
        }

        private boolean lost(long index) {
            return journal.recovery().lost().stream().anyMatch(l -> l.first() <= index && index <= l.last());
        }

        /**
         * A bit turns while the disk lies still. It costs the message that it hits, or the last write, where nothing proves that there
         * was more; every other one is there, and what is not is told.
         */
        void flip() throws JournalException {
            restart(false);
            journal.close();
            List<Path> segments = disk.paths().stream()
                    .filter(p -> p.toString().endsWith(Segments.SEGMENT_SUFFIX))
                    .toList();
            if (!segments.isEmpty()) {
                Path path = segments.get(random.nextInt(segments.size()));
                byte[] content = disk.content(path);
                int at = random.nextInt(content.length);
                content[at] ^= (byte) (1 << random.nextInt(8));
                disk.replace(path, content);
                tell("flip " + path + " at " + at);
            }
            journal = Journal.open(DIRECTORY, options, disk);
            Map<Long, byte[]> found = contents();
            List<Long> gone = acknowledged.keySet().stream()
                    .filter(index -> !found.containsKey(index) && index > droppedThrough())
                    .toList();
            for (long index : gone) {
                boolean told = lost(index)
                        || (index > journal.durableIndex()
                                && !journal.recovery().cleanTail());
                assertTrue(
                        told || index <= journal.removedThrough(), () -> "gone without a word: " + index + this.told);
            }
            assertTrue(
                    gone.stream().filter(index -> index < lastCallFrom).count() <= 1,
                    () -> "more than one message gone: " + gone + told);
            // Of a group in the last write whose other half is damaged a message may still be read though it is told as
            // lost.
            acknowledged.keySet().stream()
                    .filter(index -> index >= lastCallFrom && found.containsKey(index) && lost(index))
                    .forEach(halves::add);
            thereOrLost(found);
            acknowledged.keySet().removeAll(gone);
            byte[] actual = journal.state().orElse(NOTHING);
            boolean newest = Arrays.equals(actual, state);
            assertTrue(
                    newest
                            || (!journal.recovery().cleanTail()
                                    && states.stream().anyMatch(known -> Arrays.equals(known, actual))),
                    () -> "the state is none that can be: " + told);
            state = actual;
            attempts.clear();
            last = journal.durableIndex();
            removed = journal.removedThrough();
            check(found);
        }

        /** What may be gone because it was given up. */
        private long droppedThrough() {
            return Math.max(dropped, options.retain() ? 0 : removed);
        }

        /** Takes over what the last write left, once it is checked to be possible. */
        private void recovered() throws JournalException {
            Map<Long, byte[]> found = contents();
            int stateFrom = -1;
            for (long index = last + 1; index <= journal.durableIndex(); index++) {
                if (found.containsKey(index)) {
                    int kept = attempted(index, found);
                    acknowledged.put(index, attempts.get(kept).message());
                    last = index;
                    if (attempts.get(kept).hasState()) {
                        state = attempts.get(kept).state();
                        stateFrom = kept;
                    }
                }
            }
            checkState(stateFrom);
            attempts.clear();
            assertEquals(Math.max(last, journal.removedThrough()), journal.durableIndex(), () -> told.toString());
            last = journal.durableIndex();
            removed = journal.removedThrough();
            check(found);
            thereOrLost(found);
        }

        private int attempted(long index, Map<Long, byte[]> found) {
            for (int i = attempts.size() - 1; i >= 0; i--) {
                Attempt attempt = attempts.get(i);
                if (attempt.index() == index
                        && attempt.hasMessage()
                        && Arrays.equals(attempt.message(), found.get(index))) {
                    boolean whole = attempts.subList(0, i).stream()
                            .allMatch(
                                    a -> a.call() != attempt.call() || !a.hasMessage() || found.containsKey(a.index()));
                    assertTrue(whole || options.tornTail() == TornTail.SALVAGE, () -> "a hole in a cut log: " + told);
                    return i;
                }
            }
            return fail("message " + index + " was never appended: " + told);
        }

        /** A state without a message may have been kept or not: nothing but itself shows it. */
        private void checkState(int from) {
            byte[] actual = journal.state().orElse(NOTHING);
            boolean possible = Arrays.equals(actual, state);
            for (int i = from + 1; i < attempts.size() && !possible; i++) {
                Attempt attempt = attempts.get(i);
                possible = !attempt.hasMessage() && Arrays.equals(actual, attempt.state());
            }
            if (!possible) {
                fail("the state is none that can be: " + told);
            }
            state = actual;
        }

        void trouble() throws JournalException {
            int what = random.nextInt(4);
            disk.failForce = what == 0;
            disk.failWrite = what == 1;
            disk.readOnly = what == 2;
            disk.capacity = what == 3 ? 0 : Long.MAX_VALUE;
            tell(List.of("force fails", "write fails", "read-only", "full").get(what));
            for (int i = random.nextInt(40); i >= 0; i--) {
                try {
                    append();
                } catch (JournalException e) {
                    assertEquals(last, journal.durableIndex(), () -> told.toString());
                    tell("failed");
                }
            }
            disk.failForce = false;
            disk.failWrite = false;
            disk.readOnly = false;
            disk.capacity = Long.MAX_VALUE;
            check(contents());
        }

        private Map<Long, byte[]> contents() throws JournalException {
            Map<Long, byte[]> found = new TreeMap<>();
            try (JournalReader reader = journal.reader(1)) {
                for (var next = reader.next(); next.isPresent(); next = reader.next()) {
                    found.put(next.get().index(), next.get().payload());
                }
            }
            return found;
        }

        private void check(Map<Long, byte[]> found) throws JournalException {
            long gone = droppedThrough();
            acknowledged.forEach((index, message) -> {
                byte[] content = found.get(index);
                if (content != null || index > gone) {
                    assertTrue(content != null, () -> "message " + index + " is gone: " + told);
                    assertArrayEquals(message, content, () -> "message " + index + " is another: " + told);
                }
            });
            assertTrue(acknowledged.keySet().containsAll(found.keySet()), () -> "more than was appended: " + told);
            long index = last == 0 ? 1 : 1 + random.nextLong(last);
            assertEquals(found.containsKey(index), journal.read(index).isPresent(), () -> "read " + index + told);
            long oldest = found.keySet().stream()
                    .filter(i -> i > journal.removedThrough())
                    .findFirst()
                    .orElse(0L);
            assertEquals(oldest, journal.peek().map(Stored::index).orElse(0L), () -> told.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(TornTail.class)
    void whatWasAcknowledgedIsThereAfterAnything(TornTail tornTail) throws JournalException {
        for (long seed = 1; seed <= HISTORIES; seed++) {
            History history = new History(seed, tornTail);
            try {
                for (int i = 0; i < STEPS; i++) {
                    history.step();
                }
            } catch (JournalException | RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + history.told, e);
            }
        }
    }
}
