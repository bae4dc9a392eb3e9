package ansim.hub;

import ansim.hub.vault.LedgerFile;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import ansim.hub.vault.VaultSocket;
import ansim.settings.CommandFailure;
import ansim.wire.SealingKey;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
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
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.tinylog.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The rider vault: its key, its riders, its ledger. */
@Command(
        name = "vault",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "The rider vault turns a sealed card into a rider's home district and guardians.",
            "Cards travel sealed to its key; nothing but the vault can open them, and each opening",
            "is written to its ledger first. It keeps no card number, only what it knows one by.",
            ""
        },
        footerHeading = "%nTo begin:%n",
        footer = {
            "  hub-bridge vault init --config hub.yaml                 makes the vault, in the hub's data folder",
            "  hub-bridge vault key show --config hub.yaml             what units seal to: agent.yaml, hub: {vault-key: FILE}",
            "  hub-bridge vault riders import - --config hub.yaml      the riders, as CSV; its --help shows the columns",
            "  hub-bridge vault ledger verify --config hub.yaml        has anybody touched the ledger?",
            "",
            "In a process and under a user of its own:",
            "  sudo -u vault hub-bridge vault init --vault /var/lib/ansim-vault",
            "  sudo -u vault hub-bridge vault serve --vault /var/lib/ansim-vault --socket /run/ansim/vault.sock",
            "and in hub.yaml:  vault: {socket: /run/ansim/vault.sock}"
        },
        subcommands = {
            VaultCommand.Init.class,
            VaultCommand.Key.class,
            VaultCommand.RidersCommand.class,
            VaultCommand.Ledger.class,
            VaultCommand.Serve.class
        })
final class VaultCommand {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    private VaultCommand() {}

    /** Makes it. */
    @Command(
            name = "init",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a new vault: a key that only its owner can read, and no riders yet. Prints the public key.",
                "Keep a copy of vault.key.pem where the hub's backups are not: without it the riders are lost,",
                "with it and a backup everybody's cards can be opened."
            })
    static final class Init implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Override
        public Integer call() throws IOException {
            print(spec, Vault.create(vault.folder(), new SecureRandom()));
            return 0;
        }
    }

    private static void print(CommandSpec spec, SealingKey key) {
        PrintWriter out = spec.commandLine().getOut();
        out.print("kid: " + key.kid().hex() + "\n" + key.toPem());
        out.flush();
    }

    /** Its public key. */
    @Command(
            name = "key",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND",
            description = "Shows the public half of the key that cards are sealed to.",
            subcommands = Key.Show.class)
    static final class Key {
        private Key() {}

        /** Prints what units need. */
        @Command(
                name = "show",
                mixinStandardHelpOptions = true,
                description =
                        "Prints the public key for the units' configuration (hub: {vault-key: FILE}) and its kid.")
        static final class Show implements Callable<Integer> {
            @Spec
            private CommandSpec spec = CommandSpec.create();

            @Mixin
            private VaultFolder vault = new VaultFolder();

            @Override
            public Integer call() throws IOException {
                print(spec, Vault.sealingKey(vault.folder()));
                return 0;
            }
        }
    }

    /** Whom it knows. */
    @Command(
            name = "riders",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND",
            description = "Brings riders in, lists and erases them.",
            subcommands = {RidersCommand.Import.class, RidersCommand.ListAll.class, RidersCommand.Erase.class})
    static final class RidersCommand {
        private RidersCommand() {}

        /** From CSV. */
        @Command(
                name = "import",
                mixinStandardHelpOptions = true,
                description = {
                    "Brings in the riders of a CSV file, all or none: what is wrong is told line by line.",
                    "A card's number is not kept; delete the file afterwards. The first line is the header:",
                    "",
                    "  rider,card,home,language,channel,address",
                    "  1,1010 0300 0016 3931,11680,ko,sms,010-0000-0000",
                    "  1,,11680,ko,mail,guardian@example.org",
                    "",
                    "rider joins the rows of one rider, for a second card or guardian, and is not kept.",
                    "home is the code of the district where the rider lives (hub-bridge districts list)."
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
                TextTable table = new TextTable("RIDER", "HOME", "LANGUAGE", "CARDS", "GUARDIANS", "ADDED");
                try (Riders riders = Riders.open(vault.folder())) {
                    riders.forEach(each -> {
                        if (json) {
                            out.println(json(each));
                        } else {
                            table.row(
                                    each.id(),
                                    each.home(),
                                    each.language(),
                                    Integer.toString(each.cards()),
                                    Integer.toString(each.guardians()),
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

            private static ObjectNode json(Riders.Listed each) {
                return JsonNodeFactory.instance
                        .objectNode()
                        .put("rider", each.id())
                        .put("home", each.home())
                        .put("language", each.language())
                        .put("cards", each.cards())
                        .put("guardians", each.guardians())
                        .put("added", each.added().toString());
            }
        }

        /** For good. */
        @Command(
                name = "erase",
                mixinStandardHelpOptions = true,
                description = {
                    "Erases a rider with all cards and contacts. The ledger's lines stay, with an id that names nobody."
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
                String id = rider.toLowerCase(Locale.ROOT);
                if (!id.matches("[0-9a-f]{32}")) {
                    throw new ParameterException(spec.commandLine(), "RIDER must be an id as riders list prints it");
                }
                if (!yes && !confirmed(id)) {
                    throw new CommandFailure("nothing was changed", "--yes to erase without being asked");
                }
                try (Riders riders = Riders.open(vault.folder())) {
                    if (!riders.erase(id)) {
                        throw new CommandFailure("there is no rider " + id, "hub-bridge vault riders list");
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
                String answer =
                        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())).readLine();
                return answer != null
                        && Set.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
            }
        }
    }

    /** Who opened what. */
    @Command(
            name = "ledger",
            mixinStandardHelpOptions = true,
            description = {
                "Prints who opened which card, when and why: the whole ledger, its chain checked on the way.",
                "A dash for the rider: the card was nobody's."
            },
            subcommands = Ledger.Verify.class)
    static final class Ledger implements Callable<Integer> {
        private static final ObjectMapper JSON = new ObjectMapper();

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Option(names = "--json", description = "The lines as they stand in the file.")
        private boolean json;

        @Override
        public Integer call() throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            read(vault.folder(), line -> out.println(json ? line : text(line)));
            out.flush();
            return 0;
        }

        private static String text(String line) {
            try {
                JsonNode said = JSON.readTree(line);
                return String.join(
                        "  ",
                        said.path("at").asText(),
                        said.path("who").asText(),
                        said.path("why").asText(),
                        "ride " + said.path("ride").asText(),
                        "rider " + said.path("rider").asText("-"));
            } catch (IOException e) {
                throw new IllegalStateException("a line of the ledger is JSON, for its chain holds", e);
            }
        }

        static LedgerFile.Verified read(Path folder, Consumer<String> line) {
            try {
                return LedgerFile.read(folder, line);
            } catch (IOException e) {
                throw new CommandFailure(
                        String.valueOf(e.getMessage()),
                        "keep the file as it is, and compare it with its newest backup: whoever can write it is at fault");
            }
        }

        /** Is it whole? */
        @Command(
                name = "verify",
                mixinStandardHelpOptions = true,
                description = {
                    "Checks that no line of the ledger was changed, taken out or put in, and prints the last number and",
                    "hash. Keep these elsewhere: they show a ledger whose end was cut off."
                })
        static final class Verify implements Callable<Integer> {
            @Spec
            private CommandSpec spec = CommandSpec.create();

            @Mixin
            private VaultFolder vault = new VaultFolder();

            @Override
            public Integer call() {
                LedgerFile.Verified verified = read(vault.folder(), line -> {});
                PrintWriter out = spec.commandLine().getOut();
                out.println(verified.lines() + " openings, none touched; last hash " + verified.hash());
                out.flush();
                return 0;
            }
        }
    }

    /** In a process of its own. */
    @Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            description = {
                "Answers a hub from a process of its own, under a user of its own, until SIGTERM or Ctrl-C.",
                "The socket is open to this user and its group: put the hub's user into that group.",
                "Whoever asks is written into the ledger as the kernel knows it."
            })
    static final class Serve implements Callable<Integer> {
        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Option(
                names = "--socket",
                required = true,
                paramLabel = "PATH",
                description = "The Unix-domain socket, as in hub.yaml: vault: {socket: PATH}.")
        private Path socket = Path.of("");

        @Override
        public Integer call() throws IOException, InterruptedException {
            CountDownLatch end = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, closed), "stop"));
            try (Vault open = Vault.open(vault.folder(), "vault", Clock.systemUTC());
                    VaultSocket answering = VaultSocket.open(open, socket)) {
                Logger.info(
                        "the vault {} answers at {}", open.sealingKey().kid().hex(), answering.path());
                end.await();
                return 0;
            } finally {
                closed.countDown();
            }
        }

        private static void stop(CountDownLatch end, CountDownLatch closed) {
            end.countDown();
            try {
                if (!closed.await(5, TimeUnit.SECONDS)) {
                    Logger.warn("the vault did not close within 5 s");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
