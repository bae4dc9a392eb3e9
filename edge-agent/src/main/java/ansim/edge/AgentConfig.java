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
 * @param unit the unit's id, as {@code hub-bridge units add} printed it; never the plate
 * @param kind what carries the unit
 * @param key the unit's signing key (Ed25519, PKCS#8 PEM, mode 0600), made by {@code edge-agent keygen}
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
 * @param log what is printed
 */
record AgentConfig(
        UUID unit,
        @Default("taxi") Kind kind,
        Path key,
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
        @Default("{}") Log log) {
    private static final int MAX_PORTS = 32;
    private static final long MIB = 1024 * 1024;
    private static final int KIB = 1024;

    AgentConfig {
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
     * @param key its public key (PEM), as {@code hub-bridge key show} printed it
     * @param vaultKey the rider vault's public key (PEM), as {@code hub-bridge vault key show} printed it; without it cards are not sent
     * @param uplinks the ways to it; this version uses the first
     */
    record Hub(Path key, Optional<Path> vaultKey, List<Uplink> uplinks) {
        Hub {
            if (uplinks.isEmpty()) {
                throw new IllegalArgumentException(
                        "uplinks must name at least one, for example - mqtt: tcp://127.0.0.1:1883");
            }
        }
    }

    /**
     * A way to the hub.
     *
     * @param mqtt {@code tcp://HOST:PORT}; plaintext, so loopback only until TLS comes
     */
    record Uplink(URI mqtt) {
        Uplink {
            if (!"tcp".equals(mqtt.getScheme()) || mqtt.getHost() == null || mqtt.getPort() < 1) {
                throw new IllegalArgumentException("mqtt must be tcp://HOST:PORT (got " + mqtt + ")");
            }
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
