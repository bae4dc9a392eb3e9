package ansim.edge;

import ansim.settings.Problem;
import ansim.settings.SettingsException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether the agent can run with a configuration, and what it would do with it. */
@Command(
        name = "check",
        description = {
            "Check a configuration before it is used: the settings, the key files, and each port's profile with its options and "
                    + "its known answers. Opens no device and no connection.",
            "",
            "Prints the values in force, defaults included, and below them, as comments, those of each port's profile. What must "
                    + "be mended is printed all at once as FILE:LINE: KEY: 'VALUE': RULE, and the exit code is 78. A device that is "
                    + "absent now or a full disk is a warning: the agent runs with it.",
            ""
        },
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private static final JsonFactory JSON = new JsonFactory();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).",
            defaultValue = "agent.yaml")
    private Path file = Path.of("agent.yaml");

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: ok, problems (file, line, key, value, rule), warnings, effective (YAML).")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        ConfigCheck check = ConfigCheck.of(file);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(check));
            out.flush();
            return check.problems().isEmpty() ? 0 : SettingsException.EXIT_CODE;
        }
        PrintWriter err = spec.commandLine().getErr();
        check.warnings().forEach(warning -> err.println("Warning: " + warning));
        err.flush();
        if (!check.problems().isEmpty()) {
            throw new SettingsException(check.problems());
        }
        out.print(check.effective());
        out.flush();
        return 0;
    }

    private static String json(ConfigCheck check) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeBooleanField("ok", check.problems().isEmpty());
            json.writeArrayFieldStart("problems");
            for (Problem problem : check.problems()) {
                json.writeStartObject();
                json.writeStringField("file", problem.file());
                json.writeNumberField("line", problem.line());
                json.writeStringField("key", problem.path());
                json.writeStringField("value", problem.value());
                json.writeStringField("rule", problem.rule());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("warnings");
            for (String warning : check.warnings()) {
                json.writeString(warning);
            }
            json.writeEndArray();
            if (check.problems().isEmpty()) {
                json.writeStringField("effective", check.effective());
            }
            json.writeEndObject();
        }
        return text.toString();
    }
}
