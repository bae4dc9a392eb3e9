package ansim.edge;

import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Alarms and events while the disk has failed: the newest {@value #NEWEST} of both lanes, events displaced before alarms and
 * counted. Guarded by {@link Lanes}.
 */
final class MemoryLanes {
    static final int NEWEST = 256;

    private final SecureRandom random;
    private final List<MemoryChain> chains = new ArrayList<>();
    private final Map<Lane, Long> displaced = new EnumMap<>(Lane.class);

    MemoryLanes(SecureRandom random) {
        this.random = random;
    }

    /** Returns the chain that took it. */
    MemoryChain add(Lane lane, List<Draft> drafts, Sealer sealer) {
        // What tells of a displacement must not be the next one: at most one such record per chain waits for its
        // receipt.
        if (drafts.get(0).body().kind() != Kind.GAP) {
            displace();
        }
        MemoryChain chain = current(lane).orElseGet(() -> begin(lane));
        chain.add(sealer.seal(
                new Sealer.Place(lane, chain.id, chain.lastN + 1, chain.previous(), chain.held.size(), true), drafts));
        return chain;
    }

    private MemoryChain begin(Lane lane) {
        MemoryChain chain = new MemoryChain(lane, Id8.random(random));
        chains.add(chain);
        return chain;
    }

    private void displace() {
        if (chains.stream().mapToInt(chain -> chain.held.size()).sum() < NEWEST) {
            return;
        }
        for (Lane lane : List.of(Lane.EVENT, Lane.ALARM)) {
            for (MemoryChain chain : chains) {
                if (chain.lane == lane && !chain.held.isEmpty()) {
                    chain.held.removeFirst();
                    displaced.merge(lane, 1L, Long::sum);
                    return;
                }
            }
        }
    }

    /** The chain that takes the lane's next message. */
    Optional<MemoryChain> current(Lane lane) {
        return chains.stream()
                .filter(chain -> chain.lane == lane && !chain.closed)
                .findFirst();
    }

    Optional<MemoryChain> find(Id8 id) {
        return chains.stream().filter(chain -> chain.id.equals(id)).findFirst();
    }

    boolean has(Lane lane) {
        return chains.stream().anyMatch(chain -> chain.lane == lane);
    }

    List<MemoryChain> chains() {
        return List.copyOf(chains);
    }

    List<MemoryChain> chains(Lane lane) {
        return chains.stream().filter(chain -> chain.lane == lane).toList();
    }

    void remove(MemoryChain chain) {
        chains.remove(chain);
    }

    long waiting(Lane lane) {
        return chains.stream()
                .filter(chain -> chain.lane == lane)
                .mapToLong(chain -> chain.held.size())
                .sum();
    }

    long displaced(Lane lane) {
        return displaced.getOrDefault(lane, 0L);
    }
}
