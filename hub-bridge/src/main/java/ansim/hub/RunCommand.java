package ansim.hub;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hub-bridge run}: the hub itself, until SIGTERM or Ctrl-C. */
@Command(name = "run", mixinStandardHelpOptions = true, description = "Runs the hub until SIGTERM or Ctrl-C.")
final class RunCommand implements Callable<Integer> {
    @Mixin
    private HubFolder hub = new HubFolder();

    @Override
    public Integer call() {
        hub.config();
        return 0;
    }
}
