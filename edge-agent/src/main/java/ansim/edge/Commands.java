package ansim.edge;

import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.Lane;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/**
 * Commands from the hub, in order of (generation, number). None is known yet: each is answered `unknown`, or `expired`.
 *
 * <p>Guarantee: which command was the last is on disk with its answer, before anything of it is done; a command that comes
 * again is not done again, its answer is already in lane 2. The forwarder's thread only.
 */
final class Commands {
    private static final int STATE_BYTES = 16;

    private final Lanes lanes;
    private final UnitClock clock;
    private final LongSupplier monoMs;
    private long generation;
    private long number;

    Commands(Lanes lanes, UnitClock clock, LongSupplier monoMs) {
        this.lanes = lanes;
        this.clock = clock;
        this.monoMs = monoMs;
        lanes.state(Lane.EVENT, Lanes.COMMANDS)
                .filter(state -> state.length == STATE_BYTES)
                .ifPresent(state -> {
                    ByteBuffer in = ByteBuffer.wrap(state);
                    generation = in.getLong();
                    number = in.getLong();
                });
    }

    /** Answers a verified command that is neither a receipt nor a refusal. */
    void execute(Command command, long highestGeneration) {
        boolean old = command.generation() < highestGeneration
                || command.generation() < generation
                || (command.generation() == generation && command.number() <= number);
        if (old) {
            return;
        }
        generation = command.generation();
        number = command.number();
        long nowMs = monoMs.getAsLong();
        UnitClock.Stamp now = clock.at(nowMs, nowMs);
        boolean expired = command.expS().isPresent()
                && now.utcMs() != 0
                && now.utcMs() / 1000 >= command.expS().getAsLong();
        Outcome outcome = expired ? Outcome.EXPIRED : Outcome.UNKNOWN;
        Logger.info("command {} (verb {}): {}", number, command.verb().number(), outcome);
        byte[] state = ByteBuffer.allocate(STATE_BYTES)
                .putLong(generation)
                .putLong(number)
                .array();
        lanes.append(Lane.EVENT, List.of(new Draft(new CommandAck(number, outcome), nowMs)), Lanes.COMMANDS, state);
    }
}
