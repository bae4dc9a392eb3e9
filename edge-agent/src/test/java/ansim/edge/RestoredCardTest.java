package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A card that is older than what the hub knows, or that runs twice: everything arrives once, and the hub is told. */
class RestoredCardTest {
    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();

    private TestUnit unit(MemoryFiles disk) throws JournalException {
        return new TestUnit(data, hub, disk);
    }

    /** The hub sends a receipt on every connect. */
    private void connect(TestUnit unit) {
        unit.link.connect();
        unit.link.down(hub.receipt());
        unit.exchange();
    }

    private void assertEachOnce(int events) {
        Set<String> expected = new HashSet<>();
        IntStream.range(0, events).forEach(i -> expected.add("door-" + i));
        assertEquals(expected, new HashSet<>(hub.doors()));
        assertEquals(events, hub.doors().size(), "each once");
    }

    private boolean numbersTold() {
        return hub.bodies(Lane.ALARM).contains(Tamper.of(Tamper.What.NUMBERS, Phase.RAISED));
    }

    @Test
    void lastWeeksImageIsFoundOutByTheFirstReceiptAndANewChainBegins() throws JournalException {
        MemoryFiles disk = new MemoryFiles(1);
        MemoryFiles image;
        try (TestUnit unit = unit(disk)) {
            IntStream.range(0, 10).forEach(unit::event);
            image = disk.copy();
            IntStream.range(10, 20).forEach(unit::event);
            connect(unit);
            assertFalse(numbersTold());
        }
        try (TestUnit restored = unit(image)) {
            // Its number 11 has other bytes than the one that the hub holds.
            restored.event(20);
            connect(restored);
            restored.event(21);
            restored.exchange();
            assertTrue(numbersTold(), "tamper 9");
            assertEquals(2, hub.chains(Lane.EVENT));
            assertEquals(1, hub.forks);
            assertEquals(0, restored.waiting(Lane.EVENT), "the old chain's rest is receipted by its hash");
            assertEquals(0, restored.waiting(Lane.ALARM));
            assertEachOnce(22);
        }
    }

    @Test
    void lastWeeksImageWithMoreNumbersThanTheHubKnowsIsFoundOutByTheHash() throws JournalException {
        MemoryFiles disk = new MemoryFiles(2);
        MemoryFiles image;
        try (TestUnit unit = unit(disk)) {
            IntStream.range(0, 5).forEach(unit::event);
            image = disk.copy();
            unit.event(5);
            connect(unit);
        }
        try (TestUnit restored = unit(image)) {
            IntStream.range(6, 12).forEach(restored::event);
            connect(restored);
            restored.event(12);
            restored.exchange();
            assertTrue(numbersTold(), "tamper 9");
            assertEquals(1, hub.forks);
            assertEquals(0, restored.waiting(Lane.EVENT));
            assertEachOnce(13);
        }
    }

    @Test
    void clonedAndBothRunningEverythingOfBothArrivesOnce() throws JournalException {
        MemoryFiles disk = new MemoryFiles(3);
        try (TestUnit unit = unit(disk)) {
            IntStream.range(0, 5).forEach(unit::event);
        }
        MemoryFiles clone = disk.copy();
        try (TestUnit one = unit(disk);
                TestUnit other = unit(clone)) {
            int made = 5;
            for (int round = 0; round < 6; round++) {
                TestUnit turn = round % 2 == 0 ? one : other;
                turn.event(made++);
                turn.event(made++);
                turn.link.disconnect();
                connect(turn);
            }
            one.link.disconnect();
            connect(one);
            assertTrue(numbersTold(), "tamper 9");
            assertEquals(0, one.waiting(Lane.EVENT));
            assertEquals(0, other.waiting(Lane.EVENT));
            assertEachOnce(made);
        }
    }

    /** An older copy of the newest segment alone: the receipts in it are older, too. */
    @Test
    void aStaleAcknowledgementCostsARepetitionAndNothingElse() throws JournalException {
        MemoryFiles disk = new MemoryFiles(4);
        Path newest;
        byte[] stale;
        try (TestUnit unit = unit(disk)) {
            IntStream.range(0, 10).forEach(unit::event);
            newest = newest(disk);
            stale = disk.content(newest);
            connect(unit);
            IntStream.range(10, 12).forEach(unit::event);
            unit.exchange();
        }
        disk.replace(newest, stale);
        try (TestUnit unit = unit(disk)) {
            unit.event(12);
            connect(unit);
            unit.event(13);
            unit.exchange();
            assertTrue(numbersTold(), "numbers that the hub knows with other bytes are told");
            assertTrue(hub.duplicates > 0, "what was receipted was sent again");
            assertEquals(0, unit.waiting(Lane.EVENT));
            assertEachOnce(14);
        }
    }

    private static Path newest(MemoryFiles disk) {
        return disk.paths().stream()
                .filter(path ->
                        path.toString().contains("lane-2") && path.toString().endsWith(".seg"))
                .reduce((older, newer) -> newer)
                .orElseThrow();
    }
}
