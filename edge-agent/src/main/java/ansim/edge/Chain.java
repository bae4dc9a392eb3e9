package ansim.edge;

import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One chain of a durable lane: which numbers stand at which index of the lane's journal, and how far the hub has
 * receipted them. A chain's messages stand side by side, so that a number is an index by addition. Guarded by
 * {@link Lanes}.
 */
final class Chain {
    final Id8 id;
    /** Journal index of the message {@link #firstN}. */
    final long firstIndex;
    /** Number of the first message of this chain that was ever in this journal. */
    final long firstN;
    /** Number of the newest message, {@code firstN - 1} while there is none. */
    long lastN;
    /** Hash of the newest payload, null while there is none. */
    @Nullable
    Id16 lastHash;
    /**
     * The hub's signed word covers everything up to here, as far as it was in this journal: what was displaced from memory before the
     * first is told in a gap.
     */
    long receiptedN;
    /** The highest number ever receipted, whatever the hub's generation. */
    long everReceiptedN;
    /** No message is added any more: its last number cannot be proved, or the hub knows other bytes. */
    boolean closed;

    Chain(Id8 id, long firstIndex, long firstN) {
        this.id = id;
        this.firstIndex = firstIndex;
        this.firstN = firstN;
        this.lastN = firstN - 1;
        this.receiptedN = firstN - 1;
        this.everReceiptedN = firstN - 1;
    }

    long indexOf(long n) {
        return firstIndex + (n - firstN);
    }

    long numberAt(long index) {
        return firstN + (index - firstIndex);
    }

    long lastIndex() {
        return indexOf(lastN);
    }

    boolean holds(long index) {
        return index >= firstIndex && index <= lastIndex();
    }

    /** Messages without a receipt, those in gaps included. */
    long waiting() {
        return Math.max(0, lastN - receiptedN);
    }

    Optional<Id16> previous() {
        return Optional.ofNullable(lastHash);
    }

    /** @param withEnd whether to write the newest number and hash, too */
    void write(DataOutputStream out, boolean withEnd) throws IOException {
        out.writeLong(id.bits());
        out.writeLong(firstIndex);
        out.writeLong(firstN);
        out.writeLong(withEnd ? lastN : 0);
        out.writeLong(receiptedN);
        out.writeLong(everReceiptedN);
        out.writeBoolean(closed);
        Id16 hash = withEnd ? lastHash : null;
        out.writeBoolean(hash != null);
        if (hash != null) {
            out.writeLong(hash.hi());
            out.writeLong(hash.lo());
        }
    }

    static Chain read(DataInputStream in) throws IOException {
        Chain chain = new Chain(new Id8(in.readLong()), in.readLong(), in.readLong());
        chain.lastN = in.readLong();
        chain.receiptedN = in.readLong();
        chain.everReceiptedN = in.readLong();
        chain.closed = in.readBoolean();
        if (in.readBoolean()) {
            chain.lastHash = new Id16(in.readLong(), in.readLong());
        }
        return chain;
    }
}
