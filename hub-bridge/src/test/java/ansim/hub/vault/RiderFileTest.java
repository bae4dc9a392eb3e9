package ansim.hub.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.RideNotice.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RiderFileTest {
    private static final String HEADER = RiderFile.HEADER + "\n";

    @TempDir
    private Path folder = Path.of("");

    @BeforeEach
    void create() throws IOException {
        TestVault.create(folder.resolve("vault"));
    }

    private RidersImport.Imported bring(String csv) throws IOException {
        return TestVault.bring(folder.resolve("vault"), csv);
    }

    private long count() throws IOException {
        try (Riders riders = Riders.open(folder.resolve("vault"))) {
            return riders.count();
        }
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceWithItsLineAndNothingIsImported() throws IOException {
        RidersImport.Imported done = bring(HEADER + """
                1,AB 12,11680,ko,sms,010
                2,12345678*,11680,ko,,
                3,22,Gangnam Gu,korean language,,
                4,33,11680,ko,SMS!,
                5,44
                ,55,11680,ko,,
                1,66,11440,ko,,
                7,AB12,11680,ko,,
                8,,11680,ko,sms,010
                9,"77,11680,ko,,
                """);
        assertEquals(
                List.of(
                        "line 3: card must have 1 to 64 digits or letters",
                        "line 4: home must be a district's code, such as 11680",
                        "line 4: language must be a tag such as ko, en or zh-Hans",
                        "line 5: channel must be a word such as sms, api or mail",
                        "line 5: address must have 1 to 200 characters",
                        "line 6: must have the 6 columns rider,card,home,language,channel,address",
                        "line 7: rider must not be empty",
                        "line 8: home and language must be those of the same rider in line 2",
                        "line 9: has the card of line 2: a card is one rider's",
                        "line 11: must have the 6 columns rider,card,home,language,channel,address",
                        "line 10: is of a rider without any card"),
                done.problems());
        assertEquals(2, count());
    }

    @Test
    void noProblemQuotesACardOrAnAddress() throws IOException {
        String problems = String.join(
                "\n", bring(HEADER + """
                1,12345678*,11680,ko,sms,%s
                1,999,11680,en,,
                2,999,11680,ko,,
                """.formatted("secret".repeat(40))).problems());
        assertTrue(problems.contains("line 2"), problems);
        for (String secret : List.of("12345678", "999", "secret")) {
            assertFalse(problems.contains(secret), problems);
        }
    }

    @Test
    void aCardThatTheVaultHasAlreadyIsRefusedWithTheWholeFile() throws IOException {
        assertEquals(
                List.of("line 3: is of a rider one of whose cards the vault has already: erase that rider first"),
                bring(HEADER + "a,77,11680,ko,,\nb,62E3086CED,11680,ko,,\n").problems());
        assertEquals(2, count());
    }

    @Test
    void aHundredProblemsAreToldAndTheRestIsCounted() throws IOException {
        List<String> problems = bring(HEADER + "x\n".repeat(150)).problems();
        assertEquals(101, problems.size());
        assertEquals("and 50 more", problems.get(100));
    }

    @Test
    void anotherHeaderAndAnEmptyFileAreToldWhatTheFirstLineMustBe() throws IOException {
        for (String csv : List.of("", "card,home\n", "\n" + HEADER)) {
            assertEquals(
                    List.of("line 1: must be the header rider,card,home,language,channel,address,"
                            + " which may go on with ,name,tells,consent,by"),
                    bring(csv).problems());
        }
    }

    @Test
    void quotesBlankLinesAndTheMarkOfASpreadsheetAreRead() throws IOException {
        RidersImport.Imported done =
                bring("\ufeff" + HEADER.strip() + "\r\n\r\n" + "\"1\",\"88\",11680,,mail,\"\"\"x\"\", y\"\r\n");
        assertEquals(List.of(), done.problems());
        assertEquals(1, done.riders());
        assertEquals(3, count());
    }

    @Test
    void theLongerHeaderSaysWhoIsToldOfWhatAndSinceWhen() throws IOException {
        RidersImport.Imported done = bring(RiderFile.HEADER + RiderFile.MORE + "\n" + """
                1,99,11680,ko,sms,010-1,Mother,boarded alighted emergency,2026-11-26,desk 3
                1,,11680,ko,mail,me@example.org,,own-30,,
                1,,11680,ko,mail,later@example.org,,,2026-11-28,desk 3
                """);
        assertEquals(List.of(), done.problems());
        try (Riders riders = Riders.open(folder.resolve("vault"))) {
            List<Riders.Listed> listed = new ArrayList<>();
            riders.forEach(TestVault.CLOCK, listed::add);
            Riders.Listed rider = listed.stream()
                    .filter(each -> each.consented() > 0)
                    .findFirst()
                    .orElseThrow();
            assertEquals(2, rider.guardians());
            assertEquals(1, rider.consented(), "the second one's day has not come");
            Riders.Export all = riders.export(rider.id(), TestVault.CLOCK).orElseThrow();
            Guardian mother = all.guardians().get(0).guardian();
            assertEquals("Mother", mother.shown());
            assertEquals(Set.of(Kind.BOARDED, Kind.ALIGHTED, Kind.EMERGENCY), mother.wants());
            Guardian own = all.guardians().get(2).guardian();
            assertTrue(own.own());
            assertEquals(30, own.every());
            assertEquals("desk 3", all.consents().get(0).by());
        }
    }

    @Test
    void whatIsWrongWithAGuardianIsToldWithoutTheAddress() throws IOException {
        RidersImport.Imported done = bring(RiderFile.HEADER + RiderFile.MORE + "\n" + """
                1,99,11680,ko,sms,010-1,,everything,,
                2,98,11680,ko,sms,010-1,,,27.11.2026,desk 3
                3,97,11680,ko,sms,010-1,,,2026-11-27,
                4,96,11680,ko,mail,a@example.org,,own,,
                4,,11680,ko,mail,b@example.org,,own-30,,
                5,95,11680,ko,,,Mother,,,
                """);
        assertEquals(
                List.of(
                        "line 2: tells must be some of boarded, alighted, emergency and lost, or own, or own-30",
                        "line 3: consent must be a day such as 2026-11-27",
                        "line 4: by must say who took the consent down, in at most 100 characters",
                        "line 6: gives the rider a second own address",
                        "line 7: channel must be a word such as sms, api or mail",
                        "line 7: address must have 1 to 200 characters"),
                done.problems());
    }
}
