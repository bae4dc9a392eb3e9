package ansim.hub;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which vault a command is about, for {@code @Mixin}: {@code --vault DIR}, else that of the hub. */
final class VaultFolder {
    @Option(
            names = "--vault",
            paramLabel = "DIR",
            description = "The vault's folder, for a vault with a user of its own (default: the hub's, see --config).")
    private Optional<Path> vault = Optional.empty();

    @Mixin
    private HubFolder hub = new HubFolder();

    Path folder() {
        return vault.orElseGet(hub::vaultFolder);
    }
}
