package ansim.edge;

import ansim.profile.Profile;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The devices that the agent knows, and how to teach it another. */
@Command(
        name = "profiles",
        description = "List, show, copy and test device profiles: what the agent knows about each kind of device.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ProfilesCommand.ListAll.class,
            ProfilesCommand.Show.class,
            ProfilesCommand.Copy.class,
            ProfilesCommand.Test.class
        },
        footer = {
            "",
            "A device of your own, without Java:",
            "  edge-agent profiles copy reader-em4100 our-reader.yaml     (the nearest one, to begin with)",
            "  edge-agent profiles test our-reader.yaml                   (after each change)",
            "  edge-agent replay --profile our-reader.yaml CAPTURE        (what a recording means with it)",
            "and in agent.yaml: {name: reader, profile: our-reader.yaml, serial: /dev/serial/by-id/...}",
        })
final class ProfilesCommand {
    private static final JsonFactory JSON = new JsonFactory();

    private ProfilesCommand() {}

    private static List<String> readings(Profile profile) {
        return profile.readings().stream()
                .sorted()
                .map(type -> type.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .toList();
    }

    private static String gives(Profile profile) {
        return profile.readings().isEmpty() ? "-" : String.join(" ", readings(profile));
    }

    private static String wire(Profile profile) {
        return profile.wire().name().toLowerCase(Locale.ROOT);
    }

    private static String requireShipped(String name) {
        if (!Profile.shipped().contains(name)) {
            throw new CommandFailure(
                    "there is no shipped profile " + name + Section.nearest(name, Profile.shipped()),
                    "edge-agent profiles list");
        }
        return name;
    }

    /** What there is. */
    @Command(
            name = "list",
            description = "List the profiles that come with the agent.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--json", description = "One JSON line per profile: name, wire, asks, readings, about.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            if (!json) {
                out.printf("%-16s  %-6s  %-22s  %s%n", "profile", "wire", "gives", "for");
            }
            for (String name : Profile.shipped()) {
                Profile profile = Profile.load(name);
                if (json) {
                    out.println(json(profile));
                } else {
                    out.printf("%-16s  %-6s  %-22s  %s%n", name, wire(profile), gives(profile), profile.about());
                }
            }
            out.flush();
            return 0;
        }

        private static String json(Profile profile) throws IOException {
            StringWriter text = new StringWriter();
            try (JsonGenerator line = JSON.createGenerator(text)) {
                line.writeStartObject();
                line.writeStringField("name", profile.name());
                line.writeStringField("wire", wire(profile));
                line.writeBooleanField("asks", profile.asks());
                line.writeArrayFieldStart("readings");
                for (String reading : readings(profile)) {
                    line.writeString(reading);
                }
                line.writeEndArray();
                line.writeStringField("about", profile.about());
                line.writeEndObject();
            }
            return text.toString();
        }
    }

    /** The file of one. */
    @Command(
            name = "show",
            description = "Print the file of a shipped profile, with its options and known answers.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "NAME", description = "A name that `profiles list` prints.")
        private String name = "";

        @Override
        public Integer call() {
            spec.commandLine().getOut().print(Profile.source(requireShipped(name)));
            spec.commandLine().getOut().flush();
            return 0;
        }
    }

    /** A beginning for one's own. */
    @Command(
            name = "copy",
            description = "Write a shipped profile into a file of your own, to change it. Overwrites nothing.",
            mixinStandardHelpOptions = true)
    static final class Copy implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "NAME", description = "A name that `profiles list` prints.")
        private String name = "";

        @Parameters(index = "1", paramLabel = "FILE", description = "The new file.")
        private Path file = Path.of("");

        @Override
        public Integer call() {
            String source = Profile.source(requireShipped(name));
            try {
                Files.writeString(file, source, StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
            } catch (FileAlreadyExistsException e) {
                throw new CommandFailure(file + " exists", "another file name, or move that one away first");
            } catch (IOException e) {
                throw new CommandFailure("cannot write " + file + " (" + e + ")", "a folder that you may write to");
            }
            spec.commandLine().getErr().println("Change " + file + ", then: edge-agent profiles test " + file);
            return 0;
        }
    }

    /** Does a profile do what it says? */
    @Command(
            name = "test",
            description = {
                "Play the known answers of profiles and compare: what to run before a pole is climbed. Without a name, all that come "
                        + "with the agent.",
                ""
            },
            mixinStandardHelpOptions = true)
    static final class Test implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Parameters(arity = "0..*", paramLabel = "NAME-OR-FILE", description = "Shipped profiles or profile files.")
        private List<String> names = new ArrayList<>();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            PrintWriter err = spec.commandLine().getErr();
            int bad = 0;
            List<Problem> problems = new ArrayList<>();
            for (String name : names.isEmpty() ? Profile.shipped() : names) {
                try {
                    Profile profile = Profile.load(name);
                    List<String> failed = profile.failedAnswers();
                    failed.forEach(sentence -> err.println("Error: " + sentence));
                    bad += failed.isEmpty() ? 0 : 1;
                    out.printf(
                            "%-16s  %d of %d known answers given%n",
                            profile.name(), profile.knownAnswers() - failed.size(), profile.knownAnswers());
                    if (profile.knownAnswers() == 0) {
                        out.println(
                                "                  it has none: add what the device sends and what must come of it");
                    }
                } catch (SettingsException broken) {
                    problems.addAll(broken.problems());
                }
            }
            out.flush();
            if (!problems.isEmpty()) {
                throw new SettingsException(problems);
            }
            return bad == 0 ? 0 : CommandFailure.EXIT_CODE;
        }
    }
}
