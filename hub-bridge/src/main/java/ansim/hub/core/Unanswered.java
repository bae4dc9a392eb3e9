package ansim.hub.core;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Boardings whose sealed cards nobody has opened yet, by log index: what is asked after a restart. Three days after it came a boarding is not
 * asked for any more, and beyond {@value #KEPT} the oldest goes: its ride stays without a name. Changed only by
 * {@link HubState#apply}.
 */
final class Unanswered {
    static final int KEPT = 100_000;
    static final long FOR_MS = 3 * 86_400_000L;

    /** Log index to when it arrived, ms since 1970 UTC. */
    private final TreeMap<Long, Long> arrived = new TreeMap<>();

    /** Those of them that are forks: few. */
    private final TreeSet<Long> forks = new TreeSet<>();

    void add(long index, long arrivedMs, boolean fork) {
        arrived.put(index, arrivedMs);
        if (fork) {
            forks.add(index);
        }
        while (arrived.size() > KEPT || arrived.firstEntry().getValue() < arrivedMs - FOR_MS) {
            forks.remove(arrived.pollFirstEntry().getKey());
        }
    }

    void answered(long index) {
        arrived.remove(index);
        forks.remove(index);
    }

    boolean isFork(long index) {
        return forks.contains(index);
    }

    List<Long> indexes() {
        return List.copyOf(arrived.keySet());
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(arrived.size());
        for (Map.Entry<Long, Long> each : arrived.entrySet()) {
            out.writeLong(each.getKey());
            out.writeLong(each.getValue());
            out.writeBoolean(forks.contains(each.getKey()));
        }
    }

    static Unanswered read(DataInput in) throws IOException {
        Unanswered read = new Unanswered();
        for (int left = Encoding.count(in, "boardings without a vault's answer", KEPT); left > 0; left--) {
            long index = in.readLong();
            read.arrived.put(index, in.readLong());
            if (in.readBoolean()) {
                read.forks.add(index);
            }
        }
        return read;
    }
}
