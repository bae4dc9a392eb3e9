package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of a ride without a gap in its fixes, and what is left of these: where it began and ended, how long it is, and what decides on who owns the ride.
 * Joining two legs gives what the fixes of both together would have given, however they were joined before. Immutable.
 *
 * @param boot of the unit
 * @param startMs CLOCK_MONOTONIC of the first fix
 * @param endMs of the last
 * @param startUtcMs ms since 1970 UTC of the first as far as known
 * @param provisional whether an anchor of the boot would date it better
 * @param start the first fix
 * @param end the last
 * @param lengthMm along it
 * @param fixes how many
 * @param origin the first district in it; null when all of it is outside
 * @param first its first stay
 * @param last its last stay, the same object as the first when there is one only
 * @param settled the last stay that has settled, null if none
 */
record Leg(
        Id8 boot,
        long startMs,
        long endMs,
        long startUtcMs,
        boolean provisional,
        Pos start,
        Pos end,
        long lengthMm,
        int fixes,
        @Nullable String origin,
        Run first,
        Run last,
        @Nullable Run settled) {
    /** A taxi that has not moved so far has not moved: at a stand the noise of its receiver would drive it round the city. Metres. */
    static final double MOVED_M = 10;

    private static final double MM = 1000;

    /** @param atMs CLOCK_MONOTONIC of the track's first fix */
    static Leg of(DistrictMap map, Id8 boot, long atMs, When when, Track track) {
        List<Pos> fixes = track.fixes();
        Run first = null;
        Run last = null;
        Run settled = null;
        String origin = null;
        int from = 0;
        String code = map.codeAt(fixes.get(0));
        for (int i = 1; i <= fixes.size(); i++) {
            String next = i < fixes.size() ? map.codeAt(fixes.get(i)) : "";
            if (next.equals(code)) {
                continue;
            }
            last = run(map, fixes, code, from, i, atMs, track.stepMs());
            first = first == null ? last : first;
            settled = last.settled() ? last : settled;
            origin = origin == null && !code.equals(Event.OUTSIDE) ? code : origin;
            from = i;
            code = next;
        }
        if (first == null || last == null) {
            throw new IllegalArgumentException("a track must have a fix");
        }
        Pos end = fixes.get(fixes.size() - 1);
        long endMs = atMs + (long) track.stepMs() * (fixes.size() - 1);
        return new Leg(
                boot,
                atMs,
                endMs,
                when.ms(),
                Dating.provisional(when),
                bare(fixes.get(0)),
                bare(end),
                length(fixes),
                fixes.size(),
                origin,
                first,
                last,
                settled);
    }

    private static Pos bare(Pos pos) {
        return pos.haccDm().isPresent() ? Pos.of(pos.latE7(), pos.lonE7()) : pos;
    }

    private static Run run(DistrictMap map, List<Pos> fixes, String code, int from, int to, long atMs, long stepMs) {
        long insideMs = Run.NEVER;
        for (int i = to - 1; i >= from && insideMs == Run.NEVER && !code.equals(Event.OUTSIDE); i--) {
            insideMs = map.isWellInside(fixes.get(i), code) ? atMs + stepMs * i : Run.NEVER;
        }
        return new Run(code, atMs + stepMs * from, insideMs);
    }

    private static long length(List<Pos> fixes) {
        long mm = 0;
        Pos at = fixes.get(0);
        // One plane for all of a track: it is short.
        Ground ground = new Ground(at.latE7());
        for (int i = 1; i < fixes.size(); i++) {
            double metres = ground.from(at, fixes.get(i));
            if (metres >= MOVED_M || i == fixes.size() - 1) {
                mm += Math.round(metres * MM);
                at = fixes.get(i);
            }
        }
        return mm;
    }

    /** By the boot's own clock within a boot, by date across boots. */
    boolean isBefore(Leg other) {
        return boot.equals(other.boot) ? startMs < other.startMs : startUtcMs < other.startUtcMs;
    }

    /** From the end of this to the start of another that is later, in ms. */
    long pauseMs(Leg next) {
        return boot.equals(next.boot) ? next.startMs - endMs : next.startUtcMs - endUtcMs();
    }

    long endUtcMs() {
        return startUtcMs + endMs - startMs;
    }

    boolean holds(Leg other) {
        return boot.equals(other.boot) && startMs <= other.startMs && other.endMs <= endMs;
    }

    /** From the end of this to the start of another, as a bird flies. */
    long jointMm(Leg next) {
        return Math.round(Ground.metres(end, next.start) * MM);
    }

    /** This, and a later one with it; what lies between is taken as driven straight. */
    Leg join(Leg later) {
        Leg next = later.shifted((later.startUtcMs - later.startMs) - (startUtcMs - startMs), boot);
        boolean goesOn = last.district().equals(next.first.district());
        Run middle = goesOn ? last.with(next.first) : next.first;
        boolean ownSettled = next.settled != null && next.settled.sinceMs() != next.first.sinceMs();
        Run best = ownSettled ? next.settled : middle.settled() ? middle : settled;
        return new Leg(
                boot,
                startMs,
                Math.max(endMs, next.endMs),
                startUtcMs,
                provisional,
                start,
                next.endMs >= endMs ? next.end : end,
                lengthMm + next.lengthMm + jointMm(next),
                fixes + next.fixes,
                origin == null ? next.origin : origin,
                goesOn && first.equals(last) ? middle : first,
                next.first.equals(next.last) ? middle : next.last,
                best);
    }

    /** The same in the time of another boot; within one boot it is the same. */
    private Leg shifted(long ms, Id8 to) {
        if (boot.equals(to)) {
            return this;
        }
        Run begins = first.shifted(ms);
        return new Leg(
                to,
                startMs + ms,
                endMs + ms,
                startUtcMs,
                provisional,
                start,
                end,
                lengthMm,
                fixes,
                origin,
                begins,
                first.equals(last) ? begins : last.shifted(ms),
                settled == null ? null : settled.shifted(ms));
    }

    Leg redated(Boot by) {
        return provisional && boot.equals(by.id) ? dated(by.utcMs(startMs)) : this;
    }

    private Leg dated(long utcMs) {
        return new Leg(boot, startMs, endMs, utcMs, false, start, end, lengthMm, fixes, origin, first, last, settled);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(boot.bits());
        out.writeLong(startMs);
        out.writeLong(endMs);
        out.writeLong(startUtcMs);
        out.writeBoolean(provisional);
        out.writeInt(start.latE7());
        out.writeInt(start.lonE7());
        out.writeInt(end.latE7());
        out.writeInt(end.lonE7());
        out.writeLong(lengthMm);
        out.writeInt(fixes);
        out.writeUTF(origin == null ? "" : origin);
        Run.write(out, first);
        Run.write(out, first.equals(last) ? null : last);
        Run.write(out, settled);
    }

    static Leg read(DataInput in) throws IOException {
        Id8 boot = new Id8(in.readLong());
        long startMs = in.readLong();
        long endMs = in.readLong();
        long startUtcMs = in.readLong();
        boolean provisional = in.readBoolean();
        Pos start = Pos.of(in.readInt(), in.readInt());
        Pos end = Pos.of(in.readInt(), in.readInt());
        long lengthMm = in.readLong();
        int fixes = in.readInt();
        String origin = in.readUTF();
        Run first = Run.read(in);
        Run last = Run.read(in);
        Run settled = Run.read(in);
        if (first == null) {
            throw new IOException("a leg without a stay");
        }
        return new Leg(
                boot,
                startMs,
                endMs,
                startUtcMs,
                provisional,
                start,
                end,
                lengthMm,
                fixes,
                origin.isEmpty() ? null : origin.intern(),
                first,
                last == null ? first : last,
                settled);
    }
}
