package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.time.Duration;

/** What a taxi kept while it reached nobody: rides of ten minutes every twenty, with their tracks. Signed when it is sent. One thread. */
final class Backlog {
    /** Of a taxi that is hired for half of the time, two each minute then. */
    private static final int TRACKS_PER_MIN = 1;

    /** A boarding or an alighting every ten minutes. */
    private static final int EVENT_S = 600;

    private final LoadUnit unit;
    private final long outageMs;
    private final long beganMs;
    private final int tracks;
    private final int events;
    private int track;
    private int event;

    /** @param taxi others have kept nothing */
    Backlog(LoadUnit unit, boolean taxi, Duration outage) {
        this.unit = unit;
        this.outageMs = outage.toMillis();
        this.beganMs = System.currentTimeMillis() - outageMs;
        this.tracks = taxi ? (int) outage.toMinutes() * TRACKS_PER_MIN : 0;
        this.events = taxi ? (int) Math.max(1, outage.toSeconds() / EVENT_S) : 0;
    }

    int left() {
        return tracks - track + events - event;
    }

    /** Of the next one: a boarding, its ride's share of the tracks, its alighting. */
    Lane lane() {
        boolean eventNext = event < events && (track == tracks || (long) track * events >= (long) event * tracks);
        return eventNext ? Lane.EVENT : Lane.TRACK;
    }

    UpMessage next() {
        if (lane() == Lane.TRACK) {
            return unit.track(beganMs + outageMs * track++ / tracks);
        }
        long ms = beganMs + outageMs * event / events;
        return event++ % 2 == 0 ? unit.board(ms) : unit.alight(ms);
    }
}
