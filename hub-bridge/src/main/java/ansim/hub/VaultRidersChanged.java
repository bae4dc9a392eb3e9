package ansim.hub;

import ansim.hub.VaultRidersCommand.OneGuardian;
import ansim.hub.VaultRidersCommand.OneRider;
import ansim.hub.vault.Guardian;
import ansim.hub.vault.Riders;
import ansim.settings.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is changed of one rider: guardians, consent, whether it is known at all. */
final class VaultRidersChanged {
    private VaultRidersChanged() {}

    /** One guardian more. */
    @Command(
            name = "add-guardian",
            mixinStandardHelpOptions = true,
            description = {
                "Adds a guardian to a rider, or the rider's own address (--tells own). The address is read from standard",
                "input, so that it stands in no history. Nothing is sent before consent is recorded."
            })
    static final class AddGuardian implements Callable<Integer> {
        @Mixin
        private OneRider rider = new OneRider();

        @Parameters(
                index = "1",
                paramLabel = "CHANNEL",
                description =
                        "mail, or one that a webhook is set for; api: for the city's app, which fetches it (GET /v1/notices).")
        private String channel = "";

        @Option(names = "--name", description = "What the rider calls them.")
        private String name = "";

        @Option(
                names = "--tells",
                description = "Some of: boarded alighted emergency lost (default: boarded alighted); or own, own-30.")
        private String tells = "";

        @Override
        public Integer call() throws IOException {
            String address = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            try (Riders riders = rider.open()) {
                Guardian guardian = Guardian.parse(channel, address == null ? "" : address.strip(), name, tells);
                rider.say("guardian " + riders.addGuardian(rider.id(), guardian).orElseThrow(rider::unknown));
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
        @Mixin
        private OneGuardian rider = new OneGuardian();

        @Override
        public Integer call() throws IOException {
            String of = rider.id();
            String whom = rider.guardian();
            try (Riders riders = rider.open()) {
                if (!riders.removeGuardian(of, whom)) {
                    throw rider.unknown();
                }
            }
            rider.say("removed " + whom);
            return 0;
        }
    }

    /** Whose word, and since when. */
    private static final class Word {
        @Option(names = "--by", required = true, description = "Who took it down, and on whose word.")
        private String by = "";

        @Option(names = "--from", description = "The day from which it counts, such as 2026-11-27 (default: now).")
        private Optional<LocalDate> from = Optional.empty();

        void record(OneGuardian rider, boolean given) throws IOException {
            String of = rider.id();
            String whom = rider.guardian();
            Clock clock = Clock.systemUTC();
            Instant since = from.map(
                            day -> day.atStartOfDay(ZoneId.systemDefault()).toInstant())
                    .orElseGet(clock::instant);
            try (Riders riders = rider.open()) {
                if (!riders.consent(of, whom, given, by, since, clock)) {
                    throw rider.unknown();
                }
            }
            rider.say((given ? "consent to tell " : "no consent to tell ") + whom + " from "
                    + since.truncatedTo(ChronoUnit.SECONDS));
        }
    }

    /** Yes. */
    @Command(
            name = "consent",
            mixinStandardHelpOptions = true,
            description = "Records a rider's consent that a guardian is told.")
    static final class GiveConsent implements Callable<Integer> {
        @Mixin
        private OneGuardian rider = new OneGuardian();

        @Mixin
        private Word word = new Word();

        @Override
        public Integer call() throws IOException {
            word.record(rider, true);
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
        @Mixin
        private OneGuardian rider = new OneGuardian();

        @Mixin
        private Word word = new Word();

        @Override
        public Integer call() throws IOException {
            word.record(rider, false);
            return 0;
        }
    }

    /** Whom, and on whose word. */
    private static final class Standing {
        @Option(names = "--by", required = true, description = "Who took it down, and on whose word.")
        private String by = "";

        void set(OneRider rider, boolean suspended) throws IOException {
            String id = rider.id();
            try (Riders riders = rider.open()) {
                if (!riders.suspend(id, suspended, by, Clock.systemUTC())) {
                    throw rider.unknown();
                }
            }
            rider.say((suspended ? "suspended " : "resumed ") + id);
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
        @Mixin
        private OneRider rider = new OneRider();

        @Mixin
        private Standing standing = new Standing();

        @Override
        public Integer call() throws IOException {
            standing.set(rider, true);
            return 0;
        }
    }

    /** Known again. */
    @Command(
            name = "resume",
            mixinStandardHelpOptions = true,
            description =
                    "Lets a suspended rider be known again, from the next ride on: those of meanwhile stay nobody's.")
    static final class Resume implements Callable<Integer> {
        @Mixin
        private OneRider rider = new OneRider();

        @Mixin
        private Standing standing = new Standing();

        @Override
        public Integer call() throws IOException {
            standing.set(rider, false);
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
        private OneRider rider = new OneRider();

        @Option(
                names = {"-y", "--yes"},
                description = "Do not ask.")
        private boolean yes;

        @Override
        public Integer call() throws IOException {
            String id = rider.id();
            if (!yes && !confirmed(id)) {
                throw new CommandFailure("nothing was changed", "--yes to erase without being asked");
            }
            try (Riders riders = rider.open()) {
                if (!riders.erase(id)) {
                    throw rider.unknown();
                }
            }
            rider.say("erased " + id);
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
