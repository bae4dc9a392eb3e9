package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The program at the hub.
 *
 * <p>Exit codes: 0 done, 1 failed ({@code Error: ...} and {@code Try: ...} on standard error), 2 usage, 78 configuration (every
 * problem at once).
 */
@Command(
        name = "hub-bridge",
        mixinStandardHelpOptions = true,
        versionProvider = HubBridge.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Takes the signed messages of the units, keeps each once, follows the rides",
            "and brings every event to the right district's centre.",
            ""
        },
        footerHeading = "%nTo begin:%n",
        footer = {
            "  hub-bridge init > hub.yaml                        commented settings to begin with; check says what is wrong",
            "  hub-bridge run --config hub.yaml                  the hub; ends with Ctrl-C",
            "  hub-bridge key show --config hub.yaml             the public key that the units need",
            "  hub-bridge units import --config hub.yaml F.csv   claims for boxes, with a sheet of QR codes to print",
            "  hub-bridge rides erase UNIT/RIDE --reason TEXT    makes what is stored of a ride unreadable for ever",
            "  hub-bridge promote DIR --config hub.yaml          goes on from the log's mirror when the disk is gone",
            "  hub-bridge backup DIR --config hub.yaml           copies all that a hub needs, while it runs",
            "  hub-bridge restore DIR --config hub.yaml          goes on from a backup; the units send again what they hold",
            "  hub-bridge districts import --config hub.yaml F   the real boundaries, from GeoJSON",
            "  hub-bridge vault init --config hub.yaml           makes the vault that knows whose card it is",
            "",
            "Each command has its own --help. Exit codes: 0 done, 1 failed, 2 usage, 78 configuration."
        },
        subcommands = {
            HelpCommand.class,
            InitCommand.class,
            CheckCommand.class,
            RunCommand.class,
            KeyCommand.class,
            CaCommand.class,
            UnitsCommand.class,
            CommandsCommand.class,
            RidesCommand.class,
            EvidenceCommand.class,
            DistrictsCommand.class,
            LocateCommand.class,
            VerifyCommand.class,
            CentreCommand.class,
            PromoteCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            VaultCommand.class,
            AccountsCommand.class,
            LoadCommand.class,
            DeliveriesCommand.class,
            LedgerCommand.class
        })
public final class HubBridge {
    private static final int USAGE = 2;

    private HubBridge() {}

    /** The version that the jar was built as. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"hub-bridge " + version()};
        }
    }

    static String version() {
        String built = HubBridge.class.getPackage().getImplementationVersion();
        return Optional.ofNullable(built).orElse("(not from a jar)");
    }

    /** Runs the command and exits with its code. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(commandLine().setOut(out).setErr(err).execute(arguments));
    }

    /** The command line, for main and for tests. */
    static CommandLine commandLine() {
        return configured(new CommandLine(new HubBridge()));
    }

    /** With the errors of this program. */
    static CommandLine configured(CommandLine command) {
        return command.setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(HubBridge::usage)
                .setExecutionExceptionHandler(HubBridge::failed);
    }

    private static int usage(ParameterException problem, String[] arguments) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        String message = String.valueOf(problem.getMessage());
        err.println(message.startsWith("Error: ") ? message : "Error: " + message);
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(problem, err)) {
            err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        err.flush();
        return USAGE;
    }

    private static int failed(Exception problem, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        if (problem instanceof SettingsException settings) {
            settings.problems().forEach(each -> err.println("Error: " + each));
            err.println("Try: mend what is named, then start again");
            return end(problem, err, SettingsException.EXIT_CODE);
        }
        if (problem instanceof CommandFailure failure) {
            err.println("Error: " + failure.error());
            err.println("Try: " + failure.tryThis());
        } else {
            err.println("Error: " + problem);
            err.println("Try: again with java -Dansim.stacktrace -jar ..., which says where, and report it");
        }
        return end(problem, err, CommandFailure.EXIT_CODE);
    }

    private static int end(Exception problem, PrintWriter err, int code) {
        if (System.getProperty("ansim.stacktrace") != null) {
            problem.printStackTrace(err);
        }
        err.flush();
        return code;
    }
}
