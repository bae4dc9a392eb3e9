package ansim.hub;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge backup DIR}: while the hub runs. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = {
            "Copies the hub's log, registry, keys, authority, ledger and delivery cursors into DIR, while it runs,",
            "then replays the copy and says what it holds. Run it again on the same DIR to bring it up to date:",
            "only what is new is copied. DIR holds the hub's signing key: keep it as safe as the hub.",
            "The ride keys are not in DIR: what is erased later is noise in it. Without them no ride can be read",
            "after a restore: hub-bridge rides copy-keys FILE carries them, to be kept apart and not for long.",
            "The API's accounts (api.db) are in DIR, its tokens are not: everybody signs in again after a restore."
        })
final class BackupCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "DIR", description = "Where to, on another disk; made if it is not there.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print what it holds as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            Manifest made = new Backup(hub.data(), directory).run();
            if (json) {
                out.println(made.json());
            } else {
                out.println("backed up " + hub.data() + " into " + directory + ", and replayed it:");
                out.println(
                        made.entries() + " log entries, generation " + made.generation() + ", state " + made.state());
                out.println("the ride keys are not in it; hub-bridge rides copy-keys FILE carries them separately");
            }
            out.flush();
            return 0;
        } catch (IOException e) {
            throw new CommandFailure("cannot back up into " + directory + ": " + e, "checking both disks, then again");
        }
    }
}
