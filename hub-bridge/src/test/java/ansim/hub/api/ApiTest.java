package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.Input;
import ansim.hub.core.Policy;
import ansim.hub.core.UnitRide;
import ansim.hub.ledger.Book;
import ansim.hub.view.Database;
import ansim.wire.Alighted;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who gets in, what each role sees, and that every read of a ride is written down first. */
@Timeout(60)
final class ApiTest {
    private static final String GANGNAM = "11680";

    @TempDir
    private Path folder;

    private ApiHub hub;

    @BeforeEach
    void start() throws Exception {
        hub = new ApiHub(folder);
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    private static List<String> vehicles(ApiHub.Said said) {
        assertEquals(200, said.status(), String.valueOf(said.body()));
        return StreamSupport.stream(said.body().path("items").spliterator(), false)
                .map(each -> each.path("vehicle").asText())
                .toList();
    }

    private static void assertProblem(int status, String word, ApiHub.Said said) {
        assertEquals(status, said.status(), String.valueOf(said.body()));
        assertEquals("application/problem+json", said.type());
        assertEquals("urn:ansim:problem:" + word, said.body().path("type").asText());
        assertEquals(status, said.body().path("status").asInt());
    }

    private List<JsonNode> ledger() throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        hub.get("/v1/ledger", hub.token(Role.AUDITOR, "")).body().path("items").forEach(lines::add);
        return lines;
    }

    @Test
    void aTokenIsGivenForTheRightPasswordAndEndsByTimeBySignOutAndWithItsAccount() throws Exception {
        hub.account("kim", Role.OPERATOR, "");
        ApiHub.Said given = hub.signIn("kim", ApiHub.PASSWORD);
        assertEquals(201, given.status());
        String token = given.body().path("token").asText();
        assertEquals(200, hub.get("/v1/account", token).status());
        hub.now = hub.now.plus(Duration.ofHours(12));
        assertProblem(401, "sign-in", hub.get("/v1/account", token));

        String second = hub.signIn("kim", ApiHub.PASSWORD).body().path("token").asText();
        assertEquals(204, hub.send("DELETE", "/v1/tokens/current", second, "").status());
        assertProblem(401, "sign-in", hub.get("/v1/account", second));

        String third = hub.signIn("kim", ApiHub.PASSWORD).body().path("token").asText();
        assertTrue(hub.accounts.password("kim", "another long password"));
        assertProblem(401, "sign-in", hub.get("/v1/account", third));
        String fourth =
                hub.signIn("kim", "another long password").body().path("token").asText();
        assertTrue(hub.accounts.remove("kim"));
        assertProblem(401, "sign-in", hub.get("/v1/account", fourth));
    }

    @Test
    void neitherPasswordsNorTokensAreInTheFile() throws Exception {
        String token = hub.token(Role.OPERATOR, "");
        try (Database database = Database.open(folder.resolve(Accounts.FILE), Database.Durability.FULL)) {
            assertTrue(database.emptyLog());
        }
        String file = Files.readString(folder.resolve(Accounts.FILE), StandardCharsets.ISO_8859_1);
        assertTrue(file.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
        assertFalse(file.contains(token));
        assertFalse(file.contains(ApiHub.PASSWORD));
    }

    @Test
    void fiveWrongPasswordsCloseTheNameForThatAddressAlsoForTheRightOne() throws Exception {
        hub.account("kim", Role.OPERATOR, "");
        for (int i = 0; i < Attempts.FROM_ONE_PLACE; i++) {
            assertProblem(401, "wrong-password", hub.signIn("kim", "wrong wrong wrong"));
        }
        ApiHub.Said closed = hub.signIn("kim", ApiHub.PASSWORD);
        assertProblem(429, "too-many", closed);
        assertEquals("900", closed.raw().headers().firstValue("Retry-After").orElse(""));
        hub.now = hub.now.plus(Attempts.CLOSED);
        assertEquals(201, hub.signIn("kim", ApiHub.PASSWORD).status());
    }

    @Test
    void aCentreSeesTheRidesThatTouchedItsDistrictAndNoOthers() throws Exception {
        SampleCity.Unit here = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        here.board(RideChange.Source.CARD);
        here.drive(37.5172, 127.0473);
        SampleCity.Unit elsewhere = hub.taxi("서울 31바 9999").at(37.5665, 126.9780);
        elsewhere.board(RideChange.Source.CARD);
        hub.upToDate();
        String gangnam = hub.token(Role.CENTRE, GANGNAM);
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/rides", gangnam)));
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/units", gangnam)));
        String operator = hub.token(Role.OPERATOR, "");
        assertEquals(2, vehicles(hub.get("/v1/rides", operator)).size());
        assertProblem(403, "forbidden", hub.get("/v1/rides?district=11140", gangnam));

        List<String> ids = new ArrayList<>();
        hub.get("/v1/rides", operator)
                .body()
                .path("items")
                .forEach(each -> ids.add(each.path("id").asText()));
        String foreign = ids.stream()
                .filter(each -> each.startsWith(elsewhere.unit.unit().hex()))
                .findFirst()
                .orElseThrow();
        assertProblem(404, "not-found", hub.get("/v1/rides/" + foreign, gangnam));
        assertProblem(
                404, "not-found", hub.get("/v1/units/" + elsewhere.unit.unit().hex(), gangnam));
        assertEquals(
                200, hub.get("/v1/units/" + here.unit.unit().hex(), gangnam).status());
    }

    @Test
    void aFleetSeesItsOwnUnitsAndNeitherEmergenciesNorDeliveries() throws Exception {
        hub.taxi("서울 31바 1234").board(RideChange.Source.CARD);
        hub.upToDate();
        String other = hub.token(Role.FLEET, "다른운수");
        assertEquals(List.of(), vehicles(hub.get("/v1/units", other)));
        assertEquals(List.of(), vehicles(hub.get("/v1/rides", other)));
        assertProblem(403, "forbidden", hub.get("/v1/units?company=%ED%95%9C%EB%B9%9B", other));
        assertProblem(403, "forbidden", hub.get("/v1/emergencies", other));
        assertProblem(403, "forbidden", hub.get("/v1/deliveries", other));
        assertProblem(403, "forbidden", hub.get("/v1/ledger", other));
        String own = hub.token(Role.FLEET, "한빛운수");
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/units", own)));
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/rides", own)));
    }

    @Test
    void everyReadOfARideIsInTheLedgerWithItsReasonAndAReadOfNothingIsNot() throws Exception {
        hub.taxi("서울 31바 1234").at(37.5172, 127.0473).board(RideChange.Source.CARD);
        hub.upToDate();
        String centre = hub.token(Role.CENTRE, GANGNAM);
        String id = hub.get("/v1/rides?reason=watch", centre)
                .body()
                .path("items")
                .path(0)
                .path("id")
                .asText();
        hub.get("/v1/rides/" + id + "?reason=case%2042", centre);
        hub.get("/v1/rides?search=none", centre);
        List<JsonNode> lines = ledger();
        assertEquals(
                List.of("watch", "case 42"),
                lines.stream().map(each -> each.path("reason").asText()).toList());
        assertEquals(
                id,
                lines.get(1).path("unit").asText() + "."
                        + lines.get(1).path("ride").asText());
        assertEquals("centre", lines.get(0).path("role").asText());
    }

    @Test
    void ofARideThatIsErasedTheLedgerSaysThatItWasReadAndByWhomButNotWhoseItWasAndItsChainHolds() throws Exception {
        hub.taxi("서울 31바 1234").at(37.5172, 127.0473).board(RideChange.Source.CARD);
        hub.upToDate();
        String centre = hub.token(Role.CENTRE, GANGNAM);
        hub.get("/v1/rides?reason=watch", centre);
        JsonNode line = ledger().get(0);
        UnitRide ride = new UnitRide(
                Id16.parse(line.path("unit").asText()),
                Id8.parse(line.path("ride").asText()));
        hub.ledgerKeys.forget(List.of(ride), hub.now);
        JsonNode left = ledger().get(0);
        assertTrue(left.path("erased").asBoolean());
        assertEquals("watch", left.path("reason").asText());
        assertEquals(false, left.has("unit") || left.has("ride"));
        String file = Files.readString(accesses(folder));
        assertEquals(
                false,
                file.contains(ride.ride().hex()) || file.contains(ride.unit().hex()));
        Book.read(folder.resolve("ledger"), AccessLedger.CLASS, Optional.empty(), each -> {});
    }

    private static Path accesses(Path data) {
        return data.resolve("ledger").resolve("access-000000000001.jsonl");
    }

    /** What a centre is not sent it cannot ask for either. */
    @Test
    void withoutALegalGroundACentreSeesTheRidesOfKnownRidersOnly() throws Exception {
        try (ApiHub closed = new ApiHub(Files.createDirectory(folder.resolve("closed")), false)) {
            SampleCity.Unit stranger = closed.taxi("서울 31바 1234").at(37.5172, 127.0473);
            stranger.board(RideChange.Source.CARD);
            stranger.drive(37.5172, 127.0473);
            SampleCity.Unit known = closed.taxi("서울 32사 5678").at(37.5172, 127.0473);
            known.boardKnown(GANGNAM);
            closed.upToDate();
            assertEquals(List.of("서울 32사 5678"), vehicles(closed.get("/v1/rides", closed.token(Role.CENTRE, GANGNAM))));
            assertEquals(
                    2,
                    vehicles(closed.get("/v1/rides", closed.token(Role.OPERATOR, "")))
                            .size());
            assertEquals(
                    List.of(), vehicles(closed.get("/v1/units", closed.token(Role.CENTRE, GANGNAM))), "never free");
            assertEquals(1, places(closed.get("/v1/units", closed.token(Role.OPERATOR, ""))));
        }
    }

    /** Where the rider lives nobody drove; its centre was sent the whole ride and could not ask for it. */
    @Test
    void aRidersHomeCentreSeesTheRideThatItIsSentThoughItWentElsewhere() throws Exception {
        try (ApiHub closed = new ApiHub(Files.createDirectory(folder.resolve("closed")), false)) {
            SampleCity.Unit taxi = closed.taxi("서울 32사 5678").at(37.5172, 127.0473);
            taxi.boardKnown("11440");
            closed.upToDate();
            for (String code : List.of(GANGNAM, "11440")) {
                String centre = closed.token(Role.CENTRE, code);
                ApiHub.Said list = closed.get("/v1/rides", centre);
                assertEquals(List.of("서울 32사 5678"), vehicles(list), code);
                String id = list.body().path("items").path(0).path("id").asText();
                assertEquals(200, closed.get("/v1/rides/" + id, centre).status(), code);
            }
            assertEquals(List.of(), vehicles(closed.get("/v1/rides", closed.token(Role.CENTRE, "11650"))));
        }
    }

    /**
     * Once a centre that asked for a plate again and again learnt, without a line in the ledger, when that taxi was hired and in which districts it
     * drove then: it was found by the district of its precise places, and had no position but a moment of now.
     */
    @Test
    void withoutALegalGroundACentreLearnsNothingOfAHiredTaxiThatItDidNotKnowWhileItWasFree() throws Exception {
        try (ApiHub closed = new ApiHub(Files.createDirectory(folder.resolve("closed")), false)) {
            SampleCity.Unit taxi = closed.taxi("서울 31바 1234").at(37.5172, 127.0473);
            taxi.presence();
            closed.upToDate();
            String here = closed.token(Role.CENTRE, GANGNAM);
            String there = closed.token(Role.CENTRE, "11440");
            JsonNode free = closed.get("/v1/units?search=1234", here).body();
            assertEquals(1, free.path("items").size());
            assertEquals("cell", free.at("/items/0/position/quality").asText());
            taxi.board(RideChange.Source.CARD);
            taxi.drive(37.5663, 126.9019);
            closed.upToDate();
            assertEquals(free, closed.get("/v1/units?search=1234", here).body());
            assertEquals(List.of(), vehicles(closed.get("/v1/units?search=1234", there)));
            String id = taxi.unit.unit().hex();
            assertProblem(404, "not-found", closed.get("/v1/units/" + id, there));
            assertFalse(closed.get("/v1/units/" + id, here).body().has("seenAt"));
            String operator = closed.token(Role.OPERATOR, "");
            assertEquals(
                    "11440",
                    closed.get("/v1/units/" + id, operator)
                            .body()
                            .at("/position/district")
                            .asText());
            taxi.at(37.5663, 126.9019).presence();
            closed.upToDate();
            assertEquals(List.of(), vehicles(closed.get("/v1/units", here)));
            assertEquals(1, vehicles(closed.get("/v1/units", there)).size(), "free again");
        }
    }

    /** By these settings the centres on the way are sent nothing, and read the ride all the same. */
    @Test
    void aCentreThatTheTaxiOnlyPassesSeesNothingOfWhatGoesHomeAlone() throws Exception {
        try (ApiHub closed = new ApiHub(Files.createDirectory(folder.resolve("closed")), false)) {
            closed.city.decideBy(new Policy(
                    List.of(Policy.To.HOME),
                    List.of(Policy.To.HOME),
                    List.of(Policy.To.CURRENT, Policy.To.HOME),
                    Optional.empty(),
                    Optional.empty(),
                    Policy.Attention.DEFAULT));
            SampleCity.Unit taxi = closed.taxi("서울 32사 5678").at(37.5172, 127.0473);
            taxi.boardKnown("11440");
            taxi.say(Lane.EVENT, new Alighted(RideChange.of(new Id8(1), Optional.of(taxi.at), RideChange.Source.DOOR)));
            closed.upToDate();
            String home = closed.token(Role.CENTRE, "11440");
            String id = closed.get("/v1/rides", home)
                    .body()
                    .path("items")
                    .path(0)
                    .path("id")
                    .asText();
            assertEquals(200, closed.get("/v1/rides/" + id, home).status());
            String passed = closed.token(Role.CENTRE, GANGNAM);
            assertEquals(List.of(), vehicles(closed.get("/v1/rides", passed)));
            assertProblem(404, "not-found", closed.get("/v1/rides/" + id, passed));
            assertEquals(
                    2,
                    vehicles(closed.get("/v1/rides?district=" + GANGNAM, closed.token(Role.OPERATOR, "")))
                            .size(),
                    "the city itself finds it by where it went");
        }
    }

    @Test
    void aRideSaysWhoOwnsItWhereItGoesWhyItNeedsAttentionHowWellItIsDatedAndWhetherItIsATest() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        Id8 id = taxi.board(RideChange.Source.CARD);
        UnitRide ride = new UnitRide(taxi.unit.unit(), id);
        hub.city.log(Input.DestinationSaid.at(
                hub.city.nowMs, ride, SampleCity.pos(37.5663, 126.9019), hub.views.districts(), "f".repeat(32)));
        long heardMs = hub.city.nowMs;
        hub.city.nowMs += Duration.ofHours(1).toMillis();
        hub.city.tick();
        SampleCity.Unit tried = hub.taxi("서울 31바 9999");
        tried.test = true;
        tried.board(RideChange.Source.CARD);
        hub.upToDate();
        String operator = hub.token(Role.OPERATOR, "");
        JsonNode found = hub.get("/v1/rides/" + ApiJson.rideId(ride), operator).body();
        assertEquals(GANGNAM, found.path("owner").asText());
        assertEquals("11440", found.path("destination").asText());
        assertTrue(found.path("attention").toString().contains("lost"), found.toString());
        assertEquals("gnss by unit", found.path("boardedQuality").asText());
        assertEquals(heardMs, Instant.parse(found.path("heardAt").asText()).toEpochMilli());
        assertEquals(0, found.path("lengthM").asInt(-1));
        assertTrue(found.path("gaps").isArray());
        assertFalse(found.path("test").asBoolean(true));
        assertTrue(hub.get("/v1/rides?search=9999", operator)
                .body()
                .path("items")
                .path(0)
                .path("test")
                .asBoolean());
    }

    private static long places(ApiHub.Said said) {
        List<JsonNode> items = new ArrayList<>();
        said.body().path("items").forEach(items::add);
        assertFalse(items.isEmpty());
        return items.stream().filter(each -> each.has("position")).count();
    }

    @Test
    void anEmergencysRideIsInTheLedgerAsWell() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        taxi.board(RideChange.Source.CARD);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        hub.upToDate();
        ApiHub.Said said = hub.get("/v1/emergencies?open=true", hub.token(Role.CENTRE, GANGNAM));
        assertEquals(List.of("서울 31바 1234"), vehicles(said));
        assertEquals(1, ledger().size());
        assertEquals(List.of(), vehicles(hub.get("/v1/emergencies", hub.token(Role.CENTRE, "11650"))));
    }

    /** No ride was on in that place, or nobody knows of one: still somebody learnt where a person called for help. */
    @Test
    void anEmergencyWithoutARideIsInTheLedgerByItsAlarm() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        hub.upToDate();
        ApiHub.Said said = hub.get("/v1/emergencies", hub.token(Role.OPERATOR, ""));
        JsonNode line = ledger().get(0);
        assertEquals(taxi.unit.unit().hex(), line.path("unit").asText());
        assertEquals(said.body().path("items").path(0).path("alarm"), line.path("alarm"));
        assertFalse(line.has("ride"));
    }

    /** The precise place of a hired taxi was given away by its unit, and nothing said to whom. */
    @Test
    void aPrecisePlaceOfATaxiIsInTheLedgerByItsRideAndACellIsNot() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        taxi.presence();
        hub.upToDate();
        String fleet = hub.token(Role.FLEET, "한빛운수");
        assertEquals(1, places(hub.get("/v1/units", fleet)));
        assertEquals(List.of(), ledger(), "a cell of a kilometre says where nobody is");
        Id8 ride = taxi.board(RideChange.Source.CARD);
        taxi.drive(37.5172, 127.0480);
        hub.upToDate();
        hub.get("/v1/units?reason=dispatch", fleet);
        hub.get("/v1/units/" + taxi.unit.unit().hex(), hub.token(Role.AUDITOR, ""));
        List<JsonNode> lines = ledger();
        assertEquals(
                List.of("fleet dispatch " + ride.hex(), "auditor  " + ride.hex()),
                lines.stream()
                        .map(each -> each.path("role").asText() + " "
                                + each.path("reason").asText() + " "
                                + each.path("ride").asText())
                        .toList());
    }

    @Test
    void pagesGiveEveryRideAndUnitOnce() throws Exception {
        Set<String> all = new HashSet<>();
        for (int i = 0; i < 7; i++) {
            hub.taxi("서울 31바 100" + i).board(RideChange.Source.CARD);
            all.add("서울 31바 100" + i);
        }
        hub.upToDate();
        String operator = hub.token(Role.OPERATOR, "");
        for (String path : List.of("/v1/units", "/v1/rides")) {
            List<String> seen = new ArrayList<>();
            String next = "";
            do {
                ApiHub.Said page = hub.get(path + "?limit=3" + (next.isEmpty() ? "" : "&after=" + next), operator);
                seen.addAll(vehicles(page));
                next = page.body().path("next").asText();
            } while (!next.isEmpty());
            assertEquals(7, seen.size(), path);
            assertEquals(all, new HashSet<>(seen), path);
        }
    }

    @Test
    void unitsAreFoundByTextCompanyAndState() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234");
        hub.taxi("서울 31바 5678").board(RideChange.Source.CARD);
        hub.registry.revoke(taxi.unit.unit(), hub.now.toEpochMilli());
        hub.upToDate();
        String operator = hub.token(Role.OPERATOR, "");
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/units?search=1234", operator)));
        assertEquals(List.of("서울 31바 1234"), vehicles(hub.get("/v1/units?state=revoked", operator)));
        assertEquals(List.of("서울 31바 5678"), vehicles(hub.get("/v1/units?state=online", operator)));
        assertEquals(List.of(), vehicles(hub.get("/v1/units?state=never-seen", operator)));
    }

    @Test
    void aSinksNameAndPasswordAreNotShown() throws Exception {
        ApiHub.Said said = hub.get("/v1/deliveries", hub.token(Role.CENTRE, GANGNAM));
        assertEquals(1, said.body().path("items").size());
        assertFalse(said.raw().body().contains("secret"), said.raw().body());
        assertFalse(said.raw().body().contains("hidden"), said.raw().body());
    }

    @Test
    void whatIsNotUnderstoodIsAProblemThatNamesIt() throws Exception {
        String operator = hub.token(Role.OPERATOR, "");
        assertProblem(400, "bad-request", hub.get("/v1/units?color=red", operator));
        assertProblem(400, "bad-request", hub.get("/v1/units?limit=501", operator));
        assertProblem(400, "bad-request", hub.get("/v1/units?limit=1&limit=2", operator));
        assertProblem(400, "bad-request", hub.get("/v1/rides/xyz", operator));
        assertProblem(404, "not-found", hub.get("/v1/nothing", operator));
        assertProblem(404, "not-found", hub.get("/", operator));
        assertProblem(405, "method", hub.send("POST", "/v1/units", operator, "{}"));
        assertProblem(400, "bad-request", hub.send("POST", "/v1/tokens", "", "[1]"));
        assertProblem(413, "too-large", hub.send("POST", "/v1/tokens", "", "x".repeat(ApiDoor.BODY_BYTES + 1)));
        assertProblem(401, "sign-in", hub.get("/v1/units", ""));
    }
}
