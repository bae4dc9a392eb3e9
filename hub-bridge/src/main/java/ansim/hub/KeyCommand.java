package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The hub's signing keys. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows the public half of the key with which the hub signs what it tells units, and changes it.",
        subcommands = {KeyCommand.Show.class, KeyRotateCommand.class})
final class KeyCommand {
    private KeyCommand() {}

    /** Prints what the units need to know of it. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Prints the public key for the units' configuration (hub: {key: FILE}) and its kid.",
                "The hub makes its key at its first start."
            })
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Override
        public Integer call() throws IOException {
            Path file = hub.file(HubFolder.KEY);
            HubKeys keys = HubKey.keys(file)
                    .orElseThrow(() -> new CommandFailure(
                            "there is no " + file + " yet", "hub-bridge run, which makes the key at its first start"));
            VerifyKey key = keys.present(Instant.now()).verifyKey();
            PrintWriter out = spec.commandLine().getOut();
            out.print("kid: " + key.kid().hex() + "\n" + key.toPem());
            keys.next(Instant.now())
                    .ifPresent(next -> out.print("from " + next.from() + " kid: "
                            + next.key().verifyKey().kid().hex() + "\n"
                            + next.key().verifyKey().toPem()));
            out.flush();
            return 0;
        }
    }
}
