package ansim.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Verb 1: the hub's signed word that it holds messages, computed from committed state only.
 *
 * @param lanes per lane 1 to {@link #MAX_CHAINS} chains; at least one lane
 */
public record Receipt(Map<Lane, List<Receipted>> lanes) implements Verb {
    /** Verb number. */
    public static final int NUMBER = 1;

    /** Chains per lane at most. */
    public static final int MAX_CHAINS = 4;

    public Receipt {
        Range.check("number of lanes", lanes.size(), 1, Lane.values().length);
        Map<Lane, List<Receipted>> copy = new EnumMap<>(lanes);
        copy.replaceAll((lane, chains) -> List.copyOf(chains));
        copy.values().forEach(chains -> Range.check("number of chains", chains.size(), 1, MAX_CHAINS));
        lanes = Collections.unmodifiableMap(copy);
    }

    @Override
    public int number() {
        return NUMBER;
    }

    static Receipt read(Item body) throws WireException {
        List<Item> items = body.map("receipt");
        if (items.isEmpty()) {
            throw WireException.content("receipt must name a lane");
        }
        Map<Lane, List<Receipted>> lanes = new EnumMap<>(Lane.class);
        for (int i = 0; i < items.size(); i += 2) {
            Lane lane = Lane.read(items.get(i), "receipt lane");
            List<Receipted> chains = new ArrayList<>();
            for (Item each : items.get(i + 1).array(1, MAX_CHAINS, "receipt chains")) {
                List<Item> parts = each.array(3, 3, "receipt entry");
                chains.add(new Receipted(
                        parts.get(0).id8("receipt chain"),
                        parts.get(1).integer(0, Long.MAX_VALUE, "receipt n"),
                        parts.get(2).id8("receipt hash")));
            }
            lanes.put(lane, chains);
        }
        return new Receipt(lanes);
    }

    void write(CborOut out) {
        out.map(lanes.size());
        for (Map.Entry<Lane, List<Receipted>> each : lanes.entrySet()) {
            out.integer(each.getKey().number());
            out.array(each.getValue().size());
            for (Receipted chain : each.getValue()) {
                out.array(3);
                out.bytes(chain.chain().bytes());
                out.integer(chain.n());
                out.bytes(chain.hash().bytes());
            }
        }
    }
}
