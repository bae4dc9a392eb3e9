package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class StarterMapTest {
    private final DistrictMap starter = StarterMap.map();

    /** Measured: 0.698 when the sketch was drawn. */
    private static final double AGREEMENT = 0.65;

    @Test
    void hasTheTwentyFiveDistrictsOfSeoulAndSaysThatItIsApproximate() {
        assertEquals(25, starter.districts().size());
        assertTrue(starter.approximate());
        assertEquals(
                new District("11110", "종로구", "Jongno-gu"), starter.districts().get(0));
        assertEquals(
                new District("11740", "강동구", "Gangdong-gu"), starter.districts().get(24));
    }

    @Test
    void hasNeitherOverlapsNorGaps() {
        assertEquals(List.of(), starter.check());
    }

    @Test
    void agreesWithTheRealBoundariesForMostOfTheCity() throws Exception {
        Path real = Path.of(System.getProperty("ansim.shared", ""), "data", "seoul-districts.geojson");
        Assumptions.assumeTrue(Files.exists(real), "needs " + real);
        DistrictMap districts =
                DistrictMap.parse(Files.readAllBytes(real)).map().orElseThrow();
        Random random = new Random(1);
        int inCity = 0;
        int agree = 0;
        for (int i = 0; i < 100_000; i++) {
            double lat = 37.42 + random.nextDouble() * 0.29;
            double lon = 126.76 + random.nextDouble() * 0.43;
            Optional<String> code = districts.locate(lat, lon).map(District::code);
            if (code.isPresent()) {
                inCity++;
                Optional<String> sketched = starter.locate(lat, lon).map(District::code);
                agree += sketched.equals(code) ? 1 : 0;
            }
        }
        assertTrue(agree >= AGREEMENT * inCity, agree + " of " + inCity + " points agree");
    }
}
