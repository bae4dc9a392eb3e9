package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.settings.CommandFailure;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * A folder of claim files for USB sticks, as one of {@link ClaimOutputs}. Its {@code index.csv} says which is whose: what another import
 * has written there stays, a line for each vehicle or site, and one whose file is there and whose line is missing gets it back. One thread.
 */
final class StickFolder implements ClaimOutputs.Output {
    private static final String CLAIM = "ansim-claim.json";
    /** The serial last, where it always was. */
    private static final List<String> COLUMNS = List.of("folder", "vehicle", "kind", "position", "serial");

    private final Path folder;
    private final Path index;
    private final String hub;
    private final String ca;
    /** Of earlier imports. */
    private final List<Line> before;

    private final Set<String> written = new HashSet<>();
    private final Writer out;

    /** Of the index. */
    private record Line(String folder, String vehicle, String kind, String position, String serial) {
        static Line of(String folder, ClaimOutputs.Shown claim) {
            UnitRecord.Service service = claim.service();
            return new Line(
                    folder,
                    service.vehicle(),
                    service.kind(),
                    service.place().map(UnitsCommand::degrees).orElse(""),
                    claim.serial().orElse(""));
        }

        static Line of(CSVRecord record) {
            List<String> cells = COLUMNS.stream()
                    .map(column -> record.isSet(column) ? record.get(column) : "")
                    .toList();
            return new Line(cells.get(0), cells.get(1), cells.get(2), cells.get(3), cells.get(4));
        }

        /** RFC 4180. */
        String csv() {
            return folder + ","
                    + List.of(vehicle, kind, position, serial).stream()
                            .map(cell -> "\"" + cell.replace("\"", "\"\"") + "\"")
                            .collect(Collectors.joining(","))
                    + "\r\n";
        }
    }

    StickFolder(Path folder, String hub, Authority authority) throws IOException {
        this.folder = folder;
        this.index = folder.resolve("index.csv");
        this.hub = hub;
        this.ca = HexFormat.of().formatHex(Certificates.keyHash(authority.certificate()));
        Files.createDirectories(folder, owners());
        this.before = before(index);
        this.out = ClaimOutputs.privately(ClaimOutputs.part(index));
        out.write(String.join(",", COLUMNS) + "\r\n");
    }

    private static FileAttribute<Set<PosixFilePermission>> owners() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    }

    private static List<Line> before(Path index) throws IOException {
        if (!Files.exists(index)) {
            return List.of();
        }
        List<Line> lines = new ArrayList<>();
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        try (Reader in = Files.newBufferedReader(index, StandardCharsets.UTF_8);
                CSVParser parser = CSVParser.parse(in, format)) {
            for (CSVRecord record : parser) {
                lines.add(Line.of(record));
            }
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            throw new CommandFailure(
                    index + " is there and cannot be read: " + e.getMessage(), "another folder for --claims");
        }
        return lines;
    }

    @Override
    public void add(ClaimOutputs.Shown claim) throws IOException {
        if (claim.locator().isEmpty()) {
            return;
        }
        String locator = claim.locator().get();
        Path own = folder.resolve(locator);
        if (claim.code().isPresent()) {
            write(own, claim.code().get());
        } else if (!Files.exists(own.resolve(CLAIM))) {
            return;
        }
        out.write(Line.of(locator, claim).csv());
        written.add(claim.service().vehicle());
    }

    @Override
    public void addBox(String serial) {
        // Has no code.
    }

    /** Named by the locator: no plate in a file's name. */
    private void write(Path own, ClaimCode code) throws IOException {
        Files.createDirectories(own, owners());
        try (Writer claim = ClaimOutputs.privately(own.resolve(CLAIM))) {
            claim.write(JsonNodeFactory.instance
                    .objectNode()
                    .put("hub", hub)
                    .put("code", code.digits())
                    .put("ca", ca)
                    .toString());
            claim.write("\n");
        }
    }

    @Override
    public void force() throws IOException {
        for (Line each : before) {
            if (!each.folder().isEmpty() && !written.contains(each.vehicle())) {
                out.write(each.csv());
            }
        }
        close();
        MirrorFolder.force(ClaimOutputs.part(index));
    }

    @Override
    public void finish() throws IOException {
        ClaimOutputs.move(index);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
