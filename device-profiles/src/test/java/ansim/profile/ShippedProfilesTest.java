package ansim.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedProfilesTest {
    static List<String> shipped() {
        return Profile.shipped();
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void everyKnownAnswerIsGiven(String name) {
        Profile profile = Profile.load(name);
        assertEquals(name, profile.name());
        assertTrue(profile.knownAnswers() >= 3, "known answers");
        assertEquals(List.of(), profile.failedAnswers());
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void aProfileIsEitherSerialOrOnLines(String name) {
        Profile profile = Profile.load(name);
        assertTrue(profile.serial().isPresent() == profile.lines().isEmpty());
    }
}
