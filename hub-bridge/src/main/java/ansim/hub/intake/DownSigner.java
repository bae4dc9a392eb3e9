package ansim.hub.intake;

import ansim.hub.core.Order;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.MessageSigner;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.SigningKey;
import ansim.wire.Verb;
import ansim.wire.VerifyKey;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Signs what the hub says to units: receipts and refusals, which have no number, and commands. Any thread. */
final class DownSigner {
    private static final String ISSUER = "hub";
    /** Receipts and refusals are no commands: they have no number (CONTRACT, cti). */
    private static final int NO_NUMBER = 0;

    private final Function<Id16, SigningKey> keys;
    private final long generation;
    private final LongSupplier nowMs;

    /** As many as the hub has keys. */
    private final Map<VerifyKey, MessageSigner> signers = new ConcurrentHashMap<>();

    /** @param keys the key that a unit believes */
    DownSigner(Function<Id16, SigningKey> keys, long generation, LongSupplier nowMs) {
        this.keys = keys;
        this.generation = generation;
        this.nowMs = nowMs;
    }

    /** Verb 1. */
    byte[] receipt(Id16 unit, Map<Lane, List<Receipted>> lanes) {
        return sign(unit, new Receipt(lanes));
    }

    /** Verb 8. */
    byte[] refused(Id16 unit, Lane lane, Refused.Refusal refusal) {
        return sign(unit, new Refused(Map.of(lane, refusal)));
    }

    /** Verbs 2 to 7, 9 and 10, each time with the present moment and generation: a unit takes none of an older one. */
    byte[] order(Order order) {
        Command command = command(order.unit(), OptionalLong.of(order.expS()), order.number(), order.verb());
        return DownMessage.sign(command, keys.apply(order.unit())).bytes();
    }

    private byte[] sign(Id16 unit, Verb verb) {
        SigningKey key = keys.apply(unit);
        MessageSigner signer = signers.computeIfAbsent(key.verifyKey(), first -> CorrettoSigner.of(key));
        return DownMessage.sign(command(unit, OptionalLong.empty(), NO_NUMBER, verb), key.verifyKey(), signer);
    }

    private Command command(Id16 unit, OptionalLong expS, long number, Verb verb) {
        return new Command(ISSUER, unit, expS, nowMs.getAsLong() / 1000, generation, number, verb);
    }
}
