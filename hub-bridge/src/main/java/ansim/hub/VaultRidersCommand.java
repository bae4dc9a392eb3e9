package ansim.hub;

import ansim.hub.vault.Consent;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.LedgerFile;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.Riders;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge vault riders}: whom the vault knows, whom they want to be told, and their word on it. */
@Command(
        name = "riders",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Brings riders in, lists, exports, suspends and erases them; records whom they want to be told.",
        subcommands = {
            VaultRidersCommand.Import.class,
            VaultRidersCommand.ListAll.class,
            VaultRidersCommand.Show.class,
            VaultRidersCommand.Export.class,
            VaultRidersCommand.AddGuardian.class,
            VaultRidersCommand.RemoveGuardian.class,
            VaultRidersCommand.GiveConsent.class,
            VaultRidersCommand.WithdrawConsent.class,
            VaultRidersCommand.Suspend.class,
            VaultRidersCommand.Resume.class,
            VaultRidersCommand.Erase.class
        })
final class VaultRidersCommand {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);
    private static final String LIST = "hub-bridge vault riders list";

    private VaultRidersCommand() {}

    /** A rider's or guardian's id, in lower case. */
    private static String id(CommandSpec spec, String what, String text) {
        String id = text.toLowerCase(Locale.ROOT);
        if (!id.matches("[0-9a-f]{32}")) {
            throw new ParameterException(spec.commandLine(), what + " must be an id as riders list and show print it");
        }
        return id;
    }

    private static CommandFailure noRider(String id) {
        return new CommandFailure("there is no rider " + id, LIST);
    }

    private static CommandFailure noGuardian(String rider, String guardian) {
        return new CommandFailure(
                "rider " + rider + " has no guardian " + guardian, "hub-bridge vault riders show " + rider);
    }

    private static void say(CommandSpec spec, String words) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(words);
        out.flush();
    }

    /** From CSV. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Brings in the riders of a CSV file, all or none: what is wrong is told line by line.",
                "A card's number is not kept; delete the file afterwards. The first line is the header:",
                "",
                "  rider,card,home,language,channel,address,name,tells,consent,by",
                "  1,1010 0300 0016 3931,11680,ko,sms,010-0000-0000,Mother,boarded alighted emergency,2026-11-27,desk 3",
                "  1,,11680,ko,mail,rider@example.org,,own-30,,",
                "",
                "rider joins the rows of one rider, for a second card or guardian, and is not kept.",
                "card may also be sealed:UNIT:RIDE:CARD in hex, as a unit sealed it to this vault.",
                "home is the code of the district where the rider lives (hub-bridge districts list).",
                "The last four columns may be left out. tells is of what a guardian is told (boarded alighted if it is",
                "empty; also emergency, lost), or own for the rider's own address, which gets word of each provision",
                "to others, or own-30 of each thirty. Nothing is sent before the day of consent; by is who took it down."
            })
    static final class Import implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(paramLabel = "FILE", description = "The CSV file, in UTF-8; - reads standard input.")
        private String file = "";

        @Override
        public Integer call() throws IOException {
            PrintWriter err = spec.commandLine().getErr();
            try (Riders riders = Riders.open(vault.folder());
                    BufferedReader csv = reader()) {
                Riders.Imported done = riders.bring(
                        csv, Clock.systemUTC(), progress(err, "lines read"), progress(err, "riders added"));
                if (!done.problems().isEmpty()) {
                    done.problems().forEach(each -> err.println("Error: " + each));
                    err.flush();
                    throw new CommandFailure("nothing was imported", "mend these lines, then again");
                }
                PrintWriter out = spec.commandLine().getOut();
                out.println("imported " + done.riders() + " riders with " + done.cards() + " cards; the vault has "
                        + riders.count());
                out.flush();
                return 0;
            }
        }

        private BufferedReader reader() {
            try {
                return file.equals("-")
                        ? new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                        : Files.newBufferedReader(Path.of(file));
            } catch (IOException e) {
                throw new CommandFailure("cannot read " + file + ": " + e, "a CSV file, or - for standard input");
            }
        }

        private static LongConsumer progress(PrintWriter err, String what) {
            long[] toldNanos = {System.nanoTime()};
            return count -> {
                long now = System.nanoTime();
                if (now - toldNanos[0] > TELL_EVERY_NANOS) {
                    toldNanos[0] = now;
                    err.println(count + " " + what);
                    err.flush();
                }
            };
        }
    }

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
        private VaultFolder vault = new VaultFolder();

        @Parameters(paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Override
        public Integer call() throws IOException {
            String id = id(spec, "RIDER", rider);
            PrintWriter out = spec.commandLine().getOut();
            try (Riders riders = Riders.open(vault.folder())) {
                Riders.Export all = riders.export(id, Clock.systemUTC()).orElseThrow(() -> noRider(id));
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

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Override
        public Integer call() throws IOException {
            String id = id(spec, "RIDER", rider);
            Riders.Export all;
            try (Riders riders = Riders.open(vault.folder())) {
                all = riders.export(id, Clock.systemUTC()).orElseThrow(() -> noRider(id));
            }
            ObjectNode json = ListAll.json(all.rider());
            json.set("guardians", guardians(all.guardians()));
            json.set("consents", consents(all.consents()));
            ArrayNode letters = json.putArray("letters");
            all.letters().forEach(each -> letters.add(VaultNoticesCommand.json(each)));
            openings(json.putArray("openings"), new HashSet<>(all.openings()));
            say(spec, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
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

        /** As the ledger has them, without what is sealed. */
        private void openings(ArrayNode json, Set<Long> lines) throws IOException {
            LedgerFile.read(vault.folder(), line -> {
                try {
                    ObjectNode said = (ObjectNode) JSON.readTree(line);
                    if (lines.contains(said.path("n").asLong())) {
                        json.add(said.retain("n", "at", "who", "why", "unit", "ride"));
                    }
                } catch (IOException e) {
                    throw new IllegalStateException("a line of the ledger is JSON, for its chain holds", e);
                }
            });
        }
    }

    /** One guardian more. */
    @Command(
            name = "add-guardian",
            mixinStandardHelpOptions = true,
            description = {
                "Adds a guardian to a rider, or the rider's own address (--tells own). The address is read from standard",
                "input, so that it stands in no history. Nothing is sent before consent is recorded."
            })
    static final class AddGuardian implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(index = "0", paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Parameters(
                index = "1",
                paramLabel = "CHANNEL",
                description =
                        "mail, or one that a webhook is set for; api: kept for the city's app, which nothing serves yet.")
        private String channel = "";

        @Option(names = "--name", description = "What the rider calls them.")
        private String name = "";

        @Option(
                names = "--tells",
                description = "Some of: boarded alighted emergency lost (default: boarded alighted); or own, own-30.")
        private String tells = "";

        @Override
        public Integer call() throws IOException {
            String id = id(spec, "RIDER", rider);
            String address = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            try (Riders riders = Riders.open(vault.folder())) {
                Guardian guardian = Guardian.parse(channel, address == null ? "" : address.strip(), name, tells);
                say(spec, "guardian " + riders.addGuardian(id, guardian).orElseThrow(() -> noRider(id)));
            } catch (IllegalArgumentException e) {
                throw new CommandFailure(String.valueOf(e.getMessage()), "hub-bridge vault riders add-guardian --help");
            }
            return 0;
        }
    }

    /** One guardian less. */
    @Command(
            name = "remove-guardian",
            mixinStandardHelpOptions = true,
            description = "Removes a guardian of a rider, with all that still waits for that address.")
    static final class RemoveGuardian implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(index = "0", paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Parameters(index = "1", paramLabel = "GUARDIAN", description = "The guardian's id, as riders show prints it.")
        private String guardian = "";

        @Override
        public Integer call() throws IOException {
            String of = id(spec, "RIDER", rider);
            String whom = id(spec, "GUARDIAN", guardian);
            try (Riders riders = Riders.open(vault.folder())) {
                if (!riders.removeGuardian(of, whom)) {
                    throw noGuardian(of, whom);
                }
            }
            say(spec, "removed " + whom);
            return 0;
        }
    }

    /** Whose word, and since when. */
    private static final class Word {
        @Parameters(index = "0", paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Parameters(index = "1", paramLabel = "GUARDIAN", description = "The guardian's id, as riders show prints it.")
        private String guardian = "";

        @Option(names = "--by", required = true, description = "Who took it down, and on whose word.")
        private String by = "";

        @Option(names = "--from", description = "The day from which it counts, such as 2026-11-27 (default: now).")
        private Optional<LocalDate> from = Optional.empty();

        void record(CommandSpec spec, Path folder, boolean given) throws IOException {
            String of = id(spec, "RIDER", rider);
            String whom = id(spec, "GUARDIAN", guardian);
            Clock clock = Clock.systemUTC();
            Instant since = from.map(
                            day -> day.atStartOfDay(ZoneId.systemDefault()).toInstant())
                    .orElseGet(clock::instant);
            try (Riders riders = Riders.open(folder)) {
                if (!riders.consent(of, whom, given, by, since, clock)) {
                    throw noGuardian(of, whom);
                }
            }
            say(
                    spec,
                    (given ? "consent to tell " : "no consent to tell ") + whom + " from "
                            + since.truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** Yes. */
    @Command(
            name = "consent",
            mixinStandardHelpOptions = true,
            description = "Records a rider's consent that a guardian is told.")
    static final class GiveConsent implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Mixin
        private Word word = new Word();

        @Override
        public Integer call() throws IOException {
            word.record(spec, vault.folder(), true);
            return 0;
        }
    }

    /** No more. */
    @Command(
            name = "withdraw",
            mixinStandardHelpOptions = true,
            description = {
                "Records that a rider withdraws the consent to tell a guardian. What waits for that guardian is not sent."
            })
    static final class WithdrawConsent implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Mixin
        private Word word = new Word();

        @Override
        public Integer call() throws IOException {
            word.record(spec, vault.folder(), false);
            return 0;
        }
    }

    /** Whom, and on whose word. */
    private static final class Standing {
        @Parameters(paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Option(names = "--by", required = true, description = "Who took it down, and on whose word.")
        private String by = "";

        void set(CommandSpec spec, Path folder, boolean suspended) throws IOException {
            String id = id(spec, "RIDER", rider);
            try (Riders riders = Riders.open(folder)) {
                if (!riders.suspend(id, suspended, by, Clock.systemUTC())) {
                    throw noRider(id);
                }
            }
            say(spec, (suspended ? "suspended " : "resumed ") + id);
        }
    }

    /** Nobody for a while. */
    @Command(
            name = "suspend",
            mixinStandardHelpOptions = true,
            description = {
                "Suspends a rider: the cards are nobody's to the hub, no guardian is told. Nothing is erased; the rider",
                "resumes with riders resume."
            })
    static final class Suspend implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Mixin
        private Standing standing = new Standing();

        @Override
        public Integer call() throws IOException {
            standing.set(spec, vault.folder(), true);
            return 0;
        }
    }

    /** Known again. */
    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description = "Lets a suspended rider be known again, from the next ride on.")
    static final class Resume implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Mixin
        private Standing standing = new Standing();

        @Override
        public Integer call() throws IOException {
            standing.set(spec, vault.folder(), false);
            return 0;
        }
    }

    /** For good. */
    @Command(
            name = "erase",
            mixinStandardHelpOptions = true,
            description = {
                "Erases a rider with key, cards, contacts and letters. The ledger's lines stay and its chain holds, but",
                "nothing says any more which of them were about the same person."
            })
    static final class Erase implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        @Option(
                names = {"-y", "--yes"},
                description = "Do not ask.")
        private boolean yes;

        @Override
        public Integer call() throws IOException {
            String id = id(spec, "RIDER", rider);
            if (!yes && !confirmed(id)) {
                throw new CommandFailure("nothing was changed", "--yes to erase without being asked");
            }
            try (Riders riders = Riders.open(vault.folder())) {
                if (!riders.erase(id)) {
                    throw noRider(id);
                }
            }
            PrintWriter out = spec.commandLine().getOut();
            out.println("erased " + id);
            out.flush();
            return 0;
        }

        private boolean confirmed(String id) throws IOException {
            PrintWriter err = spec.commandLine().getErr();
            err.printf("Erase the rider %s for good? [y/N] ", id);
            err.flush();
            String answer = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
            return answer != null && Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
        }
    }
}
