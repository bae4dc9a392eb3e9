package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Gap;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.util.List;
import java.util.Optional;

/** What a message that verifies may still do wrong, apart from its number. */
final class Rules {
    private Rules() {}

    /** The first rule that it breaks. */
    static Optional<String> broken(UpMessage message) {
        if (message.flaw().isPresent()) {
            return message.flaw();
        }
        Batch batch = message.batch();
        if (batch.lane() == Lane.STATUS && batch.previous().isPresent()) {
            return Optional.of("lane 4 has no previous");
        }
        if (batch.lane().compareTo(Lane.EVENT) <= 0 && batch.records().size() > 1) {
            return Optional.of("a message of lane " + batch.lane().number() + " has one record (got "
                    + batch.records().size() + ")");
        }
        for (UpRecord record : batch.records()) {
            Body body = record.body();
            if (body.kind() != Kind.UNKNOWN && laneOf(body.kind()) != batch.lane()) {
                return Optional.of("a record of kind " + body.number() + " does not belong into lane "
                        + batch.lane().number());
            }
        }
        return Optional.empty();
    }

    /**
     * Whether a record may change what is known. A gap of reason 4 says that an earlier log of the hub receipted the numbers: of a
     * chain that stands in a log which was never restored that cannot be, for that log still holds what it receipted. Of a chain
     * that it never heard of the log before it may have.
     */
    static boolean permits(boolean restored, UnitState unit, Body body) {
        if (restored || body.kind() != Kind.GAP || ((Gap) body).reason() != Gap.Reason.RECEIPTED_EARLIER) {
            return true;
        }
        Chain chain = unit.chain(((Gap) body).lane(), ((Gap) body).chain());
        return chain == null || !chain.started();
    }

    /**
     * The record that a message speaks by, the first of most messages. One of lane 1 that breaks its rule and has several speaks by the most urgent: a
     * panic that travels behind something else is still to sound.
     */
    static UpRecord telling(Batch batch) {
        UpRecord most = batch.records().get(0);
        if (isCrowded(batch)) {
            for (UpRecord each : batch.records()) {
                if (urgency(each.body()) < urgency(most.body())) {
                    most = each;
                }
            }
        }
        return most;
    }

    /** The records that may change what is known: of a message of lane 1 one, or a single one could name hundreds of chains. */
    static List<UpRecord> counting(Batch batch) {
        return isCrowded(batch) ? List.of(telling(batch)) : batch.records();
    }

    private static boolean isCrowded(Batch batch) {
        return batch.lane() == Lane.ALARM && batch.records().size() > 1;
    }

    /** The least first. Also of a panic or tamper that does not read. */
    private static int urgency(Body body) {
        return switch (Kind.of(body.number())) {
            case PANIC -> body instanceof Panic panic && panic.phase() == Phase.CANCELLED ? 1 : 0;
            case TAMPER -> 2;
            case GAP -> 3;
            default -> 4;
        };
    }

    private static Lane laneOf(Kind kind) {
        return switch (kind) {
            case PANIC, TAMPER, GAP -> Lane.ALARM;
            case BOARDED, ALIGHTED, CONTACT, ANCHOR, COMMAND_ACK -> Lane.EVENT;
            case TRACK -> Lane.TRACK;
            default -> Lane.STATUS;
        };
    }
}
