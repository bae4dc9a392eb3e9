package ansim.hub.core;

import ansim.wire.Anchor;
import ansim.wire.Id8;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** What the hub knows of the clocks of one boot of a unit. Changed only by {@link HubState#apply}. */
final class Boot {
    final Id8 id;
    /** The newest CLOCK_MONOTONIC heard, ms. */
    long newestMonoMs = -1;
    /** The least arrival time minus monotonic time heard: whatever happened at m did so before {@code m + slackMs}. */
    long slackMs = Long.MAX_VALUE;

    boolean anchored;
    private long anchorMonoMs;
    private long anchorUtcMs;

    Boot(Id8 id) {
        this.id = id;
    }

    void hear(long monoMs, long arrivedMs) {
        newestMonoMs = Math.max(newestMonoMs, monoMs);
        slackMs = Math.min(slackMs, arrivedMs - monoMs);
    }

    /** The anchor with the highest monotonic time counts: it follows the last clock step. */
    void anchor(Anchor anchor) {
        if (!anchored || anchor.monoMs() >= anchorMonoMs) {
            anchored = true;
            anchorMonoMs = anchor.monoMs();
            anchorUtcMs = anchor.utcMs();
        }
    }

    long utcMs(long monoMs) {
        return anchorUtcMs + (monoMs - anchorMonoMs);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(id.bits());
        out.writeLong(newestMonoMs);
        out.writeLong(slackMs);
        out.writeBoolean(anchored);
        out.writeLong(anchorMonoMs);
        out.writeLong(anchorUtcMs);
    }

    static Boot read(DataInput in) throws IOException {
        Boot boot = new Boot(new Id8(in.readLong()));
        boot.newestMonoMs = in.readLong();
        boot.slackMs = in.readLong();
        boot.anchored = in.readBoolean();
        boot.anchorMonoMs = in.readLong();
        boot.anchorUtcMs = in.readLong();
        return boot;
    }
}
