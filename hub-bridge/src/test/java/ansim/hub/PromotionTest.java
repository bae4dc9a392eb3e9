package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.intake.Snapshots;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code promote}: what it refuses, what it keeps, and that it can be interrupted. */
final class PromotionTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long GENERATION = 1_795_000_000L;

    @TempDir
    private Path folder = Path.of("");

    private final SigningKey key = SigningKey.generate(RANDOM);
    private final HubState state = new HubState();

    private Path mirror() {
        return folder.resolve("mirror");
    }

    private Path data() {
        return folder.resolve("data");
    }

    @BeforeEach
    void aMirror() throws IOException {
        Files.createDirectories(data());
        grow(mirror().resolve("log"), 5);
        HubKey.keep(mirror().resolve(HubFolder.KEY), HubKeys.of(key));
    }

    private void grow(Path log, int entries) throws IOException {
        try (Journal journal = Journal.open(log, JournalOptions.hub(), JournalFiles.real())) {
            for (int i = 0; i < entries; i++) {
                Input input = journal.durableIndex() == 0
                        ? new Input.Founding(GENERATION * 1000, GENERATION)
                        : new Input.UnitChange(GENERATION * 1000, unit());
                LogEntry entry = new LogEntry(input, Step.decide(state, input));
                state.apply(journal.append(Entry.message(entry.encode())), entry);
            }
        }
    }

    private static UnitRecord unit() {
        Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
        return new UnitRecord(id, SigningKey.generate(RANDOM).verifyKey(), "1", "c", "taxi", Optional.empty(), false);
    }

    private List<String> promote(boolean replace) throws IOException {
        return new Promotion(Promotion.Source.MIRROR, mirror(), data(), replace).run();
    }

    private String refusal() {
        return assertThrows(CommandFailure.class, () -> promote(false)).error();
    }

    private void assertPromoted(List<String> told) throws IOException {
        String expected = "5 log entries, generation " + GENERATION + ", state "
                + HexFormat.of().formatHex(state.hash()) + ", hub key "
                + key.verifyKey().kid();
        assertEquals(expected, told.get(0));
        assertEquals(6, entries(data()), "with a founding");
        assertEquals(5, entries(mirror()));
        assertEquals(
                key.verifyKey(),
                HubKey.read(data().resolve(HubFolder.KEY)).orElseThrow().verifyKey());
        Promotion.refuseUnfinished(data());
    }

    private static long entries(Path hub) throws IOException {
        try (Journal log = Journal.open(hub.resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            return log.durableIndex();
        }
    }

    private void copyOfTheMirrorIn(Path log) throws IOException {
        Files.createDirectories(log);
        try (var files = Files.list(mirror().resolve("log"))) {
            for (Path file : files.toList()) {
                Files.copy(file, log.resolve(file.getFileName()));
            }
        }
    }

    @Test
    void anEmptyDataFolderGetsLogKeyAndStateOfTheMirrorWhichStays() throws IOException {
        List<String> told = promote(false);
        assertPromoted(told);
        assertEquals("its newest entry is of " + Instant.ofEpochMilli(GENERATION * 1000), told.get(1));
        assertEquals(3, told.size());
    }

    /** Left out when its disk failed and plugged in again a month later: nothing here tells it from one that was a mirror to the end. */
    @Test
    void whatAnOldMirrorLacksComesAgainBecauseTheGenerationIsRaised() throws IOException {
        String raised = promote(false).get(2);
        assertTrue(raised.startsWith("the generation is raised to "), raised);
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            LogEntry last = LogEntry.decode(log.read(6).orElseThrow().payload());
            long generation = ((Input.Founding) last.input()).generation();
            assertTrue(generation > GENERATION);
            assertTrue(raised.startsWith("the generation is raised to " + generation + " by entry 6"), raised);
        }
        assertTrue(Files.exists(data().resolve("snapshots").resolve("000000000006.snap")), "with the founding");
    }

    /** An entry that no program can apply stands for a year of entries that none should have to. */
    @Test
    void withASnapshotInTheMirrorWhatItStandsForIsCopiedAndNotReplayed() throws IOException {
        try (Journal log = Journal.open(mirror().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            log.append(Entry.message(new byte[] {1, 2, 3}));
            LogEntry next = new LogEntry(
                    new Input.UnitChange(GENERATION * 1000, unit()),
                    Step.decide(state, new Input.UnitChange(GENERATION * 1000, unit())));
            state.apply(6, next);
            new Snapshots(mirror().resolve("snapshots"), JournalFiles.real(), log.journalId()).write(state);
        }
        grow(mirror().resolve("log"), 2);
        assertTrue(promote(false).get(0).startsWith("8 log entries"));
        assertTrue(Files.exists(data().resolve("snapshots").resolve("000000000009.snap")), "the start is fast, too");
        Files.write(mirror().resolve("snapshots").resolve("000000000006.snap"), new byte[10]);
        String error = assertThrows(CommandFailure.class, () -> promote(true)).error();
        assertTrue(error.startsWith("entry 6 of 8 of the mirror does not read"), error);
    }

    @Test
    void aLogThatIsBehindIsMovedAsideAndNotDeleted() throws IOException {
        copyOfTheMirrorIn(data().resolve("log"));
        Files.writeString(data().resolve("views.db"), "old");
        assertPromoted(promote(false));
        assertEquals(5, entries(data().resolve("before-promote-1")));
        assertFalse(Files.exists(data().resolve("views.db")));
    }

    @Test
    void aLogAheadOrOfAnotherHubIsRefusedUnlessReplaced() throws IOException {
        byte[] hash = state.hash();
        copyOfTheMirrorIn(data().resolve("log"));
        try (Journal ahead = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            ahead.append(Entry.message(new byte[] {1}));
        }
        assertTrue(refusal().contains("is ahead of the mirror: 6 entries"), refusal());
        assertPromoted(promote(true));
        assertEquals(6, entries(data().resolve("before-promote-1")));
        assertEquals(HexFormat.of().formatHex(hash), HexFormat.of().formatHex(state.hash()));
    }

    @Test
    void aLogOfAnotherHubIsRefused() throws IOException {
        try (Journal other = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            other.append(Entry.message(new byte[] {1}));
        }
        assertTrue(refusal().contains("is of another hub"), refusal());
    }

    @Test
    void aRunningHubOnEitherIsRefused() throws IOException {
        copyOfTheMirrorIn(data().resolve("log"));
        for (Path running : List.of(data(), mirror())) {
            try (Journal held = Journal.open(running.resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
                assertEquals(5, held.durableIndex());
                assertTrue(refusal().contains("is in use by the process"), running.toString());
            }
        }
    }

    @Test
    void whatIsNoMirrorIsRefused() {
        String none = assertThrows(
                        CommandFailure.class,
                        () -> new Promotion(Promotion.Source.MIRROR, folder.resolve("none"), data(), true).run())
                .error();
        assertTrue(none.contains("there is no mirror"), none);
    }

    @Test
    void interruptedWhileTheOldWasMovedAsideItGoesOnAndTheHubDoesNotStartBetween() throws IOException {
        promoteUpTo("filled");
        Files.createDirectories(data().resolve("before-promote-1"));
        Files.writeString(data().resolve("views.db"), "not yet aside");
        assertThrows(CommandFailure.class, () -> Promotion.refuseUnfinished(data()));
        assertPromoted(promote(false));
        assertTrue(Files.exists(data().resolve("before-promote-2").resolve("views.db")));
    }

    @Test
    void interruptedWhileTheNewMovedUpItGoesOnAndMovesNothingOfItAside() throws IOException {
        promoteUpTo("filled");
        Files.writeString(data().resolve("promoting").resolve("moved-aside"), "");
        Path draft = data().resolve("promoting");
        Files.move(draft.resolve("log"), data().resolve("log"));
        assertPromoted(promote(false));
        assertFalse(Files.exists(data().resolve("before-promote-1")));
    }

    @Test
    void interruptedWhileItCopiedItGoesOn() throws IOException {
        promoteUpTo("filled");
        Files.delete(data().resolve("promoting").resolve("filled"));
        assertPromoted(promote(false));
    }

    /** As it stands when the draft is whole: done once, then put back. */
    private void promoteUpTo(String mark) throws IOException {
        List<String> told = promote(false);
        Path draft = Files.createDirectory(data().resolve("promoting"));
        Files.move(data().resolve("log"), draft.resolve("log"));
        Files.move(data().resolve(HubFolder.KEY), draft.resolve(HubFolder.KEY));
        Files.writeString(draft.resolve(mark), told.get(0) + "\n");
    }
}
