package ansim.hub.evidence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.EntryReader;
import ansim.hub.core.UnitRide;
import ansim.journal.JournalReader;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.Track;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves the hub as evidence, and what is found when it is not what left. */
class EvidenceTest {
    private static final SigningKey HUB = SigningKey.generate(new SecureRandom());
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    private SampleCity city;
    private SampleCity.Unit taxi;

    @BeforeEach
    void open() throws Exception {
        city = new SampleCity(folder.resolve("log"), NOW.toEpochMilli());
        taxi = city.taxi("서울 31바 1234");
        city.taxi("서울 31바 5678").board(RideChange.Source.CARD);
    }

    @AfterEach
    void close() throws Exception {
        city.close();
    }

    private byte[] evidence(Id8 ride) throws Exception {
        Collector collector = new Collector(new UnitRide(taxi.unit.unit(), ride), EntryReader.UNSEALED);
        try (JournalReader log = city.journal.reader(1)) {
            collector.read(log, index -> {});
        }
        return new Evidence(
                        new Evidence.Subject(
                                taxi.unit.unit(),
                                ride,
                                taxi.unit.vehicle(),
                                taxi.unit.company(),
                                false,
                                taxi.unit.keys()),
                        city.journal.journalId(),
                        collector.through(),
                        collector.items())
                .file(HUB, NOW);
    }

    private static Examination examine(byte[] file) throws Examination.NotEvidence {
        return Examination.of(file, List.of(HUB.verifyKey()));
    }

    private static List<String> lines(byte[] file) {
        return new ArrayList<>(new String(file, StandardCharsets.UTF_8).lines().toList());
    }

    private static byte[] file(List<String> lines) {
        return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> problems(byte[] file) throws Examination.NotEvidence {
        return examine(file).problems().stream().map(Object::toString).toList();
    }

    private void contact() throws Exception {
        taxi.say(Lane.EVENT, new Contact("door", true, Optional.empty()));
    }

    @Test
    void aRideWithWhatStandsBetweenItsMessagesVerifies() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        contact();
        taxi.drive(37.5, 127.0);
        taxi.alight();
        contact();
        Examination made = examine(evidence(ride));
        assertEquals(List.of(), made.problems());
        assertEquals(5, made.description().get("messages"), "and the number of the one behind it");
        assertEquals(3, made.description().get("messagesOfRide"));
        assertEquals(
                List.of("2026-11-27T11:59:59.600Z (gnss)"), made.description().get("boarded"));
        assertEquals("서울 31바 1234", made.description().get("vehicle"));
    }

    @Test
    void everyChangedByteIsFound() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        byte[] file = evidence(ride);
        assertEquals(List.of(), problems(file));
        for (int i = 0; i < file.length; i++) {
            byte[] changed = file.clone();
            changed[i] ^= 1;
            boolean found;
            try {
                found = !Examination.of(changed, List.of(HUB.verifyKey()))
                        .problems()
                        .isEmpty();
            } catch (Examination.NotEvidence e) {
                found = true;
            }
            assertTrue(found, "byte " + i + " of " + new String(file, StandardCharsets.UTF_8));
        }
    }

    @Test
    void aLineThatIsTakenOutOrMovedIsNamed() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        contact();
        taxi.alight();
        List<String> lines = lines(evidence(ride));
        List<String> without = new ArrayList<>(lines);
        without.remove(2);
        assertTrue(
                problems(file(without)).stream().anyMatch(each -> each.contains("number 2 before this one missing")));
        List<String> noSeal = lines.subList(0, lines.size() - 1);
        assertTrue(problems(file(noSeal)).get(0).contains("seal is missing"));
        List<String> noEnd = new ArrayList<>(lines);
        noEnd.remove(lines.size() - 2);
        assertEquals(
                List.of("the hub's seal is over other bytes: something was changed, added or removed since"),
                problems(file(noEnd)));
        List<String> cut = lines.subList(0, 1);
        assertTrue(problems(file(cut)).contains("no message of this ride"));
    }

    @Test
    void aMessageOfAnotherUnitOrUnderAnotherKeyIsNamed() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        List<String> lines = lines(evidence(ride));
        SampleCity.Unit other = city.taxi("서울 31바 9999");
        String foreign = Base64.getEncoder()
                .encodeToString(((ansim.hub.core.Input.Arrival) arrival(other))
                        .message()
                        .bytes());
        lines.set(
                2, lines.get(2).replaceAll("\"signed\":\"[^\"]*\"", "\"signed\":\"" + foreign.replace("$", "") + "\""));
        assertTrue(problems(file(lines)).stream()
                .anyMatch(each -> each.contains("line 3") && each.contains("none of the unit's")));
    }

    private ansim.hub.core.Input arrival(SampleCity.Unit unit) throws Exception {
        unit.board(RideChange.Source.CARD);
        long last = city.journal.durableIndex();
        return EntryReader.UNSEALED
                .read(
                        last,
                        city.journal.read(last).orElseThrow().keyId(),
                        city.journal.read(last).orElseThrow().payload())
                .input();
    }

    /** A ride that is named again after the next one has begun: the one between is nobody's business. */
    @Test
    void whatBelongsToAnotherRideIsWithheldAndItsHashIsConfirmedByTheNextMessage() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.say(
                Lane.EVENT,
                new ansim.wire.Boarded(RideChange.of(new Id8(7), Optional.of(taxi.at), RideChange.Source.CARD)));
        taxi.alight();
        byte[] file = evidence(ride);
        Examination made = examine(file);
        assertEquals(List.of(), made.problems());
        assertTrue(String.valueOf(made.description().get("gaps")).contains("number 2: withheld, of another ride"));
        assertFalse(new String(file, StandardCharsets.UTF_8).contains(new Id8(7).hex()));
        List<String> lines = lines(file);
        lines.set(2, lines.get(2).replaceAll("\"payloadHash\":\"..", "\"payloadHash\":\"00"));
        assertTrue(
                problems(file(lines)).stream().anyMatch(each -> each.contains("number 3 does not follow on number 2")),
                lines.toString());
    }

    @Test
    void aGapThatTheUnitExplainsIsNamedAndIsNoProblem() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.say(Lane.ALARM, new Gap(Lane.EVENT, taxi.chain(Lane.EVENT), 2, 4, Gap.Reason.EVICTED));
        taxi.loses(Lane.EVENT, 3);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        taxi.alight();
        byte[] file = evidence(ride);
        Examination made = examine(file);
        assertEquals(List.of(), made.problems());
        assertTrue(
                String.valueOf(made.description().get("gaps"))
                        .contains("numbers 2 to 4: the unit says that they will not come, evicted"),
                made.description().toString());
        List<String> lines = lines(file);
        lines.removeIf(each -> each.contains("\"role\":\"chain\""));
        assertTrue(problems(file(lines)).stream()
                .anyMatch(each -> each.contains("numbers 2 to 4 before this one missing, and nothing says why")));
    }

    private static List<String> gaps(byte[] file) throws Examination.NotEvidence {
        List<?> gaps =
                (List<?>) Objects.requireNonNull(examine(file).description().get("gaps"));
        return gaps.stream().map(Object::toString).toList();
    }

    private void track(Id8 ride, int fixes) throws Exception {
        taxi.say(Lane.TRACK, Track.through(Collections.nCopies(fixes, taxi.at), 1_000, List.of(), Optional.of(ride)));
    }

    /** The first minutes of a ride's track were thrown away for want of room, and its evidence said nothing of it. */
    @Test
    void whatIsMissingJustBeforeTheRideOrJustBehindItIsNamed() throws Exception {
        taxi.say(Lane.ALARM, new Gap(Lane.TRACK, taxi.chain(Lane.TRACK), 1, 20, Gap.Reason.EVICTED));
        taxi.loses(Lane.TRACK, 20);
        Id8 ride = taxi.board(RideChange.Source.CARD);
        track(ride, 2);
        taxi.say(Lane.ALARM, new Gap(Lane.TRACK, taxi.chain(Lane.TRACK), 22, 25, Gap.Reason.DAMAGED));
        taxi.alight();
        byte[] file = evidence(ride);
        assertEquals(List.of(), problems(file));
        String chain = "lane 3, chain " + taxi.chain(Lane.TRACK).hex();
        assertEquals(
                List.of(
                        chain + ", numbers 1 to 20 before the ride: the unit says that they will not come, evicted",
                        chain + ", numbers 22 to 25 behind the ride: the unit says that they will not come, damaged"),
                gaps(file));
        taxi.loses(Lane.TRACK, 4);
        Id8 next = taxi.board(RideChange.Source.CARD);
        track(next, 2);
        assertEquals(gaps(file), gaps(evidence(ride)), "also when another ride goes on behind it");
        assertFalse(new String(evidence(ride), StandardCharsets.UTF_8).contains(next.hex()));
    }

    @Test
    void theMessageBeforeTheRideConfirmsItsPlaceAndIsNotShown() throws Exception {
        Id8 earlier = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        byte[] file = evidence(ride);
        assertEquals(List.of(), problems(file));
        assertFalse(new String(file, StandardCharsets.UTF_8).contains(earlier.hex()));
        List<String> lines = lines(file);
        lines.set(1, lines.get(1).replaceAll("\"payloadHash\":\"..", "\"payloadHash\":\"00"));
        assertTrue(
                problems(file(lines)).stream().anyMatch(each -> each.contains("number 3 does not follow on number 2")),
                lines.toString());
    }

    @Test
    void aTimeWithoutFixesAndARideWithoutAnyAreNamed() throws Exception {
        Id8 none = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        assertTrue(gaps(evidence(none)).contains("no track: nothing that was signed says where the ride went"));
        taxi.ageMs = 100_000;
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.ageMs = 80_000;
        track(ride, 21);
        taxi.ageMs = 50_000;
        track(ride, 41);
        taxi.ageMs = 9_000;
        taxi.alight();
        assertEquals(
                List.of("no fix from 2026-11-27T11:58:20Z to 2026-11-27T11:58:40Z"),
                gaps(evidence(ride)).stream()
                        .filter(each -> each.startsWith("no"))
                        .toList());
    }

    @Test
    void whatAUnitSealedBeforeItKnewTheTimeComesWithWhatDatesIt() throws Exception {
        taxi.bootWithoutAClock();
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.alight();
        taxi.fix();
        Examination made = examine(evidence(ride));
        assertEquals(List.of(), made.problems());
        assertEquals(List.of("unknown"), made.description().get("boarded"));
        assertEquals(3, made.description().get("messages"));
    }

    @Test
    void anotherHubsKeyOrAnotherFileIsSaid() throws Exception {
        Id8 ride = taxi.board(RideChange.Source.CARD);
        byte[] file = evidence(ride);
        SigningKey other = SigningKey.generate(new SecureRandom());
        List<Examination.Problem> problems =
                Examination.of(file, List.of(other.verifyKey())).problems();
        assertTrue(problems.get(0).text().contains("not the key that you gave"), problems.toString());
        assertTrue(Examination.isEvidence(file));
        assertFalse(Examination.isEvidence(Arrays.copyOf(file, 5)));
        assertThrows(
                Examination.NotEvidence.class,
                () -> Examination.of("{\"evidence\":2}\n".getBytes(StandardCharsets.UTF_8), List.of()));
    }
}
