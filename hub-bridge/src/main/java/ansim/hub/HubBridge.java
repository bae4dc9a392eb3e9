package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The program at the hub. Exit codes: 0 done, 1 failed, 2 usage, 78 configuration. */
@Command(
        name = "hub-bridge",
        description = {
            "The hub of a city's safe-ride service: verifies what the units signed, follows each ride, and routes everything to the "
                    + "right one of the city's district control centres.",
            ""
        },
        footer = {
            "",
            "A first hub:",
            "  hub-bridge run --config hub.yaml",
            "  hub-bridge key show --config hub.yaml                 (for the units' configuration)",
            "  hub-bridge units add --config hub.yaml --public-key unit-key.pub.pem ...",
            "  hub-bridge districts import --config hub.yaml FILE    (the real boundaries)",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 78 configuration."
        },
        subcommands = {HelpCommand.class},
        mixinStandardHelpOptions = true,
        versionProvider = HubBridge.Version.class)
public final class HubBridge {
    private HubBridge() {}

    /** Runs the command and exits with its code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(commandLine().setOut(out).setErr(err).execute(args));
    }

    /** The command line, for main and for tests. */
    static CommandLine commandLine() {
        return new CommandLine(new HubBridge())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((exception, command, parsed) -> explain(exception, command.getErr()));
    }

    private static int explain(Exception exception, PrintWriter err) throws Exception {
        if (exception instanceof CommandFailure failure) {
            err.println("Error: " + failure.error());
            err.println("Try: " + failure.tryThis());
            return CommandFailure.EXIT_CODE;
        }
        if (exception instanceof SettingsException settings) {
            settings.problems().forEach(problem -> err.println("Error: " + problem));
            err.println("Try: correct the file and start again");
            return SettingsException.EXIT_CODE;
        }
        throw exception;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = HubBridge.class.getPackage().getImplementationVersion();
            return new String[] {"hub-bridge " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
