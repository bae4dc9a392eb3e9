package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A disk that hangs is named once, and again when it is back. */
final class ForceWatchTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 7);
    private final List<String> told = new ArrayList<>();
    private final ForceWatch watch = new ForceWatch("the mirror's disk", nanos::get, told::add);

    @Test
    void anFsyncThatHangsIsToldOnceAndOnceMoreWhenItIsBack() {
        watch.begin();
        nanos.addAndGet(ForceWatch.SLOW.toNanos() - 1);
        watch.look();
        assertEquals(List.of(), told);
        nanos.addAndGet(1);
        watch.look();
        watch.look();
        String hangs =
                "the mirror's disk has not answered for 5 s: no unit gets a receipt until it does, they keep what"
                        + " they have";
        assertEquals(List.of(hangs), told);
        nanos.addAndGet(ForceWatch.SLOW.toNanos());
        watch.end();
        watch.end();
        assertEquals(List.of(hangs, "the mirror's disk has answered after 10 s"), told);
    }

    @Test
    void manyShortOnesAreNotOneLongOne() {
        for (int i = 0; i < 100; i++) {
            watch.begin();
            nanos.addAndGet(ForceWatch.SLOW.toNanos() / 2);
            watch.look();
            watch.end();
            nanos.addAndGet(ForceWatch.SLOW.toNanos());
            watch.look();
        }
        assertEquals(List.of(), told);
    }
}
