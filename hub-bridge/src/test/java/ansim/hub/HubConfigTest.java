package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.api.OidcSettings;
import ansim.hub.core.Keep;
import ansim.hub.core.Policy;
import ansim.hub.guardian.GuardianSettings;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code hub.yaml}: what may stand in it. */
final class HubConfigTest {
    private static HubConfig read(String yaml) {
        return Settings.read("hub.yaml", yaml, HubConfig.class);
    }

    private static String problems(String yaml) {
        SettingsException refused = assertThrows(SettingsException.class, () -> read(yaml));
        return refused.getMessage();
    }

    @Test
    void theSmallestSettingsGiveALoopbackDoorAndPage() {
        HubConfig config = read("door: {insecure-plaintext: true}");
        assertEquals(1883, config.door().address().getPort());
        assertTrue(config.door().address().getAddress().isLoopbackAddress());
        assertEquals(8080, config.console().address().getPort());
        assertEquals(List.of(), config.centres());
        assertEquals("data", config.data().getFileName().toString());
    }

    @Test
    void eachClassIsKeptForItsOwnTime() {
        HubConfig.Retention given = read("door: {insecure-plaintext: true}\nretention: {rides: 7d, emergencies: 365d}")
                .retention();
        assertEquals(Duration.ofDays(7), given.perClass().get(Keep.RIDES));
        assertEquals(Duration.ofDays(365), given.perClass().get(Keep.EMERGENCIES));
        assertEquals(Duration.ofDays(31), given.perClass().get(Keep.HEALTH), "30 days after the day's last message");
        assertTrue(problems("door: {insecure-plaintext: true}\nretention: {rides: 1h}")
                .contains("[1d, 36525d]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hub", "hub/mirror", "./hub/../hub/x", "."})
    void aMirrorInTheDataFolderOrAroundItIsRefused(String mirror) {
        assertTrue(problems("data: hub\ndoor: {insecure-plaintext: true}\nlog: {mirror: " + mirror + "}")
                .contains("log.mirror must be a directory on another disk"));
    }

    @Test
    void aMirrorThatIsALinkIntoTheDataFolderIsRefused(@TempDir Path folder) throws Exception {
        Path data = Files.createDirectory(folder.resolve("hub"));
        Path link = Files.createSymbolicLink(folder.resolve("other-disk"), data);
        for (Path mirror : List.of(link, link.resolve("not-yet"))) {
            assertTrue(problems("data: " + data + "\ndoor: {insecure-plaintext: true}\nlog: {mirror: " + mirror + "}")
                    .contains("log.mirror must be a directory on another disk"));
        }
    }

    @Test
    void withoutSettingsTheDoorsHaveTlsOnLoopback() {
        HubConfig config = read("data: x");
        assertEquals(8883, config.door().address().getPort());
        assertTrue(config.door().address().getAddress().isLoopbackAddress());
        assertEquals(
                List.of("localhost", "127.0.0.1", "::1"), config.reachedBy().ofDoor());
        assertEquals("https://localhost:8443", config.reachedBy().enrolmentUrl());
    }

    @Test
    void anInsecureDoorHasNoEnrolmentUnlessItIsAskedFor() {
        assertTrue(read("door: {insecure-plaintext: true}").enrolmentDoor().isEmpty());
        assertTrue(read("{door: {insecure-plaintext: true}, enrolment: {}}")
                .enrolmentDoor()
                .isPresent());
    }

    @Test
    void aDoorForTheWorldMustSayByWhichNameItIsReached() {
        assertTrue(problems("door: {listen: \"0.0.0.0:8883\"}").contains("door.names"));
        HubConfig named = read("{door: {listen: \"0.0.0.0:8883\", names: [hub.example, 192.0.2.1]},"
                + " enrolment: {listen: \"0.0.0.0:8443\"}}");
        assertEquals(List.of("hub.example", "192.0.2.1"), named.reachedBy().ofDoor());
        assertEquals("https://hub.example:8443", named.reachedBy().enrolmentUrl());
        assertTrue(problems("door: {names: [\"hub example\"]}").contains("names"));
    }

    /** The API for the world asked for door.names also when they were given: it alone did not fall back to them. */
    @Test
    void everyDoorFallsBackToTheNamesOfTheMqttDoor() {
        String open = "door: {listen: \"127.0.0.1:8883\", names: [hub.example]}\n";
        assertEquals(
                List.of("hub.example"),
                read(open + "api: {listen: \"0.0.0.0:9443\"}").reachedBy().ofApi());
        assertEquals(
                List.of("hub.example"),
                read(open + "coap: {listen: \"0.0.0.0:5684\"}").reachedBy().ofCoap());
        assertEquals(
                List.of("hub.example"),
                read(open + "deliveries: {streams: {listen: \"0.0.0.0:8444\"}}")
                        .reachedBy()
                        .ofStreams());
        assertEquals(
                List.of("api.example"),
                read(open + "api: {listen: \"0.0.0.0:9443\", names: [api.example]}")
                        .reachedBy()
                        .ofApi());
    }

    @Test
    void whatListensForTheWorldWithoutAnyNameNamesItsOwnSetting() {
        assertTrue(problems("api: {listen: \"0.0.0.0:9443\"}").contains("api.names or door.names must say"));
        assertTrue(problems("coap: {listen: \"[::]:5684\"}").contains("coap.names or door.names must say"));
        assertTrue(problems("deliveries: {streams: {listen: \"0.0.0.0:8444\"}}")
                .contains("deliveries.streams.names or door.names must say"));
        assertTrue(read("api: {listen: \"0.0.0.0:9443\", key: k.pem, certificate: c.pem}")
                .api()
                .isPresent());
    }

    @Test
    void anAuthorityOfTheCityHasAKeyAndACertificate() {
        assertTrue(problems("ca: {key: k.pem}").contains("certificate"));
    }

    @Test
    void aVaultIsInThisProcessOrInAnother() {
        assertTrue(problems("data: hub\ndoor: {insecure-plaintext: true}\nvault: {folder: a, socket: b}")
                .contains("vault must be in this process (folder) or in another (socket), not both"));
        assertTrue(problems("vault: {key: vault.pem}").contains("vault.key must only be given with vault.socket"));
        assertTrue(read("vault: {socket: s, key: vault.pem}").vault().key().isPresent());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:1883", "192.168.1.10:1883", "[::]:1883"})
    void plaintextIsRefusedOnAnyAddressButLoopback(String address) {
        assertTrue(problems("door: {insecure-plaintext: true, listen: \"" + address + "\"}")
                .contains("allows only a loopback address"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:1883", "127.8.8.8:0", "[::1]:1883", "localhost:1883"})
    void loopbackIsAllowedInAllItsForms(String address) {
        read("door: {insecure-plaintext: true, listen: \"" + address + "\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1883", "127.0.0.1", "hub.example:1883", "127.0.0.1:99999", "127.0.0.1:-1", "1.2.3.4.5:1"})
    void whatIsNoAddressAndPortIsRefused(String address) {
        assertTrue(problems("door: {insecure-plaintext: true, listen: \"" + address + "\"}")
                .contains("listen"));
    }

    @Test
    void aPageForTheWorldIsRefused() {
        assertTrue(problems("{door: {insecure-plaintext: true}, console: {listen: \"0.0.0.0:80\"}}")
                .contains("no sign-in"));
    }

    @Test
    void everyProblemIsNamedAtOnceWithItsLine() {
        String problems = problems("""
                data: x
                door: {insecure-plaintext: maybe}
                consle: {listen: "127.0.0.1:8080"}
                centres:
                  - {district: "11680", sinks: [{webhook: "ftp://x/"}]}
                log: {level: loud}
                """);
        for (String each : List.of("hub.yaml:2", "hub.yaml:3", "console", "hub.yaml:5", "hub.yaml:6")) {
            assertTrue(problems.contains(each), each + " in: " + problems);
        }
    }

    @Test
    void aDistrictNamedTwiceIsRefused() {
        assertTrue(problems("""
                door: {insecure-plaintext: true}
                centres:
                  - {district: "11680", sinks: [{webhook: "http://127.0.0.1:1/"}]}
                  - {district: "11680", sinks: [{webhook: "http://127.0.0.1:2/"}]}
                """).contains("11680"));
    }

    @Test
    void guardiansAreToldByMailAndByAWebhookForEachChannel() {
        GuardianSettings guardians = read("""
                        door: {insecure-plaintext: true}
                        guardians:
                          mail: {host: mail.city.example, user: ansim, password: mail.password, from: ansim@city.example}
                          webhooks: [{channel: sms, url: "https://sms.example/send", secret: sms.secret}]
                          late: 5min
                        """).guardians().orElseThrow();
        assertEquals(
                GuardianSettings.Tls.STARTTLS, guardians.mail().orElseThrow().tls());
        assertEquals(Duration.ofMinutes(5), guardians.late());
        assertEquals("ko", guardians.language());
        assertTrue(read("door: {insecure-plaintext: true}").guardians().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mail: {host: mail.city.example, tls: none, from: a@b}| must be encrypted",
                "mail: {host: mail.city.example, from: nobody}|from must be an address",
                "mail: {host: mail.city.example, user: x, from: a@b}|both user and password",
                "mail: {host: mail.city.example, port: 70000, from: a@b}|port must be in [1, 65535]",
                "webhooks: [{channel: mail, url: 'https://x.example', secret: s}]|neither mail nor api",
                "webhooks: [{channel: sms, url: 'http://x.example', secret: s}]|url must be https://",
                "webhooks: [{channel: sms, url: 'https://x', secret: s}, {channel: sms, url: 'https://y', secret: s}]|once",
                "late: 10s|[1min, 3d]"
            })
    void aWayToGuardiansThatIsUnsafeOrUnclearIsRefused(String settingAndRule) {
        String[] parts = settingAndRule.split("\\|", -1);
        String problems = problems("door: {insecure-plaintext: true}\nguardians: {" + parts[0] + "}");
        assertTrue(problems.contains(parts[1].strip()), problems);
    }

    @Test
    void aHubWhoseVaultIsElsewhereHasNoWayToGuardiansItself() {
        String vault = "door: {insecure-plaintext: true}\nvault: {socket: /run/x.sock}\n";
        assertTrue(read(vault + "guardians: {late: 5min}").guardians().isPresent());
        assertTrue(problems(vault + "guardians: {mail: {host: mail.city.example, from: a@b}}")
                .contains("hub-bridge vault serve --guardians FILE"));
    }

    @Test
    void anIdentityProviderIsNamedWithItsAudienceAndWhatItCallsTheRoles() {
        OidcSettings oidc = read("""
                        door: {insecure-plaintext: true}
                        api:
                          oidc:
                            issuer: https://id.city.example/realms/ansim
                            audience: ansim-hub
                            roles-claim: /realm_access/roles
                            roles: {gangnam-desk: "centre 11680"}
                        """).api().orElseThrow().oidc().orElseThrow();
        assertEquals("/realm_access/roles", oidc.rolesClaim());
        assertEquals(Map.of("gangnam-desk", "centre 11680"), oidc.roles());
        assertEquals(Duration.ofHours(24), oidc.keepKeys());
        assertTrue(read("{door: {insecure-plaintext: true}, api: {}}")
                .api()
                .orElseThrow()
                .oidc()
                .isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "issuer: 'http://id.city.example', audience: a|oidc.issuer must be https://",
                "issuer: 'http://127.0.0.1.example', audience: a|oidc.issuer must be https://",
                "issuer: 'https://id.city.example?x=1', audience: a|oidc.issuer must be https://",
                "issuer: 'https://name@id.city.example', audience: a|oidc.issuer must be https://",
                "issuer: id.city.example, audience: a|oidc.issuer must be https://",
                "issuer: 'https://id.city.example', audience: ' '|oidc.audience must have 1 to 255",
                "issuer: 'https://id.city.example', audience: a, roles-claim: ''|oidc.roles-claim must have",
                "issuer: 'https://id.city.example', audience: a, roles: {x: root}|oidc.roles must be operator",
                "issuer: 'https://id.city.example', audience: a, roles: {x: centre}|oidc.roles must be operator",
                "issuer: 'https://id.city.example', audience: a, roles: {x: operator 1}|oidc.roles must be operator",
                "issuer: 'https://id.city.example', audience: a, keep-keys: 1min|[10min, 30d]",
                "issuer: 'https://id.city.example'|audience"
            })
    void anIdentityProviderThatIsUnsafeOrUnclearIsRefused(String settingAndRule) {
        String[] parts = settingAndRule.split("\\|", -1);
        String problems = problems("door: {insecure-plaintext: true}\napi: {oidc: {" + parts[0] + "}}");
        assertTrue(problems.contains(parts[1]), problems);
    }

    @Test
    void messagesAreTracedOnlyWhenACollectorIsSet() {
        assertTrue(read("{}").telemetry().isEmpty());
        TelemetryConfig telemetry =
                read("telemetry: {otlp: 'http://127.0.0.1:4318'}").telemetry().orElseThrow();
        assertEquals(0.001, telemetry.sample());
        for (String otlp : List.of("http://collector.example:4318", "https:///x", "https://a:b@collector.example")) {
            assertTrue(problems("telemetry: {otlp: '" + otlp + "'}").contains("telemetry.otlp must be https://"), otlp);
        }
        assertTrue(problems("telemetry: {otlp: 'https://collector.example', sample: 1.5}")
                .contains("[0, 1]"));
    }

    @Test
    void routingIsCurrentAndHomeAndRidesOfStrangersStayAtTheHubUnlessSet() {
        assertEquals(Policy.DEFAULT, read("{}").routing().policy());
        Policy policy = read("routing: {ride: [home, current], position: [current], catch-all: city-hall,"
                        + " every-ride: \"ordinance 7, article 3\", attention: {lost-after: 5min, endless-after: 0s,"
                        + " moving-away-metres: 500}}")
                .routing()
                .policy();
        assertEquals(List.of(Policy.To.HOME, Policy.To.CURRENT), policy.ride());
        assertEquals(List.of(Policy.To.CURRENT), policy.position());
        assertEquals(List.of(Policy.To.CURRENT, Policy.To.HOME), policy.emergency());
        assertEquals(Optional.of("city-hall"), policy.catchAll());
        assertEquals(Optional.of("ordinance 7, article 3"), policy.everyRide());
        assertEquals(new Policy.Attention(300_000, 0, 600_000, 1_200_000, 500), policy.attention());
    }

    /** Emergencies outside the city's districts went nowhere, and nothing said so. */
    @Test
    void aCatchAllThatIsNoCentreIsWarnedOfAtTheStart() {
        String centre = "centres: [{district: %s, sinks: [{file: out}]}]\nrouting: {catch-all: city-hall}";
        assertEquals(List.of(), read("{}").warnings());
        assertEquals(List.of(), read(centre.formatted("city-hall")).warnings());
        List<String> warnings = read(centre.formatted("\"11680\"")).warnings();
        assertEquals(1, warnings.size());
        assertTrue(warnings.get(0).contains("routing.catch-all names the destination \"city-hall\""), warnings.get(0));
    }

    @Test
    void routingThatNamesNothingOrNoGroundIsRefused() {
        assertTrue(problems("routing: {ride: []}").contains("ride must name at least one of current, home"));
        assertTrue(problems("routing: {position: [home, home]}").contains("each once"));
        assertTrue(problems("routing: {every-ride: \" \"}").contains("must name its legal ground"));
        assertTrue(problems("routing: {catch-all: \"city hall\"}").contains("catch-all must be the name"));
    }
}
