package ansim.hub;

import ansim.hub.core.Event;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.hub.evidence.Collector;
import ansim.hub.evidence.Evidence;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.settings.CommandFailure;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge evidence RIDE}: what a court gets. */
@Command(
        name = "evidence",
        mixinStandardHelpOptions = true,
        description = {
            "Writes all that was signed of a ride to standard output, for hub-bridge verify FILE, which needs no hub.",
            "Its messages as the unit signed them, those between them in their chains, the keys, and the hub's seal over all.",
            "Works while the hub runs. What belongs to other rides is left out: its numbers and hashes are there."
        })
final class EvidenceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private RideName name = new RideName();

    @Mixin
    private WhoReads reads = new WhoReads();

    @Option(
            names = "--from-entry",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Read the log from this entry on; the ride must not have begun before (default: from the first).")
    private long from = 1;

    private final OutputStream output;

    /** For picocli. */
    EvidenceCommand() {
        this(System.out);
    }

    EvidenceCommand(OutputStream output) {
        this.output = output;
    }

    @Override
    public Integer call() throws IOException {
        UnitRide ride = name.ride(spec, hub);
        Path data = hub.data();
        Path folder = data.resolve(MirrorFolder.LOG);
        if (!Files.isDirectory(folder)) {
            throw new CommandFailure(
                    "there is no hub's log in " + data, "naming the hub with --config FILE or --data DIR");
        }
        SigningKey key = HubKey.read(data.resolve(HubFolder.KEY))
                .orElseThrow(() -> new CommandFailure(
                        "there is no " + data.resolve(HubFolder.KEY), "the folder of a hub that has run once"));
        try (Journal log = Journal.open(folder, JournalOptions.hub(), JournalFiles.reading());
                RideKeys keys = RideKeys.open(data.resolve(HubFolder.RIDE_KEYS), log.journalId(), new SecureRandom());
                JournalReader reader = log.reader(from)) {
            Collector collector = new Collector(ride, new LogSeal(keys, log.journalId(), new SecureRandom()));
            collector.read(reader, index -> progress(index, log.durableIndex()));
            List<Evidence.Item> items = collector.items();
            Evidence evidence =
                    new Evidence(subject(data, ride, collector, items), log.journalId(), collector.through(), items);
            reads.writeDown(spec, hub, List.of(ride));
            output.write(evidence.file(key, Instant.now()));
            output.flush();
        } catch (JournalException e) {
            throw new CommandFailure("the log in " + data + " cannot be read: " + e.getMessage(), "hub-bridge run");
        } catch (Collector.TooMany e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), "--from-entry N, nearer to the ride's beginning");
        }
        return 0;
    }

    private void progress(long index, long of) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf("reading the log: %,d of %,d entries%n", index, of);
        err.flush();
    }

    private static Evidence.Subject subject(Path data, UnitRide ride, Collector collector, List<Evidence.Item> items)
            throws IOException {
        Evidence.Signed first = items.stream()
                .filter(each -> each instanceof Evidence.Signed signed && signed.role() == Evidence.Role.RIDE)
                .map(each -> (Evidence.Signed) each)
                .findFirst()
                .orElseThrow(() -> new CommandFailure(
                        "the log has no readable message of this ride: there is none of that name, or it was erased",
                        "the ids as the events have them (data.unit and data.ride); hub-bridge rides erasures lists"
                                + " what was erased"));
        try (Registry registry = Registry.open(data.resolve(HubFolder.REGISTRY))) {
            UnitRecord unit = registry.unit(ride.unit())
                    .map(Registry.Registered::unit)
                    .orElseThrow(() -> new CommandFailure(
                            "unit " + ride.unit() + " is not registered", "the hub's own registry.db"));
            // As the hub told it then: a unit without a clock does not say when that was.
            UnitRecord.Service then = unit.at(first.arrived().toEpochMilli());
            return new Evidence.Subject(
                    ride.unit(),
                    ride.ride(),
                    collector.told().map(Event::vehicle).orElse(then.vehicle()),
                    collector.told().map(Event::company).orElse(then.company()),
                    unit.revoked(),
                    unit.keys());
        }
    }
}
