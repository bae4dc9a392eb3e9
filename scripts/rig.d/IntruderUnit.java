import ansim.hub.core.UnitRecord;
import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.VerifyKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import javax.net.ssl.SSLContext;
import org.bouncycastle.math.ec.rfc8032.Ed25519;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/** A unit in the hands of an intruder: it signs and says whatever it is told to. */
final class IntruderUnit {
    static final SecureRandom RANDOM = new SecureRandom();
    private static final int WAIT_MS = 30_000;

    final Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    private final byte[] seed = new byte[Ed25519.SECRET_KEY_SIZE];
    final SigningKey key;
    private final Id8 boot = Id8.random(RANDOM);
    Id8 chain = Id8.random(RANDOM);
    private long n;
    private Optional<Id16> previous = Optional.empty();

    IntruderUnit() {
        RANDOM.nextBytes(seed);
        key = SigningKey.fromSeed(seed);
    }

    UnitRecord record() {
        return record(key.verifyKey());
    }

    UnitRecord record(VerifyKey with) {
        return new UnitRecord(id, with, "rig", "rig", "taxi", Optional.empty(), false);
    }

    /** A chain that nobody knows yet. */
    void newChain() {
        chain = Id8.random(RANDOM);
        n = 0;
        previous = Optional.empty();
    }

    /** The next event of the chain. */
    UpMessage next(String name) {
        UpMessage message = at(n + 1, previous, name, key);
        n++;
        previous = Optional.of(message.payloadHash());
        return message;
    }

    /** An event with the number of the last: what a clone says that was made before it. */
    UpMessage instead(Optional<Id16> before, String name) {
        return at(n, before, name, key);
    }

    Optional<Id16> previous() {
        return previous;
    }

    UpMessage at(long number, Optional<Id16> before, String name, SigningKey by) {
        Batch batch = new Batch(
                id,
                boot,
                Lane.EVENT,
                chain,
                number,
                before,
                TimeQuality.UNKNOWN,
                0,
                1_000 + number,
                List.of(new UpRecord(0, new Contact(name, true, Optional.empty()))),
                OptionalLong.empty(),
                false,
                false);
        return UpMessage.sign(batch, by);
    }

    /** Signs any payload under any header with the unit's real key. */
    byte[] seal(byte[] header, byte[] payload) {
        byte[] toBeSigned = Seals.toBeSigned(header, payload);
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(seed, 0, toBeSigned, 0, toBeSigned.length, signature, 0);
        return Seals.message(header, payload, signature);
    }

    /** TLS with a certificate that the authority gave to that name at that moment. */
    static SSLContext tls(Authority issuer, List<java.security.cert.X509Certificate> trusted, String name, Instant at) {
        TlsKey tlsKey = TlsKey.generate(RANDOM);
        TlsIdentity identity = new TlsIdentity(tlsKey, List.of(issuer.unit(tlsKey.publicKey(), name, at)));
        return identity.context(new PeerTrust(trusted, PeerTrust.now(Clock.systemUTC())), RANDOM);
    }

    /** Connects as that client id; throws when it is not let in. */
    static MqttClient connect(String url, String clientId, SSLContext tls) throws MqttException {
        MqttClient client = new MqttClient(url, clientId, new MemoryPersistence());
        client.setTimeToWait(WAIT_MS);
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(true);
        options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1);
        options.setSocketFactory(tls.getSocketFactory());
        try {
            client.connect(options);
            return client;
        } catch (MqttException e) {
            client.close(true);
            throw e;
        }
    }

    /** Whatever it is doing. */
    static void end(MqttClient client) throws MqttException {
        client.disconnectForcibly(0, 0, false);
        client.close(true);
    }
}
