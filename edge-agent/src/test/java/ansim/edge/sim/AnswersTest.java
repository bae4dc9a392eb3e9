package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.profile.Play;
import ansim.profile.Play.Hears;
import ansim.profile.Play.Level;
import ansim.profile.Play.Row;
import ansim.profile.Play.Says;
import ansim.settings.Section;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device that knows its part: which line comes when. */
class AnswersTest {
    private static final long EVERY_MS = 10_000;

    private static Answers with(boolean pulses, Row... rows) {
        Answers answers =
                new Answers(new Play("a test", Section.empty(), List.of(rows), pulses, List.of(), true), EVERY_MS);
        answers.opened(0);
        return answers;
    }

    /** What it says within 100 ms of being told this. */
    private static String told(Answers device, String hex, long ms) {
        device.heard(HexFormat.of().parseHex(hex), ms);
        StringBuilder said = new StringBuilder();
        for (Row row : device.due(ms + 100)) {
            said.append(((Says) row).hex());
        }
        return said.toString();
    }

    private static Answers reader() {
        return with(
                false,
                new Hears(0, "AA"),
                new Says(20, "01"),
                new Hears(200, "BB"),
                new Says(220, "02"),
                new Says(230, "03"),
                new Hears(400, "BB"),
                new Says(420, "04"),
                new Hears(600, "BB"));
    }

    @Test
    void theSecondTimeItIsAskedItGivesTheSecondAnswerAndThenTheLastOneAgainAndAgain() {
        Answers device = reader();
        assertEquals("01", told(device, "AA", 1_000));
        assertEquals("0203", told(device, "BB", 1_200));
        assertEquals("04", told(device, "BB", 1_400));
        assertEquals("04", told(device, "BB", 1_600));
        assertEquals("01", told(device, "AA", 1_800));
    }

    @Test
    void theRoundBeginsAnewSoLongAfterAllAnswersAreSpent() {
        Answers device = reader();
        told(device, "AA", 1_000);
        told(device, "BB", 1_200);
        told(device, "BB", 1_400);
        assertEquals("04", told(device, "BB", 11_399));
        assertEquals("0203", told(device, "BB", 11_500));
    }

    @Test
    void aRequestInPiecesIsOneAndWhatIsNoneGetsNoAnswer() {
        Answers device = with(false, new Hears(0, "AABB"), new Says(20, "01"));
        assertEquals("", told(device, "AA", 0));
        assertEquals("01", told(device, "BB", 10));
        assertEquals("", told(device, "CC", 20));
        assertEquals("01", told(device, "AABB", 30), "noise before it does no harm");
    }

    @Test
    void aSilenceInTheKnownAnswerIsASilence() {
        Answers device = with(false, new Hears(0, "AA"), new Hears(1_000, "AA"), new Says(1_020, "01"));
        assertEquals("", told(device, "AA", 0));
        assertEquals("01", told(device, "AA", 1_000));
    }

    @Test
    void whoSpeaksByItselfDoesSoAtItsTimesAndAgainAfterAPause() {
        Answers device = with(false, new Says(0, "01"), new Says(500, "02"));
        List<Long> at = new ArrayList<>();
        for (long ms = 0; ms < 11_000; ms += 10) {
            long now = ms;
            device.due(ms).forEach(row -> at.add(now));
        }
        assertEquals(List.of(0L, 500L, 10_500L), at);
    }

    @Test
    void aPulseStandsLongEnoughToBePolledAndTheNextComesSixtyTimesLater() {
        Answers device = with(
                true, new Level(0, 0, false), new Level(0, 0, true), new Level(2, 1, false), new Level(2, 1, true));
        List<String> levels = new ArrayList<>();
        for (long ms = 0; ms < 400; ms += 10) {
            for (Row row : device.due(ms)) {
                Level level = (Level) row;
                levels.add(ms + " d" + level.line() + (level.high() ? " 1" : " 0"));
            }
        }
        assertEquals(List.of("0 d0 0", "60 d0 1", "120 d1 0", "180 d1 1"), levels);
    }
}
