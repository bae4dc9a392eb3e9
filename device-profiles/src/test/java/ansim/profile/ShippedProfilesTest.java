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
    void aProfileSaysHowItsWireIsSet(String name) {
        Profile profile = Profile.load(name);
        assertEquals(profile.wire() == Wire.SERIAL, profile.serial().isPresent());
        assertEquals(profile.wire() == Wire.TCP, profile.tcp().isPresent());
        assertEquals(profile.wire() == Wire.GPIO, !profile.lines().isEmpty());
    }
}
