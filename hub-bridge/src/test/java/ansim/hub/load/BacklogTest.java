package ansim.hub.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.wire.Kind;
import ansim.wire.UpMessage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a taxi brings after an outage. */
final class BacklogTest {
    private final Fleet fleet = Fleet.of(1, 1);

    @Test
    void halfAnHourIsThirtyTracksAndARideAndAHalf() {
        Backlog backlog = new Backlog(new LoadUnit(fleet, 0, 1_795_000_000_000L), true, Duration.ofMinutes(30));
        assertEquals(33, backlog.left());
        Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
        while (backlog.left() > 0) {
            var lane = backlog.lane();
            UpMessage next = backlog.next();
            assertEquals(lane, next.batch().lane());
            counts.merge(next.batch().records().get(0).body().kind(), 1, Integer::sum);
        }
        assertEquals(Map.of(Kind.TRACK, 30, Kind.BOARDED, 2, Kind.ALIGHTED, 1), counts);
    }

    @Test
    void aPoleHasKeptNothing() {
        assertEquals(0, new Backlog(new LoadUnit(fleet, 0, 1), false, Duration.ofMinutes(30)).left());
    }
}
