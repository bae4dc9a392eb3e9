package ansim.edge;

import ansim.edge.sim.SimulateCommand;
import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;

/** The program on the unit. Exit codes: 0 done, 1 failed, 2 usage, 78 configuration. */
@Command(
        name = "edge-agent",
        description = {
            "The agent on a taxi's or a pole's unit: reads GNSS, cards, lamps and buttons, keeps what it saw through outages and "
                    + "power cuts, signs it, and forwards it to the hub.",
            ""
        },
        footer = {
            "",
            "A first unit:",
            "  edge-agent enrol --hub https://hub.example:8443 --code 7K3M-Q2XA-9RTD    (the code of hub-bridge units import)",
            "  edge-agent init taxi > agent.yaml             (then put in what is wired: edge-agent probe)",
            "  edge-agent check --config agent.yaml",
            "  edge-agent run --config agent.yaml",
            "  edge-agent status --config agent.yaml",
            "",
            "No hardware at hand: edge-agent simulate --dir sim  (--print-config writes the ports of an agent.yaml for it)",
            "",
            "Exit codes: 0 done, 1 failed, 2 usage, 78 configuration."
        },
        subcommands = {
            EnrolCommand.class,
            InitCommand.class,
            KeygenCommand.class,
            CheckCommand.class,
            RunCommand.class,
            StatusCommand.class,
            ProbeCommand.class,
            ProfilesCommand.class,
            RecordCommand.class,
            ReplayCommand.class,
            SimulateCommand.class,
            HelpCommand.class
        },
        mixinStandardHelpOptions = true,
        versionProvider = EdgeAgent.Version.class)
public final class EdgeAgent {
    private static final String STACK_TRACE = "ansim.stacktrace";

    private EdgeAgent() {}

    /** Runs the command and exits with its code. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(commandLine().setOut(out).setErr(err).execute(args));
    }

    /** The command line, for main and for tests. */
    static CommandLine commandLine() {
        return new CommandLine(new EdgeAgent())
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
            err.println("Try: edge-agent check --config FILE after each change");
            return SettingsException.EXIT_CODE;
        }
        if (Boolean.getBoolean(STACK_TRACE)) {
            throw exception;
        }
        err.println("Error: " + exception);
        err.println("Try: the same with java -D" + STACK_TRACE + "=true, which shows where it happened");
        return CommandFailure.EXIT_CODE;
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = EdgeAgent.class.getPackage().getImplementationVersion();
            return new String[] {"edge-agent " + (version == null ? "(not from a jar)" : version)};
        }
    }
}
