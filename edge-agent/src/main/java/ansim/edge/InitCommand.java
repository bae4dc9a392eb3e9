package ansim.edge;

import ansim.settings.Section;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A first configuration for a kind of unit, to be changed to what is wired. */
@Command(
        name = "init",
        description = {
            "Print a commented agent.yaml for a kind of unit. Take out what is not wired, put the real device names in "
                    + "(edge-agent probe finds them), and check it.",
            ""
        },
        footer = {
            "",
            "  edge-agent init taxi > agent.yaml",
            "  edge-agent enrol --hub https://hub.example:8443 --code 7K3M-Q2XA-9RTD",
            "  edge-agent check --config agent.yaml"
        },
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
    /** Stands in the templates where the hub's address will be. */
    static final String NEW_HUB = "tls://hub.example:8883";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "KIND",
            description = "One of: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Kinds.class)
    private String kind = "";

    @Option(
            names = "--mqtt",
            paramLabel = "tls://HOST:PORT",
            description = "The hub, as edge-agent enrol printed it (default: ${DEFAULT-VALUE}, to be replaced).",
            defaultValue = NEW_HUB)
    private String mqtt = NEW_HUB;

    @Option(
            names = "--unit",
            paramLabel = "UUID",
            description =
                    "For a unit whose keys are made by hand (edge-agent keygen): the id that hub-bridge units add printed. "
                            + "The file then names the two key files, and a hub on this machine.")
    private @Nullable UUID unit;

    /** The kinds, as they are written in agent.yaml. */
    static final class Kinds implements Iterable<String> {
        static final List<String> NAMES = List.of("taxi", "cctv-pole", "locker-site");

        @Override
        public Iterator<String> iterator() {
            return NAMES.iterator();
        }
    }

    @Override
    public Integer call() throws IOException {
        String name = kind.toLowerCase(Locale.ROOT);
        if (!Kinds.NAMES.contains(name)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "there is no kind of unit " + kind + Section.nearest(name, Kinds.NAMES) + "; it must be one of "
                            + String.join(", ", Kinds.NAMES));
        }
        String text = template(name);
        spec.commandLine().getOut().print(unit == null ? text.replace(NEW_HUB, mqtt) : byHand(text, unit));
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static String byHand(String template, UUID unit) {
        return template.replaceFirst(
                        "(?s)# The unit's id and keys.*?trust: trust", "unit: " + unit + "\nkey: unit-key.pem")
                .replaceFirst("(?m)^hub:$", "hub:\n  key: hub-key.pem")
                .replaceFirst("(?m)" + NEW_HUB + " .*$", "tcp://127.0.0.1:1883");
    }

    /** The template of a kind; its hub is a placeholder. */
    static String template(String kind) throws IOException {
        try (InputStream in = InitCommand.class.getResourceAsStream("template/" + kind + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("the program's jar lacks the template of " + kind);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
