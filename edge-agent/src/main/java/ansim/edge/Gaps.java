package ansim.edge;

import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The numbers that will not come, each with the lane-1 message that tells the hub. What lies behind a gap waits for that
 * message's receipt. Neighbours of one chain and reason that one lane-1 chain tells are one gap here, told by the later message: its
 * receipt holds for the earlier, too. So the table is as short as the lane-1 chains are few. Guarded by {@link Lanes}.
 */
final class Gaps {
    private static final int STATE_VERSION = 1;

    private final List<Hole> holes = new ArrayList<>();

    /**
     * Numbers {@code first} to {@code last} of a chain, told by message {@code carrierN} of lane-1 chain {@code carrier}.
     */
    record Hole(Lane lane, Id8 chain, long first, long last, Gap.Reason reason, Id8 carrier, long carrierN) {
        private boolean isLike(Hole other) {
            return chain.equals(other.chain) && reason == other.reason;
        }

        boolean contains(Hole other) {
            return isLike(other) && first <= other.first && other.last <= last;
        }

        boolean joins(Hole other) {
            return isLike(other) && carrier.equals(other.carrier) && first <= other.last + 1 && other.first <= last + 1;
        }

        Hole with(Hole earlier) {
            return new Hole(
                    lane,
                    chain,
                    Math.min(first, earlier.first),
                    Math.max(last, earlier.last),
                    reason,
                    carrier,
                    carrierN);
        }

        /** Whether a record of this gap may be among lane-1 numbers that will not come. */
        boolean isToldIn(Id8 lostChain, long lostFirst) {
            return carrier.equals(lostChain) && carrierN >= lostFirst;
        }

        boolean covers(Id8 id, long n) {
            return chain.equals(id) && n >= first && n <= last;
        }
    }

    /** Adds a gap; one that is told again takes the place of what told it before. */
    void add(Hole hole) {
        Hole added = hole;
        for (Hole old : all()) {
            if (hole.contains(old)) {
                holes.remove(old);
            } else if (old.joins(added)) {
                holes.remove(old);
                added = added.with(old);
            }
        }
        holes.add(added);
    }

    Optional<Hole> covering(Id8 chain, long n) {
        return holes.stream().filter(hole -> hole.covers(chain, n)).findFirst();
    }

    /** A gap at or before {@code n} that the hub has not yet receipted; one about lane 1 holds up its whole chain. */
    boolean blocks(Id8 chain, long n, Predicate<Hole> receipted) {
        return holes.stream()
                .anyMatch(hole -> hole.chain().equals(chain)
                        && (hole.first() <= n || hole.lane() == Lane.ALARM)
                        && !receipted.test(hole));
    }

    void forgetIf(Predicate<Hole> over) {
        holes.removeIf(over);
    }

    List<Hole> all() {
        return List.copyOf(holes);
    }

    void set(List<Hole> all) {
        holes.clear();
        holes.addAll(all);
    }

    byte[] state() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(STATE_VERSION);
            out.writeInt(holes.size());
            for (Hole hole : holes) {
                out.writeByte(hole.lane().number());
                out.writeLong(hole.chain().bits());
                out.writeLong(hole.first());
                out.writeLong(hole.last());
                out.writeByte(hole.reason().code());
                out.writeLong(hole.carrier().bits());
                out.writeLong(hole.carrierN());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private static Gap.Reason reason(int code) throws IOException {
        for (Gap.Reason reason : Gap.Reason.values()) {
            if (reason.code() == code) {
                return reason;
            }
        }
        throw new IOException("no such reason of a gap: " + code);
    }

    /** Takes up what was stored; what is in the table already is newer, and stays. */
    void restore(byte[] state) throws IOException {
        List<Hole> read = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version != STATE_VERSION) {
                throw new IOException("gap state must be version " + STATE_VERSION + " (got " + version + ")");
            }
            int count = in.readInt();
            for (int i = 0; i < count; i++) {
                Lane lane = Lane.of(in.readUnsignedByte()).orElseThrow(() -> new IOException("no such lane"));
                read.add(new Hole(
                        lane,
                        new Id8(in.readLong()),
                        in.readLong(),
                        in.readLong(),
                        reason(in.readUnsignedByte()),
                        new Id8(in.readLong()),
                        in.readLong()));
            }
        }
        List<Hole> newer = all();
        set(read);
        newer.forEach(this::add);
    }
}
