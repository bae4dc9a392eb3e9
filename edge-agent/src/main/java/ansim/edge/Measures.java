package ansim.edge;

import ansim.profile.Reading.Measure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The latest of each measured value. One that has not been read for {@value #FRESH_MS} ms is not told: a dead meter must not look
 * like a steady one. At most {@value #MAX} names are remembered, more than a unit's profiles have; the oldest goes. The recorder's
 * thread only.
 */
final class Measures {
    static final int MAX = 64;
    static final long FRESH_MS = 120_000;

    private final Map<String, Taken> latest = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Taken> eldest) {
            return size() > MAX;
        }
    };

    private record Taken(Measure measure, long atMs) {}

    void take(Measure measure, long atMs) {
        latest.put(measure.name(), new Taken(measure, atMs));
    }

    /** What is fresh, by name. */
    Map<String, Measure> fresh(long nowMs) {
        Map<String, Measure> fresh = new LinkedHashMap<>();
        latest.forEach((name, taken) -> {
            if (nowMs - taken.atMs() <= FRESH_MS) {
                fresh.put(name, taken.measure());
            }
        });
        return fresh;
    }

    /** The value named {@code supply} in volt, as millivolt. */
    OptionalLong supplyMv(long nowMs) {
        Optional<Measure> supply = fresh(nowMs, "supply", "V").filter(measure -> measure.valueE3() >= 0);
        return supply.map(measure -> OptionalLong.of(measure.valueE3())).orElse(OptionalLong.empty());
    }

    /** The value named {@code temperature} in degrees Celsius, rounded. */
    OptionalInt temperatureC(long nowMs) {
        return fresh(nowMs, "temperature", "C")
                .map(measure -> OptionalInt.of((int) Math.round(measure.valueE3() / 1000.0)))
                .orElse(OptionalInt.empty());
    }

    private Optional<Measure> fresh(long nowMs, String name, String unit) {
        return Optional.ofNullable(fresh(nowMs).get(name))
                .filter(measure -> measure.unit().equals(unit));
    }
}
