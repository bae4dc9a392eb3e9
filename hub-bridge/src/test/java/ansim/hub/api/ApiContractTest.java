package ansim.hub.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.console.SampleCity;
import ansim.hub.core.Keep;
import ansim.hub.core.UnitRide;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.ledger.ProvisionLedger;
import ansim.hub.ledger.Provisions;
import ansim.hub.view.Database;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** openapi.json is what the running API does: every route of one is in the other, and every answer is as its schema says. */
@Timeout(120)
final class ApiContractTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private ApiHub hub;
    private JsonNode document;
    private String ride;
    private String unit;

    @BeforeEach
    void start() throws Exception {
        hub = new ApiHub(folder);
        SampleCity.Unit taxi = hub.taxi("서울 31바 1234").at(37.5172, 127.0473);
        ride = taxi.unit.unit().hex() + "." + taxi.board(RideChange.Source.CARD).hex();
        unit = taxi.unit.unit().hex();
        taxi.drive(37.5180, 127.0480);
        taxi.presence();
        taxi.panic(Panic.Origin.RIDER, Phase.RAISED);
        SampleCity.Unit second = hub.taxi("서울 31바 5678");
        second.board(RideChange.Source.CARD);
        second.alight();
        hub.upToDate();
        document = hub.get(ApiDoor.DOCUMENT, "").body();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    /** Method and path, with the operation of the document. */
    private Map<String, JsonNode> documented() {
        Map<String, JsonNode> all = new TreeMap<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(each -> all.put(
                                each.getKey().toUpperCase(java.util.Locale.ROOT) + " " + path.getKey(),
                                each.getValue())));
        return all;
    }

    private void assertFits(JsonNode operation, ApiHub.Said said) throws Exception {
        JsonNode response = operation.path("responses").path(Integer.toString(said.status()));
        String what = operation.path("operationId").asText() + " " + said.status() + " " + said.body();
        assertFalse(response.isMissingNode(), what + " is not documented");
        JsonNode content = response.path("content");
        if (content.isMissingNode()) {
            assertEquals("", said.raw().body(), what);
            return;
        }
        assertTrue(content.has(said.type()), what + " as " + said.type());
        ObjectNode schema = JSON.createObjectNode();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.set("$ref", content.path(said.type()).path("schema").path("$ref"));
        schema.set("components", document.path("components"));
        List<Error> errors = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema)
                .validate(
                        said.body(),
                        context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)));
        assertEquals(List.of(), errors, what);
    }

    @Test
    void everyRouteIsDocumentedWithItsParametersAndEveryDocumentedPathIsServed() {
        Map<String, Set<String>> served = new TreeMap<>();
        hub.api
                .door()
                .operations()
                .forEach(each -> served.put(each.method() + " " + each.path(), new TreeSet<>(each.parameters())));
        Map<String, Set<String>> said = new TreeMap<>();
        documented().forEach((route, operation) -> {
            Set<String> query = new TreeSet<>();
            operation.path("parameters").forEach(each -> {
                if (each.path("in").asText().equals("query")) {
                    query.add(each.path("name").asText());
                }
            });
            said.put(route, query);
        });
        assertEquals(served, said);
    }

    @Test
    void whoMayIsDocumentedAsItIs() {
        Map<String, JsonNode> all = documented();
        for (Operation each : hub.api.door().operations()) {
            JsonNode operation = all.getOrDefault(each.method() + " " + each.path(), JSON.nullNode());
            assertEquals(each.access().signedIn(), !operation.has("security"), () -> "security of " + each.path());
            String words = operation.path("description").asText();
            if (each.access().signedIn() && each.access().roles().size() < Role.values().length) {
                Set<String> named = new TreeSet<>(
                        List.of(words.replaceAll("(?s).*For: (.*)\\.", "$1").split(", ")));
                Set<String> roles = new TreeSet<>();
                each.access().roles().forEach(role -> roles.add(role.word()));
                assertEquals(roles, named, each.path());
            }
        }
    }

    /** What centres were given, and what somebody read at the console, stood in files that no auditor saw by the API. */
    @Test
    void anAuditorReadsEveryClassOfTheLedgerAndEachLineIsAsItsSchemaSays() throws Exception {
        UnitRide of = new UnitRide(Id16.parse(unit), Id8.parse(ride.substring(33)));
        Path ledger = folder.resolve("ledger");
        try (ProvisionLedger provisions =
                ProvisionLedger.open(ledger, hub.ledgerKeys, Map.of(), InstantSource.system())) {
            for (Keep keep : List.of(Keep.RIDES, Keep.EMERGENCIES)) {
                for (String whose : List.of(unit, "")) {
                    provisions
                            .add(new Provisions.Provision(
                                    1_800_000_000_000L,
                                    "11680 webhook https://centre.example/",
                                    Provisions.Outcome.PERHAPS,
                                    keep,
                                    "consent",
                                    whose,
                                    whose.isEmpty() ? "" : of.ride().hex(),
                                    whose.isEmpty() ? "" : "u/c/2/1",
                                    whose.isEmpty() ? "" : "ansim.ride.boarded"))
                            .get(60, TimeUnit.SECONDS);
                }
            }
        }
        ConsoleReads.write(
                ledger,
                () -> LedgerKeys.open(folder.resolve(ConsoleReads.KEYS), new SecureRandom()),
                new ConsoleReads.Reader("kim as ansim", "rides show", "case 42"),
                List.of(of),
                hub.now,
                Duration.ofDays(365));
        String auditor = hub.token(Role.AUDITOR, "");
        hub.get("/v1/rides/" + ride, auditor);
        for (String name : List.of("access", "console", "rides", "emergencies")) {
            ApiHub.Said said = hub.get("/v1/ledger?class=" + name, auditor);
            assertFits(documented().getOrDefault("GET /v1/ledger", JSON.nullNode()), said);
            JsonNode line = said.body().path("items").path(0);
            assertEquals(of.ride().hex(), line.path("ride").asText(), name);
            assertEquals(unit, line.path("unit").asText(), name);
        }
        JsonNode given = hub.get("/v1/ledger?class=rides&limit=1", auditor).body();
        assertEquals("u/c/2/1", given.path("items").path(0).path("event").asText());
        assertEquals("1", given.path("next").asText());
        assertEquals(400, hub.get("/v1/ledger?class=health", auditor).status());
        assertEquals(
                403,
                hub.get("/v1/ledger?class=rides", hub.token(Role.CENTRE, "11680"))
                        .status());
    }

    /** One request of each operation that is done. */
    private ApiHub.Said done(String route, Map<Role, String> tokens) throws Exception {
        String operator = tokens.getOrDefault(Role.OPERATOR, "");
        return switch (route) {
            case "POST /v1/tokens" -> hub.signIn("operator0", ApiHub.PASSWORD);
            case "DELETE /v1/tokens/current" ->
                hub.send(
                        "DELETE",
                        "/v1/tokens/current",
                        hub.signIn("operator0", ApiHub.PASSWORD)
                                .body()
                                .path("token")
                                .asText(),
                        "");
            case "POST /v1/riders/{id}/suspend", "POST /v1/riders/{id}/resume" ->
                hub.send(
                        "POST",
                        route.substring(5).replace("{id}", ApiHub.RIDER),
                        operator,
                        "",
                        "Idempotency-Key",
                        "contract-" + route.length());
            case "POST /v1/riders" ->
                hub.send(
                        "POST",
                        "/v1/riders",
                        tokens.getOrDefault(Role.APP, ""),
                        AppWritesTest.RIDER,
                        "Idempotency-Key",
                        "contract-3");
            case "GET /v1/notices" -> hub.get("/v1/notices", tokens.getOrDefault(Role.APP, ""));
            case "POST /v1/notices/{id}/taken" ->
                hub.send("POST", "/v1/notices/" + ApiHub.RIDER + "/taken", tokens.getOrDefault(Role.APP, ""), "");
            case "POST /v1/emergencies" ->
                hub.send(
                        "POST",
                        "/v1/emergencies",
                        tokens.getOrDefault(Role.APP, ""),
                        "{\"origin\":\"shake\",\"position\":{\"lat\":37.5,\"lon\":127.0}}",
                        "Idempotency-Key",
                        "contract-1");
            case "POST /v1/rides/{id}/destination" ->
                hub.send(
                        "POST",
                        "/v1/rides/" + ride + "/destination",
                        tokens.getOrDefault(Role.APP, ""),
                        "{\"position\":{\"lat\":37.5,\"lon\":127.0}}",
                        "Idempotency-Key",
                        "contract-2");
            case "GET /v1/units/{id}" -> hub.get("/v1/units/" + unit, operator);
            case "GET /v1/rides/{id}" -> hub.get("/v1/rides/" + ride + "?reason=test", operator);
            case "GET /v1/districts/{code}" -> hub.get("/v1/districts/11680", operator);
            default -> {
                assertTrue(route.startsWith("GET ") && !route.contains("{"), route + " has no sample");
                yield hub.get(route.substring(4), operator);
            }
        };
    }

    private Map<Role, String> tokens() throws Exception {
        Map<Role, String> tokens = new java.util.EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            String scope = switch (role.scope()) {
                case NONE -> "";
                case DISTRICT -> "11680";
                case COMPANY -> "한빛운수";
            };
            tokens.put(role, hub.token(role, scope));
        }
        return tokens;
    }

    @Test
    void everyDocumentedOperationAnswersAsItsSchemaSays() throws Exception {
        Map<Role, String> tokens = tokens();
        hub.get("/v1/rides", tokens.getOrDefault(Role.OPERATOR, ""));
        for (Map.Entry<String, JsonNode> each : documented().entrySet()) {
            ApiHub.Said said = done(each.getKey(), tokens);
            assertTrue(said.status() < 300, each.getKey() + " " + said.body());
            assertFits(each.getValue(), said);
            if (said.body().has("items")) {
                assertFalse(said.body().path("items").isEmpty(), each.getKey() + " must show something");
            }
        }
    }

    @Test
    void everyRefusalIsAProblemAsDocumented() throws Exception {
        Map<Role, String> tokens = tokens();
        Map<String, JsonNode> all = documented();
        List<String> refused = new ArrayList<>();
        for (Operation each : hub.api.door().operations()) {
            JsonNode operation = all.getOrDefault(each.method() + " " + each.path(), JSON.nullNode());
            String path = each.path()
                    .replace("{id}", each.path().contains("rides") ? ride : unit)
                    .replace("{code}", "x");
            if (!each.access().signedIn()) {
                continue;
            }
            ApiHub.Said nobody = hub.send(each.method(), path, "", "");
            assertEquals(401, nobody.status(), path);
            assertFits(operation, nobody);
            for (Role role : Role.values()) {
                if (!each.access().roles().contains(role)) {
                    ApiHub.Said other = hub.send(each.method(), path, tokens.getOrDefault(role, ""), "");
                    assertEquals(403, other.status(), role + " " + path);
                    assertFits(operation, other);
                    refused.add(role + " " + path);
                }
            }
        }
        assertTrue(refused.contains("APP /v1/rides"), refused.toString());
        assertFits(
                all.getOrDefault("GET /v1/units", JSON.nullNode()),
                hub.get("/v1/units?x=1", tokens.getOrDefault(Role.OPERATOR, "")));
    }

    /** Whoever looked for something rare in years of rides got a 503, each time. */
    @Test
    void aPageThatEndsBeforeItIsFullIsAsItsSchemaSaysAndGoesOnToTheEnd() throws Exception {
        try (Database writing = Database.open(hub.views.file(), Database.Durability.CONSISTENT)) {
            writing.update("""
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
                    INSERT INTO rides SELECT CAST(printf('%016d', i) AS BLOB), CAST(printf('%08d', i) AS BLOB), 'v', 'c', i, NULL, NULL,
                      NULL, NULL, NULL, NULL, NULL, 'card', i + 1000000, 0, NULL, NULL, '', '', 0, '', '' FROM n""");
        }
        String operator = hub.token(Role.OPERATOR, "");
        String asked = "/v1/rides?district=11680";
        ApiHub.Said first = hub.get(asked, operator);
        assertEquals(200, first.status());
        assertFits(documented().getOrDefault("GET /v1/rides", JSON.nullNode()), first);
        assertTrue(first.body().path("items").isEmpty());
        assertTrue(first.body().has("lookedTo"), first.body().toString());
        ApiHub.Said last = first;
        while (last.body().has("next")) {
            last = hub.get(asked + "&after=" + last.body().path("next").asText(), operator);
        }
        assertFalse(last.body().has("lookedTo"), last.body().toString());
        assertTrue(
                last.body().path("items").findValuesAsText("id").stream().anyMatch(each -> ride.endsWith(each)),
                last.body().toString());
    }
}
