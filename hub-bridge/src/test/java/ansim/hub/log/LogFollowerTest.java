package ansim.hub.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.Step;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following the log, partly in memory and partly on disk. */
final class LogFollowerTest {
    @TempDir
    Path folder;

    private Journal log;
    private final Map<Long, Logged> hand = new HashMap<>();
    private final List<Long> fromDisk = new ArrayList<>();
    private final EntryReader reader = new EntryReader() {
        @Override
        public LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable {
            fromDisk.add(index);
            return LogEntry.decode(payload);
        }

        @Override
        public Optional<Logged> atHand(long index) {
            return Optional.ofNullable(hand.get(index));
        }
    };

    @BeforeEach
    void open() throws IOException {
        log = Journal.open(folder.resolve("log"), JournalOptions.hub(), JournalFiles.real());
    }

    @AfterEach
    void close() throws IOException {
        log.close();
    }

    private static LogEntry entry(long number) {
        Input.Founding input = new Input.Founding(5, number);
        return new LogEntry(input, Step.decide(new HubState(), input));
    }

    private void append(long index) throws IOException {
        log.append(Entry.message(entry(index).encode()));
    }

    private void atHand(long index) {
        hand.put(index, new Logged(index, OptionalLong.of(index), entry(index)));
    }

    @Test
    void everyEntryIsMetOnceAndInOrderWhetherItIsAtHandOrOnDisk() throws IOException {
        for (long i = 1; i <= 9; i++) {
            append(i);
        }
        for (long i : new long[] {3, 4, 7, 9}) {
            atHand(i);
        }
        List<Long> met = new ArrayList<>();
        try (LogFollower follower = new LogFollower(log, reader, 2)) {
            for (Optional<Logged> next = follower.next(); next.isPresent(); next = follower.next()) {
                assertEquals(entry(next.get().index()), next.get().entry());
                met.add(next.get().index());
            }
            append(10);
            met.add(follower.next().orElseThrow().index());
        }
        assertEquals(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L), met);
        assertEquals(List.of(2L, 5L, 6L, 8L, 10L), fromDisk);
    }

    @Test
    void whatIsAtHandButNotYetDurableIsNotMet() throws IOException {
        append(1);
        atHand(2);
        try (LogFollower follower = new LogFollower(log, reader, 1)) {
            assertEquals(1, follower.next().orElseThrow().index());
            assertEquals(Optional.empty(), follower.next());
            append(2);
            assertEquals(OptionalLong.of(2), follower.next().orElseThrow().keyId());
        }
    }

    @Test
    void itStandsBehindAnEntryThatDoesNotRead() throws IOException {
        append(1);
        log.append(Entry.message(new byte[] {1, 2, 3}));
        append(3);
        try (LogFollower follower = new LogFollower(log, reader, 1)) {
            assertEquals(1, follower.next().orElseThrow().index());
            assertThrows(LogEntry.Unreadable.class, follower::next);
            assertEquals(3, follower.nextIndex());
            assertEquals(3, follower.next().orElseThrow().index());
        }
    }
}
