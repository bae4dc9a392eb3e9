package ansim.hub.model;

import ansim.hub.core.Flag;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Lookup;
import ansim.hub.core.Output;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * {@code ansim.hub.core} beside the model's hub: the same messages, crashes and restores, and every disposition, every receipt must be the
 * model's. Messages are signed once and kept, since the step looks at no signature.
 */
class RealHub {
    /** For worlds that are not compared. */
    static final RealHub NONE = new RealHub();

    void begin() {}

    void arrive(Message message, ModelHub.Decided decided) {}

    void answers(Answer whole) {}

    void cut(int entries) {}

    void found(int generation) {}

    /** The real one. */
    static final class Compared extends RealHub {
        private static final int KEPT = 100_000;
        private static final long ARRIVED_MS = 1_780_000_000_000L;
        private static final int FOUNDED_S = 1_700_000_000;
        /** Entries before the model's first: the founding and the unit. */
        private static final int BEFORE = 2;

        private final SigningKey key = SigningKey.generate(new SecureRandom());
        private final Id16 unit = new Id16(1, 2);
        private final Map<Message, UpMessage> signed = new HashMap<>();
        private final List<LogEntry> log = new ArrayList<>();
        private final Map<Integer, Message> arrived = new HashMap<>();
        private HubState state = new HubState();
        long decisions;
        long receipts;

        @Override
        void begin() {
            log.clear();
            arrived.clear();
            state = new HubState();
            write(new Input.Founding(ARRIVED_MS, FOUNDED_S + 1L));
            UnitRecord record = new UnitRecord(unit, key.verifyKey(), "12", "Taxi", "taxi", Optional.empty(), false);
            write(new Input.UnitChange(ARRIVED_MS, record));
        }

        private Output write(Input input) {
            Output output = Step.decide(state, input);
            if (output.lookup().isPresent()) {
                output = Step.decide(
                        state,
                        ((Input.Arrival) input).withKnown(look(output.lookup().get())));
            }
            if (output.disposition().logged()) {
                LogEntry entry = new LogEntry(input, output);
                log.add(entry);
                state.apply(log.size(), entry);
            }
            return output;
        }

        private Set<Id16> look(Lookup lookup) {
            try {
                return lookup.answer(index -> log.get((int) index - 1));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        void arrive(Message message, ModelHub.Decided decided) {
            decisions++;
            arrived.put(message.bytes(), message);
            Output output = write(new Input.Arrival(ARRIVED_MS, signed(message)));
            boolean receipted = decided.disposition() == ModelHub.Disposition.HOLE
                    || output.receipted().equals(Optional.of(receipted(Answer.Named.of(message), message)));
            if (!output.disposition().name().equals(decided.disposition().name())
                    || output.has(Flag.BEHIND) != decided.behind()
                    || !receipted) {
                throw new Violation(
                        Violation.Of.DRIFT, message + " is " + decided + " for the model, the step says " + output);
            }
        }

        @Override
        void answers(Answer whole) {
            receipts++;
            Set<Receipted> real = new HashSet<>();
            state.receipt(unit).values().forEach(real::addAll);
            Set<Receipted> model = new HashSet<>();
            whole.named().forEach(each -> model.add(receipted(each, find(each))));
            if (!real.equals(model) || state.generation() != FOUNDED_S + whole.generation()) {
                throw new Violation(Violation.Of.DRIFT, whole + " in the model, the state says " + real);
            }
        }

        private Message find(Answer.Named named) {
            Message message = arrived.get(named.bytes());
            if (message == null) {
                throw new Violation(Violation.Of.DRIFT, named + " never reached the real hub");
            }
            return message;
        }

        @Override
        void cut(int entries) {
            log.subList(entries + BEFORE, log.size()).clear();
            state = new HubState();
            for (int i = 0; i < log.size(); i++) {
                state.apply(i + 1L, log.get(i));
            }
        }

        @Override
        void found(int generation) {
            write(new Input.Founding(ARRIVED_MS, FOUNDED_S + (long) generation));
        }

        private Receipted receipted(Answer.Named named, Message message) {
            return new Receipted(
                    chain(named.chain()), named.n(), signed(message).payloadHash8());
        }

        private static Id8 chain(int chain) {
            return new Id8(1000L + chain);
        }

        private UpMessage signed(Message message) {
            if (signed.size() > KEPT) {
                signed.clear();
            }
            return signed.computeIfAbsent(message, this::sign);
        }

        /** The model's bytes are the time since boot, so that no two payloads are the same. */
        private UpMessage sign(Message message) {
            Optional<Id16> previous = message.n() == 1 ? Optional.empty() : Optional.of(new Id16(message.n(), 0));
            return UpMessage.sign(
                    new Batch(
                            unit,
                            new Id8(7),
                            Lane.of(message.lane()).orElseThrow(),
                            chain(message.chain()),
                            message.n(),
                            previous,
                            TimeQuality.GNSS,
                            ARRIVED_MS - 1000,
                            1000L + message.bytes(),
                            List.of(new UpRecord(0, body(message))),
                            OptionalLong.empty(),
                            false,
                            false),
                    key);
        }

        private static Body body(Message message) {
            Message.Told gap = message.gap();
            if (message.isGap()) {
                Gap.Reason reason = Arrays.stream(Gap.Reason.values())
                        .filter(each -> each.code() == gap.reason())
                        .findFirst()
                        .orElseThrow();
                return new Gap(Lane.of(gap.lane()).orElseThrow(), chain(gap.chain()), gap.first(), gap.last(), reason);
            }
            return switch (message.lane()) {
                case 1 -> Tamper.of(Tamper.What.POWER, Phase.RAISED);
                case 2 -> new Contact("door", true, Optional.empty());
                default ->
                    Track.through(
                            List.of(Pos.of(375_000_000, 1_270_000_000), Pos.of(375_000_100, 1_270_000_100)),
                            1000,
                            List.of(),
                            Optional.empty());
            };
        }
    }
}
