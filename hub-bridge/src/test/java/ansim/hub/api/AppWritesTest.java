package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.Input;
import ansim.hub.core.RefusedInput;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The city's app calls for help and names destinations: once, whatever the network does. */
@Timeout(60)
final class AppWritesTest {
    private static final String GANGNAM =
            "{\"origin\":\"shake\",\"position\":{\"lat\":37.5172,\"lon\":127.0473,\"accuracyM\":20}}";

    @TempDir
    private Path folder;

    private ApiHub hub;
    private String app;

    @BeforeEach
    void start() throws Exception {
        hub = new ApiHub(folder);
        app = hub.token(Role.APP, "");
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    private ApiHub.Said help(String key, String body) throws Exception {
        return hub.send("POST", "/v1/emergencies", app, body, "Idempotency-Key", key);
    }

    private JsonNode emergencies(String district) throws Exception {
        hub.upToDate();
        return hub.get("/v1/emergencies", hub.token(Role.CENTRE, district))
                .body()
                .path("items");
    }

    @Test
    void aCallForHelpReachesTheDistrictOfItsPositionAsAnEmergencyOfTheApp() throws Exception {
        ApiHub.Said said = help("key-00001", GANGNAM);
        assertEquals(201, said.status(), String.valueOf(said.body()));
        JsonNode told = emergencies("11680");
        assertEquals(1, told.size());
        assertEquals("app", told.path(0).path("origin").asText());
        assertEquals(said.body().path("alarm"), told.path(0).path("alarm"));
        assertEquals(0, emergencies("11140").size());
        assertEquals(Input.AppEmergency.Gesture.SHAKE, hub.raised.get(0).gesture());
        assertEquals(200, hub.raised.get(0).pos().orElseThrow().haccDm().orElseThrow());
    }

    /** Whoever looks through all rides for a plate that nobody has held up every call for help until the table was read. */
    @Test
    void aCallForHelpWaitsForNobodysList() throws Exception {
        synchronized (hub.api.reading()) {
            assertEquals(201, help("key-00001", GANGNAM).status());
        }
    }

    /** As many lists as are read at once, and each waits: what the app says does not wait for them. */
    @Test
    void aDestinationWaitsForNobodysListEither() throws Exception {
        String operator = hub.token(Role.OPERATOR, "");
        List<Thread> readers = new ArrayList<>();
        synchronized (hub.api.reading()) {
            for (int i = 0; i < Operation.Room.READ.threads(); i++) {
                Thread reader = new Thread(
                        () -> {
                            try {
                                hub.get("/v1/rides", operator);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        "reader-" + i);
                reader.start();
                readers.add(reader);
            }
            while (blockedReads() < Operation.Room.READ.threads()) {
                Thread.onSpinWait();
            }
            String path = "/v1/rides/" + "0".repeat(32) + "." + "0".repeat(16) + "/destination";
            String where = "{\"position\":{\"lat\":37.5,\"lon\":127.0}}";
            assertEquals(
                    201,
                    hub.send("POST", path, app, where, "Idempotency-Key", "key-00001")
                            .status());
        }
        for (Thread each : readers) {
            each.join();
        }
    }

    private static long blockedReads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(each -> each.getName().startsWith("api-read") && each.getState() == Thread.State.BLOCKED)
                .count();
    }

    @Test
    void theSameKeyTwiceIsTheSameAnswerAndOneEmergency() throws Exception {
        ApiHub.Said first = help("key-00001", GANGNAM);
        hub.now = hub.now.plusSeconds(60);
        assertEquals(first.raw().body(), help("key-00001", GANGNAM).raw().body());
        assertEquals(422, help("key-00001", GANGNAM.replace("shake", "touch")).status());
        assertEquals(1, hub.raised.size());
        assertEquals(201, help("key-00002", GANGNAM).status());
        assertEquals(2, hub.raised.size());
    }

    @Test
    void oneThatCouldNotBeStoredMayBeAskedAgainUnderTheSameKeyAndId() throws Exception {
        hub.broken = true;
        ApiHub.Said failed = help("key-00001", GANGNAM);
        assertEquals(503, failed.status());
        hub.broken = false;
        assertEquals(201, help("key-00001", GANGNAM).status());
        assertEquals(hub.raised.get(0).id(), hub.raised.get(1).id());
    }

    /** Killed between the log and the answer: the app asks again, and nobody is told of a second call. */
    @Test
    void oneThatIsInTheLogButWasNotAnsweredIsNotLoggedAgain() throws Exception {
        help("key-00001", GANGNAM);
        hub.upToDate();
        hub.accounts.remove("app0");
        hub.account("app0", Role.APP, "");
        app = hub.accounts
                .token(new Account("app0", Role.APP, ""), hub.now, java.time.Duration.ofHours(1))
                .text();
        assertEquals(201, help("key-00001", GANGNAM).status());
        assertEquals(1, hub.raised.size());
    }

    @Test
    void anEmergencyInAKnownRideSaysWhichVehicle() throws Exception {
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        String ride = taxi.unit.unit().hex() + "."
                + taxi.board(RideChange.Source.CARD).hex();
        assertEquals(
                201,
                help("key-00001", "{\"origin\":\"power\",\"ride\":\"" + ride + "\"}")
                        .status());
        JsonNode told = emergencies("11680");
        assertEquals("서울 31바 1234", told.path(0).path("vehicle").asText());
        assertEquals(ride, told.path(0).path("ride").asText());
    }

    @Test
    void anEmergencyWithoutAPlaceIsTakenAsWell() throws Exception {
        assertEquals(201, help("key-00001", "{\"origin\":\"volume\"}").status());
        hub.upToDate();
        JsonNode all =
                hub.get("/v1/emergencies", hub.token(Role.OPERATOR, "")).body().path("items");
        assertEquals("-", all.path(0).path("districts").path(0).asText());
    }

    @Test
    void whatCannotBeAnEmergencyIsRefusedWithTheReason() throws Exception {
        for (String body : List.of(
                "{}",
                "{\"origin\":\"shout\"}",
                "{\"origin\":\"touch\",\"position\":{\"lat\":91,\"lon\":0}}",
                "{\"origin\":\"touch\",\"position\":{\"lat\":37}}",
                "{\"origin\":\"touch\",\"at\":\"1999-01-01T00:00:00Z\"}",
                "{\"origin\":\"touch\",\"ride\":\"x\"}")) {
            assertEquals(400, help("key-00001", body).status(), body);
        }
        assertEquals(400, hub.send("POST", "/v1/emergencies", app, GANGNAM).status());
        assertEquals(
                403,
                hub.send("POST", "/v1/emergencies", hub.token(Role.OPERATOR, ""), GANGNAM)
                        .status());
        assertTrue(hub.raised.isEmpty());
    }

    @Test
    void aRiderIsSuspendedOnceForAKeyAndAStrangerIsNotFound() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    204,
                    hub.send("POST", "/v1/riders/" + ApiHub.RIDER + "/suspend", app, "", "Idempotency-Key", "key-00001")
                            .status());
        }
        assertEquals(List.of(ApiHub.RIDER + " app0"), hub.suspended, "and on whose word");
        assertEquals(
                422,
                hub.send("POST", "/v1/riders/" + ApiHub.RIDER + "/resume", app, "", "Idempotency-Key", "key-00001")
                        .status(),
                "the same key for the opposite");
        assertEquals(
                404,
                hub.send("POST", "/v1/riders/" + "f".repeat(32) + "/suspend", app, "", "Idempotency-Key", "key-00002")
                        .status());
        assertEquals(403, hub.get("/v1/riders", app).status(), "the app knows its own riders");
    }

    static final String RIDER = """
            {"home":"11680","language":"en",
             "cards":[{"ride":"%s1.%s2","sealed":"AAEC"}],
             "guardians":[{"channel":"api","address":"user-7","name":"Mother","tells":["boarded","emergency"],
                           "consentedAt":"2026-11-26T09:00:00+09:00"},
                          {"channel":"mail","address":"me@example.org","tells":["own"]}]}
            """.formatted("0".repeat(31), "0".repeat(15));

    @Test
    void aRiderComesOnceForAKeyWithCardsThatOnlyTheVaultReadsGuardiansAndConsents() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ApiHub.Said said = hub.send("POST", "/v1/riders", app, RIDER, "Idempotency-Key", "key-00001");
            assertEquals(201, said.status());
            ids.add(said.body().path("id").asText());
        }
        assertEquals(ids.get(0), ids.get(1));
        assertEquals(1, hub.added.size());
        String added = hub.added.get(0);
        assertTrue(added.startsWith(ids.get(0) + " app0 "), added);
        assertTrue(added.contains("home=11680, language=en"), added);
        assertTrue(added.contains("tells=boarded emergency, consent=Optional[2026-11-26T00:00:00Z]"), added);
        assertTrue(added.contains("tells=own, consent=Optional.empty"), added);
        assertEquals(
                422,
                hub.send("POST", "/v1/riders", app, RIDER.replace("user-7", "user-8"), "Idempotency-Key", "key-00001")
                        .status());
    }

    @Test
    void aRiderWhoseCardIsAnothersOrDoesNotOpenIsRefusedAndSoIsWhatDoesNotRead() throws Exception {
        hub.outcome = RiderDesk.Added.CARD_TAKEN;
        ApiHub.Said said = hub.send("POST", "/v1/riders", app, RIDER, "Idempotency-Key", "key-00001");
        assertEquals(409, said.status());
        assertEquals("urn:ansim:problem:taken", said.body().path("type").asText());
        hub.outcome = RiderDesk.Added.CARD_SEALED;
        for (String body : List.of(
                RIDER,
                RIDER.replace("11680", "nowhere"),
                RIDER.replace("AAEC", "?"),
                RIDER.replace(".", ""),
                RIDER.replace("2026-11-26", "yesterday "),
                "{\"home\":\"11680\",\"cards\":7}",
                "{}")) {
            assertEquals(
                    400,
                    hub.send("POST", "/v1/riders", app, body, "Idempotency-Key", "key-00002")
                            .status(),
                    body);
        }
        assertEquals(400, hub.send("POST", "/v1/riders", app, RIDER).status(), "without a key");
        assertEquals(
                403,
                hub.send("POST", "/v1/riders", hub.token(Role.AUDITOR, ""), RIDER, "Idempotency-Key", "key-00001")
                        .status());
    }

    /** It said that the vault was elsewhere, and not what to do. */
    @Test
    void whereTheVaultDoesNotDoItEachRouteOfRidersIs501AndSaysWhatToUseInstead() throws Exception {
        hub.notHere = Optional.of("use this instead");
        String rider = "/v1/riders/" + ApiHub.RIDER;
        List<ApiHub.Said> all = List.of(
                hub.get("/v1/riders", hub.token(Role.OPERATOR, "")),
                hub.send("POST", "/v1/riders", app, RIDER, "Idempotency-Key", "key-00001"),
                hub.send("POST", rider + "/suspend", app, "", "Idempotency-Key", "key-00002"),
                hub.send("POST", rider + "/resume", app, "", "Idempotency-Key", "key-00003"));
        for (ApiHub.Said each : all) {
            assertEquals(501, each.status());
            assertEquals("urn:ansim:problem:not-here", each.body().path("type").asText());
            assertEquals("use this instead", each.body().path("detail").asText());
        }
        hub.notHere = Optional.empty();
        assertEquals(
                201,
                hub.send("POST", "/v1/riders", app, RIDER, "Idempotency-Key", "key-00001")
                        .status(),
                "what was refused may be asked again under the same key");
    }

    @Test
    void noticesComePageByPageAtEveryReadingUntilTheAppSaysThatItHasThem() throws Exception {
        ApiHub.Said first = hub.get("/v1/notices?limit=1", app);
        assertEquals(ApiHub.RIDER, first.body().path("items").path(0).path("id").asText());
        assertEquals("user-7", first.body().path("items").path(0).path("user").asText());
        ApiHub.Said second =
                hub.get("/v1/notices?limit=1&after=" + first.body().path("next").asText(), app);
        assertEquals(
                "f".repeat(32), second.body().path("items").path(0).path("id").asText());
        assertEquals(2, hub.get("/v1/notices", app).body().path("items").size());
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    204,
                    hub.send("POST", "/v1/notices/" + ApiHub.RIDER + "/taken", app, "")
                            .status());
        }
        assertEquals(1, hub.get("/v1/notices", app).body().path("items").size());
        assertEquals(
                404,
                hub.send("POST", "/v1/notices/" + "0".repeat(32) + "/taken", app, "")
                        .status());
        assertEquals(400, hub.get("/v1/notices?after=x", app).status());
        assertEquals(403, hub.get("/v1/notices", hub.token(Role.OPERATOR, "")).status(), "they are the users' own");
    }

    @Test
    void aDestinationOfARideThatIsNotKnownIsNotFoundAndOfOneThatHasEndedGone() throws Exception {
        String ride = "0".repeat(31) + "1." + "0".repeat(15) + "2";
        String body = "{\"position\":{\"lat\":37.5,\"lon\":127.25}}";
        String path = "/v1/rides/" + ride + "/destination";
        hub.refusal = Optional.of(RefusedInput.Why.UNKNOWN_RIDE);
        assertEquals(
                404,
                hub.send("POST", path, app, body, "Idempotency-Key", "key-00001")
                        .status());
        hub.refusal = Optional.of(RefusedInput.Why.ENDED_RIDE);
        ApiHub.Said gone = hub.send("POST", path, app, body, "Idempotency-Key", "key-00001");
        assertEquals(410, gone.status());
        assertEquals("urn:ansim:problem:gone", gone.body().path("type").asText());
        assertEquals(List.of(), hub.said);
    }

    @Test
    void aDestinationIsSaidOnceAndUnderItsKeyForOneRideOnly() throws Exception {
        String ride = "0".repeat(31) + "1." + "0".repeat(15) + "2";
        String other = "0".repeat(31) + "1." + "0".repeat(15) + "3";
        String body = "{\"position\":{\"lat\":37.5,\"lon\":127.25}}";
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    201,
                    hub.send("POST", "/v1/rides/" + ride + "/destination", app, body, "Idempotency-Key", "key-00001")
                            .status());
        }
        assertEquals(List.of(ride + " 375000000 1272500000"), hub.said);
        assertEquals(
                422,
                hub.send("POST", "/v1/rides/" + other + "/destination", app, body, "Idempotency-Key", "key-00001")
                        .status());
    }
}
