package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.intake.Intake;
import ansim.hub.intake.SigningKeys;
import ansim.hub.vault.Vault;
import ansim.hub.view.Claims;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.Settings;
import ansim.trust.CertificateRequest;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Ed25519Verifier;
import ansim.wire.HubStatement;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.Lane;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From twelve characters to a stored message, through the doors of a whole hub; then out, and in again. */
final class BoxToUnitTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int WAIT_S = 60;

    private final Path folder;
    private final Registry registry;
    private final Journal log;
    private final SigningKey hub = SigningKey.generate(RANDOM);
    private final Intake intake;
    private final RegistryFeed feed;
    private final HubDoors doors;
    private final HubDoors.UnitDoor door;
    private final X509Certificate ca;
    private final String url;

    BoxToUnitTest(@TempDir Path folder) throws Exception {
        this.folder = folder;
        HubConfig config = Settings.read(
                "hub.yaml",
                "{data: " + folder + ", door: {listen: \"127.0.0.1:0\"}, enrolment: {listen: \"127.0.0.1:0\"}}",
                HubConfig.class);
        registry = Registry.open(config.registryFile());
        log = Journal.open(config.logDirectory(), JournalOptions.hub(), JournalFiles.real());
        intake = Intake.start(log, config.snapshotDirectory(), hub, new CompletableFuture<Throwable>()::complete);
        feed = new RegistryFeed(registry, intake, same -> {});
        feed.start();
        doors = HubDoors.of(config, SigningKeys.of(hub), feed::bringNow, Clock.systemUTC());
        door = doors.open(intake);
        Matcher port = Pattern.compile("enrol at https://127.0.0.1:([0-9]+)/").matcher(door.words());
        assertTrue(port.find());
        url = "https://localhost:" + port.group(1);
        ca = HubDoors.authority(config, Instant.now()).orElseThrow().authority().certificate();
    }

    @AfterEach
    void close() throws IOException {
        door.close();
        doors.close();
        feed.close();
        intake.close();
        log.close();
        registry.close();
    }

    private PeerTrust trust() {
        return new PeerTrust(List.of(ca), PeerTrust.now(Clock.systemUTC()));
    }

    private HttpResponse<byte[]> ask(Optional<TlsIdentity> as, HttpRequest.Builder request) throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(as.map(each -> each.context(trust(), RANDOM))
                        .orElseGet(() -> TlsIdentity.anonymous(trust(), RANDOM)))
                .build();
        return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path));
    }

    private TlsIdentity enrolled(ClaimCode code) throws Exception {
        TlsKey key = TlsKey.generate(RANDOM);
        String credentials = Base64.getEncoder()
                .encodeToString(("BOX-1/" + code.locator() + ":" + code.secret())
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        byte[] body = Base64.getMimeEncoder()
                .encode(CertificateRequest.make("BOX-1", key).der());
        HttpResponse<byte[]> answer = ask(
                Optional.empty(),
                request("/.well-known/est/simpleenroll")
                        .header("Authorization", "Basic " + credentials)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
        assertEquals(200, answer.statusCode());
        return new TlsIdentity(
                key, Certificates.fromPkcs7(Base64.getMimeDecoder().decode(answer.body())));
    }

    private MqttClient connected(TlsIdentity identity, Id16 unit, CountDownLatch lost) throws MqttException {
        MqttClient client = new MqttClient(door.url().replaceFirst("^tls", "ssl"), unit.hex(), new MemoryPersistence());
        client.setCallback(new MqttCallback() {
            @Override
            public void connectionLost(Throwable cause) {
                lost.countDown();
            }

            @Override
            public void messageArrived(String topic, MqttMessage message) {}

            @Override
            public void deliveryComplete(IMqttDeliveryToken token) {}
        });
        MqttConnectOptions options = new MqttConnectOptions();
        options.setSocketFactory(identity.context(trust(), RANDOM).getSocketFactory());
        client.connect(options);
        return client;
    }

    private static UpMessage message(Id16 unit, SigningKey key) {
        return UpMessage.sign(
                new Batch(
                        unit,
                        Id8.random(RANDOM),
                        Lane.EVENT,
                        Id8.random(RANDOM),
                        1,
                        Optional.empty(),
                        TimeQuality.UNKNOWN,
                        0,
                        1_000,
                        List.of(new UpRecord(0, new Contact("door", true, Optional.empty()))),
                        OptionalLong.empty(),
                        false,
                        false),
                key);
    }

    /** Waits until the log holds one entry more. */
    private void publish(MqttClient client, UpMessage message) throws Exception {
        long before = log.durableIndex();
        client.publish(Topics.up(message.batch().unit(), Lane.EVENT), message.bytes(), 1, false);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_S);
        while (log.durableIndex() == before) {
            assertTrue(System.nanoTime() < deadline, intake.counts().toString());
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** Once the hub read the vault's key when it started: a vault that was made beside it was told to nobody. */
    private void assertVaultIsToldOnceThereIsOne(TlsIdentity identity, Id16 unit) throws Exception {
        Id8 asked = Id8.random(RANDOM);
        HttpRequest.Builder question = request("/ansim/v1/hub?nonce=" + asked.hex());
        assertEquals(Optional.empty(), signed(identity, question, unit, asked).vault());
        SealingKey vault = Vault.create(folder.resolve("vault"), RANDOM);
        assertEquals(Optional.of(vault), signed(identity, question, unit, asked).vault());
    }

    private HubStatement.Said signed(TlsIdentity identity, HttpRequest.Builder question, Id16 unit, Id8 asked)
            throws Exception {
        HttpResponse<byte[]> answer = ask(Optional.of(identity), question);
        assertEquals(200, answer.statusCode());
        String base64 =
                new ObjectMapper().readTree(answer.body()).path("signed").asText();
        HubStatement statement = HubStatement.parse(Base64.getDecoder().decode(base64));
        assertTrue(statement.answers(unit, asked) && statement.verify(Ed25519Verifier.INSTANCE, hub.verifyKey()));
        return statement.said();
    }

    @Test
    void aBoxEnrolsSpeaksIsShutOutKeepsItsMessageAndIsLetInAgain() throws Exception {
        ClaimCode code = ClaimCode.random(RANDOM);
        registry.claims()
                .take(
                        List.of(new Claims.Wish(
                                new UnitRecord.Service("서울 1", "", "taxi", Optional.empty()),
                                Optional.empty(),
                                Optional.of(Claims.Proof.of(code)),
                                Optional.empty(),
                                Long.MAX_VALUE)),
                        Map.of(),
                        0);
        TlsIdentity identity = enrolled(code);
        Id16 unit = Id16.parse(Certificates.commonName(identity.leaf()).orElseThrow());
        assertVaultIsToldOnceThereIsOne(identity, unit);
        CountDownLatch never = new CountDownLatch(1);
        assertThrows(MqttException.class, () -> connected(identity, unit, never), "it has no message key yet");
        SigningKey key = SigningKey.generate(RANDOM);
        KeyRegistration asked = KeyRegistration.first(unit, key, Id8.random(RANDOM));
        HttpResponse<byte[]> answer = ask(
                Optional.of(identity),
                request("/ansim/v1/message-key")
                        .header("Content-Type", "application/cose")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(asked.bytes())));
        assertEquals(200, answer.statusCode());
        KeyConfirmation confirmed = KeyConfirmation.parse(answer.body());
        assertTrue(confirmed.answers(asked) && confirmed.verify(Ed25519Verifier.INSTANCE, hub.verifyKey()));

        CountDownLatch lost = new CountDownLatch(1);
        MqttClient client = connected(identity, unit, lost);
        publish(client, message(unit, key));
        try (Registry operator = Registry.open(folder.resolve("registry.db"))) {
            assertTrue(operator.revoke(unit, System.currentTimeMillis()));
            assertTrue(lost.await(WAIT_S, TimeUnit.SECONDS), "the connection ends");
            client.close();
            assertThrows(MqttException.class, () -> connected(identity, unit, never));
            assertEquals(
                    403, ask(Optional.of(identity), request("/ansim/v1/hub")).statusCode());
            assertTrue(operator.restoreTrust(unit));
            feed.bringNow().get(WAIT_S, TimeUnit.SECONDS);
        }
        MqttClient again = connected(identity, unit, never);
        publish(again, message(unit, key));
        again.disconnect();
        again.close();
        assertFalse(never.await(0, TimeUnit.SECONDS));
        assertTrue(doors.counts().containsKey("enrolment-refused-shut-out"));
    }
}
