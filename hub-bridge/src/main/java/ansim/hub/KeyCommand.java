package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The hub's signing key. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows the public half of the key with which the hub signs receipts.",
        subcommands = KeyCommand.Show.class)
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
            VerifyKey key = HubKey.read(file)
                    .orElseThrow(() -> new CommandFailure(
                            "there is no " + file + " yet", "hub-bridge run, which makes the key at its first start"))
                    .verifyKey();
            PrintWriter out = spec.commandLine().getOut();
            out.print("kid: " + key.kid().hex() + "\n" + key.toPem());
            out.flush();
            return 0;
        }
    }
}
