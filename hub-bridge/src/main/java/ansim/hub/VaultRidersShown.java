package ansim.hub;

import ansim.hub.VaultRidersCommand.OneRider;
import ansim.hub.vault.Consent;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.LedgerFile;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.Riders;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What the vault says of riders: all of them, one of them, and all that it has of one. */
final class VaultRidersShown {
    private VaultRidersShown() {}

    /** All of them. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists the riders: where they live, how many cards and guardians they have. No card, no address.")
    static final class ListAll implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Option(names = "--json", description = "One JSON object a line.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            TextTable table =
                    new TextTable("RIDER", "HOME", "LANGUAGE", "CARDS", "GUARDIANS", "CONSENT", "STATE", "ADDED");
            try (Riders riders = Riders.open(vault.folder())) {
                riders.forEach(Clock.systemUTC(), each -> {
                    if (json) {
                        out.println(json(each));
                    } else {
                        table.row(
                                each.id(),
                                each.home(),
                                each.language(),
                                Integer.toString(each.cards()),
                                Integer.toString(each.guardians()),
                                Integer.toString(each.consented()),
                                each.suspended() ? "suspended" : "active",
                                each.added().truncatedTo(ChronoUnit.SECONDS).toString());
                    }
                });
            }
            if (!json) {
                table.print(out);
            }
            out.flush();
            return 0;
        }

        static ObjectNode json(Riders.Listed each) {
            return JsonNodeFactory.instance
                    .objectNode()
                    .put("rider", each.id())
                    .put("home", each.home())
                    .put("language", each.language())
                    .put("cards", each.cards())
                    .put("guardians", each.guardians())
                    .put("consented", each.consented())
                    .put("suspended", each.suspended())
                    .put("added", each.added().toString());
        }
    }

    /** One of them. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = "Shows a rider's guardians and consents. Of an address only the end.")
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private OneRider rider = new OneRider();

        @Override
        public Integer call() throws IOException {
            String id = rider.id();
            PrintWriter out = spec.commandLine().getOut();
            try (Riders riders = rider.open()) {
                Riders.Export all = riders.export(id, Clock.systemUTC()).orElseThrow(rider::unknown);
                Riders.Listed each = all.rider();
                out.println(id + "  home " + each.home() + "  " + each.language() + "  " + each.cards() + " cards  "
                        + (each.suspended() ? "suspended" : "active"));
                TextTable table = new TextTable("GUARDIAN", "CHANNEL", "WHO", "TELLS", "CONSENT");
                all.guardians().forEach(kept -> {
                    Guardian guardian = kept.guardian();
                    String consent = guardian.own() ? "not needed" : kept.consented() ? "yes" : "no";
                    table.row(kept.id(), guardian.channel(), guardian.shown(), tells(guardian), consent);
                });
                table.print(out);
                for (Consent consent : all.consents()) {
                    out.println(consent.recorded().truncatedTo(ChronoUnit.SECONDS) + "  "
                            + consent.guardian().map(to -> "guardian " + to).orElse("rider") + "  "
                            + word(consent) + " from "
                            + consent.from().truncatedTo(ChronoUnit.SECONDS) + "  by " + consent.by());
                }
            }
            out.flush();
            return 0;
        }

        static String tells(Guardian guardian) {
            if (guardian.own()) {
                return guardian.every() == 1 ? "own" : "own-" + guardian.every();
            }
            return guardian.wants().stream().sorted().map(RideNotice.Kind::word).collect(Collectors.joining(" "));
        }

        static String word(Consent consent) {
            if (consent.guardian().isEmpty()) {
                return consent.given() ? "resumed" : "suspended";
            }
            return consent.given() ? "given" : "withdrawn";
        }
    }

    /** All of one, for the rider. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Prints all that the vault has of a rider, as one JSON object, for the rider who asks for it: guardians",
                "with their addresses, consents, letters, openings. Cards are only counted: no number is kept."
            })
    static final class Export implements Callable<Integer> {
        private static final ObjectMapper JSON = new ObjectMapper();

        @Mixin
        private OneRider rider = new OneRider();

        @Override
        public Integer call() throws IOException {
            String id = rider.id();
            Riders.Export all;
            try (Riders riders = rider.open()) {
                all = riders.export(id, Clock.systemUTC()).orElseThrow(rider::unknown);
            }
            ObjectNode json = ListAll.json(all.rider());
            json.set("guardians", guardians(all.guardians()));
            json.set("consents", consents(all.consents()));
            ArrayNode letters = json.putArray("letters");
            all.letters().forEach(each -> letters.add(VaultNoticesCommand.json(each)));
            ArrayNode openings = json.putArray("openings");
            for (Map.Entry<LedgerFile, List<Long>> each : all.openings().entrySet()) {
                openings(openings, each.getKey(), new HashSet<>(each.getValue()));
            }
            rider.say(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
            return 0;
        }

        private static ArrayNode guardians(List<Riders.Kept> all) {
            ArrayNode json = JSON.createArrayNode();
            all.forEach(each -> json.addObject()
                    .put("guardian", each.id())
                    .put("channel", each.guardian().channel())
                    .put("address", each.guardian().address())
                    .put("name", each.guardian().name())
                    .put("tells", Show.tells(each.guardian()))
                    .put("consent", each.consented()));
            return json;
        }

        private static ArrayNode consents(List<Consent> all) {
            ArrayNode json = JSON.createArrayNode();
            for (Consent each : all) {
                ObjectNode one = json.addObject().put("what", Show.word(each)).put("by", each.by());
                each.guardian().ifPresent(guardian -> one.put("guardian", guardian));
                one.put("from", each.from().toString())
                        .put("recorded", each.recorded().toString());
            }
            return json;
        }

        /** As a ledger has them, without what is sealed. */
        private void openings(ArrayNode json, LedgerFile file, Set<Long> lines) throws IOException {
            var unused = file.read(rider.vault().folder(), line -> {
                try {
                    ObjectNode said = (ObjectNode) JSON.readTree(line);
                    if (lines.contains(said.path("n").asLong())) {
                        json.add(said.retain("n", "at", "who", "role", "command", "reason", "why", "unit", "ride"));
                    }
                } catch (IOException e) {
                    throw new IllegalStateException("a line of the ledger is JSON, for its chain holds", e);
                }
            });
        }
    }
}
