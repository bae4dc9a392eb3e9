package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.Measure;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MeasuresTest {
    private final Measures measures = new Measures();

    @Test
    void theLatestSupplyAndTemperatureAreTold() {
        measures.take(new Measure("supply", 13_200, "V"), 0);
        measures.take(new Measure("supply", 12_900, "V"), 5_000);
        measures.take(new Measure("temperature", -5_600, "C"), 5_000);
        assertEquals(OptionalLong.of(12_900), measures.supplyMv(5_000));
        assertEquals(OptionalInt.of(-6), measures.temperatureC(5_000));
    }

    @Test
    void aDeadMeterDoesNotLookLikeASteadyOne() {
        measures.take(new Measure("supply", 13_200, "V"), 1_000);
        assertEquals(OptionalLong.of(13_200), measures.supplyMv(1_000 + Measures.FRESH_MS));
        assertEquals(OptionalLong.empty(), measures.supplyMv(1_001 + Measures.FRESH_MS));
        assertTrue(measures.fresh(1_001 + Measures.FRESH_MS).isEmpty());
    }

    @Test
    void anotherUnitOrANegativeVoltageIsNotASupply() {
        measures.take(new Measure("supply", 97_000, "%"), 0);
        measures.take(new Measure("temperature", 70_000, "F"), 0);
        assertEquals(OptionalLong.empty(), measures.supplyMv(0));
        assertEquals(OptionalInt.empty(), measures.temperatureC(0));
        measures.take(new Measure("supply", -1, "V"), 0);
        assertEquals(OptionalLong.empty(), measures.supplyMv(0));
    }

    @Test
    void noMoreThanTheLimitAreRememberedAndTheOldestNameGoes() {
        for (int i = 0; i <= Measures.MAX; i++) {
            measures.take(new Measure("m" + i, i, ""), i);
        }
        assertEquals(Measures.MAX, measures.fresh(Measures.MAX).size());
        assertEquals(
                List.of("m1"),
                measures.fresh(Measures.MAX).keySet().stream().limit(1).toList());
    }
}
