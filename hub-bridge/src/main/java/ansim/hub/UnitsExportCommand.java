package ansim.hub;

import ansim.hub.view.Registry.Registered;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units export}: the registry for another program; as CSV with the columns that {@code units import} reads. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes the units, all or those that are asked for, as CSV or one JSON object a line.",
            "The CSV has the columns that units import reads; the JSON also ids, keys, dates and states."
        },
        footer = {"", "  hub-bridge units export --company 한빛운수 hanbit.csv"})
final class UnitsExportCommand implements Callable<Integer> {
    private static final String[] COLUMNS = {
        "serial", "vehicle", "site", "company", "kind", "district", "position", "group"
    };

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private UnitsWanted wanted = new UnitsWanted();

    @Option(names = "--json", description = "One JSON object a line, instead of CSV.")
    private boolean json;

    @Option(names = "--csv", description = "CSV, which it is anyway.")
    private boolean csv;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "Where to; - or nothing is standard output.")
    private Path file = Path.of("-");

    @Override
    public Integer call() throws IOException {
        if (json && csv) {
            throw new CommandFailure("--json and --csv cannot both be", "one of them");
        }
        List<Registered> units = wanted.find(spec, hub);
        if (file.toString().equals("-")) {
            PrintWriter out = spec.commandLine().getOut();
            write(units, out);
            out.flush();
            return 0;
        }
        // No half of it under its name.
        Path draft = file.resolveSibling(file.getFileName() + ".part");
        try (Writer out = Files.newBufferedWriter(draft, StandardCharsets.UTF_8)) {
            write(units, out);
        }
        Files.move(draft, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        return 0;
    }

    private void write(List<Registered> units, Writer out) throws IOException {
        if (json) {
            for (Registered each : units) {
                out.write(UnitsListCommand.json(each) + "\n");
            }
            return;
        }
        CSVPrinter printer = new CSVPrinter(
                out, CSVFormat.RFC4180.builder().setHeader(COLUMNS).get());
        for (Registered each : units) {
            boolean moves = each.unit().kind().equals("taxi");
            printer.printRecord(
                    each.box().serial().orElse(""),
                    moves ? each.unit().vehicle() : "",
                    moves ? "" : each.unit().vehicle(),
                    each.unit().company(),
                    each.unit().kind(),
                    each.unit().service().district(),
                    each.unit().place().map(UnitsCommand::degrees).orElse(""),
                    each.unit().service().group());
        }
        printer.flush();
    }
}
