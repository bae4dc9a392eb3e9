package ansim.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** First settings of a hub, to be changed. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a commented hub.yaml: a hub on this machine, or, with --name, one that units on other machines reach.",
            "What is commented out is off; docs/hub-yaml.md says what each key is.",
            ""
        },
        footer = {
            "",
            "  hub-bridge init --name hub.example > hub.yaml",
            "  hub-bridge vault init --config hub.yaml        before the first unit enrols: enrolment gives units its key",
            "  hub-bridge check --config hub.yaml",
            "  hub-bridge run --config hub.yaml"
        })
final class InitCommand implements Callable<Integer> {
    private static final String TEMPLATE = "hub.yaml";
    private static final String DATA = "data: hub-data";
    private static final String DOOR = "door: {listen: \"127.0.0.1:8883\"}";
    private static final String ENROLMENT = "enrolment: {listen: \"127.0.0.1:8443\"}";
    private static final String COAP = "coap: {listen: \"127.0.0.1:5684\"}";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "By which units reach this machine: the doors then listen on every address. May be repeated.")
    private List<String> names = List.of();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The hub's data folder (default: hub-data beside the file).")
    private Optional<String> data = Optional.empty();

    @Override
    public Integer call() throws IOException {
        try {
            ReachedBy.checkNames(names);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
        String text = template();
        if (!names.isEmpty()) {
            text = text.replace(DOOR, "door: {listen: \"0.0.0.0:8883\", names: " + quoted() + "}")
                    .replace(ENROLMENT, "enrolment: {listen: \"0.0.0.0:8443\"}")
                    .replace(COAP, "coap: {listen: \"0.0.0.0:5684\"}");
        }
        if (data.isPresent()) {
            text = text.replace(DATA, "data: " + quoted(data.get()));
        }
        spec.commandLine().getOut().print(text);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private String quoted() {
        return names.stream().map(InitCommand::quoted).toList().toString();
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private static String template() throws IOException {
        try (InputStream in = InitCommand.class.getResourceAsStream(TEMPLATE)) {
            if (in == null) {
                throw new IllegalStateException("the program's jar lacks " + TEMPLATE);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
