package ansim.hub;

import ansim.hub.core.Input;
import ansim.hub.core.UnitRide;
import ansim.hub.deliver.Delivery;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Destroys a ride's key: by itself where no hub runs, otherwise by leaving word for the hub, which has the log. */
@Command(
        name = "erase",
        description = {
            "Destroys the key under which a ride is sealed, whether the hub runs or not. There is no way back.",
            "Its messages become noise: in the log, its mirror and every backup. That they came, their numbers and hashes",
            "stay, so that receipts and the evidence of other rides still verify. Centres keep what they were sent.",
            "Without a running hub, guardians' files follow at its next start."
        },
        mixinStandardHelpOptions = true)
final class RideErasureCommand implements Callable<Integer> {
    /** Views that are far behind the log are waited for so long. */
    private static final Duration WAIT = Duration.ofMinutes(2);

    private static final Duration LOOK = Duration.ofMillis(100);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private RideName name = new RideName();

    @Option(
            names = "--reason",
            required = true,
            paramLabel = "TEXT",
            description = "Why; it is kept for ever: no names, no plate.")
    private String reason = "";

    @Option(names = "--emergency", description = "Also when there was an emergency in it, which is evidence.")
    private boolean emergency;

    @Override
    public Integer call() throws IOException, InterruptedException {
        UnitRide which = name.ride(spec);
        String why = reason.strip();
        if (why.isEmpty()
                || why.length() > Input.Erasure.MAX_REASON
                || why.chars().anyMatch(Character::isISOControl)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--reason must have 1 to " + Input.Erasure.MAX_REASON + " characters, on one line");
        }
        Path data = hub.data();
        try (RideKeys keys = RidesCommand.openKeys(data)) {
            wish(keys, which, why);
        }
        boolean here = eraseHere(data);
        if (!here) {
            await(data, which);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("erased " + UnitsCommand.dashed(which.unit()) + "/"
                + which.ride().hex());
        if (here && Files.exists(data.resolve(SideFiles.GUARDIANS))) {
            out.println("guardians' files follow at the hub's next start");
        }
        out.flush();
        return 0;
    }

    private void wish(RideKeys keys, UnitRide which, String why) throws IOException {
        switch (keys.wish(which, why, emergency)) {
            case EMERGENCY ->
                throw new CommandFailure(
                        "there was an emergency in this ride: what is stored of it is evidence",
                        "--emergency, if it is to be erased all the same");
            case NOTHING ->
                throw new CommandFailure(
                        "nothing that can be erased is stored of this ride: there is none of that name, it is erased"
                                + " already, or it was stored before rides were sealed",
                        "the ids as the events have them (data.unit and data.ride)");
            default -> {
                // Noted: whoever has the log does the rest.
            }
        }
    }

    /** Without a running hub. False when one runs: it does it. */
    private boolean eraseHere(Path data) throws IOException, InterruptedException {
        try (Journal log = Journal.open(data.resolve(MirrorFolder.LOG), JournalOptions.hub(), JournalFiles.real())) {
            Optional<Path> mirror = hub.configIfAny().flatMap(each -> each.log().mirror());
            if (mirror.isPresent()) {
                MirrorFolder folder = new MirrorFolder(data, mirror.get());
                try (HubLog both = HubLog.mirrored(log, folder.log(), JournalOptions.hub(), JournalFiles.real());
                        RideKeys keys = RideKeys.open(
                                data.resolve(HubFolder.RIDE_KEYS),
                                folder.rideKeys(),
                                log.journalId(),
                                new SecureRandom())) {
                    erase(data, log, both, keys, Optional.of(folder));
                }
            } else {
                try (RideKeys keys =
                        RideKeys.open(data.resolve(HubFolder.RIDE_KEYS), log.journalId(), new SecureRandom())) {
                    erase(data, log, HubLog.alone(log), keys, Optional.empty());
                }
            }
            return true;
        } catch (JournalException e) {
            if (e.reason() == JournalException.Reason.LOCKED) {
                return false;
            }
            throw e;
        }
    }

    private static void erase(Path data, Journal log, HubLog both, RideKeys keys, Optional<MirrorFolder> mirror)
            throws IOException, InterruptedException {
        LogSeal seal = new LogSeal(keys, log.journalId(), new SecureRandom());
        Erasures.Copies copies =
                mirror.<Erasures.Copies>map(folder -> folder::copySnapshots).orElse(() -> {});
        try (LedgerKeys ledgerKeys = HubFolder.ledgerKeys(data, mirror.map(MirrorFolder::folder));
                LedgerKeys consoleKeys = HubFolder.consoleKeys(data, mirror.map(MirrorFolder::folder));
                Intake intake = Intake.start(
                        both.sealedBy(seal)
                                .seenThrough(
                                        Delivery.indexedThrough(data.resolve(MirrorFolder.INDEX), log.journalId())),
                        data.resolve(MirrorFolder.SNAPSHOTS),
                        HubKey.open(data.resolve(HubFolder.KEY), new SecureRandom()),
                        failed -> {});
                Views views = Views.open(
                        data.resolve("views.db"), log.journalId(), log.durableIndex(), ZoneId.systemDefault());
                ViewTail tail = ViewTail.start(log, seal, views);
                Erasures erasures = new Erasures(
                        new Erasures.Parts(
                                log, keys, List.of(ledgerKeys, consoleKeys), intake, tail.views(), List.of(), copies),
                        Map.of(),
                        Clock.systemUTC())) {
            long deadline = System.nanoTime() + WAIT.toNanos();
            while (!erasures.work()) {
                pause(deadline);
            }
        }
    }

    private static void await(Path data, UnitRide which) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WAIT.toNanos();
        try (RideKeys keys = RidesCommand.openKeys(data)) {
            while (!keys.isDone(which)) {
                pause(deadline);
            }
        }
    }

    private static void pause(long deadline) throws InterruptedException {
        if (System.nanoTime() > deadline) {
            throw new CommandFailure(
                    "the ride is to be erased, but not every file is rewritten after " + WAIT.toSeconds() + " s",
                    "the hub's own log says what keeps it; it goes on by itself, also after a restart");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
    }
}
