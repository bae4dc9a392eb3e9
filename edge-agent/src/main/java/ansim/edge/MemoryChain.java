package ansim.edge;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A chain that lives in memory because the disk has failed: what it holds dies with the process. Guarded by {@link Lanes}. */
final class MemoryChain {
    final Lane lane;
    final Id8 id;
    final Deque<HeldMessage> held = new ArrayDeque<>();
    long lastN;
    long receiptedN;
    /** Its own oldest were displaced: a new chain tells so. */
    boolean closed;

    private @Nullable Id16 lastHash;

    MemoryChain(Lane lane, Id8 id) {
        this.lane = lane;
        this.id = id;
    }

    Optional<Id16> previous() {
        return Optional.ofNullable(lastHash);
    }

    /** The hash of the newest payload. */
    @Nullable
    Id16 lastHash() {
        return lastHash;
    }

    HeldMessage add(UpMessage message) {
        HeldMessage added = HeldMessage.of(message);
        held.addLast(added);
        lastN = added.n();
        lastHash = message.payloadHash();
        return added;
    }

    Optional<HeldMessage> get(long n) {
        return held.stream().filter(message -> message.n() == n).findFirst();
    }

    Optional<HeldMessage> firstAfter(long n) {
        return held.stream().filter(message -> message.n() > n).findFirst();
    }

    void receipted(long n) {
        receiptedN = Math.max(receiptedN, n);
        held.removeIf(message -> message.n() <= receiptedN);
    }

    List<HeldMessage> messages() {
        return List.copyOf(held);
    }
}
