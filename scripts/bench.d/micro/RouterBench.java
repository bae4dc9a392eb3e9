package ansim.hub.core;

import ansim.wire.Pos;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.WireBench;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where a position belongs: 25 districts of the shipped starter map, places all over Seoul. */
@State(Scope.Thread)
public class RouterBench {
    private static final int PLACES = 1 << 16;
    private static final double METRES = 50;
    private static final long SEED = 1;
    private static final long NOW_MS = 1_700_000_000_500L;

    private final DistrictMap map = StarterMap.map();
    private final Pos[] places = new Pos[PLACES];
    private final HubState state = new HubState();
    private Input.Arrival arrival;
    private int at;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int i = 0; i < PLACES; i++) {
            places[i] = Pos.of(random.nextInt(374_500_000, 377_000_000), random.nextInt(1_268_000_000, 1_271_500_000));
        }
        SigningKey key = SigningKey.fromSeed(new byte[32]);
        UpMessage message = WireBench.signedPosition(key);
        UnitRecord unit = new UnitRecord(
                message.batch().unit(), key.verifyKey(), "서울 1가 1", "회사", "taxi", Optional.empty(), false);
        Input.UnitChange change = new Input.UnitChange(1, unit);
        state.apply(1, new LogEntry(change, Step.decide(state, change)));
        arrival = new Input.Arrival(NOW_MS, message);
    }

    private Pos next() {
        at = (at + 1) & (PLACES - 1);
        return places[at];
    }

    @Benchmark
    public Optional<District> locate() {
        return map.locate(next());
    }

    @Benchmark
    public List<District> near() {
        return map.near(next(), METRES);
    }

    /** The first position of a unit: nothing is applied, so it is decided on as such again and again. */
    @Benchmark
    public Object step() {
        return Step.decide(state, arrival);
    }
}
