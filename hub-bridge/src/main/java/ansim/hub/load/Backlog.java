package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.WireException;
import java.time.Duration;
import java.util.BitSet;

/**
 * What a taxi kept while it reached nobody: rides of ten minutes every twenty, with their tracks. Signed when it is made, as a unit signs what it
 * captures then and there. One thread at a time.
 */
final class Backlog {
    /** Of a taxi that is hired for half of the time, two each minute then. */
    private static final int TRACKS_PER_MIN = 1;

    /** A boarding or an alighting every ten minutes. */
    private static final int EVENT_S = 600;

    private final byte[][] signed;
    private final BitSet events = new BitSet();
    private int at;

    /** @param taxi others have kept nothing */
    Backlog(LoadUnit unit, boolean taxi, Duration outage) {
        long outageMs = outage.toMillis();
        long beganMs = System.currentTimeMillis() - outageMs;
        int tracks = taxi ? (int) outage.toMinutes() * TRACKS_PER_MIN : 0;
        int changes = taxi ? (int) Math.max(1, outage.toSeconds() / EVENT_S) : 0;
        signed = new byte[tracks + changes][];
        int change = 0;
        for (int i = 0; i < signed.length; i++) {
            int track = i - change;
            // A boarding, its ride's share of the tracks, its alighting.
            boolean isChange =
                    change < changes && (track == tracks || (long) track * changes >= (long) change * tracks);
            if (isChange) {
                long ms = beganMs + outageMs * change / changes;
                signed[i] = (change++ % 2 == 0 ? unit.board(ms) : unit.alight(ms)).bytes();
                events.set(i);
            } else {
                signed[i] = unit.track(beganMs + outageMs * track / tracks).bytes();
            }
        }
    }

    int left() {
        return signed.length - at;
    }

    /** Of the next one. */
    Lane lane() {
        return events.get(at) ? Lane.EVENT : Lane.TRACK;
    }

    UpMessage next() {
        try {
            UpMessage message = UpMessage.parse(signed[at]);
            signed[at++] = new byte[0];
            return message;
        } catch (WireException e) {
            throw new IllegalStateException("what was signed here must read", e);
        }
    }
}
