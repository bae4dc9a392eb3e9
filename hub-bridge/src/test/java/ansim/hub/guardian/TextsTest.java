package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.RideNotice.Place;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextsTest {
    private static final ZoneId SEOUL = ZoneId.of("Asia/Seoul");

    @TempDir
    private Path folder = Path.of("");

    private static Letter letter(String language, String vehicle) {
        Place gangnam = new Place("강남구", "Gangnam-gu");
        return new Letter(
                1, "ab", "cd", "mail", "x@y", language, 0, 0, new Letter.OfRide(Kind.BOARDED, vehicle, "", 0, gangnam));
    }

    private Texts own(String file, String... lines) throws IOException {
        Files.write(folder.resolve(file), List.of(lines));
        return Texts.open(Optional.of(folder), "ko", SEOUL);
    }

    @Test
    void everyKindHasATitleAndATextInBothLanguagesWithoutAnyPlaceholderLeft() throws IOException {
        Texts texts = Texts.open(Optional.empty(), "ko", SEOUL);
        for (Kind kind : Kind.values()) {
            for (String language : kind.isTold() ? List.of("ko", "en") : List.<String>of()) {
                Letter.OfRide ride = new Letter.OfRide(kind, "v", "c", 0, Place.NONE);
                Text text = texts.of(new Letter(1, "ab", "cd", "mail", "x@y", language, 0, 0, ride));
                assertFalse(text.title().isEmpty() || text.body().isEmpty(), kind + " in " + language);
                assertFalse((text.title() + text.body()).contains("{"), text.body());
            }
        }
    }

    @Test
    void aLanguageWithoutTextsIsToldInTheBroaderOneOrTheOneThatIsSet() throws IOException {
        Texts texts = Texts.open(Optional.empty(), "ko", SEOUL);
        assertTrue(texts.of(letter("en-GB", "1")).title().contains("In a taxi"));
        assertTrue(texts.of(letter("zh-Hans", "1")).title().contains("택시"));
    }

    @Test
    void whatIsNotKnownIsSaid() throws IOException {
        Texts texts = Texts.open(Optional.empty(), "ko", SEOUL);
        assertTrue(texts.of(letter("en", "1")).body().contains("Company: not known"));
    }

    /** A vehicle number comes from outside: it is text, whatever stands in it. */
    @Test
    void whatIsFilledInIsNotLookedAtAgain() throws IOException {
        Texts texts = Texts.open(Optional.empty(), "ko", SEOUL);
        assertTrue(texts.of(letter("en", "{company} $1 \\")).title().contains("({company} $1 \\)"));
    }

    @Test
    void aFolderReplacesSingleTextsAndTheOthersStay() throws IOException {
        Texts texts = own("en.properties", "boarded.title=Taxi {vehicle}");
        assertEquals("Taxi 12", texts.of(letter("en", "12")).title());
        assertTrue(texts.of(letter("en", "12")).body().contains("Boarded a taxi"));
    }

    @Test
    void aKeyOrAPlaceholderThatIsNoneIsRefusedWithAllOthersThatAreWrong() throws IOException {
        Files.writeString(folder.resolve("zh.properties"), "boarded.title=x\n");
        SettingsException refused = assertThrows(
                SettingsException.class,
                () -> own("en.properties", "boarded.titel=x", "boarded.text=${vehicle} {name}", "time=nonsense!"));
        String all = refused.problems().toString();
        for (String part : List.of("boarded.titel", "{name}", "time", "zh.properties", "alighted.text")) {
            assertTrue(all.contains(part), all);
        }
    }

    /** A folder from before uncertain emergencies: the hub would not have started. */
    @Test
    void aLanguageFromBeforeAKindWasThereSaysThatOneInEnglish() throws IOException {
        String older;
        try (InputStream english = Texts.class.getResourceAsStream("en.properties")) {
            older = new String(english.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.contains("unsure") && !line.startsWith("provided.ride"))
                    .map(line -> line.replace("In a taxi", "In een taxi"))
                    .collect(Collectors.joining("\n"));
        }
        Texts texts = own("nl.properties", older);
        assertTrue(texts.of(letter("nl", "1")).title().contains("In een taxi"));
        Letter.OfRide unsure = new Letter.OfRide(Kind.UNSURE, "1", "", 0, Place.NONE);
        assertTrue(texts.of(new Letter(1, "ab", "cd", "mail", "x@y", "nl", 0, 0, unsure))
                .title()
                .contains("not certain"));
    }

    @Test
    void aLanguageThatIsNotThereCannotBeTheOneForAll() {
        assertThrows(SettingsException.class, () -> Texts.open(Optional.empty(), "fr", SEOUL));
    }
}
