package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    @Test
    void topicsAreThoseOfTheContract() {
        String unit = "00112233445566778899aabbccddeeff";
        assertEquals("ansim/1/u/" + unit + "/1", Topics.up(Vectors.UNIT, Lane.ALARM));
        assertEquals("ansim/1/u/" + unit + "/4", Topics.up(Vectors.UNIT, Lane.STATUS));
        assertEquals("ansim/1/u/" + unit + "/will", Topics.will(Vectors.UNIT));
        assertEquals("ansim/1/d/" + unit, Topics.down(Vectors.UNIT));
        assertEquals("ansim/1/g/11680/alarm", Topics.centre("11680", true));
        assertEquals("ansim/1/g/11680/normal", Topics.centre("11680", false));
    }

    @ParameterizedTest
    @EnumSource(Lane.class)
    void whatAUnitPublishesToIsReadBack(Lane lane) {
        assertEquals(Optional.of(new Topics.Up(Vectors.UNIT, lane)), Topics.parseUp(Topics.up(Vectors.UNIT, lane)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ansim/1/u/00112233445566778899aabbccddeeff/0",
                "ansim/1/u/00112233445566778899aabbccddeeff/5",
                "ansim/1/u/00112233445566778899aabbccddeeff/01",
                "ansim/1/u/00112233445566778899aabbccddeeff/will",
                "ansim/1/u/00112233445566778899aabbccddeeff/1/",
                "ansim/1/u/00112233445566778899aabbccddeeff/1\n",
                "ansim/1/u/00112233445566778899AABBCCDDEEFF/1",
                "ansim/1/u/00112233-4455-6677-8899-aabbccddeeff/1",
                "ansim/1/u/00112233445566778899aabbccddeef/1",
                "ansim/1/d/00112233445566778899aabbccddeeff/1",
                "ansim/2/u/00112233445566778899aabbccddeeff/1",
                "/ansim/1/u/00112233445566778899aabbccddeeff/1",
                "ansim/1/u/+/1"
            })
    void nothingElseIsATopicOfAUnit(String topic) {
        assertEquals(Optional.empty(), Topics.parseUp(topic));
    }
}
