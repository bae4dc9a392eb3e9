package ansim.hub;

import ansim.hub.guardian.GuardianSettings;
import ansim.hub.guardian.Posting;
import ansim.hub.vault.Vault;
import ansim.hub.vault.VaultSocket;
import ansim.settings.Settings;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The rider vault: its key, its riders, its ledger. */
@Command(
        name = "vault",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "The rider vault turns a sealed card into a rider's home district and guardians.",
            "Cards travel sealed to its key; nothing but the vault can open them, and each opening",
            "is written to a ledger first. It keeps no card number, only what it knows one by.",
            ""
        },
        footerHeading = "%nTo begin:%n",
        footer = {
            "  hub-bridge vault init --config hub.yaml                 makes the vault, in the hub's data folder",
            "  hub-bridge vault key show --config hub.yaml             what units seal to: agent.yaml, hub: {vault-key: FILE}",
            "  hub-bridge vault riders import - --config hub.yaml      the riders, as CSV; its --help shows the columns",
            "  hub-bridge vault notices --config hub.yaml              what guardians are told: waits, sent, failed",
            "  hub-bridge vault ledger verify --config hub.yaml        has anybody touched the ledgers?",
            "",
            "In a process and under a user of its own:",
            "  sudo -u vault hub-bridge vault init --vault /var/lib/ansim-vault",
            "  sudo -u vault hub-bridge vault serve --vault /var/lib/ansim-vault --socket /run/ansim/vault.sock",
            "and in hub.yaml:  vault: {socket: /run/ansim/vault.sock}"
        },
        subcommands = {
            VaultCommand.Init.class,
            VaultCommand.Key.class,
            VaultRidersCommand.class,
            VaultNoticesCommand.class,
            VaultLedgerCommand.class,
            VaultCommand.Serve.class
        })
final class VaultCommand {
    private VaultCommand() {}

    /** Makes it. */
    @Command(
            name = "init",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a new vault: a key that only its owner can read, and no riders yet. Prints the public key.",
                "Before the first units enrol, if you can: they get the key then. Later it prints what to do.",
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
            PrintWriter next = spec.commandLine().getErr();
            next.println(
                    "A running hub opens its vault when it starts: start it again. A card that a unit reads before it has");
            next.println(
                    "this key is nobody's. It gets the key when it enrols and with each new certificate; without one also");
            next.println("within an hour of each start, and of: hub-bridge commands send UNIT re-enrol");
            next.println(
                    "A vault in another process: hub-bridge vault key show > FILE, and vault: {socket: ..., key: FILE} in hub.yaml");
            next.flush();
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

    /** In a process of its own. */
    @Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            description = {
                "Answers a hub from a process of its own, under a user of its own, until SIGTERM or Ctrl-C.",
                "The socket is open to this user and its group: put the hub's user into that group.",
                "Whoever asks is written into the ledger as the kernel knows it.",
                "With --guardians it also sends what guardians are told: contacts never leave this process.",
                "Without --riders whoever is in that group can have cards opened and hand in notices, and no more."
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

        @Option(
                names = "--guardians",
                paramLabel = "FILE",
                description = "Settings of the ways to guardians: a YAML file with what stands under guardians: in a"
                        + " hub.yaml.")
        private Optional<Path> guardians = Optional.empty();

        @Option(
                names = "--riders",
                description = {
                    "The hub's API may also list, add, suspend and resume riders (/v1/riders of hub.yaml's api);",
                    "without, it answers 501 there. Guardians' addresses then come in through the hub; none goes out."
                })
        private boolean riders;

        @Override
        public Integer call() throws IOException, InterruptedException {
            CountDownLatch end = new CountDownLatch(1);
            CountDownLatch closed = new CountDownLatch(1);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(end, closed), "stop"));
            GuardianSettings ways = guardians
                    .map(file -> Settings.load(file, GuardianSettings.class))
                    .orElseGet(() -> Settings.read("guardians", "language: ko", GuardianSettings.class));
            try (Vault open = Vault.open(vault.folder(), "vault", Clock.systemUTC());
                    Posting posting = Guardians.send(open, ways);
                    VaultSocket answering =
                            VaultSocket.open(open, riders ? Optional.of(open) : Optional.empty(), socket)) {
                Logger.info(
                        "the vault {} answers at {}{}, and sends to guardians by {}",
                        open.sealingKey().kid().hex(),
                        answering.path(),
                        riders ? ", also about riders" : "",
                        posting.channels());
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
