package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;

/**
 * What the hub remembers of one chain of a unit: how far it goes, the hashes of its newest messages and where to find the others.
 *
 * <p>A message <i>in order</i> raised the chain's last number; one <i>on the side</i> did not: a fork, or one that a gap record had
 * named. Changed only by {@link HubState#apply}.
 */
final class Chain {
    /** Messages whose hash is kept here, in order and on the side each; older ones are looked up in the log. */
    static final int HASHES = 8;

    /**
     * Ranges of numbers ahead that gap records have named. Beyond this many the two furthest are merged over the numbers between
     * them: those are still stored if they come.
     */
    static final int MAX_GAPS = 64;

    /** What is known of a number that is not above the last. */
    enum Known {
        /** These very bytes are stored. */
        SAME,
        /** Only other bytes are stored. */
        OTHER,
        /** Nothing is stored. */
        NOTHING,
        /** The log must be asked. */
        UNSURE
    }

    final Lane lane;
    final Id8 id;
    private long lastN;
    private long lastIndex;
    private long previousLow;
    private long block;
    private long blockN;
    private long superblock;
    private long superblockN;
    private final Recent inOrder = new Recent();
    private Recent onSide = Recent.NONE;
    private long sideIndex;
    private long sideMaxN;
    private Ascent run = Ascent.NONE;
    private long[] gaps = NO_GAPS;
    /** Log index of the newest entry that was of it or named it. */
    private long touched;
    /** ms UTC of the newest message in order with a date of its own; 0 for none. */
    long datedMs;
    /** The boot that wrote a memory-only chain; 0 once it has ended or its loss was told, and for chains on disk. */
    long memoryBoot;

    private static final long[] NO_GAPS = {};

    /** The newest {@link #HASHES} (number, first half of the payload's hash), as pairs, oldest first. */
    private static final class Recent {
        static final Recent NONE = new Recent();
        /** Most chains are short: it grows to twice its length at a time. */
        private long[] pairs = NO_GAPS;

        private int used;
        private boolean forgot;

        void add(long n, long hash) {
            if (used == 2 * HASHES) {
                System.arraycopy(pairs, 2, pairs, 0, used - 2);
                used -= 2;
                forgot = true;
            } else if (used == pairs.length) {
                pairs = Arrays.copyOf(pairs, Math.max(2, 2 * used));
            }
            pairs[used++] = n;
            pairs[used++] = hash;
        }

        boolean holds(long n) {
            for (int i = 0; i < used; i += 2) {
                if (pairs[i] == n) {
                    return true;
                }
            }
            return false;
        }

        boolean holds(long n, long hash) {
            for (int i = 0; i < used; i += 2) {
                if (pairs[i] == n && pairs[i + 1] == hash) {
                    return true;
                }
            }
            return false;
        }

        long newestHash() {
            return pairs[used - 1];
        }

        void write(DataOutput out) throws IOException {
            Encoding.longs(out, Arrays.copyOf(pairs, used));
            out.writeBoolean(forgot);
        }

        void read(DataInput in) throws IOException {
            pairs = Encoding.longs(in, "hashes of a chain", 2 * HASHES);
            used = pairs.length;
            forgot = in.readBoolean();
            if (used % 2 != 0) {
                throw new IOException("a number without its hash");
            }
        }
    }

    /**
     * The newest messages on the side, as long as their numbers ascend: those of a cloned card are one run, which has links like the order.
     *
     * @param before log index of the newest message on the side before the run
     */
    private record Ascent(long lastN, long block, long blockN, long superblock, long superblockN, long before) {
        static final Ascent NONE = new Ascent(0, 0, 0, 0, 0, 0);

        Ascent with(long index, long n) {
            boolean sameBlock = n / Links.BLOCK == lastN / Links.BLOCK;
            boolean sameSuperblock = n / Links.SUPERBLOCK == lastN / Links.SUPERBLOCK;
            return new Ascent(
                    n,
                    sameBlock ? block : index,
                    sameBlock ? blockN : n,
                    sameSuperblock ? superblock : index,
                    sameSuperblock ? superblockN : n,
                    before);
        }

        static Ascent begin(long index, long n, long before) {
            return new Ascent(n, index, n, index, n, before);
        }

        void write(DataOutput out) throws IOException {
            for (long each : new long[] {lastN, block, blockN, superblock, superblockN, before}) {
                out.writeLong(each);
            }
        }

        static Ascent read(DataInput in) throws IOException {
            return new Ascent(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
        }
    }

    Chain(Lane lane, Id8 id) {
        this.lane = lane;
        this.id = id;
    }

    long lastN() {
        return lastN;
    }

    /** Of the newest message, in order or on the side. */
    long newestIndex() {
        return Math.max(lastIndex, sideIndex);
    }

    /** An entry is of it or names it. */
    void touch(long index) {
        touched = index;
    }

    /** Whether that is longer ago than for another one. */
    boolean isIdlerThan(Chain other) {
        return touched < other.touched
                || (touched == other.touched && Long.compareUnsigned(id.bits(), other.id.bits()) < 0);
    }

    /** Whether any message of it is stored; a gap record alone makes a chain known, too. */
    boolean started() {
        return lastIndex != 0;
    }

    /** What the unit may take as receipted in this chain. */
    Receipted receipted() {
        return new Receipted(id, lastN, new Id8(inOrder.newestHash()));
    }

    Known known(long n, Id16 hash) {
        if (inOrder.holds(n, hash.hi()) || onSide.holds(n, hash.hi())) {
            return Known.SAME;
        }
        if (!orderSure(n) || !sideSure(n)) {
            return Known.UNSURE;
        }
        return inOrder.holds(n) || onSide.holds(n) ? Known.OTHER : Known.NOTHING;
    }

    private boolean orderSure(long n) {
        return !inOrder.forgot || n >= inOrder.pairs[0];
    }

    private boolean sideSure(long n) {
        return !onSide.forgot || n > sideMaxN;
    }

    /** {@link #known} with the log's answer. */
    Known known(long n, Id16 hash, Set<Id16> stored) {
        Known here = known(n, hash);
        if (here != Known.UNSURE) {
            return here;
        }
        if (stored.contains(hash)) {
            return Known.SAME;
        }
        return stored.isEmpty() && !inOrder.holds(n) && !onSide.holds(n) ? Known.NOTHING : Known.OTHER;
    }

    Lookup lookup(long n) {
        return new Lookup(n, orderSure(n) ? 0 : lastIndex, sideSure(n) ? 0 : sideIndex);
    }

    /** Whether {@code hash} is that of a stored message with the last number. */
    boolean endsWith(Id16 hash) {
        return (hash.hi() == inOrder.newestHash() && hash.lo() == previousLow) || onSide.holds(lastN, hash.hi());
    }

    /** Whether gap records explain every number between the last and {@code n}. */
    boolean covered(long n) {
        long next = lastN + 1;
        for (int i = 0; i < gaps.length && gaps[i] <= next; i += 2) {
            next = Math.max(next, gaps[i + 1] + 1);
        }
        return next >= n;
    }

    Links linksInOrder() {
        return new Links(lastIndex, lastN, block, blockN, superblock, superblockN, sideIndex);
    }

    Links linksOnSide(long n) {
        return n > run.lastN && sideIndex != 0
                ? new Links(sideIndex, run.lastN, run.block, run.blockN, run.superblock, run.superblockN, run.before)
                : new Links(0, 0, 0, 0, 0, 0, sideIndex);
    }

    void store(long index, long n, Id16 hash) {
        if (block == 0 || n / Links.BLOCK != lastN / Links.BLOCK) {
            block = index;
            blockN = n;
        }
        if (superblock == 0 || n / Links.SUPERBLOCK != lastN / Links.SUPERBLOCK) {
            superblock = index;
            superblockN = n;
        }
        inOrder.add(n, hash.hi());
        previousLow = hash.lo();
        lastN = n;
        lastIndex = index;
        dropPassedGaps();
    }

    void storeOnSide(long index, long n, Id16 hash) {
        if (onSide == Recent.NONE) {
            onSide = new Recent();
        }
        onSide.add(n, hash.hi());
        run = n > run.lastN && sideIndex != 0 ? run.with(index, n) : Ascent.begin(index, n, sideIndex);
        sideIndex = index;
        sideMaxN = Math.max(sideMaxN, n);
    }

    /** A gap record names {@code first} to {@code last}. */
    void addGap(long first, long last) {
        long from = Math.max(first, lastN + 1);
        if (from > last) {
            return;
        }
        long[] merged = new long[gaps.length + 2];
        int size = 0;
        boolean placed = false;
        long to = last;
        for (int i = 0; i < gaps.length; i += 2) {
            if (gaps[i + 1] < from - 1) {
                merged[size++] = gaps[i];
                merged[size++] = gaps[i + 1];
            } else if (gaps[i] - 1 > to) {
                if (!placed) {
                    merged[size++] = from;
                    merged[size++] = to;
                    placed = true;
                }
                merged[size++] = gaps[i];
                merged[size++] = gaps[i + 1];
            } else {
                from = Math.min(from, gaps[i]);
                to = Math.max(to, gaps[i + 1]);
            }
        }
        if (!placed) {
            merged[size++] = from;
            merged[size++] = to;
        }
        if (size > 2 * MAX_GAPS) {
            merged[size - 3] = merged[size - 1];
            size -= 2;
        }
        gaps = Arrays.copyOf(merged, size);
    }

    private void dropPassedGaps() {
        int from = 0;
        while (from < gaps.length && gaps[from + 1] <= lastN) {
            from += 2;
        }
        if (from > 0) {
            gaps = from == gaps.length ? NO_GAPS : Arrays.copyOfRange(gaps, from, gaps.length);
        }
    }

    void write(DataOutput out) throws IOException {
        out.writeByte(lane.number());
        long[] numbers = {
            id.bits(),
            lastN,
            lastIndex,
            previousLow,
            block,
            blockN,
            superblock,
            superblockN,
            sideIndex,
            sideMaxN,
            datedMs,
            memoryBoot,
            touched
        };
        for (long number : numbers) {
            out.writeLong(number);
        }
        inOrder.write(out);
        onSide.write(out);
        Encoding.longs(out, gaps);
        if (sideIndex != 0) {
            run.write(out);
        }
    }

    static Lane readLane(DataInput in) throws IOException {
        int number = in.readUnsignedByte();
        return Arrays.stream(Lane.values())
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow(() -> new IOException("no such lane (" + number + ")"));
    }

    static Chain read(DataInput in) throws IOException {
        Chain chain = new Chain(readLane(in), new Id8(in.readLong()));
        chain.lastN = in.readLong();
        chain.lastIndex = in.readLong();
        chain.previousLow = in.readLong();
        chain.block = in.readLong();
        chain.blockN = in.readLong();
        chain.superblock = in.readLong();
        chain.superblockN = in.readLong();
        chain.sideIndex = in.readLong();
        chain.sideMaxN = in.readLong();
        chain.datedMs = in.readLong();
        chain.memoryBoot = in.readLong();
        chain.touched = in.readLong();
        chain.inOrder.read(in);
        Recent side = new Recent();
        side.read(in);
        if (side.used > 0) {
            chain.onSide = side;
        }
        chain.gaps = Encoding.longs(in, "gaps of a chain", 2 * MAX_GAPS);
        if (chain.gaps.length % 2 != 0 || (chain.started() && chain.inOrder.used == 0)) {
            throw new IOException("a chain that cannot be");
        }
        if (chain.sideIndex != 0) {
            chain.run = Ascent.read(in);
        }
        return chain;
    }
}
