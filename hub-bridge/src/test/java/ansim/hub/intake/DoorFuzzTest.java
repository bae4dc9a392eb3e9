package ansim.hub.intake;

import ansim.fuzz.FuzzTarget;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fuzz target with its seeds, in every build. scripts/fuzz goes on from there. */
@Timeout(300)
final class DoorFuzzTest {
    private static Stream<String> names() {
        return DoorFuzz.TARGETS.stream().map(FuzzTarget::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSeedsOfEveryTargetBreakNothing(String name) {
        FuzzTarget.named(DoorFuzz.TARGETS, name).replay();
    }
}
