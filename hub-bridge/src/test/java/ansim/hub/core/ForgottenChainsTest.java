package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.gap;
import static ansim.hub.core.TestUnit.newId;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One unit, or a copy of its key, begins chains without end: the hub's memory has a limit, and nothing of the unit is lost by that. */
final class ForgottenChainsTest {
    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.open(unit);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
    }

    private static Body door() {
        return new Contact("door", true, Optional.empty());
    }

    private byte[] encoded() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            hub.state.write(out);
        }
        return bytes.toByteArray();
    }

    private void flood(int messages) {
        for (int i = 0; i < messages; i++) {
            List<UpRecord> gaps = new ArrayList<>();
            for (int record = 0; record < 20; record++) {
                gaps.add(new UpRecord(0, gap(unit.chain(Lane.TRACK), 1, 2)));
            }
            hub.send(unit.chain(Lane.ALARM).next(gaps));
            hub.send(unit.chain(Lane.ALARM).next(gap(unit.chain(Lane.ALARM), 1, 2)));
            hub.send(unit.chain(Lane.EVENT).next(door()));
        }
    }

    @Test
    void chainsWithoutEndDoNotMakeTheStateGrowForEverAndItReadsWhatItWrites() throws IOException {
        flood(2 * UnitState.CHAINS_KEPT);
        int full = encoded().length;
        flood(UnitState.CHAINS_KEPT);
        byte[] bytes = encoded();
        assertEquals(full, bytes.length);
        HubState read = HubState.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        assertArrayEquals(hub.state.hash(), read.hash());
        Gap next = gap(unit.chain(Lane.ALARM), 1, 2);
        Input input = new Input.Arrival(hub.nowMs, unit.chain(Lane.ALARM).next(next));
        LogEntry entry = new LogEntry(input, hub.handle(input));
        read.apply(hub.log.size(), entry);
        assertArrayEquals(hub.state.hash(), read.hash(), "the same one is forgotten after a restart");
    }

    @Test
    void aChainThatWasForgottenGoesOnInTheMiddleAndIsSaidToBeStrange() {
        hub.send(events.next(door()));
        hub.send(events.next(door()));
        for (int i = 0; i < UnitState.CHAINS_KEPT - 1; i++) {
            hub.send(unit.chain(Lane.EVENT).next(door()));
        }
        Output known = hub.send(events.next(door()));
        assertFalse(known.has(Flag.NEW_CHAIN), "as many are known");
        for (int i = 0; i < UnitState.CHAINS_KEPT; i++) {
            hub.send(unit.chain(Lane.EVENT).next(door()));
        }
        Output after = hub.send(events.next(door()));
        assertEquals(Disposition.STORED, after.disposition());
        assertTrue(after.has(Flag.NEW_CHAIN) && after.has(Flag.CHAIN_BREAK) && after.has(Flag.NUMBERS));
        assertTrue(after.event().isPresent());
        Output next = hub.send(events.next(door()));
        assertEquals(Disposition.STORED, next.disposition());
        assertFalse(next.has(Flag.CHAIN_BREAK));
    }

    @Test
    void whereNothingWasForgottenAnUnknownChainStillBeginsAtOne() {
        for (int i = 0; i <= UnitState.CHAINS_KEPT; i++) {
            hub.send(unit.chain(Lane.EVENT).next(door()));
        }
        UpMessage track = unit.chain(Lane.TRACK).at(2, Optional.empty(), TestUnit.track(newId(), IN_A, IN_B));
        assertEquals(Disposition.HOLE, hub.send(track).disposition(), "another lane");
        TestUnit other = new TestUnit();
        hub.register(other.record());
        UpMessage second = other.chain(Lane.EVENT).at(2, Optional.empty(), door());
        assertEquals(Disposition.HOLE, hub.send(second).disposition(), "another unit");
    }

    /** The alarm chain is used seldom: what goes on in other lanes must not push it out. */
    @Test
    void chainsOfOneLanePushOutNoneOfAnother() {
        hub.send(events.next(door()));
        for (int i = 0; i < 2 * UnitState.CHAINS_KEPT; i++) {
            hub.send(unit.chain(Lane.ALARM).next(gap(events, 1_000, 1_001)));
        }
        assertFalse(hub.send(events.next(door())).has(Flag.NEW_CHAIN));
    }
}
