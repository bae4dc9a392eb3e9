package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two days and few events; {@code scripts/rig/outage} has seven and weighs the memory. */
class OutageTest {
    @TempDir
    Path folder;

    @Test
    void aCentreThatWasDownForTwoDaysGetsAllInOrderAndNoOtherWaitedForIt() throws Exception {
        try (Outage outage = new Outage(folder, 2, 1)) {
            Outage.Result result = outage.run(2);
            assertEquals(3L * 24 * Outage.DISTRICTS, result.events());
            assertEquals(0, result.missing());
            assertEquals(0, result.disordered());
            assertEquals(0, result.repeats());
            Outage.Day before = result.days().get(0);
            Outage.Day last = result.days().get(2);
            assertEquals(before.meanDelayMs(), last.meanDelayMs(), 1e-9);
            assertEquals(before.worstDelayMs(), last.worstDelayMs());
            assertEquals(48, last.waiting());
            assertTrue(last.attempts() >= 86_400 / 15 + 86_400 / 5, "it is never given up");
            assertTrue(last.attempts() <= 2 * (86_400 / 7.5 + 86_400 / 2.5), "and not pestered: " + last.attempts());
        }
    }
}
