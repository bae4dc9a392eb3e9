package ansim.wire;

import ansim.fuzz.FuzzTarget;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fuzz target with its seeds, in every build. scripts/fuzz goes on from there. */
class WireFuzzTest {
    private static Stream<String> names() {
        return WireFuzz.TARGETS.stream().map(FuzzTarget::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSeedsOfEveryTargetBreakNothing(String name) {
        FuzzTarget.named(WireFuzz.TARGETS, name).replay();
    }
}
