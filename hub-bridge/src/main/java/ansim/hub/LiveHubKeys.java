package ansim.hub;

import ansim.hub.intake.SigningKeys;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.tinylog.Logger;

/**
 * The hub's signing keys while it runs: {@code hub-bridge key rotate} adds one to the file, and its moment comes while the hub runs.
 *
 * <p>Guarantees that while it runs no older key comes back, also when the clock is set back: units that heard the newer one believe the
 * older no more. Any thread.
 */
final class LiveHubKeys implements SigningKeys {
    private final Path file;
    private final InstantSource clock;
    private final AtomicInteger highest = new AtomicInteger();
    private volatile HubKeys keys;

    LiveHubKeys(Path file, HubKeys keys, InstantSource clock) {
        this.file = file;
        this.keys = keys;
        this.clock = clock;
    }

    /** Reads the file again; one that does not read, or lacks a key, changes nothing. */
    void reload() {
        try {
            Optional<HubKeys> read = HubKey.keys(file);
            if (read.isPresent() && read.get().hasAll(keys)) {
                keys = read.get();
            } else {
                Logger.error("{} lacks keys that it had; those in use stay in use", file);
            }
        } catch (IOException | RuntimeException e) {
            Logger.error("{} does not read; the keys in use stay in use: {}", file, e.getMessage());
        }
    }

    HubKeys keys() {
        return keys;
    }

    private int place(HubKeys of) {
        int now = of.at(clock.instant());
        return highest.accumulateAndGet(now, Math::max);
    }

    @Override
    public SigningKey present() {
        HubKeys now = keys;
        return now.keys().get(place(now)).key();
    }

    @Override
    public Optional<SigningKey> before() {
        HubKeys now = keys;
        int place = place(now);
        return place == 0
                ? Optional.empty()
                : Optional.of(now.keys().get(place - 1).key());
    }

    @Override
    public List<Dated> soFar() {
        HubKeys now = keys;
        return now.keys().subList(0, place(now) + 1).stream()
                .map(each -> new Dated(each.key(), each.from()))
                .toList();
    }
}
