package ansim.edge;

import ansim.settings.CommandFailure;
import ansim.settings.Section;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  edge-agent keygen --out unit-key.pem --public unit-key.pub.pem",
            "  edge-agent check --config agent.yaml"
        },
        mixinStandardHelpOptions = true)
final class InitCommand implements Callable<Integer> {
    /** Stands in the templates where the unit's id will be. */
    static final UUID NEW_UNIT = UUID.fromString("00000000-0000-4000-8000-000000000000");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            paramLabel = "KIND",
            description = "One of: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Kinds.class)
    private String kind = "";

    @Option(
            names = "--unit",
            paramLabel = "UUID",
            description =
                    "The unit's id, as `hub-bridge units add` printed it; without it the file has a place for it.")
    private UUID unit = NEW_UNIT;

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
            throw new CommandFailure(
                    "there is no kind of unit " + kind + Section.nearest(name, Kinds.NAMES),
                    "one of " + String.join(", ", Kinds.NAMES));
        }
        spec.commandLine().getOut().print(template(name).replace(NEW_UNIT.toString(), unit.toString()));
        spec.commandLine().getOut().flush();
        return 0;
    }

    /** The template of a kind; its unit id is a placeholder. */
    static String template(String kind) throws IOException {
        try (InputStream in = InitCommand.class.getResourceAsStream("template/" + kind + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("the program's jar lacks the template of " + kind);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
