package ansim.edge.keys;

import ansim.trust.PeerTrust;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Enumeration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.jar.Manifest;
import org.tinylog.Logger;

/**
 * What time it is for certificates: never before the floor, and the system clock's time while that is synchronised over the network.
 * GNSS has no say: whoever plays a satellite of the year 2040 beside the antenna must not end a unit's certificate.
 *
 * <p>The floor is the build's date, raised only by messages that the hub has signed. It never falls, and is on disk at most
 * {@link #STORED_EVERY} behind. A message from the hub is believed however late it says it is, but only up to the moment when the unit's
 * own certificate is to be renewed: a hub whose clock was once wrong must not shut out a city of units for good. Any thread.
 */
public final class HubTime {
    /** How far the stored floor may lie behind: an SD card is not written for every message. */
    static final Duration STORED_EVERY = Duration.ofHours(1);

    /** No program of this line was built before. */
    static final Instant FIRST_BUILD = Instant.parse("2026-11-23T00:00:00Z");

    private static final String BUILD_DATE = "Ansim-Build-Date";

    private final Path file;
    private final TrustFiles files;
    private final BooleanSupplier synchronised;
    private final InstantSource system;
    private Instant floor;
    private Instant stored;

    /**
     * Reads the stored floor.
     *
     * @param file where it is kept
     * @param built no moment before it can be now
     * @param synchronised whether the system clock is right by NTP
     */
    public HubTime(Path file, TrustFiles files, Instant built, BooleanSupplier synchronised, InstantSource system) {
        this.file = file;
        this.files = files;
        this.synchronised = synchronised;
        this.system = system;
        this.stored = read().orElse(Instant.EPOCH);
        this.floor = stored.isAfter(built) ? stored : built;
    }

    /** When this program was built: from its jar, otherwise the oldest date that it can be. */
    public static Instant built() {
        try {
            Enumeration<URL> found = HubTime.class.getClassLoader().getResources("META-INF/MANIFEST.MF");
            while (found.hasMoreElements()) {
                try (InputStream in = found.nextElement().openStream()) {
                    String date = new Manifest(in).getMainAttributes().getValue(BUILD_DATE);
                    if (date != null) {
                        return Instant.parse(date);
                    }
                }
            }
        } catch (IOException | DateTimeParseException e) {
            Logger.warn("the date of this build cannot be read: {}", e.getMessage());
        }
        return FIRST_BUILD;
    }

    private Optional<Instant> read() {
        try {
            return files.read(file)
                    .map(bytes -> Instant.ofEpochSecond(
                            Long.parseLong(new String(bytes, StandardCharsets.US_ASCII).strip())));
        } catch (IOException | RuntimeException e) {
            Logger.warn("{} cannot be read, the build's date holds: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * The hub has signed a message at this moment.
     *
     * @param iatS s since 1970
     * @param most when the unit's own certificate is to be renewed
     */
    public synchronized void raise(long iatS, Instant most) {
        if (iatS <= floor.getEpochSecond()) {
            return;
        }
        floor = Instant.ofEpochSecond(Math.min(iatS, Math.max(floor.getEpochSecond(), most.getEpochSecond())));
        if (floor.isBefore(stored.plus(STORED_EVERY))) {
            return;
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".new");
        Path folder = file.toAbsolutePath().resolveSibling("");
        try {
            files.write(unfinished, Long.toString(floor.getEpochSecond()).getBytes(StandardCharsets.US_ASCII));
            files.rename(unfinished, file);
            files.forceFolder(folder);
            stored = floor;
        } catch (IOException e) {
            Logger.warn("the hub's time cannot be stored: {}", e.getMessage());
        }
    }

    public synchronized Instant floor() {
        return floor;
    }

    /** The best that is known without GNSS; may be far behind, never far ahead. */
    public Instant now() {
        Instant least = floor();
        Instant known = network();
        return known.isAfter(least) ? known : least;
    }

    private Instant network() {
        return synchronised.getAsBoolean() ? system.instant() : Instant.EPOCH;
    }

    /** As of when a hub's certificate is to be valid. */
    public PeerTrust.Moment moment() {
        return PeerTrust.floored(this::network, this::floor);
    }
}
