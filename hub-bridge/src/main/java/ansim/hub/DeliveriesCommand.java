package ansim.hub;

import ansim.hub.deliver.Asking;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge deliveries}: how far each centre is, and what is to go again or not at all. Asks the hub that runs. */
@Command(
        name = "deliveries",
        description = "Shows how far each centre is; delivers again, or skips. Asks the hub that runs.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DeliveriesCommand.Status.class,
            DeliveriesCommand.Replay.class,
            DeliveriesCommand.Redeliver.class,
            DeliveriesCommand.Skip.class
        })
final class DeliveriesCommand {
    /** An id is looked for in many entries. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final ObjectMapper JSON = new ObjectMapper();

    private DeliveriesCommand() {}

    /** Which cursors are meant, and how the answer is printed. */
    static final class Which {
        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(
                names = "--district",
                paramLabel = "CODE",
                description = "Only of this district: a code, \"*\" or \"-\".")
        private String district = "";

        @Option(names = "--sink", paramLabel = "TEXT", description = "Only sinks whose name has this in it.")
        private String sink = "";

        @Option(names = "--lane", paramLabel = "LANE", description = "Only alarm or normal.")
        private Optional<LaneName> lane = Optional.empty();

        @Option(names = "--json", description = "As JSON, for programs.")
        private boolean json;

        /** Asks, and has what the hub cannot do said as an error. */
        private JsonNode ask(ObjectNode question) throws IOException, InterruptedException {
            question.put("district", district).put("sink", sink);
            lane.ifPresent(each -> question.put("lane", each.name()));
            JsonNode answer = Asking.ask(hub.data().resolve("index"), question, PATIENCE)
                    .orElseThrow(() -> new CommandFailure(
                            "no hub answers for " + hub.data(), "hub-bridge run, or --config of the hub that runs"));
            if (answer.has("error")) {
                throw new CommandFailure(
                        answer.path("error").asText(), "hub-bridge deliveries status shows what there is");
            }
            return answer;
        }
    }

    /** The two classes of events. */
    enum LaneName {
        alarm,
        normal
    }

    /** How far each is. */
    @Command(
            name = "status",
            description = {
                "A row per district, sink and lane. routed = delivered + waiting + dead + skipped + erased; a row that does",
                "not add up says so, and the command ends with 1. \"again\" are deliveries that somebody asked for."
            },
            mixinStandardHelpOptions = true)
    static final class Status implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Override
        public Integer call() throws IOException, InterruptedException {
            JsonNode answer = which.ask(JSON.createObjectNode().put("do", "status"));
            PrintWriter out = spec.commandLine().getOut();
            boolean reconciles = true;
            TextTable table = new TextTable(
                    "DISTRICT",
                    "LANE",
                    "ROUTED",
                    "DELIVERED",
                    "WAITING",
                    "DEAD",
                    "SKIPPED",
                    "ERASED",
                    "AGAIN",
                    "OLDEST WAITING",
                    "SINK",
                    "");
            for (JsonNode each : answer.path("cursors")) {
                reconciles &= each.path("reconciles").asBoolean();
                table.row(row(each));
            }
            if (which.json) {
                out.println(JSON.writeValueAsString(answer.path("cursors")));
            } else {
                table.print(out);
            }
            out.flush();
            return reconciles ? 0 : 1;
        }

        private static String[] row(JsonNode each) {
            String error = each.path("lastError").asText("");
            String words = each.path("reconciles").asBoolean() ? error : "DOES NOT ADD UP " + error;
            return new String[] {
                each.path("district").asText(),
                each.path("lane").asText(),
                each.path("routed").asText(),
                each.path("delivered").asText(),
                each.path("waiting").asText(),
                each.path("deadLettered").asText(),
                each.path("skipped").asText(),
                each.path("erased").asText(),
                each.path("again").asText(),
                each.path("oldestWaiting").asText("-"),
                each.path("sink").asText(),
                words
            };
        }
    }

    /** Everything since. */
    @Command(
            name = "replay",
            description = {
                "Delivers again what came to the hub since a time and was settled, to every sink or those that are named, under",
                "the same ids. What is new goes before it: a replay holds nothing up."
            },
            mixinStandardHelpOptions = true)
    static final class Replay implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Option(names = "--from", required = true, paramLabel = "TIME", description = GivenTime.FORM)
        private String from = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            ObjectNode question = JSON.createObjectNode().put("do", "replay");
            return done(
                    spec,
                    which,
                    which.ask(question.put(
                            "from", GivenTime.of(spec, "--from", from).toString())),
                    "entries go again");
        }
    }

    /** One that is settled. */
    @Command(
            name = "redeliver",
            description = "Delivers an event again, such as one of the dead letters, to the sinks that had it.",
            mixinStandardHelpOptions = true)
    static final class Redeliver implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Parameters(paramLabel = "ID", description = "The event's id.")
        private String id = "";

        @Override
        public Integer call() throws IOException, InterruptedException {
            ObjectNode question = JSON.createObjectNode().put("do", "redeliver").put("id", id);
            return done(spec, which, which.ask(question), "goes again");
        }
    }

    /** One that waits. */
    @Command(
            name = "skip",
            description = {
                "Passes over an event that waits, such as one that a centre fails on again and again: it becomes a dead letter",
                "and is counted as skipped. deliveries status --json shows the id that is tried (next)."
            },
            mixinStandardHelpOptions = true)
    static final class Skip implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Parameters(paramLabel = "ID", description = "The event's id.")
        private String id = "";

        @Option(names = "--emergency", description = "Also when it is an emergency.")
        private boolean emergency;

        @Override
        public Integer call() throws IOException, InterruptedException {
            ObjectNode question = JSON.createObjectNode().put("do", "skip").put("id", id);
            return done(spec, which, which.ask(question.put("emergency", emergency)), "is skipped");
        }
    }

    private static int done(CommandSpec spec, Which which, JsonNode answer, String words) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (which.json) {
            out.println(JSON.writeValueAsString(answer.path("done")));
        } else {
            for (JsonNode each : answer.path("done")) {
                out.println(each.path("district").asText() + "  "
                        + each.path("lane").asText() + "  " + each.path("sink").asText() + ": "
                        + each.path("entries").asLong() + " " + words);
            }
        }
        out.flush();
        return 0;
    }
}
