package ansim.hub.core;

import ansim.wire.Pos;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
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

    private Run run;
    /** The last stay that has settled, in ms since 1970 UTC; null if none. */
    @Nullable
    Run settled;

    /** The first district. */
    @Nullable
    String origin;

    Mark last;
    private Pos stand;
    private long standSinceMs;
    /** The least distance to the destination so far, metres. */
    private long nearestM = NOT_KNOWN;

    private Live(Run run, Mark last, Pos stand) {
        this.run = run;
        this.last = last;
        this.stand = stand;
        this.standSinceMs = last.when().ms();
    }

    /** After a position; null before the first. The state is not changed. */
    static Live after(@Nullable Live before, DistrictMap map, Mark mark, @Nullable Pos destination) {
        Pos pos = mark.pos().orElseThrow();
        String code = map.codeAt(pos);
        boolean inside = !code.equals(Event.OUTSIDE) && map.isWellInside(pos, code);
        Run here = new Run(code, mark.monoMs(), inside ? mark.monoMs() : Run.NEVER);
        if (before == null) {
            Live live = new Live(here, mark, pos);
            live.go(code, pos, destination);
            return live;
        }
        if (mark.isBefore(before.last)) {
            return before;
        }
        boolean goesOn =
                before.run.district().equals(code) && before.last.boot().equals(mark.boot());
        Live live = new Live(goesOn ? before.run.with(here) : here, mark, before.stand);
        live.settled = before.settled;
        live.origin = before.origin;
        live.standSinceMs = before.standSinceMs;
        live.nearestM = before.nearestM;
        if (Ground.metres(before.stand, pos) > STAND_M) {
            live.stand = pos;
            live.standSinceMs = mark.when().ms();
        }
        live.go(code, pos, destination);
        return live;
    }

    private void go(String code, Pos pos, @Nullable Pos destination) {
        if (run.settled()) {
            settled = run.shifted(last.when().ms() - last.monoMs());
        }
        origin = origin == null && !code.equals(Event.OUTSIDE) ? code : origin;
        if (destination != null) {
            long metres = Math.round(Ground.metres(pos, destination));
            nearestM = nearestM == NOT_KNOWN ? metres : Math.min(nearestM, metres);
        }
    }

    /** How long it has been standing, by its own clock. */
    long standingMs() {
        return last.when().ms() - standSinceMs;
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
        last = Dating.redate(last, boot);
    }

    void write(DataOutput out) throws IOException {
        Run.write(out, run);
        Run.write(out, settled);
        out.writeUTF(origin == null ? "" : origin);
        Encoding.mark(out, last);
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
        live.settled = settled;
        live.origin = origin.isEmpty() ? null : origin.intern();
        live.standSinceMs = in.readLong();
        live.nearestM = in.readLong();
        return live;
    }
}
