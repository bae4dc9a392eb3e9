package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Disposition;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Everything is counted; each source is told of once a minute. */
final class TallyTest {
    private final AtomicLong nanos = new AtomicLong(5);
    private final Tally tally = new Tally(nanos::get);

    @Test
    void everythingIsCountedByItsName() {
        tally.count(Disposition.STORED);
        tally.count(Disposition.STORED);
        tally.count(Refusal.UNKNOWN_KID, "127.0.0.1", "");
        tally.count(Refusal.RECEIPT_NOT_SENT);
        assertEquals(Map.of("stored", 2L, "refused-unknown-kid", 1L, "refused-receipt-not-sent", 1L), tally.snapshot());
    }

    @Test
    void aSourceIsToldOfOnceAMinute() {
        assertTrue(tally.mayTell("a"));
        assertFalse(tally.mayTell("a"));
        assertTrue(tally.mayTell("b"));
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(60) - 1);
        assertFalse(tally.mayTell("a"));
        nanos.addAndGet(1);
        assertTrue(tally.mayTell("a"));
    }

    @Test
    void onlySoManySourcesAreRemembered() {
        tally.mayTell("first");
        for (int i = 0; i < Tally.SOURCES; i++) {
            tally.mayTell("source " + i);
        }
        assertTrue(tally.mayTell("first"));
    }
}
