package ansim.hub.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a load of a city consists of. */
final class ClockworkTest {
    private static final int UNITS = 112;
    private static final long START_MS = 1_795_000_000_000L;
    private static final long HOUR_MS = 3_600_000;

    private final Fleet fleet = Fleet.of(UNITS, 1);

    private List<UpMessage> hour() {
        LoadUnit[] units = new LoadUnit[UNITS];
        for (int i = 0; i < UNITS; i++) {
            units[i] = new LoadUnit(fleet, i, START_MS);
        }
        Clockwork clock = new Clockwork(fleet, units, 1, 10_000, 60_000);
        List<UpMessage> all = new ArrayList<>();
        while (clock.nextMs() < HOUR_MS) {
            all.addAll(clock.next(START_MS + (long) clock.nextMs()));
        }
        return all;
    }

    @Test
    void aCityOf112000UnitsSends6187MessagesASecond() {
        assertEquals(6_187, Clockwork.naturalRate(112_000), 1);
    }

    @Test
    void anHourHasAsManyMessagesAsThePeriodsSayAndOfEachKind() {
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        hour().forEach(each -> counts.merge(each.batch().records().get(0).body().kind(), 1, Integer::sum));
        assertEquals(
                Clockwork.naturalRate(UNITS) * 3600,
                counts.values().stream().mapToInt(i -> i).sum(),
                2_500);
        assertEquals(3.0, counts.getOrDefault(Kind.POSITION, 0) / (double) counts.getOrDefault(Kind.TRACK, 0), 0.2);
        // Three rides an hour of each taxi, and those who were hired at the start board too.
        assertEquals(216 + 36, counts.getOrDefault(Kind.BOARDED, 0), 40);
        assertEquals(216, counts.getOrDefault(Kind.ALIGHTED, 0), 40);
        assertEquals(40 * 60, counts.getOrDefault(Kind.HEALTH, 0));
        // Raised and cancelled.
        assertEquals(2 * 60, counts.getOrDefault(Kind.PANIC, 0));
    }

    @Test
    void theTwelfthMinuteHasAsManyMessagesAsTheSecond() {
        int units = 5 * UNITS;
        Fleet larger = Fleet.of(units, 1);
        LoadUnit[] all = new LoadUnit[units];
        for (int i = 0; i < units; i++) {
            all[i] = new LoadUnit(larger, i, START_MS);
        }
        Clockwork clock = new Clockwork(larger, all, 1, 10_000, 0);
        int[] minutes = new int[12];
        while (clock.nextMs() < 60_000.0 * minutes.length) {
            int minute = (int) (clock.nextMs() / 60_000);
            minutes[minute] += clock.next(START_MS + (long) clock.nextMs()).size();
        }
        assertEquals(1, minutes[11] / (double) minutes[1], 0.1, () -> Arrays.toString(minutes));
    }

    @Test
    void everyMessageIsSignedByItsUnitAndStandsInItsChain() {
        Map<String, UpMessage> newest = new HashMap<>();
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < UNITS; i++) {
            numbers.put(fleet.id(i).hex(), i);
        }
        for (UpMessage each : hour().subList(0, 2_000)) {
            int unit = Objects.requireNonNull(numbers.get(each.batch().unit().hex()));
            assertTrue(each.verify(UnitKeyVerifier.INSTANCE, fleet.key(unit).verifyKey()));
            Lane lane = each.batch().lane();
            UpMessage before = newest.put(unit + "/" + lane, each);
            assertEquals(
                    before == null ? 1 : before.batch().n() + 1, each.batch().n());
            if (lane != Lane.STATUS && before != null) {
                assertEquals(before.payloadHash(), each.batch().previous().orElseThrow());
            }
        }
    }

    @Test
    void aSecondRunHasTheSameUnitsAndKeys() {
        assertEquals(fleet.records(), Fleet.of(UNITS, 1).records());
    }
}
