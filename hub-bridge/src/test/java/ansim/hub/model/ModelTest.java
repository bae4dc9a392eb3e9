package ansim.hub.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protocol of units and hub in a model: every state of tiny worlds, random schedules in larger ones, beside the hub's real rules, and
 * each rule broken once to see that it is missed. {@code scripts/rig/model} does the same at length.
 */
class ModelTest {
    private static final int STATES = 6_000;
    private static final int SCHEDULES = 1_000;
    private static final int LENGTH = 60;
    private static final long SEED = 20261127;

    static List<Setting> tiny() {
        return Settings.TINY;
    }

    static List<Setting> large() {
        return Settings.LARGE;
    }

    @ParameterizedTest
    @MethodSource("tiny")
    void fromEveryStateOfATinyWorldAFairEndLosesNothingDoublesNothingAndComesToRest(Setting setting) {
        Exhaustive.Result result = new Exhaustive(setting, 200, STATES).run();
        assertEquals(Optional.empty(), result.found());
        assertTrue(result.whole() || result.states() >= STATES, result.toString());
    }

    @ParameterizedTest
    @MethodSource("large")
    void whateverARandomScheduleDoesTheHubsRealRulesAgreeAndNothingIsLost(Setting setting) {
        Schedules.Result result = new Schedules(setting, LENGTH, SEED).run(SCHEDULES);
        assertEquals(Optional.empty(), result.found());
        assertEquals(SCHEDULES / Schedules.COMPARED_EVERY, result.compared());
        assertTrue(result.decisions() > 0 && result.acknowledged() > 0 && result.crashes() > 0, result.toString());
    }

    @ParameterizedTest
    @EnumSource(value = Broken.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenRuleIsCaught(Broken rule) {
        Optional<Exhaustive.Found> found = Explore.catching(rule, 10_000, 20_000, SEED);
        assertTrue(found.isPresent(), "nobody misses " + rule);
    }
}
