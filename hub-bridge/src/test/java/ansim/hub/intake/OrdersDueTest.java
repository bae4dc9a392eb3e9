package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.core.Order;
import ansim.wire.CommissioningOrder;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When which command goes, over one way and by a clock of the test's. */
class OrdersDueTest {
    private static final Id16 UNIT = new Id16(1, 2);

    private final OrderBook book = new OrderBook();
    private final List<Long> sent = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final List<Runnable> turns = new ArrayList<>();
    private long nowMs = 1_000_000;
    private int room = Integer.MAX_VALUE;
    private final OrdersDue due = new OrdersDue(book, UNIT, () -> nowMs, new OrdersDue.Way() {
        @Override
        public boolean send(Order order) {
            if (room == 0) {
                return false;
            }
            room--;
            sent.add(order.number());
            return true;
        }

        @Override
        public void after(Duration delay, Runnable task) {
            pauses.add(delay);
            turns.add(task);
        }
    });

    private static Order order(long number, long expS) {
        return new Order(UNIT, number, new Id8(number), new CommissioningOrder(60).verb(), expS, "test");
    }

    private static Order order(long number) {
        return order(number, 1_000_000);
    }

    private void turn() {
        turns.remove(0).run();
    }

    private void assertSent(Long... numbers) {
        assertEquals(List.of(numbers), sent);
        sent.clear();
    }

    @Test
    void nothingGoesBeforeTheUnitIsThereAndThenEverythingInOrder() {
        book.put(UNIT, List.of(order(3), order(4)));
        due.look();
        assertSent();
        due.begin();
        assertSent(3L, 4L);
        due.look();
        assertSent();
    }

    @Test
    void aNewCommandGoesAtOnceAndAnAcknowledgedOneNoMore() {
        due.begin();
        book.put(UNIT, List.of(order(1)));
        due.look();
        assertSent(1L);
        book.put(UNIT, List.of(order(1), order(2)));
        due.look();
        assertSent(2L);
        book.put(UNIT, List.of());
        turn();
        assertSent();
        assertEquals(0, turns.size(), "nobody waits for nothing");
    }

    @Test
    void whatIsNotAcknowledgedGoesAgainAfterTwiceAsLongEachTimeUpToTenMinutes() {
        book.put(UNIT, List.of(order(1), order(2)));
        due.begin();
        for (int i = 0; i < 7; i++) {
            assertSent(1L, 2L);
            turn();
        }
        assertEquals(
                List.of(30L, 60L, 120L, 240L, 480L, 600L, 600L, 600L),
                pauses.stream().map(Duration::toSeconds).toList());
        assertSent(1L, 2L);
        book.put(UNIT, List.of(order(2)));
        turn();
        assertEquals(30, pauses.get(pauses.size() - 1).toSeconds(), "the unit has answered: it is there");
    }

    @Test
    void withoutRoomALaterOneWaitsBehindTheOlder() {
        room = 1;
        book.put(UNIT, List.of(order(1), order(2), order(3)));
        due.begin();
        assertSent(1L);
        room = 1;
        due.look();
        assertSent(2L);
        due.failed();
        room = 2;
        due.look();
        assertSent(1L, 2L);
        room = 1;
        due.look();
        assertSent(3L);
    }

    @Test
    void whatIsOverIsNotSent() {
        book.put(UNIT, List.of(order(1, 1_000), order(2)));
        due.begin();
        assertSent(2L);
        nowMs = 1_000_000_000;
        turn();
        assertSent();
        assertEquals(0, turns.size());
    }

    @Test
    void aUnitThatIsGoneIsSentNothingAndEverythingWhenItIsBack() {
        book.put(UNIT, List.of(order(1)));
        due.begin();
        assertSent(1L);
        due.end();
        turn();
        assertSent();
        due.begin();
        assertSent(1L);
        assertEquals(1, turns.size());
    }
}
