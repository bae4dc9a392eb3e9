package ansim.hub.intake;

import ansim.hub.core.UnitRecord;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Presence;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A unit that signs what a test tells it to. */
final class TestUnit {
    static final SecureRandom RANDOM = new SecureRandom();

    final Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    SigningKey key = SigningKey.generate(RANDOM);
    private final Id8 boot = Id8.random(RANDOM);

    UnitRecord record() {
        return new UnitRecord(id, key.verifyKey(), "test 1", "test company", "taxi", Optional.empty(), false);
    }

    Chain chain(Lane lane) {
        return new Chain(lane, Id8.random(RANDOM));
    }

    /** A chain of one lane; its bodies do not matter here. */
    final class Chain {
        final Lane lane;
        final Id8 id;
        private long n;
        private Optional<Id16> previous = Optional.empty();

        private Chain(Lane lane, Id8 id) {
            this.lane = lane;
            this.id = id;
        }

        UpMessage next() {
            UpMessage message = at(n + 1, previous, "door");
            n++;
            previous = lane == Lane.STATUS ? Optional.empty() : Optional.of(message.payloadHash());
            return message;
        }

        UpMessage next(Body body) {
            UpMessage message = at(n + 1, previous, body);
            n++;
            previous = lane == Lane.STATUS ? Optional.empty() : Optional.of(message.payloadHash());
            return message;
        }

        /** The next message with so many records: 42 bytes each. */
        UpMessage nextOf(int records) {
            Body body = new Contact("x".repeat(Contact.MAX_NAME_BYTES), true, Optional.empty());
            UpMessage message = sign(n + 1, previous, Collections.nCopies(records, new UpRecord(0, body)));
            n++;
            previous = Optional.of(message.payloadHash());
            return message;
        }

        UpMessage at(long number, Optional<Id16> before, String name) {
            Body body = switch (lane) {
                case ALARM -> new Tamper(Tamper.What.POWER.code(), Phase.RAISED, OptionalLong.of(name.length()));
                case EVENT -> new Contact(name, true, Optional.empty());
                case TRACK, STATUS -> new Presence(375_700_000, 1_269_800_000, name.isEmpty());
            };
            return at(number, before, body);
        }

        private UpMessage at(long number, Optional<Id16> before, Body body) {
            return sign(number, before, List.of(new UpRecord(0, body)));
        }

        private UpMessage sign(long number, Optional<Id16> before, List<UpRecord> records) {
            return UpMessage.sign(
                    new Batch(
                            TestUnit.this.id,
                            boot,
                            lane,
                            id,
                            number,
                            before,
                            TimeQuality.UNKNOWN,
                            0,
                            1_000 + number,
                            records,
                            OptionalLong.of(0),
                            false,
                            false),
                    key);
        }
    }
}
