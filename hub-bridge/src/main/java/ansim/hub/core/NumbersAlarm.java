package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Lane;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/**
 * What the hub has told of one unit's numbers of its own accord (CONTRACT, tamper 9), so that a cause is told once and not with every
 * message that shows it: a cloned card makes a fork of everything that it sends.
 *
 * <p>A cause is what is wrong in which chain, for {@link Cause#NEW_CHAINS} of the whole unit. One that goes on is told again after
 * {@link #AGAIN_MS}. Of one unit {@value #KEPT} are remembered; the oldest goes first, and may then be told sooner.
 *
 * <p>Changed only by {@link HubState#apply}.
 */
final class NumbersAlarm {
    /** A cause that lasts is told again so long after it was told, by the arrivals. */
    static final long AGAIN_MS = 86_400_000;

    /** Causes remembered of one unit. */
    static final int KEPT = 16;

    /** What is wrong with the numbers. */
    enum Cause implements Numbered {
        /** A number used twice with other content: a cloned or restored card. */
        FORK(1),
        /** A message that does not follow the stored one before it. */
        CHAIN_BREAK(2),
        /** More new chains in a day than there should be. */
        NEW_CHAINS(3);

        private final int number;

        Cause(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }

        /** What the flags of a message say of it. */
        static Optional<Cause> of(Set<Flag> flags) {
            if (!flags.contains(Flag.NUMBERS)) {
                return Optional.empty();
            }
            return Optional.of(
                    flags.contains(Flag.FORK) ? FORK : flags.contains(Flag.CHAIN_BREAK) ? CHAIN_BREAK : NEW_CHAINS);
        }
    }

    private record Told(Cause cause, Lane lane, Id8 chain, long atMs) {
        boolean is(Cause other, Lane inLane, Id8 inChain) {
            return cause == other && (cause == Cause.NEW_CHAINS || (lane == inLane && chain.equals(inChain)));
        }
    }

    /** The one told last is last. */
    private final Deque<Told> told = new ArrayDeque<>(0);

    /** Whether it was not told yet, or long ago. */
    boolean isDue(Cause cause, Lane lane, Id8 chain, long arrivedMs) {
        return told.stream().noneMatch(each -> each.is(cause, lane, chain) && arrivedMs - each.atMs < AGAIN_MS);
    }

    void tell(Cause cause, Lane lane, Id8 chain, long arrivedMs) {
        told.removeIf(each -> each.is(cause, lane, chain));
        if (told.size() == KEPT) {
            told.removeFirst();
        }
        told.addLast(new Told(cause, lane, chain, arrivedMs));
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(told.size());
        for (Told each : told) {
            out.writeByte(each.cause.number());
            out.writeByte(each.lane.number());
            out.writeLong(each.chain.bits());
            out.writeLong(each.atMs);
        }
    }

    static NumbersAlarm read(DataInput in) throws IOException {
        NumbersAlarm alarm = new NumbersAlarm();
        for (int left = Encoding.count(in, "alarms told of a unit's numbers", KEPT); left > 0; left--) {
            int cause = in.readUnsignedByte();
            Lane lane = Chain.readLane(in);
            alarm.told.addLast(new Told(
                    Arrays.stream(Cause.values())
                            .filter(each -> each.number() == cause)
                            .findFirst()
                            .orElseThrow(() -> new IOException("no such cause (" + cause + ")")),
                    lane,
                    new Id8(in.readLong()),
                    in.readLong()));
        }
        return alarm;
    }
}
