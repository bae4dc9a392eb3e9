package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.edge.keys.HubTrust;
import ansim.journal.JournalException;
import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.DownMessage;
import ansim.wire.Lane;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verbs 6 and 9: the hub orders new keys, or tells its own next one. */
class KeyCommandsTest {
    private static final NextHubKey NEXT =
            new NextHubKey(SigningKey.generate(new SecureRandom()).verifyKey(), 1_800_000_000L);
    private static final OtherVerb RE_ENROL = new OtherVerb(6, Bytes.of(new byte[] {(byte) 0xa0}));

    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final List<Object> done = new ArrayList<>();
    private boolean byHand;
    private boolean failing;
    private TestUnit unit;
    private Commands commands;

    private final HubTrust trust = new HubTrust() {
        @Override
        public boolean verifies(DownMessage message) {
            return true;
        }

        @Override
        public boolean follow(NextHubKey next) throws IOException {
            return took(next);
        }

        @Override
        public boolean renewKeys() throws IOException {
            return took(RE_ENROL);
        }

        private boolean took(Object what) throws IOException {
            if (failing) {
                throw new IOException("No space left on device");
            }
            if (!byHand) {
                done.add(what);
            }
            return !byHand;
        }
    };

    @BeforeEach
    void open() throws JournalException {
        unit = new TestUnit(data, hub);
        unit.link.connect();
        commands = new Commands(unit.lanes, unit.clock, () -> unit.nowMs, Outputs.none(), trust);
    }

    @AfterEach
    void close() {
        unit.close();
    }

    private Outcome send(long number, OtherVerb verb) {
        commands.execute(new Command("hub", TestUnit.ID, OptionalLong.empty(), 1_700_000_000L, 7, number, verb), 7);
        unit.exchange();
        List<UpMessage> all = hub.stored;
        return all.stream()
                .filter(message -> message.batch().lane() == Lane.EVENT)
                .map(message -> (CommandAck) message.batch().records().get(0).body())
                .filter(ack -> ack.command() == number)
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    @Test
    void bothAreDoneOnceAndAnswered() {
        assertEquals(Outcome.DONE, send(1, NEXT.verb()));
        assertEquals(Outcome.DONE, send(2, RE_ENROL));
        assertEquals(Outcome.DONE, send(1, NEXT.verb()), "already answered");
        assertEquals(List.of(NEXT, RE_ENROL), done);
    }

    @Test
    void aUnitWhoseKeysWereMadeByHandKnowsNeither() {
        byHand = true;
        assertEquals(Outcome.UNKNOWN, send(1, NEXT.verb()));
        assertEquals(Outcome.UNKNOWN, send(2, RE_ENROL));
    }

    @Test
    void whatCannotBeStoredHasFailed() {
        failing = true;
        assertEquals(Outcome.FAILED, send(1, NEXT.verb()));
        assertEquals(Outcome.FAILED, send(2, RE_ENROL));
    }

    @Test
    void aKeyThatIsNoneIsRefused() {
        assertEquals(Outcome.REFUSED, send(1, new OtherVerb(9, Bytes.of(new byte[] {(byte) 0xa0}))));
    }
}
