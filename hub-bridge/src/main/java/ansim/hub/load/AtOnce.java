package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Much at once: messages that were signed beforehand, or a city that comes back from an outage. One thread. */
final class AtOnce {
    private final Load.Plan plan;
    private final LoadUnit[] units;
    private final Traffic traffic;

    AtOnce(Load.Plan plan, LoadUnit[] units, Traffic traffic) {
        this.plan = plan;
        this.units = units;
        this.traffic = traffic;
    }

    /** {@link LoadProfile#FIXES} or {@link LoadProfile#TRACKS}, as fast as it goes. */
    LoadResult signedBefore() throws IOException {
        for (LoadUnit unit : units) {
            traffic.sendWhenRoom(unit.number, unit.board(System.currentTimeMillis()), "boarding");
        }
        traffic.await("boarding", traffic::isAllReceipted);
        warmUp();
        int each = (int) Math.max(1, plan.messages() / units.length);
        traffic.say("signing %,d messages beforehand%n", (long) each * units.length);
        UpMessage[][] signed = new UpMessage[units.length][each];
        IntStream.range(0, units.length).parallel().forEach(i -> {
            for (int k = 0; k < each; k++) {
                long ms = System.currentTimeMillis();
                signed[i][k] = next(i, ms);
            }
        });
        Traffic.Window window = traffic.window();
        drain(signed, each, "measuring");
        traffic.await("measuring", traffic::isAllReceipted);
        return window.close(false);
    }

    private UpMessage next(int unit, long ms) {
        return plan.profile() == LoadProfile.FIXES ? units[unit].position(ms) : units[unit].track(ms);
    }

    private Lane lane() {
        return plan.profile() == LoadProfile.FIXES ? Lane.STATUS : Lane.TRACK;
    }

    /** The same as what is measured, signed as it is sent. */
    private void warmUp() {
        long until = System.nanoTime() + plan.warmup().toNanos();
        while (System.nanoTime() < until) {
            for (int i = 0; i < units.length && System.nanoTime() < until; i++) {
                if (traffic.mayGo(i, lane())) {
                    traffic.send(i, next(i, System.currentTimeMillis()));
                }
            }
            traffic.pause();
            traffic.tell("warming up");
        }
        traffic.await("warming up", traffic::isAllReceipted);
    }

    /** In rounds over all units; one without room is passed over, so each is at its own place. */
    private void drain(UpMessage[][] signed, int to, String what) {
        Lane lane = lane();
        int[] next = new int[units.length];
        long left = (long) to * units.length;
        while (left > 0) {
            long before = left;
            for (int i = 0; i < units.length; i++) {
                if (next[i] < to && traffic.mayGo(i, lane)) {
                    traffic.send(i, signed[i][next[i]++]);
                    left--;
                }
            }
            if (left == before) {
                traffic.pause();
            }
            traffic.tell(what);
        }
    }

    /** What the units kept while they reached nobody, all at once, and alarms meanwhile. */
    LoadResult storm() throws IOException {
        new ByTheClock(plan, units, traffic).before(plan.outage());
        traffic.say("signing what the units captured meanwhile%n");
        Backlog[] backlogs = new Backlog[units.length];
        IntStream.range(0, units.length).parallel().forEach(i -> {
            backlogs[i] = new Backlog(units[i], plan.fleet().isTaxi(i), plan.outage());
        });
        long left = Arrays.stream(backlogs).mapToLong(Backlog::left).sum();
        traffic.say("%,d messages are waiting in the units%n", left);
        Traffic.Window window = traffic.window();
        Alarms alarms = new Alarms();
        while (left > 0) {
            long before = left;
            for (int i = 0; i < units.length; i++) {
                if (backlogs[i].left() > 0 && traffic.mayGo(i, backlogs[i].lane())) {
                    traffic.send(i, backlogs[i].next());
                    left--;
                }
                alarms.raiseIfDue();
            }
            if (left == before) {
                traffic.pause();
            }
            traffic.tell("draining");
        }
        traffic.await("draining", traffic::isAllReceipted);
        return window.close(false);
    }

    /** Those that come meanwhile. */
    private final class Alarms {
        private final SplittableRandom random = new SplittableRandom(11);
        private long nextNanos = System.nanoTime();

        void raiseIfDue() {
            if (plan.alarmEvery().isZero() || System.nanoTime() < nextNanos) {
                return;
            }
            nextNanos += plan.alarmEvery().toNanos();
            int who = random.nextInt(units.length);
            for (UpMessage message : units[who].panic(System.currentTimeMillis())) {
                traffic.sendWhenRoom(who, message, "alarm");
            }
        }
    }
}
