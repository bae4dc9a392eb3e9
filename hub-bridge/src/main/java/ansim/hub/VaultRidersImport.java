package ansim.hub;

import ansim.hub.ledger.ConsoleReads;
import ansim.hub.vault.Riders;
import ansim.hub.vault.RidersImport;
import ansim.settings.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge vault riders import}: from CSV. */
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
            "card may also be sealed:UNIT:RIDE:CARD in hex, as a unit sealed it to this vault. Before one is opened a",
            "line in vault-console.jsonl says so (hub-bridge vault ledger); if none can be written, none is opened.",
            "home is the code of the district where the rider lives (hub-bridge districts list).",
            "The last four columns may be left out. tells is of what a guardian is told (boarded alighted if it is",
            "empty; also emergency, lost), or own for the rider's own address, which gets word of each provision",
            "to others, or own-30 of each thirty. Nothing is sent before the day of consent; by is who took it down."
        })
final class VaultRidersImport implements Callable<Integer> {
    private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(3);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private VaultFolder vault = new VaultFolder();

    @Mixin
    private WhoReads who = new WhoReads();

    @Parameters(paramLabel = "FILE", description = "The CSV file, in UTF-8; - reads standard input.")
    private String file = "";

    @Override
    public Integer call() throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        ConsoleReads.Reader by = who.reader(spec);
        RidersImport.Progress progress =
                new RidersImport.Progress(progress(err, "lines read"), progress(err, "riders added"));
        try (Riders riders = Riders.open(vault.folder());
                BufferedReader csv = reader()) {
            RidersImport.Imported done = RidersImport.bring(vault.folder(), csv, by, Clock.systemUTC(), progress);
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
