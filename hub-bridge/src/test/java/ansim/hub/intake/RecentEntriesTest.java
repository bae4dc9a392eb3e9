package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.Step;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What followers get without opening it again. */
final class RecentEntriesTest {
    private static final LogEntry FROM_THE_LOG = founding(1);

    private final RecentEntries recent = new RecentEntries((index, keyId, payload) -> FROM_THE_LOG);

    private static LogEntry founding(long generation) {
        Input.Founding input = new Input.Founding(5, generation);
        return new LogEntry(input, Step.decide(new HubState(), input));
    }

    private LogEntry read(long index) throws LogEntry.Unreadable {
        return recent.read(index, OptionalLong.empty(), new byte[0]);
    }

    private void put(long index, LogEntry entry) {
        recent.put(new Logged(index, OptionalLong.empty(), entry));
    }

    @Test
    void anEntryIsTheOneThatWasCommittedUntilItsPlaceIsTaken() throws Exception {
        LogEntry seven = founding(7);
        put(7, seven);
        assertSame(seven, read(7));
        assertSame(FROM_THE_LOG, read(8));
        put(7 + RecentEntries.KEPT, founding(8));
        assertSame(FROM_THE_LOG, read(7));
        assertEquals(founding(8), read(7 + RecentEntries.KEPT));
    }

    @Test
    void afterAnErasureEverythingComesFromTheLogWhichLacksTheKeys() throws Exception {
        for (int i = 1; i <= RecentEntries.KEPT; i++) {
            put(i, founding(i));
        }
        recent.forget();
        for (int i = 1; i <= RecentEntries.KEPT; i++) {
            assertSame(FROM_THE_LOG, read(i));
        }
    }
}
