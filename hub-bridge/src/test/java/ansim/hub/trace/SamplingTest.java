package ansim.hub.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which messages are followed, and what it costs those that are not. */
final class SamplingTest {
    private static Batch batch(Id16 unit, long chain, Lane lane, long n) {
        return new Batch(
                unit,
                new Id8(1),
                lane,
                new Id8(chain),
                n,
                Optional.empty(),
                TimeQuality.UNKNOWN,
                0,
                0,
                List.of(new UpRecord(0, new Contact("door", true, Optional.empty()))),
                OptionalLong.empty(),
                false,
                false);
    }

    @Test
    void theShareIsKeptAmongTheNumbersOfOneChainAndAmongUnits() {
        Sampling hundredth = new Sampling(0.01);
        Random random = new Random(7);
        int numbers = 0;
        int units = 0;
        Id16 unit = new Id16(random.nextLong(), random.nextLong());
        for (int n = 1; n <= 100_000; n++) {
            numbers += hundredth.takes(batch(unit, 5, Lane.EVENT, n)) ? 1 : 0;
            units += hundredth.takes(batch(new Id16(n, 0), 5, Lane.EVENT, 1)) ? 1 : 0;
        }
        // Six standard deviations; the seed is fixed.
        assertEquals(1_000, numbers, 190);
        assertEquals(1_000, units, 190);
    }

    @Test
    void allAndNoneAreKept() {
        for (int n = 1; n <= 1_000; n++) {
            assertTrue(new Sampling(1).takes(batch(new Id16(1, n), 5, Lane.ALARM, n)));
            assertFalse(new Sampling(0).takes(batch(new Id16(1, n), 5, Lane.ALARM, n)));
        }
        assertThrows(IllegalArgumentException.class, () -> new Sampling(1.1));
        assertThrows(IllegalArgumentException.class, () -> new Sampling(Double.NaN));
    }

    @Test
    void idsFollowFromTheMessagesIdAlone() {
        SpanIds.Root once = Sampling.ids(batch(new Id16(1, 2), 3, Lane.EVENT, 4));
        assertEquals(once, Sampling.ids(batch(new Id16(1, 2), 3, Lane.EVENT, 4)));
        assertNotEquals(once, Sampling.ids(batch(new Id16(1, 2), 3, Lane.EVENT, 5)));
        assertEquals(32, once.trace().length());
        assertEquals(16, once.span().length());
    }

    /** Bytes, not time: what is switched off, or not followed, leaves nothing to collect. */
    @Test
    void aMessageThatIsNotFollowedTakesNoMemory() {
        UpMessage message =
                UpMessage.sign(batch(new Id16(1, 2), 3, Lane.EVENT, 4), SigningKey.generate(new SecureRandom()));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (OtlpTrace none = OtlpTrace.start(java.net.URI.create("http://127.0.0.1:9"), 0)) {
            for (Trace trace : List.of(Trace.NONE, none)) {
                long followed = 0;
                long before = threads.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 1_000_000; i++) {
                    followed += trace.begin(message);
                    trace.verified(message, 0, 1);
                }
                long bytes = threads.getCurrentThreadAllocatedBytes() - before;
                assertEquals(0, followed);
                assertTrue(bytes < 100_000, bytes + " bytes for a million messages");
            }
        }
    }
}
