package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Guessing is slow from anywhere, and locks nobody else out with a handful of tries. */
final class AttemptsTest {
    private Instant now = Instant.parse("2026-11-27T00:00:00Z");
    private final Attempts attempts = new Attempts(() -> now);

    private void wrong(int times, String name, String address) {
        for (int i = 0; i < times; i++) {
            assertTrue(attempts.begin(name, address), name + " from " + address + ", try " + i);
        }
    }

    @Test
    void aHandfulOfWrongTriesClosesTheNameForThatAddressAndNobodyElse() {
        wrong(Attempts.FROM_ONE_PLACE, "kim", "192.0.2.1");
        assertFalse(attempts.begin("kim", "192.0.2.1"));
        assertTrue(attempts.begin("kim", "192.0.2.2"), "kim is at another address");
        assertTrue(attempts.begin("lee", "192.0.2.1"), "somebody else behind the same address");
    }

    @Test
    void anAddressThatTriesManyNamesIsClosedForAll() {
        for (int i = 0; i < Attempts.OF_ONE_ADDRESS; i++) {
            wrong(1, "name" + i, "192.0.2.1");
        }
        assertFalse(attempts.begin("another", "192.0.2.1"));
    }

    @Test
    void aNameThatIsTriedFromManyAddressesIsClosedForAll() {
        for (int i = 0; i < Attempts.OF_ONE_NAME; i++) {
            wrong(1, "kim", "192.0.2." + i);
        }
        assertFalse(attempts.begin("kim", "198.51.100.1"));
    }

    @Test
    void itOpensAQuarterOfAnHourAfterTheLastTryThatCounted() {
        wrong(Attempts.FROM_ONE_PLACE, "kim", "192.0.2.1");
        now = now.plus(Attempts.CLOSED).minusMillis(1);
        assertFalse(attempts.begin("kim", "192.0.2.1"));
        now = now.plusMillis(1);
        assertTrue(attempts.begin("kim", "192.0.2.1"));
    }

    @Test
    void whoeverKnowsThePasswordIsNeverClosedOutByTheirOwnSignIns() {
        for (int i = 0; i < 10 * Attempts.OF_ONE_NAME; i++) {
            assertTrue(attempts.begin("kim", "192.0.2.1"));
            attempts.right("kim", "192.0.2.1");
        }
    }
}
