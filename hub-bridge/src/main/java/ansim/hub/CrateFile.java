package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.wire.Pos;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The CSV of {@code units import}: a row names a box by its serial, what it is for by vehicle or site, or both. RFC 4180, UTF-8, columns in
 * any order under their names. Every problem is found at once.
 */
final class CrateFile {
    static final int MAX_ROWS = 1_000_000;
    static final int MAX_PROBLEMS = 1_000;

    private static final Set<String> COLUMNS =
            Set.of("serial", "vehicle", "site", "company", "kind", "district", "position", "group");
    private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final char BOM = '\ufeff';

    /**
     * One row.
     *
     * @param serial of the box, if one is named
     * @param service what it is for, if that is named
     */
    record Row(Optional<String> serial, Optional<UnitRecord.Service> service) {}

    /**
     * What was read.
     *
     * @param rows in the order of the file
     * @param problems if there are any, nothing may be taken
     */
    record Parsed(List<Row> rows, List<Problem> problems) {}

    private final String name;
    private final List<Row> rows = new ArrayList<>();
    private final List<Problem> problems = new ArrayList<>();
    private final Map<String, Long> seen = new HashMap<>();

    private CrateFile(String name) {
        this.name = name;
    }

    static Parsed read(Path file) throws IOException {
        CrateFile crate = new CrateFile(file.toString());
        try (Reader in = new BufferedReader(new InputStreamReader(
                        Files.newInputStream(file),
                        StandardCharsets.UTF_8
                                .newDecoder()
                                .onMalformedInput(CodingErrorAction.REPORT)
                                .onUnmappableCharacter(CodingErrorAction.REPORT)));
                CSVParser parser = CSVParser.parse(
                        in,
                        CSVFormat.RFC4180.builder().setIgnoreEmptyLines(true).get())) {
            crate.read(parser);
        } catch (CharacterCodingException e) {
            crate.problem(0, "", "", "must be in UTF-8: in a spreadsheet program save as \"CSV UTF-8\"");
        } catch (CSVException e) {
            crate.problem(0, "", "", "must be CSV: " + e.getMessage());
        } catch (java.nio.file.NoSuchFileException e) {
            throw new CommandFailure(file + " does not exist", "naming the CSV file of the crates");
        }
        return new Parsed(List.copyOf(crate.rows), List.copyOf(crate.problems));
    }

    private void read(CSVParser parser) throws IOException {
        List<String> header = List.of();
        boolean first = true;
        try {
            for (CSVRecord record : parser) {
                long line = Math.max(1, parser.getCurrentLineNumber());
                if (first) {
                    header = header(record, line);
                    first = false;
                } else if (rows.size() >= MAX_ROWS || problems.size() >= MAX_PROBLEMS) {
                    problem(line, "", "", "must have at most " + MAX_ROWS + " rows; what follows was not looked at");
                    return;
                } else if (!header.isEmpty()) {
                    row(new Cells(header, record, line));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        if (first) {
            problem(1, "", "", "must begin with the columns' names, such as serial,vehicle,company,kind");
        }
    }

    /** Empty when the rest cannot be understood. */
    private List<String> header(CSVRecord record, long line) {
        List<String> found = new ArrayList<>();
        boolean good = true;
        for (String cell : record) {
            String column = (found.isEmpty() && !cell.isEmpty() && cell.charAt(0) == BOM ? cell.substring(1) : cell)
                    .strip()
                    .toLowerCase(Locale.ROOT);
            if (!COLUMNS.contains(column)) {
                problem(line, "", column, "must be one of the columns " + String.join(", ", new TreeSet<>(COLUMNS)));
                good = false;
            } else if (found.contains(column)) {
                problem(line, "", column, "must be there once");
                good = false;
            }
            found.add(column);
        }
        if (good && !found.contains("serial") && !found.contains("vehicle") && !found.contains("site")) {
            problem(line, "", "", "must have a column serial, vehicle or site");
            good = false;
        }
        return good ? List.copyOf(found) : List.of();
    }

    /** One record under its columns' names. */
    private record Cells(List<String> header, CSVRecord record, long line) {
        String get(String column) {
            int at = header.indexOf(column);
            return at < 0 || at >= record.size() ? "" : record.get(at).strip();
        }
    }

    private void row(Cells cells) {
        int before = problems.size();
        if (cells.record().size() > cells.header().size()) {
            problem(
                    cells.line(),
                    "",
                    "",
                    "must have " + cells.header().size() + " cells as the first line (got "
                            + cells.record().size() + "): a comma in a cell needs quotes around it");
            return;
        }
        Optional<String> serial = serial(cells);
        Optional<UnitRecord.Service> service = service(cells);
        if (problems.size() == before) {
            if (serial.isEmpty() && service.isEmpty()) {
                problem(cells.line(), "", "", "must have a serial, a vehicle or a site");
            } else {
                rows.add(new Row(serial, service));
            }
        }
    }

    private Optional<String> serial(Cells cells) {
        String serial = cells.get("serial");
        if (serial.isEmpty()) {
            return Optional.empty();
        }
        if (!SERIAL.matcher(serial).matches()) {
            problem(cells.line(), "serial", serial, "must be 1 to 64 letters, digits and . _ -");
        }
        once(cells, "serial", serial);
        return Optional.of(serial);
    }

    private void once(Cells cells, String column, String value) {
        Long other = seen.putIfAbsent(column + " " + value, cells.line());
        if (other != null) {
            problem(cells.line(), column, value, "must be there once (line " + other + " has it, too)");
        }
    }

    private Optional<UnitRecord.Service> service(Cells cells) {
        String vehicle = cells.get("vehicle");
        String site = cells.get("site");
        if (!vehicle.isEmpty() && !site.isEmpty()) {
            problem(cells.line(), "site", site, "must be empty when there is a vehicle");
        }
        if (vehicle.isEmpty() && site.isEmpty()) {
            for (String column : List.of("company", "kind", "district", "position", "group")) {
                if (!cells.get(column).isEmpty()) {
                    problem(cells.line(), column, cells.get(column), "must be empty without a vehicle or a site");
                }
            }
            return Optional.empty();
        }
        String column = vehicle.isEmpty() ? "site" : "vehicle";
        String subject = vehicle.isEmpty() ? site : vehicle;
        once(cells, "vehicle or site", subject);
        String kind = cells.get("kind").isEmpty() && !vehicle.isEmpty() ? "taxi" : cells.get("kind");
        if (!UnitsCommand.KINDS.contains(kind)) {
            problem(cells.line(), "kind", kind, "must be taxi, cctv-pole or locker-site");
        }
        Optional<Pos> position = position(cells);
        if (!site.isEmpty() && position.isEmpty() && cells.get("district").isEmpty()) {
            problem(cells.line(), "site", site, "must have a district or a position");
        }
        for (String each : List.of(column, "company", "district", "group")) {
            String text = cells.get(each);
            if (text.length() > UnitRecord.MAX_TEXT || text.chars().anyMatch(Character::isISOControl)) {
                problem(
                        cells.line(),
                        each,
                        text,
                        "must have at most " + UnitRecord.MAX_TEXT + " characters, on one line");
                return Optional.empty();
            }
        }
        return Optional.of(new UnitRecord.Service(
                subject, cells.get("company"), kind, position, cells.get("district"), cells.get("group")));
    }

    private Optional<Pos> position(Cells cells) {
        String text = cells.get("position");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(pos(text));
        } catch (IllegalArgumentException e) {
            problem(cells.line(), "position", text, "must be \"LAT,LON\" in degrees, such as \"37.4979,127.0276\"");
            return Optional.empty();
        }
    }

    /** A position as people write it, with a comma or blanks between. */
    static Pos pos(String text) {
        String[] parts = text.strip().split("\\s*,\\s*|\\s+", -1);
        if (parts.length != 2) {
            throw new IllegalArgumentException("two numbers are needed");
        }
        try {
            return Pos.of(e7(parts[0]), e7(parts[1]));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static int e7(String degrees) {
        return new BigDecimal(degrees)
                .movePointRight(7)
                .setScale(0, RoundingMode.HALF_UP)
                .intValueExact();
    }

    private void problem(long line, String column, String value, String rule) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(new Problem(name, (int) line, column, value, rule));
        }
    }
}
