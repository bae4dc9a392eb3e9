package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Gap;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
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

    private static Lane laneOf(Kind kind) {
        return switch (kind) {
            case PANIC, TAMPER, GAP -> Lane.ALARM;
            case BOARDED, ALIGHTED, CONTACT, ANCHOR, COMMAND_ACK -> Lane.EVENT;
            case TRACK -> Lane.TRACK;
            default -> Lane.STATUS;
        };
    }
}
