package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.journal.JournalException;
import ansim.wire.Lane;
import ansim.wire.Presence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lane 4's chain is never used by two starts, as far as the disk keeps anything at all. */
class StartCounterTest {
    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final ForcedNames disk = new ForcedNames();

    /** A disk whose power can be cut: of the files of {@link #data} it keeps what was there when the folder was last forced. */
    private final class ForcedNames extends FailingFiles {
        private Map<Path, byte[]> forced = Map.of();

        @Override
        public void forceDirectory(Path directory) throws IOException {
            super.forceDirectory(directory);
            if (directory.equals(data)) {
                forced = files();
            }
        }

        private Map<Path, byte[]> files() throws IOException {
            Map<Path, byte[]> files = new TreeMap<>();
            for (String name : list(data)) {
                files.put(data.resolve(name), Files.readAllBytes(data.resolve(name)));
            }
            return files;
        }

        void cut() throws IOException {
            for (Path each : files().keySet()) {
                Files.delete(each);
            }
            for (Map.Entry<Path, byte[]> each : forced.entrySet()) {
                Files.write(each.getKey(), each.getValue());
            }
        }
    }

    private TestUnit unit() throws JournalException {
        return new TestUnit(data, hub, disk);
    }

    private static void status(TestUnit unit, int place) {
        unit.lanes.status(new Draft(new Presence(place, 1_270_000_000, true), unit.nowMs));
    }

    private long statusChain(int place) {
        return hub.stored.stream()
                .filter(message ->
                        message.batch().records().get(0).body().equals(new Presence(place, 1_270_000_000, true)))
                .findFirst()
                .orElseThrow()
                .batch()
                .chain()
                .bits();
    }

    /**
     * Found by scripts/rig/powercut, 300 cuts: a taxi was cut 1.2 s after its first start, before anything of lanes 1 to 3 had been
     * forced. Its counter had been forced under another name and renamed, the rename was only in the cache, and the next start
     * counted 1 again: two of its status messages came to the hub as other bytes under known numbers.
     */
    @Test
    void aPowerCutBeforeAnythingElseIsStoredDoesNotBringTheCounterBack() throws IOException {
        try (TestUnit unit = unit()) {
            status(unit, 1);
            unit.link.connect();
            unit.exchange();
        }
        disk.cut();
        try (TestUnit unit = unit()) {
            status(unit, 2);
            unit.link.connect();
            unit.exchange();
        }
        assertEquals(0, hub.forks);
        assertEquals(1, statusChain(1));
        assertEquals(2, statusChain(2));
    }

    @Test
    void aCounterThatTheHubToldIsKeptAcrossAPowerCutToo() throws IOException {
        Path file = data.resolve("starts");
        StartCounter counter = new StartCounter(file, disk);
        assertEquals(1, counter.next());
        assertEquals(41, counter.store(41));
        disk.cut();
        assertEquals(42, new StartCounter(file, disk).next());
    }

    /** The receipt on connect names what another run sent under this counter; it was taken for this run's own. */
    @Test
    void aReceiptOfOtherBytesUnderThisCounterIsNotTakenAndAnotherCounterBegins() throws IOException {
        try (TestUnit unit = unit()) {
            status(unit, 1);
            unit.link.connect();
            unit.exchange();
        }
        Files.delete(data.resolve("starts"));
        try (TestUnit unit = unit()) {
            status(unit, 2);
            unit.link.connect();
            unit.link.down(hub.receipt());
            unit.exchange();
            assertEquals(1, unit.lanes.figures().dropped().get(Lane.STATUS.number() - 1));
            status(unit, 3);
            unit.exchange();
            assertEquals(0, unit.waiting(Lane.STATUS));
        }
        assertEquals(0, hub.forks);
        assertEquals(2, statusChain(3));
        assertEquals(List.of(), hub.bodies(Lane.ALARM), "one jump is no tamper");
    }
}
