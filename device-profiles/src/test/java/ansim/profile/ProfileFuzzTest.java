package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.fuzz.FuzzTarget;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every fuzz target with its seeds, in every build. scripts/fuzz goes on from there. */
class ProfileFuzzTest {
    private static Stream<String> names() {
        return ProfileFuzz.TARGETS.stream().map(FuzzTarget::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void theSeedsOfEveryTargetBreakNothing(String name) {
        FuzzTarget.named(ProfileFuzz.TARGETS, name).replay();
    }

    @Test
    void everyDecoderAndEveryFramerIsATarget() {
        Set<String> names = names().collect(Collectors.toSet());
        List<String> missing = Stream.concat(
                        Stream.of(DecoderKind.values())
                                .filter(kind -> kind != DecoderKind.RELAY)
                                .map(kind -> "decoder-" + ReadingJson.word(kind)),
                        Stream.of(FramerKind.values()).map(kind -> "framer-" + ReadingJson.word(kind)))
                .filter(name -> !names.contains(name))
                .toList();
        assertTrue(missing.isEmpty(), missing::toString);
    }
}
