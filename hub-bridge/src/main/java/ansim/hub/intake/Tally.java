package ansim.hub.intake;

import ansim.hub.core.Disposition;
import ansim.hub.core.Flag;
import ansim.hub.trace.Trace;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/**
 * What came in and what became of it, in numbers; refusals also in the log, at most one line a minute for each source.
 *
 * <p>Any thread. Remembers at most {@value #SOURCES} sources; one that was forgotten may be told again before its minute is over.
 */
final class Tally {
    static final int SOURCES = 4096;
    private static final long QUIET_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Map<Refusal, LongAdder> refusals = new EnumMap<>(Refusal.class);
    private final Map<Disposition, LongAdder> dispositions = new EnumMap<>(Disposition.class);
    private final LongAdder withheld = new LongAdder();
    private final LongAdder outside = new LongAdder();
    private final LongSupplier nanoTime;
    private volatile IntakeWatch watch = IntakeWatch.NONE;
    private volatile Trace trace = Trace.NONE;
    private final Map<String, Long> told = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
            return size() > SOURCES;
        }
    };

    Tally(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        for (Refusal each : Refusal.values()) {
            refusals.put(each, new LongAdder());
        }
        for (Disposition each : Disposition.values()) {
            dispositions.put(each, new LongAdder());
        }
    }

    /** Who is told how long things take, from now on. */
    void watch(IntakeWatch told) {
        watch = told;
    }

    IntakeWatch watch() {
        return watch;
    }

    /** Who is told of the way of single messages, from now on. */
    void trace(Trace told) {
        trace = told;
    }

    Trace trace() {
        return trace;
    }

    void count(Disposition disposition) {
        of(dispositions, disposition).increment();
    }

    /** What is to be known of where events go. */
    void count(Set<Flag> flags) {
        if (flags.contains(Flag.WITHHELD)) {
            withheld.increment();
        }
        if (flags.contains(Flag.OUTSIDE)) {
            outside.increment();
        }
    }

    private static <K> LongAdder of(Map<K, LongAdder> adders, K key) {
        LongAdder adder = adders.get(key);
        if (adder == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return adder;
    }

    /** Counts without a word. */
    void count(Refusal refusal) {
        of(refusals, refusal).increment();
    }

    /**
     * Counts, and tells of it unless this source was told of within the last minute.
     *
     * @param source a unit id or an address; never anything personal
     * @param detail what exactly; never anything personal
     */
    void count(Refusal refusal, String source, String detail) {
        count(refusal);
        if (mayTell(source)) {
            Logger.warn(
                    "{}: {}{} ({} so far from all)",
                    source,
                    refusal.words(),
                    detail.isEmpty() ? "" : ": " + detail,
                    of(refusals, refusal).sum());
        }
    }

    /** Whether this source has been quiet for a minute; then its minute begins. */
    synchronized boolean mayTell(String source) {
        long now = nanoTime.getAsLong();
        Long last = told.get(source);
        if (last != null && now - last < QUIET_NANOS) {
            return false;
        }
        told.put(source, now);
        return true;
    }

    /** All that is not zero, by name: {@code stored}, {@code duplicate}, {@code refused-signature} ... */
    Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        dispositions.forEach((key, adder) -> put(all, name(key), adder));
        put(all, "withheld", withheld);
        put(all, "outside-every-district", outside);
        refusals.forEach((key, adder) -> put(all, "refused-" + name(key), adder));
        return all;
    }

    private static void put(Map<String, Long> all, String name, LongAdder adder) {
        long sum = adder.sum();
        if (sum > 0) {
            all.put(name, sum);
        }
    }

    static String name(Enum<?> key) {
        return key.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
