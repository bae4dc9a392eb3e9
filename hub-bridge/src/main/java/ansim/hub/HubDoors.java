package ansim.hub;

import ansim.hub.enrol.Enrolment;
import ansim.hub.enrol.EnrolmentDoor;
import ansim.hub.intake.CoapDoor;
import ansim.hub.intake.DoorTls;
import ansim.hub.intake.Intake;
import ansim.hub.intake.MqttDoor;
import ansim.hub.vault.Vault;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.trust.PeerTrust;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The doors of a hub as its settings have them: MQTT with TLS and the HTTPS door of enrolment, both of the hub's authority, or MQTT in
 * plaintext. Opened and closed by one thread.
 */
final class HubDoors implements AutoCloseable {
    private final HubConfig config;
    private final SigningKey key;
    private final Supplier<CompletableFuture<Void>> logged;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Optional<HubAuthority> authority;
    private @Nullable Registry registry;
    private @Nullable EnrolmentDoor enrolment;
    private @Nullable CoapDoor coap;
    private String engine = "";

    private HubDoors(HubConfig config, SigningKey key, Supplier<CompletableFuture<Void>> logged, InstantSource clock)
            throws IOException {
        this.config = config;
        this.key = key;
        this.logged = logged;
        this.clock = clock;
        this.authority = authority(config, clock.instant());
    }

    /** The authority, if the settings need one; the first time it is made. */
    static Optional<HubAuthority> authority(HubConfig config, Instant now) throws IOException {
        boolean needed = !config.door().insecurePlaintext()
                || config.enrolmentDoor().isPresent()
                || config.coap().isPresent();
        return needed ? Optional.of(HubAuthority.open(config, now, new SecureRandom())) : Optional.empty();
    }

    /**
     * Makes or reads the authority; opens nothing yet.
     *
     * @param logged asked to bring what the registry holds into the log
     */
    static HubDoors of(HubConfig config, SigningKey key, Supplier<CompletableFuture<Void>> logged, InstantSource clock)
            throws IOException {
        return new HubDoors(config, key, logged, clock);
    }

    /** Opens what the settings say. The MQTT door is the caller's to close, before this. */
    MqttDoor open(Intake intake) throws IOException {
        MqttDoor door = mqtt(intake);
        try {
            if (config.coap().isPresent()) {
                coap = openCoap(intake, config.coap().get());
            }
            if (config.enrolmentDoor().isPresent()) {
                openEnrolment(door.address());
            }
        } catch (IOException | RuntimeException e) {
            door.close();
            throw e;
        }
        return door;
    }

    private MqttDoor mqtt(Intake intake) throws IOException {
        HubConfig.Door settings = config.door();
        if (settings.insecurePlaintext()) {
            return intake.openMqtt(settings.address(), settings.maxConnections());
        }
        HubAuthority trusted = authority.orElseThrow();
        DoorIdentity identity = new DoorIdentity(trusted.authority(), settings.reachedBy(), clock, random);
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
                new DoorIdentity(trusted.authority(), config.coapNames(settings), clock, random),
                new PeerTrust(trusted.trusted(), PeerTrust.now(clock)),
                settings.maxConnections()));
    }

    /** What claims and the boxes' sheets name. */
    private Optional<String> coapUrl() {
        CoapDoor door = coap;
        return door == null
                ? Optional.empty()
                : Optional.of(url(
                        "coaps", config.coapNames(config.coap().orElseThrow()).get(0), door.address()));
    }

    private static String url(String scheme, String name, InetSocketAddress at) {
        return scheme + "://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + at.getPort();
    }

    private void openEnrolment(InetSocketAddress mqtt) throws IOException {
        HubAuthority trusted = authority.orElseThrow();
        HubConfig.Enrolment settings = config.enrolmentDoor().orElseThrow();
        Registry own = Registry.open(config.registryFile());
        registry = own;
        String name = config.door().reachedBy().get(0);
        EnrolmentDoor opened = EnrolmentDoor.start(
                new EnrolmentDoor.Site(
                        settings.address(),
                        new DoorIdentity(trusted.authority(), config.enrolmentNames(), clock, random)),
                new Enrolment.Tools(own, trusted.authority(), trusted.trusted(), key, logged, clock, random),
                new EnrolmentDoor.Directions(
                        key.verifyKey().toPem(), vaultKey(config), url("tls", name, mqtt), coapUrl()));
        enrolment = opened;
    }

    /** What units seal cards to, PEM: that of the vault in this process, or of the one that the settings name; empty without a vault. */
    static Optional<String> vaultKey(HubConfig config) throws IOException {
        Optional<Path> named = config.vault().key();
        if (named.isPresent()) {
            try {
                return Optional.of(
                        SealingKey.fromPem(Files.readString(named.get())).toPem());
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(
                        named.get() + " is no X25519 public key in PEM: " + e.getMessage(),
                        "at the vault: hub-bridge vault key show > " + named.get());
            }
        }
        Path folder = config.vaultFolder();
        boolean here = config.vault().socket().isEmpty() && Vault.isIn(folder);
        return here ? Optional.of(Vault.sealingKey(folder).toPem()) : Optional.empty();
    }

    /** For the start's line. */
    String words(MqttDoor door) {
        String mqtt = config.door().insecurePlaintext()
                ? "units connect to mqtt:/" + door.address() + " (plaintext)"
                : "units connect to mqtts:/" + door.address() + " (TLS by " + engine + ")";
        EnrolmentDoor boxes = enrolment;
        CoapDoor second = coap;
        String doors = second == null ? mqtt : mqtt + " and coaps:/" + second.address();
        return boxes == null
                ? doors
                : doors + ", boxes enrol at https://"
                        + config.enrolmentDoor().orElseThrow().address().getHostString() + ":" + boxes.port() + "/";
    }

    /** What enrolment did and refused. */
    Map<String, Long> counts() {
        EnrolmentDoor door = enrolment;
        return door == null ? Map.of() : door.counts();
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
