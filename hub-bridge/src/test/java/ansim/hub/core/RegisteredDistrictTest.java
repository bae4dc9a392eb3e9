package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.wire.Lane;
import ansim.wire.Phase;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A pole that was imported with a district and no position: its alarms must reach that district's centre all the same. */
final class RegisteredDistrictTest {
    private static List<String> districts(String kind, String district) {
        TestUnit pole = new TestUnit();
        UnitRecord plain = pole.record();
        TestHub hub = TestHub.with();
        hub.register(new UnitRecord(
                plain.unit(),
                plain.keys(),
                new UnitRecord.Service("17", "", kind, Optional.empty(), district, ""),
                List.of(),
                UnitRecord.Standing.GOOD));
        return hub.send(pole.chain(Lane.ALARM).next(TestUnit.panic(TestUnit.newId(), Phase.RAISED, Optional.empty())))
                .event()
                .orElseThrow()
                .districts();
    }

    @Test
    void anAlarmOfAPoleWithoutAPositionGoesToItsDistrict() {
        assertEquals(List.of("B"), districts("cctv-pole", "B"));
    }

    @Test
    void aDistrictThatTheMapLacksAndOneOfATaxiSayNothing() {
        assertEquals(List.of(Event.OUTSIDE), districts("cctv-pole", "nowhere"));
        assertEquals(List.of(Event.OUTSIDE), districts("taxi", "B"));
    }
}
