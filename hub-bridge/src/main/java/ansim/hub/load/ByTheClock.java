package ansim.hub.load;

import ansim.wire.UpMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A city by the clock: every message when it is due. One thread. */
final class ByTheClock {
    private static final double NANOS_PER_MS = 1e6;

    private final Load.Plan plan;
    private final LoadUnit[] units;
    private final Traffic traffic;
    private final Map<String, Integer> numbers = new HashMap<>();

    ByTheClock(Load.Plan plan, LoadUnit[] units, Traffic traffic) {
        this.plan = plan;
        this.units = units;
        this.traffic = traffic;
        for (LoadUnit unit : units) {
            numbers.put(unit.id.hex(), unit.number);
        }
    }

    LoadResult run() throws IOException {
        double natural = Clockwork.naturalRate(units.length);
        double stretch = natural / plan.rate().orElse(natural);
        double rampMs = plan.warmup().toMillis() / 2.0;
        Clockwork clock = new Clockwork(
                plan.fleet(), units, stretch, rampMs, plan.alarmEvery().toMillis());
        double warmupMs = plan.warmup().toMillis();
        long begun = System.nanoTime();
        while (clock.nextMs() < warmupMs) {
            next(clock, begun, "warming up");
        }
        // What a hub that still compiles was late is no part of what is measured: the clock goes on from here.
        long began = System.nanoTime() - plan.warmup().toNanos();
        Traffic.Window window = traffic.window();
        follow(clock, began, warmupMs + plan.measure().toMillis(), "measuring");
        return window.close(true);
    }

    /** Before an outage of so long, dated as of then. Of this the centre gets what it gets: nothing is expected. */
    void before(Duration outage) {
        traffic.date(outage.plus(plan.warmup()));
        double warmupMs = plan.warmup().toMillis();
        Clockwork clock = new Clockwork(plan.fleet(), units, 1, warmupMs / 2, 0);
        follow(clock, System.nanoTime(), warmupMs, "before the outage");
        traffic.await("before the outage", traffic::isAllReceipted);
        traffic.date(Duration.ZERO);
    }

    private void follow(Clockwork clock, long began, double untilMs, String what) {
        traffic.notLate();
        while ((System.nanoTime() - began) / NANOS_PER_MS < untilMs) {
            next(clock, began, what);
        }
    }

    /** Sends what is due next; when nothing is due just now, waits a moment for it. */
    private void next(Clockwork clock, long began, String what) {
        double earlyMs = clock.nextMs() - (System.nanoTime() - began) / NANOS_PER_MS;
        if (earlyMs > 0) {
            LockSupport.parkNanos((long) (Math.min(earlyMs, 1) * NANOS_PER_MS));
            traffic.tell(what);
            return;
        }
        traffic.late(-earlyMs);
        for (UpMessage message : clock.next(traffic.nowMs())) {
            int unit = numbers.getOrDefault(message.batch().unit().hex(), 0);
            traffic.sendWhenRoom(unit, message, what);
        }
    }
}
