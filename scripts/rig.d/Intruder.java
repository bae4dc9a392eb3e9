import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.trust.Authority;
import ansim.trust.CertificateRequest;
import ansim.trust.ClaimCode;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Topics;
import ansim.wire.UpMessage;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttException;

/** Every attack of the bar against a running hub, and what became of it. See scripts/rig/intruder. */
final class Intruder {
    private static final int PATIENCE_S = 60;
    /** A wrong claim is refused to everybody after so many tries an hour: fewer, so that each is refused for its own reason. */
    private static final int CLAIM_TRIES = 4;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final Path dir;
    private final int tries;
    private final boolean json;
    private final List<Row> rows = new ArrayList<>();
    private final IntruderHub hub;
    private final List<X509Certificate> trusted;

    /**
     * One attack.
     *
     * @param accepted stored as if nothing were wrong, or let in; must be 0
     * @param counted under which names, and how often
     */
    private record Row(String attack, int tries, long accepted, String counted, boolean met) {}

    /** One try of an attack; true when it was let in. */
    interface Try {
        boolean play(int i) throws Exception;
    }

    private Intruder(Path dir, int tries, boolean json) throws Exception {
        this.dir = dir;
        this.tries = tries;
        this.json = json;
        this.hub = new IntruderHub(dir);
        this.trusted = List.of(hub.authority.certificate());
    }

    public static void main(String[] args) throws Exception {
        Intruder intruder = new Intruder(Path.of(args[0]), Integer.parseInt(args[1]), Boolean.parseBoolean(args[2]));
        System.exit(intruder.run());
    }

    private int run() throws Exception {
        try (hub) {
            messages();
            connections();
            claims();
            revoked();
            if (!hub.alive()) {
                rows.add(new Row("the hub itself", 1, 1, "it has ended", false));
            }
        }
        new IntruderAgent(dir, tries).play((attack, accepted, counted) ->
                rows.add(new Row(attack, tries, accepted, counted, accepted == 0 && !counted.isEmpty())));
        return tell();
    }

    // ---- messages: over a link of a unit that is let in, whoever has it

    private void messages() throws Exception {
        IntruderUnit victim = added(new IntruderUnit());
        IntruderUnit other = added(new IntruderUnit());
        IntruderUnit stranger = new IntruderUnit();
        MqttClient own = link(victim);
        MqttClient foreign = link(other);
        attack("tampered: one bit of a message", "refused-", i -> {
            byte[] bytes = victim.next("tampered").bytes();
            victim.newChain();
            int bit = IntruderUnit.RANDOM.nextInt(bytes.length * Byte.SIZE);
            bytes[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            publish(own, victim.id, bytes);
            return false;
        });
        List<byte[]> genuine = new ArrayList<>();
        for (int i = 0; i < tries; i++) {
            genuine.add(victim.next("genuine").bytes());
            publish(own, victim.id, genuine.get(i));
        }
        attack("replayed: a stored message again", "duplicate", i -> publish(own, victim.id, genuine.get(i)));
        attack("foreign key: nobody registered it", "refused-unknown-kid",
                i -> publish(own, victim.id, victim.at(1, Optional.empty(), "foreign", stranger.key).bytes()));
        attack("foreign key: another unit's", "refused-other-unit",
                i -> publish(own, victim.id, victim.at(1, Optional.empty(), "foreign", other.key).bytes()));
        attack("wrong unit: its message on one's own topic", "refused-other-unit",
                i -> publish(foreign, other.id, genuine.get(i)));
        downgrades(victim, own);
        element();
        clone(victim, own);
        IntruderUnit.end(own);
        IntruderUnit.end(foreign);
    }

    private void downgrades(IntruderUnit victim, MqttClient own) throws Exception {
        byte[] payload = Seals.payload(victim.instead(victim.previous(), "downgrade"));
        attack("downgrade: another major version, signed", "refused-version", i -> {
            byte[] changed = payload.clone();
            // The map's first key is 1, and its value the version.
            changed[2] = (byte) (i % 2 == 0 ? 0 : 2);
            return publish(own, victim.id, victim.seal(Seals.header(Seals.EDDSA, victim.key.verifyKey().kid(), UpMessage.TYP), changed));
        });
        attack("downgrade: another typ or algorithm, signed", "refused-", i -> {
            byte[] header = i % 2 == 0
                    ? Seals.header(Seals.EDDSA, victim.key.verifyKey().kid(), "ansim.up.v0")
                    : Seals.header(Seals.ES256, victim.key.verifyKey().kid(), UpMessage.TYP);
            return publish(own, victim.id, victim.seal(header, payload));
        });
    }

    private void element() throws Exception {
        Seals.Element element = new Seals.Element();
        IntruderUnit unit = new IntruderUnit();
        add(unit.record(element.verifyKey()));
        MqttClient own = link(unit);
        attack("ES256: the second form of a signature (high s)", "refused-high-s", i -> {
            byte[] bytes = element.seal(Seals.payload(unit.next("element")), true);
            unit.newChain();
            return publish(own, unit.id, bytes);
        });
        IntruderUnit.end(own);
    }

    /** The first message past the fork must be flagged; it is stored, for a court, and named so. */
    private void clone(IntruderUnit victim, MqttClient own) throws Exception {
        List<UpMessage> clones = new ArrayList<>();
        for (int i = 0; i < tries; i++) {
            victim.newChain();
            publish(own, victim.id, victim.next("before the fork").bytes());
            Optional<Id16> before = victim.previous();
            publish(own, victim.id, victim.next("the unit").bytes());
            clones.add(victim.instead(before, "the clone"));
        }
        attack("clone: its first message past the fork", "fork", i -> publish(own, victim.id, clones.get(i).bytes()));
    }

    // ---- connections

    private void connections() throws Exception {
        IntruderUnit victim = added(new IntruderUnit());
        IntruderUnit other = added(new IntruderUnit());
        IntruderUnit holder = added(new IntruderUnit());
        attack("wrong unit's topic, with a valid certificate of another", "refused-topic", i -> {
            MqttClient client = link(other);
            try {
                publish(client, victim.id, victim.next("topic").bytes());
                victim.newChain();
                return true;
            } catch (MqttException cut) {
                return false;
            } finally {
                IntruderUnit.end(client);
            }
        });
        attack("wrong unit's commands, with a valid certificate of another", "refused-subscription", i -> {
            MqttClient client = link(other);
            try {
                client.subscribe(Topics.down(victim.id), 1);
                return true;
            } catch (MqttException refused) {
                return false;
            } finally {
                IntruderUnit.end(client);
            }
        });
        attack("another unit's client id, with one's own certificate", "refused-other-certificate",
                i -> comesIn(victim.id, tls(hub.authority, other.id.hex(), Instant.now())));
        attack("expired certificate", "refused-certificate-expired",
                i -> comesIn(holder.id, tls(hub.authority, holder.id.hex(), Instant.now().minus(Authority.LEAF_LIFE).minusSeconds(7200))));
        Authority own = Authority.found("intruder", TlsKey.generate(IntruderUnit.RANDOM), Instant.now(), IntruderUnit.RANDOM);
        attack("certificate of an authority of one's own", "refused-handshake refused-certificate",
                i -> comesIn(holder.id, tls(own, holder.id.hex(), Instant.now())));
        attack("no certificate", "refused-handshake refused-certificate",
                i -> comesIn(holder.id, TlsIdentity.anonymous(new PeerTrust(trusted, PeerTrust.now(Clock.systemUTC())), IntruderUnit.RANDOM)));
    }

    private boolean comesIn(Id16 as, SSLContext tls) {
        try {
            IntruderUnit.end(IntruderUnit.connect(hub.url(), as.hex(), tls));
            return true;
        } catch (MqttException refused) {
            return false;
        }
    }

    private void revoked() throws Exception {
        IntruderUnit unit = added(new IntruderUnit());
        MqttClient client = link(unit);
        long fromNs = System.nanoTime();
        hub.registry.revoke(unit.id, System.currentTimeMillis());
        long untilNs = fromNs + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (client.isConnected() && System.nanoTime() < untilNs) {
            Thread.sleep(50);
        }
        long ms = (System.nanoTime() - fromNs) / 1_000_000;
        rows.add(new Row("revoked: an open link, closed within 60 s", 1, client.isConnected() ? 1 : 0, "after " + ms + " ms", !client.isConnected()));
        IntruderUnit.end(client);
        attack("revoked: it comes again", "refused-shut-out", i -> comesIn(unit.id, tls(hub.authority, unit.id.hex(), Instant.now())));
    }

    // ---- claims

    private void claims() throws Exception {
        HttpClient http = HttpClient.newBuilder()
                .sslContext(TlsIdentity.anonymous(new PeerTrust(trusted, PeerTrust.now(Clock.systemUTC())), IntruderUnit.RANDOM))
                .connectTimeout(Duration.ofSeconds(PATIENCE_S))
                .build();
        List<ClaimCode> used = new ArrayList<>();
        for (int i = 0; i < CLAIM_TRIES; i++) {
            used.add(claim(Optional.empty(), Long.MAX_VALUE));
            if (!enrols(http, used.get(i), "BOX-" + i)) {
                throw new IOException("a box with a good claim is not let in: see " + dir.resolve("hub.log"));
            }
        }
        attack(CLAIM_TRIES, "claim used twice, for another key", "enrolment-refused-claim", i -> enrols(http, used.get(i), "BOX-" + i));
        ClaimCode late = claim(Optional.empty(), System.currentTimeMillis() - 1_000);
        attack(CLAIM_TRIES, "claim used late", "enrolment-refused-claim-expired", i -> enrols(http, late, "LATE-" + i));
        ClaimCode bound = claim(Optional.of("THE-BOX"), Long.MAX_VALUE);
        attack(CLAIM_TRIES, "claim used from another serial", "enrolment-refused-claim-other-serial", i -> enrols(http, bound, "OTHER-" + i));
    }

    private ClaimCode claim(Optional<String> serial, long expiresMs) throws IOException {
        ClaimCode code = ClaimCode.random(IntruderUnit.RANDOM);
        UnitRecord.Service service = new UnitRecord.Service("rig", "rig", "taxi", Optional.empty());
        Claims.Wish wish = new Claims.Wish(service, serial, Optional.of(Claims.Proof.of(code)), Optional.empty(), expiresMs);
        hub.registry.claims().take(List.of(wish), Map.of(), System.currentTimeMillis());
        return code;
    }

    /** RFC 7030 section 4.2.1, with a key of this box's own. */
    private boolean enrols(HttpClient http, ClaimCode code, String serial) throws IOException, InterruptedException {
        byte[] csr = CertificateRequest.make(serial, TlsKey.generate(IntruderUnit.RANDOM)).der();
        String who = serial + "/" + code.locator() + ":" + code.secret();
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("https://localhost:" + hub.enrolmentPort + "/.well-known/est/simpleenroll"))
                .timeout(Duration.ofSeconds(PATIENCE_S))
                .header("Content-Type", "application/pkcs10")
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(who.getBytes(StandardCharsets.UTF_8)))
                .POST(HttpRequest.BodyPublishers.ofString(Base64.getMimeEncoder().encodeToString(csr)))
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
    }

    // ---- what they share

    private SSLContext tls(Authority issuer, String name, Instant at) {
        return IntruderUnit.tls(issuer, trusted, name, at);
    }

    private IntruderUnit added(IntruderUnit unit) throws Exception {
        add(unit.record());
        return unit;
    }

    private void add(UnitRecord record) throws IOException {
        hub.registry.add(record, System.currentTimeMillis());
    }

    /** The unit's own link, as soon as the hub has taken its registration up. */
    private MqttClient link(IntruderUnit unit) throws Exception {
        long untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (true) {
            try {
                return IntruderUnit.connect(hub.url(), unit.id.hex(), tls(hub.authority, unit.id.hex(), Instant.now()));
            } catch (MqttException notYet) {
                if (System.nanoTime() > untilNs) {
                    throw notYet;
                }
                Thread.sleep(100);
            }
        }
    }

    /** Never let in by itself: what the hub makes of it its counts say. */
    private static boolean publish(MqttClient client, Id16 topic, byte[] bytes) throws MqttException {
        client.publish(Topics.up(topic, Lane.EVENT), bytes, 1, false);
        return false;
    }

    private void attack(String name, String expected, Try each) throws Exception {
        attack(tries, name, expected, each);
    }

    /**
     * Plays an attack and waits until each try was counted.
     *
     * @param expected names, or their beginnings, of what must rise by as much
     */
    private void attack(int times, String name, String expected, Try each) throws Exception {
        Map<String, Long> before = hub.counts();
        long accepted = 0;
        for (int i = 0; i < times; i++) {
            accepted += each.play(i) ? 1 : 0;
        }
        Map<String, Long> risen = risen(before);
        long untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (sum(risen, expected) < times && System.nanoTime() < untilNs) {
            Thread.sleep(100);
            risen = risen(before);
        }
        accepted += risen.getOrDefault("stored", 0L) + risen.getOrDefault("quarantined", 0L);
        StringBuilder counted = new StringBuilder();
        risen.forEach((key, count) -> counted.append(counted.length() == 0 ? "" : ", ").append(key).append(' ').append(count));
        rows.add(new Row(name, times, accepted, counted.toString(), accepted == 0 && sum(risen, expected) == times));
        if (!json) {
            out.printf("%s%n", name);
        }
    }

    private static long sum(Map<String, Long> risen, String expected) {
        long sum = 0;
        for (Map.Entry<String, Long> each : risen.entrySet()) {
            for (String name : expected.split(" ")) {
                if (each.getKey().startsWith(name)) {
                    sum += each.getValue();
                    break;
                }
            }
        }
        return sum;
    }

    private Map<String, Long> risen(Map<String, Long> before) throws IOException, InterruptedException {
        Map<String, Long> risen = new TreeMap<>();
        hub.counts().forEach((name, count) -> {
            long by = count - before.getOrDefault(name, 0L);
            boolean came = name.startsWith("refused-") || name.startsWith("enrolment-refused-")
                    || List.of("stored", "duplicate", "fork", "quarantined", "hole").contains(name);
            if (by > 0 && came && !name.equals("refused-receipt-not-sent")) {
                risen.put(name, by);
            }
        });
        return risen;
    }

    private int tell() throws IOException {
        ObjectNode all = new ObjectMapper().createObjectNode().put("rig", "intruder").put("tries", tries);
        ArrayNode attacks = all.putArray("attacks");
        boolean met = true;
        for (Row row : rows) {
            met &= row.met;
            attacks.addObject().put("attack", row.attack).put("tries", row.tries).put("accepted", row.accepted)
                    .put("counted", row.counted).put("met", row.met);
        }
        all.put("met", met);
        Files.writeString(dir.resolveSibling("intruder.json"), all + "\n");
        if (json) {
            out.println(all);
        } else {
            out.printf("%n%-60s %6s %9s  %-8s %s%n", "attack", "tries", "accepted", "", "counted as");
            rows.forEach(row -> out.printf(
                    "%-60s %6d %9d  %-8s %s%n", row.attack, row.tries, row.accepted, row.met ? "met" : "NOT met", row.counted));
        }
        return met ? 0 : 1;
    }
}
