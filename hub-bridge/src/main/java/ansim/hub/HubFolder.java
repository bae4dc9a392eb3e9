package ansim.hub;

import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.settings.CommandFailure;
import ansim.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which hub a command is about, for {@code @Mixin}: {@code --config FILE} or {@code --data DIR}, else {@code hub.yaml} here. */
final class HubFolder {
    static final String REGISTRY = "registry.db";
    static final String KEY = "hub-key.pem";
    static final String RIDE_KEYS = "ridekeys.db";
    static final String LEDGER = "ledger";
    private static final Path HERE = Path.of("hub.yaml");

    /** One of the two. */
    private static final class Which {
        @Option(names = "--config", paramLabel = "FILE", description = "The hub's settings (default: hub.yaml).")
        private Optional<Path> config = Optional.empty();

        @Option(names = "--data", paramLabel = "DIR", description = "The hub's data folder, instead of --config.")
        private Optional<Path> data = Optional.empty();
    }

    @ArgGroup
    private Which which = new Which();

    /** The keys of the ledgers in a data folder, and those on the mirror's disk if there is one. */
    static LedgerKeys ledgerKeys(Path data, Optional<Path> mirror) throws IOException {
        return keys(data, mirror, LedgerKeys.FILE);
    }

    /** The keys under which it is written down who read what at the console, on the same disks. */
    static LedgerKeys consoleKeys(Path data, Optional<Path> mirror) throws IOException {
        return keys(data, mirror, ConsoleReads.KEYS);
    }

    private static LedgerKeys keys(Path data, Optional<Path> mirror, String name) throws IOException {
        Path own = data.resolve(name);
        return mirror.isPresent()
                ? LedgerKeys.open(own, mirror.get().resolve(name), new SecureRandom())
                : LedgerKeys.open(own, new SecureRandom());
    }

    /** The data folder, whether it exists or not. */
    Path data() {
        return which.data.orElseGet(() -> config().data());
    }

    /** The data folder if a hub is named or its settings are here: for commands that also do without one. */
    Optional<Path> dataIfAny() {
        boolean named = which.data.isPresent() || which.config.isPresent() || Files.exists(HERE);
        return named ? Optional.of(data()) : Optional.empty();
    }

    /** The settings, unless only the data folder was named. */
    Optional<HubConfig> configIfAny() {
        return which.data.isPresent() ? Optional.empty() : Optional.of(config());
    }

    /** The mirror that the settings name, if its disk is there now: without a log a folder is only what a disk is mounted on. */
    Optional<Path> mirrorIfThere() {
        return configIfAny()
                .flatMap(config -> config.log().mirror())
                .filter(each -> Files.isDirectory(each.resolve(MirrorFolder.LOG)));
    }

    /** The folder of the rider vault that is in the hub's process. */
    Path vaultFolder() {
        return which.data.isPresent() ? which.data.get().resolve(HubConfig.VAULT) : config().vaultFolder();
    }

    /** The settings. */
    HubConfig config() {
        Path file = which.config.orElse(HERE);
        if (which.config.isEmpty() && !Files.exists(file)) {
            throw new CommandFailure(
                    "there is no hub.yaml in this folder", "name the hub with --config FILE or --data DIR");
        }
        return Settings.load(file, HubConfig.class);
    }

    /** A file or folder in the data folder, whether it exists or not. */
    Path file(String name) {
        return data().resolve(name);
    }
}
