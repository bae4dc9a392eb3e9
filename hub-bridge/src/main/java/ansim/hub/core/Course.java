package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of a ride by the tracks of it that have come, in the order in which they were driven: its length, its gaps, and the districts in which it
 * settled.
 *
 * <p>The same tracks give the same course in whatever order they come, so late data ends as data in time does. Not guaranteed beyond {@value #MAX_LEGS}
 * gaps, where the shortest are closed as they are found, nor where two boxes tell of the same seconds: what is told a second time is not driven twice, but
 * which of the two counts is the order in which they came.
 *
 * <p>Not thread-safe.
 */
public final class Course {
    /** Fixes of one boot so far apart are one leg; a longer time without any is a gap: a unit spaces its fixes by 10 s at most. */
    static final long GAP_MS = 10_500;

    /** Legs of a ride; a unit restarts or loses its receiver less often. */
    static final int MAX_LEGS = 32;

    private static final double MM = 1000;

    /**
     * A time without fixes.
     *
     * @param fromMs ms since 1970 UTC, as far as the unit's clock is known
     * @param toMs its end
     */
    public record Gap(long fromMs, long toMs) {}

    private final List<Leg> legs = new ArrayList<>(1);

    /**
     * Takes a track.
     *
     * @param map the districts
     * @param boot of the unit
     * @param atMs CLOCK_MONOTONIC of its first fix
     * @param when the date of that
     * @return the districts that it passes, and those between it and what it goes on from; also where a corner was cut between two fixes
     */
    public Set<String> add(DistrictMap map, Id8 boot, long atMs, When when, Track track) {
        Set<String> passed = passed(map, track);
        add(map, Leg.of(map, boot, atMs, when, track), passed);
        return passed;
    }

    /** The districts that a track passes, in its order. */
    static Set<String> passed(DistrictMap map, Track track) {
        Set<String> passed = new LinkedHashSet<>();
        List<Pos> fixes = track.fixes();
        passed.add(map.codeAt(fixes.get(0)));
        for (int i = 1; i < fixes.size(); i++) {
            if (!map.isPlain(fixes.get(i - 1), fixes.get(i))) {
                passed.addAll(map.along(fixes.get(i - 1), fixes.get(i)));
            }
        }
        passed.remove(Event.OUTSIDE);
        return passed;
    }

    void add(DistrictMap map, Leg leg, Set<String> passed) {
        int at = legs.size();
        while (at > 0 && leg.isBefore(legs.get(at - 1))) {
            at--;
        }
        if (at > 0 && legs.get(at - 1).holds(leg)) {
            return;
        }
        legs.add(at, leg);
        if (at + 1 < legs.size() && isOne(legs.get(at), legs.get(at + 1))) {
            join(map, at, passed);
        }
        if (at > 0 && isOne(legs.get(at - 1), legs.get(at))) {
            join(map, at - 1, passed);
        }
        if (legs.size() > MAX_LEGS) {
            join(map, shortestPause(), passed);
        }
    }

    private static boolean isOne(Leg earlier, Leg later) {
        return earlier.boot().equals(later.boot()) && earlier.pauseMs(later) <= GAP_MS;
    }

    private void join(DistrictMap map, int at, Set<String> passed) {
        Leg later = legs.remove(at + 1);
        Leg earlier = legs.get(at);
        passed.addAll(map.along(earlier.end(), later.start()));
        legs.set(at, earlier.join(later));
    }

    private int shortestPause() {
        int shortest = 0;
        for (int i = 1; i + 1 < legs.size(); i++) {
            if (legs.get(i).pauseMs(legs.get(i + 1)) < legs.get(shortest).pauseMs(legs.get(shortest + 1))) {
                shortest = i;
            }
        }
        return shortest;
    }

    /** All of it as one leg, with straight lines for its gaps. */
    Optional<Leg> whole() {
        return legs.stream().reduce(Leg::join);
    }

    /** What {@link #whole} would be with more. */
    Optional<Leg> wholeWith(DistrictMap map, List<Leg> more) {
        Course copy = new Course();
        copy.legs.addAll(legs);
        for (Leg leg : more) {
            copy.add(map, leg, new LinkedHashSet<>());
        }
        return copy.whole();
    }

    /** Metres, by its fixes; straight over its gaps. */
    public long lengthM() {
        return Math.round(whole().map(Leg::lengthMm).orElse(0L) / MM);
    }

    public int fixes() {
        return legs.stream().mapToInt(Leg::fixes).sum();
    }

    /**
     * When nothing tells where the ride went.
     *
     * @param from ms since 1970 UTC of the boarding, if known
     * @param to of the alighting, or now
     */
    public List<Gap> gaps(long from, long to) {
        List<Gap> gaps = new ArrayList<>();
        long last = from;
        for (Leg leg : legs) {
            gap(gaps, last, leg.startUtcMs());
            last = Math.max(last, leg.endUtcMs());
        }
        gap(gaps, last, to);
        return gaps;
    }

    private static void gap(List<Gap> gaps, long from, long to) {
        if (to - from > GAP_MS) {
            gaps.add(new Gap(from, to));
        }
    }

    /** The first fix's moment, if there is one. */
    public Optional<Long> startMs() {
        return legs.stream().findFirst().map(Leg::startUtcMs);
    }

    /** The last fix's moment, if there is one. */
    public Optional<Long> endMs() {
        return legs.isEmpty()
                ? Optional.empty()
                : Optional.of(legs.get(legs.size() - 1).endUtcMs());
    }

    /** An anchor dates legs better, and may change their order. */
    void redate(Boot boot) {
        List<Leg> before = List.copyOf(legs);
        legs.clear();
        for (Leg each : before) {
            Leg leg = each.redated(boot);
            int at = legs.size();
            while (at > 0 && leg.isBefore(legs.get(at - 1))) {
                at--;
            }
            legs.add(at, leg);
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(legs.size());
        for (Leg leg : legs) {
            leg.write(out);
        }
    }

    static Course read(DataInput in) throws IOException {
        Course course = new Course();
        for (int left = Encoding.count(in, "legs of a ride", MAX_LEGS); left > 0; left--) {
            course.legs.add(Leg.read(in));
        }
        return course;
    }

    /** For a column. */
    public byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /** What {@link #bytes} gave; nothing gives a course without a track. */
    public static Course of(byte @Nullable [] bytes) throws IOException {
        if (bytes == null) {
            return new Course();
        }
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return read(in);
        } catch (IllegalArgumentException e) {
            throw new IOException("no course reads so: " + e.getMessage(), e);
        }
    }
}
