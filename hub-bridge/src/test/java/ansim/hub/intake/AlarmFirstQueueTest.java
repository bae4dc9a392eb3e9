package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Alarms overtake, in bounded room. */
final class AlarmFirstQueueTest {
    @Test
    void alarmsOvertakeAndBothKeepTheirOrder() throws Exception {
        AlarmFirstQueue<String> queue = new AlarmFirstQueue<>(4);
        queue.offer("track 1", false);
        queue.offer("alarm 1", true);
        queue.offer("track 2", false);
        queue.offer("alarm 2", true);
        assertTrue(queue.alarmWaits());
        for (String expected : new String[] {"alarm 1", "alarm 2", "track 1", "track 2"}) {
            assertEquals(Optional.of(expected), queue.take());
        }
        assertEquals(Optional.empty(), queue.poll(0));
    }

    @Test
    void aFullQueueHasRoomForAlarmsStill() {
        AlarmFirstQueue<Integer> queue = new AlarmFirstQueue<>(2);
        assertTrue(queue.offer(1, false));
        assertTrue(queue.offer(2, false));
        assertFalse(queue.offer(3, false));
        assertTrue(queue.offer(4, true));
        assertTrue(queue.offer(5, true));
        assertFalse(queue.offer(6, true));
    }

    @Test
    void aClosedQueueGivesOutWhatItHasAndTakesNothing() throws Exception {
        AlarmFirstQueue<Integer> queue = new AlarmFirstQueue<>(2);
        queue.offer(1, false);
        queue.close();
        assertFalse(queue.offer(2, false));
        assertFalse(queue.put(3, true));
        assertFalse(queue.isDrained());
        assertEquals(Optional.of(1), queue.take());
        assertEquals(Optional.empty(), queue.take());
        assertTrue(queue.isDrained());
    }

    @Test
    void whoWaitsForManyIsWokenByManyByAnAlarmAndByTheEnd() throws Exception {
        long forEver = TimeUnit.HOURS.toNanos(1);
        AlarmFirstQueue<Integer> queue = new AlarmFirstQueue<>(4);
        assertFalse(queue.await(2, 0));
        queue.offer(1, false);
        assertTrue(queue.await(2, 0));
        for (Runnable waking :
                List.<Runnable>of(() -> queue.offer(2, false), () -> queue.offer(3, true), queue::close)) {
            AtomicReference<Object> found = new AtomicReference<>("still waiting");
            Thread waiting = new Thread(() -> {
                try {
                    found.set(queue.await(2, forEver));
                } catch (InterruptedException e) {
                    found.set(e);
                }
            });
            waiting.start();
            while (waiting.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            waking.run();
            waiting.join();
            assertEquals(true, found.get());
            while (queue.size() > 1) {
                var unused = queue.poll(0);
            }
        }
    }

    @Test
    void afterWaitingForManyOneItemWakesAgain() throws Exception {
        AlarmFirstQueue<Integer> queue = new AlarmFirstQueue<>(4);
        assertFalse(queue.await(3, 1));
        Thread putting = new Thread(() -> queue.offer(7, false));
        putting.start();
        assertEquals(Optional.of(7), queue.take());
        putting.join();
    }
}
