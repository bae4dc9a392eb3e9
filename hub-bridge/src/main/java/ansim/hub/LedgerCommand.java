package ansim.hub;

import ansim.hub.api.AccessLedger;
import ansim.hub.ledger.ChainedFile.Head;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.ledger.ProvisionLedger;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hub-bridge ledger}: who was given whose location. Reads the files, whether the hub runs or not. */
@Command(
        name = "ledger",
        description = {
            "Who was given whose location, when and on what ground: the record that Korea's Location Information Act asks for.",
            "Whether the hub runs or not."
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {LedgerCommand.Show.class, LedgerCommand.Verify.class, LedgerCommand.Export.class})
final class LedgerCommand {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** A hub that writes may be in the middle of a line. */
    private static final int TRIES = 4;

    private static final long BETWEEN_MS = 250;

    private LedgerCommand() {}

    /** Is told of a class's lines. */
    private interface Told {
        void line(String name, String text, JsonNode open);
    }

    /** Which lines. */
    static final class Which {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(names = "--unit", paramLabel = "ID", description = "Only of this unit: its id, with or without dashes.")
        private String unit = "";

        @Option(names = "--ride", paramLabel = "ID", description = "Only of this ride.")
        private String ride = "";

        @Option(names = "--to", paramLabel = "TEXT", description = "Only to destinations with this in their name.")
        private String to = "";

        @Option(names = "--since", paramLabel = "TIME", description = "Only from then on: " + GivenTime.FORM)
        private Optional<String> since = Optional.empty();

        private boolean has(JsonNode line, Optional<Instant> from) {
            return line.path("unit").asText().contains(unit.replace("-", "").toLowerCase(Locale.ROOT))
                    && line.path("ride").asText().contains(ride.toLowerCase(Locale.ROOT))
                    && line.path("to").asText().contains(to)
                    && from.map(time -> !at(line).isBefore(time)).orElse(true);
        }

        private static Instant at(JsonNode line) {
            return Instant.parse(line.path("at").asText());
        }

        /** As it stands, and with whose it is. */
        private void read(Told told) throws IOException {
            Optional<Instant> from = since.map(text -> GivenTime.of(spec, "--since", text));
            try (Whose whose = new Whose(hub)) {
                for (String name : ProvisionLedger.classes()) {
                    var unused = LedgerCommand.read(hub, name, Optional.empty(), text -> {
                        JsonNode open = whose.open(json(text));
                        if (has(open, from)) {
                            told.line(name, text, open);
                        }
                    });
                }
            }
        }
    }

    /** Says whose a line is, as far as there is a key. */
    private static final class Whose implements AutoCloseable {
        private final Optional<LedgerKeys> keys;

        Whose(HubFolder hub) throws IOException {
            keys = Files.exists(hub.file(LedgerKeys.FILE))
                    ? Optional.of(HubFolder.ledgerKeys(hub.data(), Optional.empty()))
                    : Optional.empty();
        }

        JsonNode open(JsonNode line) {
            try {
                return keys.isPresent() ? keys.get().open(line) : line;
            } catch (IOException e) {
                throw new CommandFailure(
                        "line " + line.path("n") + ": " + e.getMessage(),
                        "the ledgerkeys.db that belongs to this ledger");
            }
        }

        @Override
        public void close() throws IOException {
            if (keys.isPresent()) {
                keys.get().close();
            }
        }
    }

    private static Path folder(HubFolder hub) {
        return hub.data().resolve(HubFolder.LEDGER);
    }

    private static ProvisionLedger.Verified read(
            HubFolder hub, String name, Optional<Head> kept, Consumer<String> told) {
        IOException last = new IOException();
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                // Told only when it is whole: a line is not told twice.
                ProvisionLedger.Verified verified = ProvisionLedger.read(folder(hub), name, kept, line -> {});
                var unused = ProvisionLedger.read(folder(hub), name, Optional.empty(), told);
                return verified;
            } catch (IOException e) {
                last = e;
                pause();
            }
        }
        throw new CommandFailure(
                name + ": " + last.getMessage(),
                "keep the files as they are, and compare them with the newest backup: whoever can write them is at fault");
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            throw new IllegalStateException("a line of the ledger is JSON, for its chain holds", e);
        }
    }

    /** As a table. */
    @Command(
            name = "list",
            description = "Prints who was given whose location, its chains checked on the way.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Option(
                names = "--last",
                paramLabel = "N",
                defaultValue = "100",
                description = "The last N of each class (${DEFAULT-VALUE}).")
        private int last = 100;

        @Option(names = "--json", description = "As JSON, for programs.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            if (last < 1) {
                throw new ParameterException(spec.commandLine(), "--last must be 1 or more (got " + last + ")");
            }
            PrintWriter out = spec.commandLine().getOut();
            ArrayNode all = JSON.createArrayNode();
            Map<String, ArrayDeque<JsonNode>> lines = new LinkedHashMap<>();
            which.read((name, text, line) -> {
                ArrayDeque<JsonNode> newest = lines.computeIfAbsent(name, none -> new ArrayDeque<>());
                newest.add(line);
                if (newest.size() > last) {
                    newest.remove();
                }
            });
            lines.values().forEach(each -> each.forEach(all::add));
            if (json) {
                out.println(JSON.writeValueAsString(all));
            } else {
                TextTable table = new TextTable("AT", "TO", "OUTCOME", "REASON", "UNIT", "RIDE", "TYPE", "EVENT");
                for (JsonNode each : all) {
                    table.row(row(each));
                }
                table.print(out);
            }
            out.flush();
            return 0;
        }

        private static String[] row(JsonNode each) {
            String[] cells = new String[] {"at", "to", "outcome", "reason", "unit", "ride", "type", "event"};
            for (int i = 0; i < cells.length; i++) {
                boolean gone =
                        each.has("erased") && List.of("unit", "ride", "event").contains(cells[i]);
                String text = gone ? "erased" : each.path(cells[i]).asText();
                cells[i] = text.isEmpty() ? "-" : text;
            }
            return cells;
        }
    }

    /** Is it whole? */
    @Command(
            name = "verify",
            description = {
                "Checks that no bit of the ledger was changed, that no line was taken out or put in, and that what is gone was",
                "deleted at the end of its time. Keep what it prints where nobody of the hub can reach it: with --kept it shows",
                "later that the end was not cut off and nothing written anew."
            },
            mixinStandardHelpOptions = true)
    static final class Verify implements Callable<Integer> {
        private static final Map<String, String> READS = Map.of(
                AccessLedger.CLASS, " lines of reads by the API", ConsoleReads.CLASS, " lines of reads at the console");
        private static final Pattern KEPT = Pattern.compile("([a-z]+)/([0-9]{1,18})/([0-9a-f]{64})");

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(
                names = "--kept",
                paramLabel = "HEAD",
                description = "A head that was printed before: CLASS/NUMBER/HASH.")
        private List<String> kept = new ArrayList<>();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            for (String each : kept) {
                Matcher parts = parts(each);
                var unused = read(
                        hub,
                        parts.group(1),
                        Optional.of(new Head(Long.parseLong(parts.group(2)), parts.group(3))),
                        line -> {});
            }
            for (String name : classes()) {
                ProvisionLedger.Verified all = read(hub, name, Optional.empty(), line -> {});
                String what = READS.getOrDefault(name, " provisions");
                out.println(name + ": " + all.lines() + what + ", none touched; " + all.dropped()
                        + " deleted at the end of their time; head " + name + "/" + all.last() + "/" + all.hash());
            }
            out.flush();
            return 0;
        }

        private static List<String> classes() {
            List<String> all = new ArrayList<>(ProvisionLedger.classes());
            all.add(ConsoleReads.CLASS);
            all.add(AccessLedger.CLASS);
            return all;
        }

        private Matcher parts(String text) {
            Matcher parts = KEPT.matcher(text);
            if (!parts.matches() || !classes().contains(parts.group(1))) {
                throw new ParameterException(
                        spec.commandLine(), "--kept must be CLASS/NUMBER/HASH as verify prints it (got " + text + ")");
            }
            return parts;
        }
    }

    /** As it stands. */
    @Command(
            name = "export",
            description = {
                "Prints the lines as they stand in the files, a JSON object each, for who is entitled to them, each followed by",
                "a member \"open\" that says whose it is, or that this is erased; it is not part of what is hashed."
            },
            mixinStandardHelpOptions = true)
    static final class Export implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private Which which = new Which();

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            which.read((name, text, line) -> {
                ObjectNode open = JSON.createObjectNode();
                for (String each : List.of("unit", "ride", "event", "erased")) {
                    if (line.has(each)) {
                        open.set(each, line.path(each));
                    }
                }
                out.println(text.substring(0, text.length() - 1) + ",\"open\":" + open + "}");
            });
            out.flush();
            return 0;
        }
    }
}
