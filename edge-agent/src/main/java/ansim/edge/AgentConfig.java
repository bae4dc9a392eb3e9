package ansim.edge;

import ansim.edge.port.OutputConfig;
import ansim.edge.port.OutputLine;
import ansim.edge.port.PortConfig;
import ansim.settings.Default;
import ansim.settings.Range;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The agent's configuration, {@code agent.yaml}. Paths are relative to the file's folder.
 *
 * @param trust the folder of the unit's keys, filled by {@code edge-agent enrol}; it stands for unit, key and hub.key
 * @param unit without trust: the unit's id, as {@code hub-bridge units add} printed it; never the plate
 * @param kind what carries the unit
 * @param key without trust: the signing key (Ed25519, PKCS#8 PEM, mode 0600), made by {@code edge-agent keygen}
 * @param data the folder of journal and state; one agent each
 * @param place where a pole stands; a taxi has none
 * @param hub where messages go
 * @param ports the devices
 * @param outputs sirens, beacons, buzzers and lights that the hub may switch
 * @param signals the two lights or buzzers for people
 * @param ride which rules make a ride
 * @param track the evidence of a ride
 * @param live what is sent as it is, newest first, never stored
 * @param journal how much is kept through an outage
 * @param commissioning how a fitter begins it at the unit
 * @param renewal of the keys in the folder trust
 * @param log what is printed
 */
record AgentConfig(
        Optional<Path> trust,
        Optional<UUID> unit,
        @Default("taxi") Kind kind,
        Optional<Path> key,
        @Default("data") Path data,
        Optional<Place> place,
        Hub hub,
        @Default("[]") List<PortConfig> ports,
        @Default("[]") List<OutputConfig> outputs,
        @Default("{}") SignalLines signals,
        @Default("{}") RideRules ride,
        @Default("{}") Track track,
        @Default("{}") Live live,
        @Default("{}") Store journal,
        @Default("{}") Fitting commissioning,
        @Default("{}") Renewal renewal,
        @Default("{}") Log log) {
    private static final int MAX_PORTS = 32;
    private static final long MIB = 1024 * 1024;
    private static final int KIB = 1024;

    AgentConfig {
        checkKeys(trust.isPresent(), unit.isPresent(), key.isPresent(), hub);
        if (ports.size() > MAX_PORTS) {
            throw new IllegalArgumentException("at most " + MAX_PORTS + " ports (got " + ports.size() + ")");
        }
        if (outputs.size() > Outputs.MOST) {
            throw new IllegalArgumentException("at most " + Outputs.MOST + " outputs (got " + outputs.size() + ")");
        }
        Set<String> names = new HashSet<>();
        for (PortConfig port : ports) {
            if (!names.add(port.name())) {
                throw new IllegalArgumentException(
                        "two ports are named " + port.name() + "; each needs a name of its own");
            }
        }
        for (OutputConfig output : outputs) {
            if (!names.add(output.name())) {
                throw new IllegalArgumentException("an output is named " + output.name()
                        + " as another output or port; each needs a name of its own");
            }
        }
    }

    private static void checkKeys(boolean trust, boolean unit, boolean key, Hub hub) {
        boolean hubKey = hub.key().isPresent();
        if (trust && (unit || key || hubKey)) {
            throw new IllegalArgumentException("trust holds the unit's id and keys: take out "
                    + (unit ? "unit" : key ? "key" : "hub.key") + ", or trust for a unit whose keys are made by hand");
        }
        if (!trust && !(unit && key && hubKey)) {
            throw new IllegalArgumentException(
                    (unit ? key ? "hub.key" : "key" : "unit")
                            + " is missing: give trust: trust for a unit that edge-agent enrol has enrolled, or unit, key and hub.key");
        }
        if (!trust && hub.uplinks().stream().anyMatch(Uplink::tls)) {
            throw new IllegalArgumentException(
                    "tls:// and coaps:// need the certificate that edge-agent enrol gets: give trust: trust in place of key");
        }
    }

    /** What carries a unit. */
    enum Kind {
        TAXI,
        CCTV_POLE,
        LOCKER_SITE
    }

    /**
     * A fixed position.
     *
     * @param lat degrees WGS 84, north positive
     * @param lon degrees WGS 84, east positive
     */
    record Place(
            @Range(min = -90, max = 90) double lat,
            @Range(min = -180, max = 180) double lon) {}

    /**
     * The hub.
     *
     * @param key without trust: its public key (PEM), as {@code hub-bridge key show} printed it
     * @param vaultKey the rider vault's public key (PEM), as {@code hub-bridge vault key show} printed it, in place of the one that enrolment
     *     brought; without either cards are not sent
     * @param uplinks the ways to it, the preferred first; the first that is up carries everything
     * @param alarmOnTwo whether lane 1 goes over a second way as well, when there is one that is up
     */
    record Hub(
            Optional<Path> key,
            Optional<Path> vaultKey,
            List<Uplink> uplinks,
            @Default("true") boolean alarmOnTwo) {
        Hub {
            if (uplinks.isEmpty()) {
                throw new IllegalArgumentException(
                        "uplinks must name at least one, for example - mqtt: tls://hub.example:8883");
            }
        }
    }

    /**
     * A way to the hub.
     *
     * @param mqtt {@code tls://HOST:PORT}; {@code tcp://HOST:PORT} without TLS on this machine only
     * @param coap {@code coaps://HOST:PORT}: DTLS 1.2 with the unit's certificate; exactly one of mqtt and coap
     * @param insecurePlaintext lets {@code tcp://} leave this machine: everybody on the way can read where taxis and riders are
     */
    record Uplink(
            Optional<URI> mqtt,
            Optional<URI> coap,
            @Default("false") boolean insecurePlaintext) {
        private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]");

        Uplink {
            if (mqtt.isPresent() == coap.isPresent()) {
                throw new IllegalArgumentException(
                        "an uplink must have either mqtt, such as tls://hub.example:8883, or coap, such as"
                                + " coaps://hub.example:5684");
            }
            mqtt.ifPresent(uri -> checkMqtt(uri, insecurePlaintext));
            coap.ifPresent(uri -> checkCoap(uri, insecurePlaintext));
        }

        private static void checkMqtt(URI mqtt, boolean insecurePlaintext) {
            boolean tls = "tls".equals(mqtt.getScheme());
            if ((!tls && !"tcp".equals(mqtt.getScheme())) || mqtt.getHost() == null || mqtt.getPort() < 1) {
                throw new IllegalArgumentException("mqtt must be tls://HOST:PORT (got " + mqtt + ")");
            }
            if (!tls && !insecurePlaintext && !THIS_MACHINE.contains(mqtt.getHost())) {
                throw new IllegalArgumentException(
                        "mqtt must be tls://HOST:PORT, or, if everybody on the way may read it, have "
                                + "insecure-plaintext: true beside it (got " + mqtt + ")");
            }
        }

        private static void checkCoap(URI coap, boolean insecurePlaintext) {
            if (!"coaps".equals(coap.getScheme()) || coap.getHost() == null || coap.getPort() < 1) {
                throw new IllegalArgumentException("coap must be coaps://HOST:PORT (got " + coap + ")");
            }
            if (insecurePlaintext) {
                throw new IllegalArgumentException("insecure-plaintext is for mqtt; coap is always encrypted");
            }
        }

        /** Where it leads. */
        URI address() {
            return mqtt.or(() -> coap).orElseThrow();
        }

        /** Whether it needs the unit's certificate. */
        boolean tls() {
            return !"tcp".equals(address().getScheme());
        }
    }

    /**
     * Output lines for people; neither moves for a silent panic.
     *
     * @param stored pulses when a tap, a press or a ride's edge is on disk
     * @param hub pulses when the hub's receipt for it has come
     */
    record SignalLines(Optional<String> stored, Optional<String> hub) {
        SignalLines {
            stored.ifPresent(OutputLine::check);
            hub.ifPresent(OutputLine::check);
        }
    }

    /**
     * The evidence of a ride.
     *
     * @param sealAfter how much of a track a power cut may take at most
     */
    record Track(
            @Default("30s") @Range(min = 5_000, max = 120_000)
            Duration sealAfter) {}

    /**
     * What stays fresh during a backlog.
     *
     * @param ride between two live positions while hired
     * @param emergency the same while an alarm is open
     * @param health between two health records
     * @param presence between two presence records
     */
    record Live(
            @Default("10s") @Range(min = 1_000, max = 600_000)
            Duration ride,

            @Default("2s") @Range(min = 1_000, max = 600_000)
            Duration emergency,

            @Default("60s") @Range(min = 1_000, max = 3_600_000)
            Duration health,

            @Default("60s") @Range(min = 1_000, max = 3_600_000)
            Duration presence) {}

    /**
     * The journal's limits. At the quota the oldest track goes first, then the oldest events; alarms never.
     *
     * @param quotaMib for all lanes together, MiB
     * @param trackMib of it for track, MiB
     * @param segmentKib one file of the journal, KiB: what is evicted at once
     */
    record Store(
            @Default("256") @Range(min = 4, max = 65_536) int quotaMib,
            @Default("192") @Range(min = 2, max = 65_536) int trackMib,
            @Default("2048") @Range(min = 64, max = 16_384) int segmentKib) {
        Store {
            if (trackMib >= quotaMib) {
                throw new IllegalArgumentException(
                        "track-mib must be less than quota-mib (got " + trackMib + " of " + quotaMib + ")");
            }
            quota(quotaMib, trackMib, segmentKib);
        }

        /** The same in bytes. */
        Quota quota() {
            return quota(quotaMib, trackMib, segmentKib);
        }

        private static Quota quota(int quotaMib, int trackMib, int segmentKib) {
            return new Quota(quotaMib * MIB, trackMib * MIB, segmentKib * KIB);
        }
    }

    /**
     * How a fitter begins commissioning at the unit; the hub can always.
     *
     * @param contact the name of a contact, for nothing else, that begins it when it is held closed at the start and let go
     */
    record Fitting(Optional<String> contact) {
        private static final Set<String> OF_RIDES = Set.of("ignition", "door");

        Fitting {
            if (contact.filter(OF_RIDES::contains).isPresent()) {
                throw new IllegalArgumentException(
                        "contact must be one for the fitter alone, such as service (got " + contact.get() + ")");
            }
        }
    }

    /**
     * When the keys are replaced. The certificate is, at two thirds of its life.
     *
     * @param messageKey after which age the key that signs messages is
     */
    record Renewal(
            @Default("365d") @Range(min = 86_400_000, max = 315_360_000_000L)
            Duration messageKey) {}

    /**
     * What is printed to standard output.
     *
     * @param level and above
     */
    record Log(@Default("info") Level level) {
        /** Severities, as tinylog has them. */
        enum Level {
            TRACE,
            DEBUG,
            INFO,
            WARN,
            ERROR
        }
    }
}
