package ansim.hub.core;

import ansim.wire.Pos;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a ride's live positions say while it is on, long before its track comes: the district in which it is and has settled, whether it stands, how near it
 * came to its destination. Live positions come in the order of their capture or not at all (lane 4), so this depends on no other lane. Changed only by
 * {@link HubState#apply}.
 */
final class Live {
    /** Whoever stays within so many metres of a place stands there. */
    static final double STAND_M = 50;

    private static final long NOT_KNOWN = -1;

    /** The stay that it is in, as {@link Run} has it. */
    private String district;

    private long sinceMs;
    private long insideMs;
    /** The last stay that has settled, in ms since 1970 UTC; null if none. */
    private @Nullable String settledIn;

    private long settledSinceMs;
    private long settledInsideMs;

    /** The first district. */
    @Nullable
    String origin;

    final Held last = new Held();
    private Pos stand;
    private long standSinceMs;
    /** The least distance to the destination so far, metres. */
    private long nearestM = NOT_KNOWN;

    private Live(Run run, Mark last, Pos stand) {
        this.district = run.district();
        this.sinceMs = run.sinceMs();
        this.insideMs = run.insideMs();
        this.last.set(last);
        this.stand = stand;
        this.standSinceMs = last.when().ms();
    }

    private Live(Live like) {
        this(like.run(), like.mark(), like.stand);
        settledIn = like.settledIn;
        settledSinceMs = like.settledSinceMs;
        settledInsideMs = like.settledInsideMs;
        origin = like.origin;
        standSinceMs = like.standSinceMs;
        nearestM = like.nearestM;
    }

    /** With its first position. */
    static Live begun(DistrictMap map, Mark mark, @Nullable Pos destination) {
        Pos pos = mark.pos().orElseThrow();
        Live live = new Live(run(map, mark, pos), mark, pos);
        live.go(pos, destination);
        return live;
    }

    /** As it would be after one more position; itself stays as it is. */
    Live after(DistrictMap map, Mark mark, @Nullable Pos destination) {
        Live copy = new Live(this);
        copy.take(map, mark, destination);
        return copy;
    }

    /** Takes a position, in place: of what every message brings as little as can be is to outlive it. */
    void take(DistrictMap map, Mark mark, @Nullable Pos destination) {
        Mark before = mark();
        if (mark.isBefore(before)) {
            return;
        }
        Pos pos = mark.pos().orElseThrow();
        Run here = run(map, mark, pos);
        if (!district.equals(here.district()) || !before.boot().equals(mark.boot())) {
            district = here.district();
            sinceMs = here.sinceMs();
            insideMs = here.insideMs();
        } else if (here.insideMs() != Run.NEVER) {
            insideMs = here.insideMs();
        }
        last.set(mark);
        if (Ground.metres(stand, pos) > STAND_M) {
            stand = pos;
            standSinceMs = mark.when().ms();
        }
        go(pos, destination);
    }

    private static Run run(DistrictMap map, Mark mark, Pos pos) {
        String code = map.codeAt(pos);
        boolean inside = !code.equals(Event.OUTSIDE) && map.isWellInside(pos, code);
        return new Run(code, mark.monoMs(), inside ? mark.monoMs() : Run.NEVER);
    }

    private Mark mark() {
        return Objects.requireNonNull(last.mark(), "it begins with one");
    }

    private Run run() {
        return new Run(district, sinceMs, insideMs);
    }

    private void go(Pos pos, @Nullable Pos destination) {
        if (run().settled()) {
            Run inUtc = run().shifted(last.ms() - last.monoMs());
            settledIn = district;
            settledSinceMs = inUtc.sinceMs();
            settledInsideMs = inUtc.insideMs();
        }
        origin = origin == null && !district.equals(Event.OUTSIDE) ? district : origin;
        if (destination != null) {
            long metres = Math.round(Ground.metres(pos, destination));
            nearestM = nearestM == NOT_KNOWN ? metres : Math.min(nearestM, metres);
        }
    }

    /** The last stay that has settled, in ms since 1970 UTC; null if none. */
    @Nullable
    Run settled() {
        return settledIn == null ? null : new Run(settledIn, settledSinceMs, settledInsideMs);
    }

    /** How long it has been standing, by its own clock. */
    long standingMs() {
        return last.ms() - standSinceMs;
    }

    /** How much further away it is than it was; 0 without a destination. */
    long awayM(@Nullable Pos destination) {
        return destination == null || nearestM == NOT_KNOWN
                ? 0
                : Math.round(Ground.metres(last.pos().orElseThrow(), destination)) - nearestM;
    }

    /** Another destination: its way begins here. */
    void forgetNearest() {
        nearestM = NOT_KNOWN;
    }

    void redate(Boot boot) {
        last.redate(boot);
    }

    void write(DataOutput out) throws IOException {
        Run.write(out, run());
        Run.write(out, settled());
        out.writeUTF(origin == null ? "" : origin);
        last.write(out);
        out.writeInt(stand.latE7());
        out.writeInt(stand.lonE7());
        out.writeLong(standSinceMs);
        out.writeLong(nearestM);
    }

    static Live read(DataInput in) throws IOException {
        Run run = Run.read(in);
        Run settled = Run.read(in);
        String origin = in.readUTF();
        Mark last = Encoding.mark(in);
        Pos stand = Pos.of(in.readInt(), in.readInt());
        if (run == null || last == null || last.pos().isEmpty()) {
            throw new IOException("live positions that cannot be");
        }
        Live live = new Live(run, last, stand);
        if (settled != null) {
            live.settledIn = settled.district();
            live.settledSinceMs = settled.sinceMs();
            live.settledInsideMs = settled.insideMs();
        }
        live.origin = origin.isEmpty() ? null : origin.intern();
        live.standSinceMs = in.readLong();
        live.nearestM = in.readLong();
        return live;
    }
}
