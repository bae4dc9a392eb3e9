package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Anchor;
import ansim.wire.CommandAck;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.TimeQuality;
import ansim.wire.VerifyKey;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A state that was written and read again is the same state. */
class StateEncodingTest {
    private static byte[] encoded(HubState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            state.write(out);
        }
        return bytes.toByteArray();
    }

    private static HubState decoded(byte[] bytes) throws IOException {
        return HubState.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    /** Two units, every kind of entry, forks, gaps, a boot without a clock, a test panic and a new generation, in a random order. */
    private static TestHub story(Random random) {
        TestUnit[] units = {new TestUnit(), new TestUnit()};
        TestHub hub = TestHub.with(units);
        for (TestUnit unit : units) {
            unit.place = Optional.of(TestMap.IN_C);
            TestUnit.Chain alarms = unit.chain(Lane.ALARM);
            TestUnit.Chain events = unit.chain(Lane.EVENT);
            TestUnit.Chain tracks = unit.chain(Lane.TRACK);
            TestUnit.Chain status = unit.chain(Lane.STATUS, 7);
            for (int i = 0; i < 60; i++) {
                unit.atMs += 1_000;
                if (i % 7 == 0) {
                    hub.order(OrdersTest.order(hub, unit.id, new Id8(random.nextLong())));
                }
                if (i % 11 == 10) {
                    hub.send(events.next(new CommandAck(i / 11, CommandAck.Outcome.DONE)));
                }
                Id8 ride = new Id8(random.nextInt(12));
                switch (random.nextInt(10)) {
                    case 0 -> hub.send(events.next(TestUnit.boarded(ride, TestMap.IN_A)));
                    case 1 -> hub.send(events.next(TestUnit.alighted(ride, TestMap.IN_B)));
                    case 2 -> hub.send(tracks.next(TestUnit.track(ride, TestMap.IN_A, TestMap.IN_B)));
                    case 3 -> hub.send(status.next(TestUnit.position(TestMap.IN_D, Optional.of(ride))));
                    case 4 -> hub.send(alarms.next(TestUnit.panic(ride, Phase.RAISED, Optional.of(TestMap.IN_C))));
                    case 5 -> hub.send(alarms.next(TestUnit.gap(tracks, tracks.n + 3, tracks.n + 5)));
                    case 6 -> {
                        unit.boot = new Id8(random.nextLong());
                        unit.quality = TimeQuality.UNKNOWN;
                    }
                    case 7 -> {
                        hub.send(events.next(new Anchor(unit.boot, unit.atMs - unit.bootedMs, unit.atMs)));
                        unit.quality = TimeQuality.GNSS;
                    }
                    case 8 -> hub.send(events.copy().next(TestUnit.boarded(ride, TestMap.IN_D)));
                    default -> hub.register(unit.record());
                }
            }
        }
        return hub;
    }

    @Test
    void aUnitWithASecureElementKeepsItsKey() throws IOException {
        byte[] point = HexFormat.of()
                .parseHex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                        + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
        UnitRecord record = new UnitRecord(
                new TestUnit().record().unit(),
                VerifyKey.fromRaw(point),
                "1",
                "company",
                "taxi",
                Optional.empty(),
                false);
        TestHub hub = TestHub.with();
        hub.register(record);
        assertEquals(Optional.of(record), decoded(encoded(hub.state)).unit(record.unit()));
    }

    @Test
    void atEveryEntryAStateThatWasWrittenAndReadGoesOnAsIfItHadNot() throws IOException {
        for (int seed = 0; seed < 20; seed++) {
            TestHub hub = story(new Random(seed));
            HubState straight = new HubState(TestMap.QUARTERS);
            HubState again = straight;
            for (int i = 1; i <= hub.log.size(); i++) {
                LogEntry entry = hub.entry(i);
                assertEquals(Step.decide(straight, entry.input()), Step.decide(again, entry.input()), "entry " + i);
                straight.apply(i, entry);
                if (again != straight) {
                    again.apply(i, entry);
                }
                assertArrayEquals(straight.hash(), again.hash(), "seed " + seed + " entry " + i);
                again = decoded(encoded(again));
                assertArrayEquals(straight.hash(), again.hash(), "seed " + seed + " entry " + i + " read");
            }
        }
    }

    @Test
    void whatIsCutAnywhereIsRefused() throws IOException {
        byte[] whole = encoded(story(new Random(1)).state);
        for (int length = 0; length < whole.length; length += 7) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThrows(IOException.class, () -> decoded(cut));
        }
    }

    @Test
    void aFlippedByteIsReadOrRefusedAndNeverAsksForMemory() throws IOException {
        byte[] whole = encoded(story(new Random(2)).state);
        int refused = 0;
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) 0xff;
            try {
                decoded(flipped);
            } catch (IOException e) {
                refused++;
            }
        }
        assertTrue(refused > 100, "refused " + refused);
    }
}
