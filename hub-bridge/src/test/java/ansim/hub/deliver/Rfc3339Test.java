package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Rfc3339Test {
    @Test
    void itWritesWhatTheLibraryWrites() {
        for (String each : new String[] {
            "1970-01-01T00:00:00Z",
            "1999-12-31T23:59:59.999Z",
            "2000-02-29T12:00:00.001Z",
            "2000-03-01T00:00:00Z",
            "2026-11-27T03:04:05.678Z",
            "2100-02-28T23:59:59Z",
            "2100-03-01T00:00:00.010Z",
            "9999-12-31T23:59:59.999Z",
            "+10000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999Z",
            "0001-01-01T00:00:00Z"
        }) {
            assertEquals(each, Rfc3339.of(Instant.parse(each).toEpochMilli()));
        }
        SplittableRandom random = new SplittableRandom(3339);
        for (int i = 0; i < 200_000; i++) {
            long ms = random.nextLong(-1_000_000_000_000L, 300_000_000_000_000L);
            assertEquals(Instant.ofEpochMilli(ms).toString(), Rfc3339.of(ms));
        }
    }
}
