package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether the system clock may date messages. */
class KernelClockTest {
    /** TIME_OK, a leap second being inserted, deleted, under way, over; TIME_ERROR. */
    @ParameterizedTest
    @CsvSource({"0, true", "1, true", "2, true", "3, true", "4, true", "5, false"})
    void aClockIsSynchronisedUnlessTheKernelSaysThatItIsNot(int state, boolean synchronised) {
        assertEquals(Optional.of(synchronised), new KernelClock(() -> state).synchronised());
    }

    @Test
    void whereTheKernelMayNotBeAskedNobodyKnows() {
        assertEquals(Optional.empty(), new KernelClock(() -> -1).synchronised());
    }

    @Test
    void theKernelOfThisMachineAnswers() {
        assertTrue(KernelClock.real().synchronised().isPresent());
    }
}
