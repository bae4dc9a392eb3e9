package ansim.hub.enrol;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Wrong tries, by whom: {@value #MOST} within an hour close somebody for an hour. Any thread.
 *
 * <p>Remembers at most {@value #REMEMBERED}; the one that tried longest ago is forgotten first.
 */
final class Tries {
    static final int MOST = 5;
    static final int REMEMBERED = 10_000;
    static final Duration CLOSED = Duration.ofHours(1);

    private record Wrong(int times, long lastMs) {}

    private final InstantSource clock;
    private final Map<String, Wrong> wrong = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Wrong> eldest) {
            return size() > REMEMBERED;
        }
    };

    Tries(InstantSource clock) {
        this.clock = clock;
    }

    /** Refuses whoever has tried too often. */
    synchronized void check(List<String> who) throws Denied {
        long nowMs = clock.millis();
        for (String each : who) {
            Wrong tried = wrong.get(each);
            if (tried != null && tried.times() >= MOST && nowMs - tried.lastMs() < CLOSED.toMillis()) {
                throw new Denied(Denied.Reason.CLOSED);
            }
        }
    }

    /** One more; an hour after the last the count begins anew. */
    synchronized void wrong(List<String> who) {
        long nowMs = clock.millis();
        for (String each : who) {
            Wrong before = wrong.get(each);
            boolean goesOn = before != null && nowMs - before.lastMs() < CLOSED.toMillis();
            wrong.put(each, new Wrong(goesOn && before != null ? before.times() + 1 : 1, nowMs));
        }
    }
}
