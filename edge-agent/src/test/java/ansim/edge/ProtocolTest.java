package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Presence;
import ansim.wire.Tamper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A unit and a hub under random schedules: a link that loses, repeats and reorders, a process that dies anywhere, a disk that
 * fails and comes back, a hub that is restored. Whatever was said to be stored arrives, everything once, and both come to rest.
 */
class ProtocolTest {
    private static final int STEPS = 150;

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final FailingFiles files = new FailingFiles();
    /** Said to be on disk. */
    private final Set<String> stored = new HashSet<>();
    /** In memory only when the process died: may be lost, may have been sent. */
    private final Set<String> uncertain = new HashSet<>();

    private final Set<String> inMemory = new HashSet<>();
    private final Set<String> madeInMemory = new HashSet<>();
    private final List<byte[]> travelling = new ArrayList<>();
    private int made;

    /** A dozen on every build; -Dansim.seeds=N tries more. */
    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("ansim.seeds", 12));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverHappensWhatWasStoredArrivesOnce(long seed) throws JournalException {
        Random random = new Random(seed);
        TestUnit unit = new TestUnit(data, hub, files);
        try {
            for (int i = 0; i < STEPS; i++) {
                unit = step(unit, random);
            }
            rest(unit);
        } finally {
            unit.close();
        }
        check(unit, "seed " + seed);
    }

    private TestUnit step(TestUnit unit, Random random) throws JournalException {
        unit.nowMs += random.nextInt(2_000);
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> make(unit);
            case 4 -> unit.alarm();
            case 5 -> unit.link.connect();
            case 6 -> unit.link.disconnect();
            case 7 -> files.failing = !files.failing && random.nextInt(3) == 0;
            case 8 -> unit.lanes.tick();
            case 9 -> {
                if (random.nextInt(3) == 0) {
                    return restart(unit);
                }
            }
            case 10 -> {
                if (random.nextInt(8) == 0) {
                    hub.restore(random.nextInt(10));
                    // What memory held is gone from the unit with its receipt: such a hub's loss is not made up for.
                    stored.removeAll(madeInMemory);
                    uncertain.addAll(madeInMemory);
                }
            }
            default -> travel(unit, random);
        }
        return unit;
    }

    private void make(TestUnit unit) {
        String name = "door-" + made;
        if (unit.event(made++)) {
            stored.add(name);
        } else {
            inMemory.add(name);
            madeInMemory.add(name);
        }
        if (unit.lanes.durable(Lane.EVENT)) {
            certain();
        }
    }

    private void certain() {
        inMemory.removeAll(uncertain);
        stored.addAll(inMemory);
        inMemory.clear();
    }

    private TestUnit restart(TestUnit unit) throws JournalException {
        if (unit.lanes.durable(Lane.EVENT)) {
            certain();
        } else {
            uncertain.addAll(inMemory);
            inMemory.clear();
        }
        return unit.restart();
    }

    private void travel(TestUnit unit, Random random) {
        unit.step();
        travelling.addAll(unit.link.drain());
        if (random.nextInt(3) == 0) {
            Collections.shuffle(travelling, random);
        }
        int arriving = random.nextInt(travelling.size() + 1);
        for (int i = 0; i < arriving; i++) {
            byte[] message = travelling.remove(0);
            if (random.nextInt(5) > 0) {
                hub.take(message);
            }
            if (random.nextInt(8) == 0) {
                travelling.add(message);
            }
        }
        byte[] receipt = hub.receipt();
        if (receipt.length > 0 && random.nextInt(3) > 0) {
            unit.link.down(receipt);
            unit.step();
        }
    }

    private void rest(TestUnit unit) {
        files.failing = false;
        travelling.forEach(hub::take);
        for (int i = 0; i < 20; i++) {
            unit.retry();
            // A hub that was restored to nothing has nothing to name but lane 4: its receipt tells the new generation.
            unit.lanes.status(new Draft(new Presence(375_000_000, 1_270_000_000, true), unit.nowMs));
            unit.link.disconnect();
            unit.link.connect();
            byte[] receipt = hub.receipt();
            if (receipt.length > 0) {
                unit.link.down(receipt);
            }
            unit.exchange();
        }
        certain();
    }

    private void check(TestUnit unit, String seed) {
        List<String> arrived = hub.doors();
        Set<String> missing = new HashSet<>(stored);
        missing.removeAll(arrived);
        assertEquals(Set.of(), missing, seed);
        assertEquals(new HashSet<>(arrived).size(), arrived.size(), seed + ": nothing twice");
        Set<String> unexplained = new HashSet<>(arrived);
        unexplained.removeAll(stored);
        unexplained.removeAll(uncertain);
        assertEquals(Set.of(), unexplained, seed);
        assertEquals(0, hub.forks, seed);
        assertTrue(made > 0);
        assertEquals(Optional.empty(), unit.lanes.figures().failure(), seed);
        assertEquals(List.of(0L, 0L, 0L, 0L), unit.lanes.figures().waiting(), seed);
        assertTrue(
                hub.bodies(Lane.ALARM).stream()
                        .noneMatch(body -> body.equals(Tamper.of(Tamper.What.NUMBERS, Phase.RAISED))),
                seed);
    }
}
