package ansim.hub;

import ansim.hub.core.EntryReader;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What is stored of rides: how it is seen, how it is erased, and how the keys are kept. */
@Command(
        name = "rides",
        description =
                "Lists and shows rides, erases what is stored of one, shows what was erased, carries the ride keys.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RidesListCommand.class,
            RidesShowCommand.class,
            RideErasureCommand.class,
            RidesCommand.Erased.class,
            RidesCommand.CopyKeys.class,
            RidesCommand.GiveUp.class
        })
final class RidesCommand {
    private RidesCommand() {}

    /** The keys of a hub that may run. */
    static RideKeys openKeys(Path data) throws IOException {
        Path file = data.resolve(HubFolder.RIDE_KEYS);
        if (!Files.exists(file)) {
            throw new CommandFailure(
                    "there are no ride keys in " + data, "naming the hub with --config FILE or --data DIR");
        }
        return RideKeys.open(
                file,
                RideKeys.logOf(file).orElseThrow(() -> new CommandFailure(file + " does not read", LogSeal.PUT_BACK)),
                new SecureRandom());
    }

    /** Shows and checks the record of what was erased. */
    @Command(
            name = "erasures",
            description = {
                "Prints what was erased, when and why, and checks that the record is whole: each names the hash of the one",
                "before it. Reads the log of a hub that does not run, or of a backup, and says how far it is if that takes long."
            },
            mixinStandardHelpOptions = true)
    static final class Erased implements Callable<Integer> {
        private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(
                names = "--json",
                description = "One JSON object a line; the last one has the count and the record's head.")
        private boolean json;

        @Parameters(arity = "0..1", paramLabel = "DIR", description = "A backup (default: the hub's data folder).")
        private Optional<Path> directory = Optional.empty();

        @Override
        public Integer call() throws IOException {
            Path log = directory.orElseGet(hub::data).resolve(MirrorFolder.LOG);
            if (!Files.isDirectory(log)) {
                throw new CommandFailure("there is no log in " + log.getParent(), "naming a backup or the hub");
            }
            try (Journal journal = Journal.open(log, JournalOptions.hub(), JournalFiles.real());
                    JournalReader reader = journal.reader(1)) {
                print(reader, journal.durableIndex());
            } catch (JournalException e) {
                throw new CommandFailure(
                        String.valueOf(e.getMessage()),
                        "a backup's folder instead: hub-bridge backup DIR, while the hub runs");
            }
            return 0;
        }

        private void print(JournalReader reader, long end) throws IOException {
            PrintWriter out = spec.commandLine().getOut();
            Id16 head = new Id16(0, 0);
            long keys = 0;
            long toldNanos = System.nanoTime();
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                Stored stored = next.get();
                if (System.nanoTime() - toldNanos > TELL_EVERY_NANOS) {
                    toldNanos = System.nanoTime();
                    PrintWriter err = spec.commandLine().getErr();
                    err.println("at log entry " + stored.index() + " of " + end);
                    err.flush();
                }
                LogEntry entry = EntryReader.OUTLINES.read(stored.index(), stored.keyId(), stored.payload());
                if (entry.input() instanceof Input.Erasure erasure) {
                    if (!erasure.previous().equals(head)) {
                        throw new CommandFailure(
                                "the record of erasures is broken at log entry " + stored.index(),
                                "the mirror or an older backup: one of the records before it is missing or another one");
                    }
                    head = Id16.first(sha256(stored.payload()));
                    keys += erasure.items().size();
                    show(out, erasure);
                }
            }
            out.println(
                    json
                            ? object().put("erased", keys)
                                    .put("head", head.hex())
                                    .toString()
                            : keys + " erased, the record is whole, its head is " + head.hex());
            out.flush();
        }

        private static ObjectNode object() {
            return JsonNodeFactory.instance.objectNode();
        }

        private void show(PrintWriter out, Input.Erasure erasure) {
            for (Input.Erasure.Item item : erasure.items()) {
                if (json) {
                    ObjectNode line = object().put("at", UnitsCommand.time(erasure.arrivedMs()))
                            .put("key", item.keyId());
                    item.ride()
                            .ifPresent(each -> line.put("unit", UnitsCommand.dashed(each.unit()))
                                    .put("ride", each.ride().hex()));
                    out.println(line.put("reason", erasure.reason()));
                    continue;
                }
                String what = item.ride()
                        .map(each -> UnitsCommand.dashed(each.unit()) + "/"
                                + each.ride().hex())
                        .orElse("a day outside rides, key " + item.keyId());
                out.println(UnitsCommand.time(erasure.arrivedMs()) + "  " + what + "  " + erasure.reason());
            }
        }

        private static byte[] sha256(byte[] bytes) {
            try {
                return MessageDigest.getInstance("SHA-256").digest(bytes);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every JDK has SHA-256", e);
            }
        }
    }

    /** Carries the keys. */
    @Command(
            name = "copy-keys",
            description = {
                "Copies the ride keys into FILE, while the hub runs. What is erased in the hub later stays readable with",
                "that copy: keep it apart from backups, and make a new one and destroy the old one often."
            },
            mixinStandardHelpOptions = true)
    static final class CopyKeys implements Callable<Integer> {
        @Mixin
        private HubFolder hub = new HubFolder();

        @Parameters(paramLabel = "FILE", description = "A new file, for its owner's eyes only.")
        private Path file = Path.of("");

        @Override
        public Integer call() throws IOException {
            if (Files.exists(file)) {
                throw new CommandFailure(file + " is there already", "a new name, or destroy the old copy first");
            }
            try (RideKeys keys = openKeys(hub.data())) {
                keys.copyTo(file);
            }
            MirrorFolder.force(file);
            return 0;
        }
    }

    /** Says that keys are lost. */
    @Command(
            name = "give-up",
            description = {
                "The ride keys are lost: whatever was sealed under those that are missing reads as erased from now on,",
                "and the hub starts again. With the hub stopped, and only when no copy of ridekeys.db is left."
            },
            mixinStandardHelpOptions = true)
    static final class GiveUp implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Option(
                names = {"-y", "--yes"},
                description = "Yes, they are lost.")
        private boolean yes;

        @Override
        public Integer call() throws IOException {
            if (!yes) {
                throw new CommandFailure("nothing was changed", "--yes, when no copy of ridekeys.db is left");
            }
            Path data = hub.data();
            try (Journal log = Journal.open(data.resolve(MirrorFolder.LOG), JournalOptions.hub(), JournalFiles.real());
                    JournalReader reader = log.reader(1)) {
                long newest = 0;
                for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                    newest = Math.max(newest, next.get().keyId().orElse(0));
                }
                RideKeys.giveUp(data.resolve(HubFolder.RIDE_KEYS), log.journalId(), newest);
                PrintWriter out = spec.commandLine().getOut();
                out.println("keys up to " + newest + " that are missing are given up");
                out.flush();
            } catch (JournalException e) {
                throw new CommandFailure(String.valueOf(e.getMessage()), "stopping the hub first");
            }
            return 0;
        }
    }
}
