package ansim.hub.enrol;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;

/** What enrolment did and refused, counted; refusals also in the log, at most one line a minute for each address. Any thread. */
final class Refused {
    private static final int SOURCES = 4096;
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<String, Long> told = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > SOURCES;
        }
    };

    synchronized void count(String done) {
        counts.merge(done, 1L, Long::sum);
    }

    synchronized void count(Denied.Reason reason, String address) {
        count("enrolment-refused-" + reason.name().toLowerCase(Locale.ROOT).replace('_', '-'));
        long now = System.nanoTime();
        Long last = told.get(address);
        if (last == null || now - last >= QUIET_NANOS) {
            told.put(address, now);
            Logger.warn("enrolment refused to {}: {}", address, reason.words());
        }
    }

    synchronized Map<String, Long> counts() {
        return new LinkedHashMap<>(counts);
    }
}
