package ansim.hub;

import ansim.hub.deliver.StreamHub;
import ansim.hub.enrol.Directions;
import ansim.hub.enrol.DoorKeys;
import ansim.hub.enrol.Enrolment;
import ansim.hub.enrol.EnrolmentDoor;
import ansim.hub.intake.CityBroker;
import ansim.hub.intake.CoapDoor;
import ansim.hub.intake.DoorTls;
import ansim.hub.intake.Intake;
import ansim.hub.intake.MqttDoor;
import ansim.hub.intake.SigningKeys;
import ansim.hub.vault.Vault;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The doors of a hub as its settings have them: MQTT with TLS and the HTTPS door of enrolment, both of the hub's authority, or MQTT in
 * plaintext; in place of the MQTT door or beside it a city's own broker. Opened and closed by one thread.
 */
final class HubDoors implements AutoCloseable {
    private final HubConfig config;
    private final SigningKeys keys;
    private final Supplier<CompletableFuture<Void>> logged;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Optional<HubAuthority> authority;
    private @Nullable Registry registry;
    private @Nullable EnrolmentDoor enrolment;
    private @Nullable CoapDoor coap;
    private volatile @Nullable CityBroker broker;
    private String engine = "";

    /**
     * Where the units come in.
     *
     * @param words for the start's line
     * @param url what units are told to connect to
     */
    record UnitDoor(String words, String url, Runnable closing) implements AutoCloseable {
        @Override
        public void close() {
            closing.run();
        }
    }

    private HubDoors(HubConfig config, SigningKeys keys, Supplier<CompletableFuture<Void>> logged, InstantSource clock)
            throws IOException {
        this.config = config;
        this.keys = keys;
        this.logged = logged;
        this.clock = clock;
        this.authority = authority(config, clock.instant());
    }

    /** The authority, if the settings need one; the first time it is made. */
    static Optional<HubAuthority> authority(HubConfig config, Instant now) throws IOException {
        boolean needed = !config.isInsecure()
                || config.enrolmentDoor().isPresent()
                || config.coap().isPresent()
                || config.api().isPresent()
                || config.deliveries().hasTls();
        return needed ? Optional.of(HubAuthority.open(config, now, new SecureRandom())) : Optional.empty();
    }

    /**
     * Makes or reads the authority; opens nothing yet.
     *
     * @param keys the hub's
     * @param logged asked to bring what the registry holds into the log
     */
    static HubDoors of(
            HubConfig config, SigningKeys keys, Supplier<CompletableFuture<Void>> logged, InstantSource clock)
            throws IOException {
        return new HubDoors(config, keys, logged, clock);
    }

    /** The authority, if the settings need one. */
    Optional<HubAuthority> authority() {
        return authority;
    }

    /** Where centres read their event streams; nowhere unless the settings say so. The caller's to close. */
    StreamHub streams(long journalId, long generation) throws IOException {
        Optional<DeliverySettings.Streams> settings = config.deliveries().streams();
        if (settings.isEmpty()) {
            return StreamHub.NONE;
        }
        Optional<X509KeyManager> identity = settings.get().insecurePlaintext()
                ? Optional.empty()
                : Optional.of(new DoorKeys(new DoorIdentity(
                        authority.orElseThrow().authority(), config.reachedBy().ofStreams(), clock, random)));
        return StreamHub.start(settings.get().address(), identity, journalId, generation);
    }

    /** Opens what the settings say. What comes back is the caller's to close, before this. */
    UnitDoor open(Intake intake) throws IOException {
        Optional<BrokerConfig> city = config.broker();
        if (city.isEmpty()) {
            return withOthers(intake, door(intake));
        }
        CityBroker opened = intake.openBroker(site(city.get()));
        broker = opened;
        UnitDoor there =
                new UnitDoor("units publish at " + city.get().url(), city.get().reachedBy(), opened::close);
        return withOthers(intake, config.opensDoor() ? withDoor(intake, there) : there);
    }

    private UnitDoor door(Intake intake) throws IOException {
        MqttDoor door = mqtt(intake);
        return new UnitDoor(words(door), url("tls", config.reachedBy().ofDoor().get(0), door.address()), door::close);
    }

    /** Boxes are told of the broker: the door beside it is for those whose settings name it. */
    private UnitDoor withDoor(Intake intake, UnitDoor broker) throws IOException {
        try {
            UnitDoor door = door(intake);
            return new UnitDoor(broker.words + " and " + door.words, broker.url, () -> {
                door.close();
                broker.close();
            });
        } catch (IOException | RuntimeException e) {
            broker.close();
            throw e;
        }
    }

    /** Whatever else is set: the CoAP door, and the one of enrolment, which tells boxes of all of them. */
    private UnitDoor withOthers(Intake intake, UnitDoor units) throws IOException {
        try {
            String words = units.words;
            if (config.coap().isPresent()) {
                CoapDoor opened = openCoap(intake, config.coap().get());
                coap = opened;
                words += " and coaps:/" + opened.address();
            }
            if (config.enrolmentDoor().isPresent()) {
                EnrolmentDoor boxes = openEnrolment(intake, units.url);
                String at = config.enrolmentDoor().orElseThrow().address().getHostString() + ":" + boxes.port();
                words += ", boxes enrol at https://" + at + "/";
            }
            return new UnitDoor(words, units.url, units.closing);
        } catch (IOException | RuntimeException e) {
            units.close();
            throw e;
        }
    }

    /** The files are read now, to say at the start what is wrong, and again for each connection, so that they may be renewed. */
    private CityBroker.Site site(BrokerConfig settings) throws IOException {
        if (!settings.insecurePlaintext()) {
            var unused = context(settings, "hub");
        }
        return new CityBroker.Site(settings.clientUrl(), name -> {
            try {
                return context(settings, name);
            } catch (IOException e) {
                throw new IllegalStateException("the broker's files do not read: " + e.getMessage(), e);
            }
        });
    }

    /** The name stands in the certificate that the hub gives itself; the shipped mosquitto configuration knows it. */
    private SSLContext context(BrokerConfig settings, String name) throws IOException {
        Optional<Path> trustedFile = settings.authority();
        List<X509Certificate> trusted = trustedFile.isPresent()
                ? certificates(trustedFile.get())
                : authority.orElseThrow().trusted();
        TlsIdentity identity;
        if (settings.key().isPresent()) {
            identity = given(settings, settings.key().get());
        } else {
            TlsKey made = TlsKey.generate(random);
            identity = new TlsIdentity(
                    made, List.of(authority.orElseThrow().authority().unit(made.publicKey(), name, clock.instant())));
        }
        return identity.context(new PeerTrust(trusted, PeerTrust.now(clock)), random);
    }

    private static TlsIdentity given(BrokerConfig settings, Path file) throws IOException {
        String key = OwnerFile.read(file).orElseThrow(() -> OwnerFile.refused(file, "must be there"));
        return new TlsIdentity(
                TlsKey.fromPem(key), certificates(settings.certificate().orElseThrow()));
    }

    /** Reads the files that the settings name, as a start does. */
    static void checkFiles(BrokerConfig settings) throws IOException {
        if (settings.authority().isPresent()) {
            var unused = certificates(settings.authority().get());
        }
        if (settings.key().isPresent()) {
            var unused = given(settings, settings.key().get());
        }
    }

    private static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            return Certificates.fromPem(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw OwnerFile.refused(file, String.valueOf(e.getMessage()));
        }
    }

    private MqttDoor mqtt(Intake intake) throws IOException {
        HubConfig.Door settings = config.door();
        if (settings.insecurePlaintext()) {
            return intake.openMqtt(settings.address(), settings.maxConnections());
        }
        HubAuthority trusted = authority.orElseThrow();
        DoorIdentity identity =
                new DoorIdentity(trusted.authority(), config.reachedBy().ofDoor(), clock, random);
        DoorTls tls;
        try {
            tls = new DoorTls(identity, new PeerTrust(trusted.trusted(), PeerTrust.now(clock)), settings.tls());
        } catch (IllegalStateException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), "door: {tls: auto}, or jdk");
        }
        engine = tls.engine();
        return intake.openMqtt(settings.address(), settings.maxConnections(), tls, clock);
    }

    private CoapDoor openCoap(Intake intake, HubConfig.Coap settings) throws IOException {
        HubAuthority trusted = authority.orElseThrow();
        return intake.openCoap(new CoapDoor.Site(
                settings.address(),
                new DoorIdentity(trusted.authority(), config.reachedBy().ofCoap(), clock, random),
                new PeerTrust(trusted.trusted(), PeerTrust.now(clock)),
                settings.maxConnections()));
    }

    /** What claims and the boxes' sheets name. */
    private Optional<String> coapUrl() {
        CoapDoor door = coap;
        return door == null
                ? Optional.empty()
                : Optional.of(url("coaps", config.reachedBy().ofCoap().get(0), door.address()));
    }

    private static String url(String scheme, String name, InetSocketAddress at) {
        return ReachedBy.url(scheme, name, at.getPort());
    }

    private EnrolmentDoor openEnrolment(Intake intake, String unitsUrl) throws IOException {
        HubAuthority trusted = authority.orElseThrow();
        HubConfig.Enrolment settings = config.enrolmentDoor().orElseThrow();
        // Read for each unit that asks; a wrong setting is to show at the start.
        if (vaultKey(config).isEmpty()) {
            Logger.info("units that enrol get no vault key: there is no vault yet");
        }
        Registry own = Registry.open(config.registryFile());
        registry = own;
        EnrolmentDoor opened = EnrolmentDoor.start(
                new EnrolmentDoor.Site(
                        settings.address(),
                        new DoorIdentity(trusted.authority(), config.reachedBy().ofEnrolment(), clock, random)),
                new Enrolment.Tools(own, trusted.authority(), trusted.trusted(), intake::keyFor, logged, clock, random),
                new Directions(this::keysSoFar, () -> vaultKey(config), unitsUrl, coapUrl()));
        enrolment = opened;
        return opened;
    }

    private List<Directions.Dated> keysSoFar() {
        return keys.soFar().stream()
                .map(each -> new Directions.Dated(each.key(), each.from()))
                .toList();
    }

    /** What units seal cards to: that of the vault in this process, or of the one that the settings name; empty without a vault. */
    static Optional<SealingKey> vaultKey(HubConfig config) throws IOException {
        Optional<Path> named = config.vault().key();
        if (named.isPresent()) {
            try {
                return Optional.of(SealingKey.fromPem(Files.readString(named.get())));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        named.get() + " is no X25519 public key in PEM: " + e.getMessage(),
                        "at the vault: hub-bridge vault key show > " + named.get());
            }
        }
        Path folder = config.vaultFolder();
        boolean here = config.vault().socket().isEmpty() && Vault.isIn(folder);
        return here ? Optional.of(Vault.sealingKey(folder)) : Optional.empty();
    }

    private String words(MqttDoor door) {
        return config.door().insecurePlaintext()
                ? "units connect to mqtt:/" + door.address() + " (plaintext)"
                : "units connect to mqtts:/" + door.address() + " (TLS by " + engine + ")";
    }

    /** What enrolment did and refused, and how the city's broker is. */
    Map<String, Long> counts() {
        Map<String, Long> counts = new HashMap<>();
        EnrolmentDoor door = enrolment;
        if (door != null) {
            counts.putAll(door.counts());
        }
        CityBroker subscribed = broker;
        if (subscribed != null) {
            counts.putAll(subscribed.counts());
        }
        return counts;
    }

    @Override
    public void close() throws IOException {
        EnrolmentDoor door = enrolment;
        Registry own = registry;
        CoapDoor second = coap;
        try {
            if (second != null) {
                second.close();
            }
            if (door != null) {
                door.close();
            }
        } finally {
            if (own != null) {
                own.close();
            }
        }
    }
}
