package ansim.edge;

import ansim.edge.keys.HubTrust;
import ansim.wire.Alert;
import ansim.wire.CancelAlert;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.CommissioningOrder;
import ansim.wire.Lane;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.Verb;
import ansim.wire.WireException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/**
 * Commands from the hub, in order of (generation, number). Known are {@code output} and {@code commissioning}, where an output is to
 * follow them {@code alert} and {@code cancel-alert}, and on an enrolled unit {@code re-enrol} and {@code next-hub-key}; every other one is answered
 * {@code unknown}.
 *
 * <p>Guarantee: that a command was the last is on disk before anything of it is done, and its answer is stored after it. A command
 * that comes again is not done again: its answer is already in lane 2, or, when the agent ended while doing it, is {@code failed}
 * from the next start on. While the disk takes nothing no command is done; while lane 2 has not opened since the start, and nobody knows
 * what was done before, none is answered either: the hub sends it again.
 *
 * <p>Whether a command's time has passed is judged by NTP, else by what the hub has signed since this agent started, never by GNSS: whoever plays
 * a satellite of another year must neither end the hub's orders nor have an old one done. A command that comes before either is known
 * waits for the first receipt, at most {@value #MOST_WAITING}; the hub sends again what found no room. The forwarder's thread only.
 */
final class Commands {
    /** Generation, number, and whether the answer is still owed. */
    private static final int STATE_BYTES = 17;
    /** As above, of an agent that did nothing but answer. */
    private static final int OLD_STATE_BYTES = 16;

    private static final long MS_PER_S = 1_000;

    /** As many as the hub has under way. */
    static final int MOST_WAITING = 8;

    /** Verb 6. */
    private static final int RE_ENROL = 6;

    private final Lanes lanes;
    private final UnitClock clock;
    private final LongSupplier monoMs;
    private final Outputs outputs;
    private final HubTrust hub;
    private final Deque<Command> waiting = new ArrayDeque<>();
    /** The hub's time minus CLOCK_MONOTONIC: late by what its word took to come, never early. */
    private OptionalLong hubOffsetMs = OptionalLong.empty();

    private boolean recalled;
    private long generation;
    private long number;

    Commands(Lanes lanes, UnitClock clock, LongSupplier monoMs, Outputs outputs, HubTrust hub) {
        this.lanes = lanes;
        this.clock = clock;
        this.monoMs = monoMs;
        this.outputs = outputs;
        this.hub = hub;
        recall();
    }

    /** Takes up what an earlier run did, once lane 2 is open, and answers what it still owes. */
    void recall() {
        if (!recalled && lanes.isOpen(Lane.EVENT)) {
            recalled = true;
            lanes.state(Lane.EVENT, Lanes.COMMANDS)
                    .filter(state -> state.length == STATE_BYTES || state.length == OLD_STATE_BYTES)
                    .ifPresent(this::restore);
        }
    }

    private void restore(byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        generation = in.getLong();
        number = in.getLong();
        if (in.hasRemaining() && in.get() != 0) {
            answer(Outcome.FAILED);
        }
    }

    /** Does and answers a verified command that is neither a receipt nor a refusal. */
    void execute(Command command, long highestGeneration) {
        recall();
        if (!recalled) {
            Logger.warn("a command has to come again: what was done before is not known yet");
            return;
        }
        boolean old = command.generation() < highestGeneration
                || command.generation() < generation
                || (command.generation() == generation && command.number() <= number);
        if (old) {
            return;
        }
        if (!waiting.isEmpty() || (command.expS().isPresent() && nowS() == 0)) {
            if (waiting.size() < MOST_WAITING) {
                waiting.add(command);
            }
            return;
        }
        carryOut(command);
    }

    /**
     * The hub has just receipted something for the first time: what it signs then is no older than what it receipts. An old receipt that is
     * played again receipts nothing new.
     *
     * @param iatS s since 1970 UTC
     */
    void heardHub(long iatS, long highestGeneration) {
        hubOffsetMs = OptionalLong.of(iatS * MS_PER_S - monoMs.getAsLong());
        List<Command> due = List.copyOf(waiting);
        waiting.clear();
        due.forEach(each -> execute(each, highestGeneration));
    }

    private void carryOut(Command command) {
        generation = command.generation();
        number = command.number();
        Outcome outcome = outcome(command);
        Logger.info("command {} (verb {}): {}", number, command.verb().number(), outcome);
        answer(outcome);
    }

    private Outcome outcome(Command command) {
        long utcS = nowS();
        if (utcS != 0 && command.expS().isPresent() && utcS >= command.expS().getAsLong()) {
            return Outcome.EXPIRED;
        }
        Verb verb = command.verb();
        try {
            return switch (verb.number()) {
                case OutputOrder.NUMBER -> output(OutputOrder.of((OtherVerb) verb));
                case Alert.NUMBER -> outputs.alerts() ? alert(Alert.of((OtherVerb) verb), utcS) : Outcome.UNKNOWN;
                case CancelAlert.NUMBER ->
                    outputs.alerts() ? cancel(CancelAlert.of((OtherVerb) verb)) : Outcome.UNKNOWN;
                case NextHubKey.NUMBER -> nextHubKey(NextHubKey.of((OtherVerb) verb));
                case RE_ENROL -> reEnrol();
                case CommissioningOrder.NUMBER -> commission(CommissioningOrder.of((OtherVerb) verb));
                default -> Outcome.UNKNOWN;
            };
        } catch (WireException e) {
            Logger.warn("command {} (verb {}): {}", number, verb.number(), e.getMessage());
            return Outcome.REFUSED;
        } catch (IOException e) {
            Logger.warn("command {} (verb {}): {}", number, verb.number(), e.getMessage());
            return Outcome.FAILED;
        }
    }

    private Outcome nextHubKey(NextHubKey next) throws IOException {
        if (!begun()) {
            return Outcome.FAILED;
        }
        return hub.follow(next) ? Outcome.DONE : Outcome.UNKNOWN;
    }

    /** Done means that it will be done, over restarts; that it has been done shows in the certificate. */
    private Outcome reEnrol() throws IOException {
        if (!begun()) {
            return Outcome.FAILED;
        }
        return hub.renewKeys() ? Outcome.DONE : Outcome.UNKNOWN;
    }

    private Outcome output(OutputOrder order) {
        return begun() ? outputs.order(order.name(), order.on(), order.atMostS(), monoMs.getAsLong()) : Outcome.FAILED;
    }

    private Outcome commission(CommissioningOrder order) {
        if (!begun()) {
            return Outcome.FAILED;
        }
        Duration time = Duration.ofSeconds(order.forS());
        return lanes.sealer().commissioning().begin(time, monoMs.getAsLong()) ? Outcome.DONE : Outcome.REFUSED;
    }

    private Outcome alert(Alert alert, long utcS) {
        if (utcS != 0 && utcS >= alert.expS()) {
            return Outcome.EXPIRED;
        }
        OptionalLong forS = utcS == 0 ? OptionalLong.empty() : OptionalLong.of(alert.expS() - utcS);
        return begun() ? outputs.alert(alert.id(), forS, monoMs.getAsLong()) : Outcome.FAILED;
    }

    private Outcome cancel(CancelAlert over) {
        return begun() ? outputs.cancelAlert(over.id(), monoMs.getAsLong()) : Outcome.FAILED;
    }

    /** The least that it can be, s since 1970; 0 while nobody has said. */
    private long nowS() {
        OptionalLong network = clock.networkMs();
        if (network.isPresent()) {
            return network.getAsLong() / MS_PER_S;
        }
        return hubOffsetMs.isPresent() ? (hubOffsetMs.getAsLong() + monoMs.getAsLong()) / MS_PER_S : 0;
    }

    /** Durable before anything is done: a command is not done twice. */
    private boolean begun() {
        return lanes.keep(Lane.EVENT, Lanes.COMMANDS, state(true));
    }

    private void answer(Outcome outcome) {
        Draft ack = new Draft(new CommandAck(number, outcome), monoMs.getAsLong());
        lanes.append(Lane.EVENT, List.of(ack), Lanes.COMMANDS, state(false));
    }

    private byte[] state(boolean owed) {
        return ByteBuffer.allocate(STATE_BYTES)
                .putLong(generation)
                .putLong(number)
                .put((byte) (owed ? 1 : 0))
                .array();
    }
}
