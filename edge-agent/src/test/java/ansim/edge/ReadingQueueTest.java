package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortReading;
import ansim.profile.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Who has to go when more comes than the disk takes. */
class ReadingQueueTest {
    private final ReadingQueue queue = new ReadingQueue(4);
    private long atMs;

    private void put(Reading reading) {
        queue.accept(new PortReading("any", reading, atMs++));
    }

    private static Reading tap() {
        return new Reading.Tap("62E3086CED");
    }

    private static Reading panic() {
        return new Reading.PanicPress(Reading.Origin.RIDER, Reading.Pattern.LONG, false, 1);
    }

    private static Reading contact() {
        return new Reading.ContactChange("door", true, false, false);
    }

    private List<String> drain() throws InterruptedException {
        List<String> held = new ArrayList<>();
        for (Optional<PortReading> next = queue.poll(0); next.isPresent(); next = queue.poll(0)) {
            held.add(next.get().reading().type() + "@" + next.get().monoMs());
        }
        return held;
    }

    @Test
    void whatComesGoesInOrder() throws InterruptedException {
        put(tap());
        put(new Reading.NoFix());
        put(panic());
        assertEquals(List.of("TAP@0", "NO_FIX@1", "PANIC@2"), drain());
        assertEquals(0, queue.positionsDropped() + queue.othersDropped());
    }

    @Test
    void itSaysHowFarTheRecorderIsBehind() throws InterruptedException {
        assertEquals(OptionalLong.empty(), queue.oldestMs());
        atMs = 200;
        put(contact());
        put(contact());
        assertEquals(OptionalLong.of(200), queue.oldestMs());
        queue.poll(0);
        assertEquals(OptionalLong.of(201), queue.oldestMs());
    }

    @Test
    void theOldestPositionGoesFirst() throws InterruptedException {
        put(tap());
        put(new Reading.NoFix());
        put(new Reading.NoFix());
        put(contact());
        put(new Reading.NoFix());
        assertEquals(List.of("TAP@0", "NO_FIX@2", "CONTACT@3", "NO_FIX@4"), drain());
        assertEquals(1, queue.positionsDropped());
    }

    @Test
    void thenContactsThenTapsAndPanicsLast() throws InterruptedException {
        put(tap());
        put(contact());
        put(panic());
        put(panic());
        put(panic());
        put(panic());
        assertEquals(List.of("PANIC@2", "PANIC@3", "PANIC@4", "PANIC@5"), drain());
        assertEquals(2, queue.othersDropped());
    }

    @Test
    void aPositionIsDroppedRatherThanAnythingElse() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            put(tap());
        }
        put(new Reading.NoFix());
        assertEquals(4, drain().size());
        assertEquals(1, queue.positionsDropped());
    }

    @Test
    void aFullQueueOfPanicsCountsWhatItCannotTake() throws InterruptedException {
        for (int i = 0; i < 6; i++) {
            put(panic());
        }
        assertEquals(List.of("PANIC@0", "PANIC@1", "PANIC@2", "PANIC@3"), drain());
        assertEquals(2, queue.othersDropped());
    }

    @Test
    void nothingInTimeIsNothing() throws InterruptedException {
        assertTrue(queue.poll(1).isEmpty());
    }
}
