package ansim.hub;

import ansim.settings.Problem;
import ansim.settings.SettingsException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says whether a hub can run with its settings, and what they come to. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Checks hub.yaml before it is used: the settings, and each file that they name. Opens no address and no connection.",
            "",
            "Prints the values in force, defaults included. What must be mended is printed all at once as FILE:LINE: KEY: RULE,",
            "and the exit code is 78. As the hub's user, for it reads the hub's files: sudo -u ansim-hub ...",
            "docs/hub-yaml.md says what each key is.",
            ""
        })
final class CheckCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "The hub's settings (default: ${DEFAULT-VALUE}).",
            defaultValue = "hub.yaml")
    private Path file = Path.of("hub.yaml");

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: ok, problems (file, line, key, value, rule), warnings, effective (YAML).")
    private boolean json;

    @Override
    public Integer call() {
        HubCheck check = HubCheck.of(file);
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

    private static ObjectNode json(HubCheck check) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("ok", check.problems().isEmpty());
        ArrayNode problems = json.putArray("problems");
        for (Problem problem : check.problems()) {
            problems.addObject()
                    .put("file", problem.file())
                    .put("line", problem.line())
                    .put("key", problem.path())
                    .put("value", problem.value())
                    .put("rule", problem.rule());
        }
        ArrayNode warnings = json.putArray("warnings");
        check.warnings().forEach(warnings::add);
        if (check.problems().isEmpty()) {
            json.put("effective", check.effective());
        }
        return json;
    }
}
