package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Disposition;
import ansim.hub.core.Flag;
import ansim.hub.core.Links;
import ansim.hub.core.Output;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which receipts go out, and when. */
final class ReceiptsDueTest {
    private static final Id8 CHAIN = new Id8(7);
    private static final long NOW = 1_000_000_000_000L;

    private final ReceiptsDue due = new ReceiptsDue();

    private static Receipted at(long n) {
        return new Receipted(CHAIN, n, new Id8(100 + n));
    }

    private static Output output(Disposition disposition, Receipted receipted, Flag... flags) {
        return new Output(
                disposition,
                "",
                Set.of(flags),
                Optional.empty(),
                new Links(0, 0, 0, 0, 0, 0, 0),
                Optional.of(receipted),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    @Test
    void alarmsAndEventsAreReceiptedAtOnceTheRestOnceASecond() {
        due.add(Lane.TRACK, output(Disposition.STORED, at(1)));
        assertEquals(NOW, due.dueNanos(NOW), "the first waits for nothing");
        due.take(Map.of(), NOW);
        assertFalse(due.isPending());
        due.add(Lane.STATUS, output(Disposition.STORED, at(2)));
        assertEquals(NOW + 1_000_000_000L, due.dueNanos(NOW + 5));
        due.add(Lane.EVENT, output(Disposition.STORED, at(3)));
        assertEquals(NOW + 5, due.dueNanos(NOW + 5));
    }

    @Test
    void whatTheWholeSaysIsNotSaidTwice() {
        due.add(Lane.EVENT, output(Disposition.STORED, at(1)));
        due.add(Lane.EVENT, output(Disposition.STORED, at(2)));
        due.add(Lane.EVENT, output(Disposition.DUPLICATE, at(2)));
        Map<Lane, List<Receipted>> whole = Map.of(Lane.EVENT, List.of(at(2)));
        assertEquals(List.of(whole), due.take(whole, NOW));
    }

    @Test
    void anOldDuplicateIsReceiptedByItsOwnNumberTheHighestForAll() {
        due.add(Lane.EVENT, output(Disposition.DUPLICATE, at(3)));
        due.add(Lane.EVENT, output(Disposition.DUPLICATE, at(5)));
        due.add(Lane.EVENT, output(Disposition.DUPLICATE, at(4)));
        Map<Lane, List<Receipted>> whole = Map.of(Lane.EVENT, List.of(at(9)));
        assertEquals(List.of(whole, Map.of(Lane.EVENT, List.of(at(5)))), due.take(whole, NOW));
    }

    @Test
    void everyForkAndEveryMessageBehindIsReceiptedForItself() {
        List<Receipted> forks = new ArrayList<>();
        for (int n = 1; n <= 6; n++) {
            forks.add(at(n));
            due.add(Lane.EVENT, output(Disposition.FORK, at(n), Flag.FORK));
        }
        due.add(Lane.ALARM, output(Disposition.STORED, at(1), Flag.BEHIND));
        List<Map<Lane, List<Receipted>>> receipts = due.take(Map.of(), NOW);
        assertEquals(
                List.of(
                        Map.of(Lane.EVENT, forks.subList(0, Receipt.MAX_CHAINS), Lane.ALARM, List.of(at(1))),
                        Map.of(Lane.EVENT, forks.subList(Receipt.MAX_CHAINS, 6))),
                receipts);
        receipts.forEach(Receipt::new);
    }

    @Test
    void aHoleIsAnsweredWithTheWholeAlone() {
        due.add(Lane.TRACK, output(Disposition.HOLE, at(2)));
        Map<Lane, List<Receipted>> whole = Map.of(Lane.TRACK, List.of(at(2)));
        assertTrue(due.isPending());
        assertEquals(List.of(whole), due.take(whole, NOW));
    }

    @Test
    void nothingIsSaidOfAUnitOfWhichNothingIsHeld() {
        due.greet();
        assertEquals(List.of(), due.take(Map.of(), NOW));
    }

    @Test
    void manySingleReceiptsDoNotWait() {
        due.take(Map.of(), NOW);
        for (int n = 1; n < Limits.SINGLE_RECEIPTS; n++) {
            due.add(Lane.TRACK, output(Disposition.FORK, at(n), Flag.FORK));
            assertEquals(NOW + 1_000_000_000L, due.dueNanos(NOW));
        }
        due.add(Lane.TRACK, output(Disposition.FORK, at(99), Flag.FORK));
        assertEquals(NOW, due.dueNanos(NOW));
    }
}
