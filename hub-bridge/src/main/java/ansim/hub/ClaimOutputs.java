package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.settings.CommandFailure;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.ClaimCode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Where codes go, and the only place: a sheet to print, and a folder of files for USB sticks. Whole under their names only after
 * {@link #finish}, so that what is there holds codes that the hub knows. One thread.
 */
final class ClaimOutputs implements AutoCloseable {
    private static final String PART = ".part";
    private static final String CLAIM = "ansim-claim.json";

    private final Optional<Path> sheetFile;
    private final Optional<ClaimSheet> sheet;
    private final Optional<Path> folder;
    private final Optional<Writer> index;
    private final String hub;
    private final String ca;

    /**
     * Begins.
     *
     * @param sheet the HTML file
     * @param folder of the claim files; made if missing
     * @param hub the enrolment door's address
     */
    ClaimOutputs(Optional<Path> sheet, Optional<Path> folder, String hub, Authority authority) throws IOException {
        this.sheetFile = sheet;
        this.folder = folder;
        this.hub = hub;
        this.ca = HexFormat.of().formatHex(Certificates.keyHash(authority.certificate()));
        this.sheet =
                sheet.isPresent() ? Optional.of(new ClaimSheet(privately(part(sheet.get())), hub)) : Optional.empty();
        if (folder.isPresent()) {
            Files.createDirectories(
                    folder.get(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            this.index = Optional.of(privately(part(folder.get().resolve("index.csv"))));
            this.index.get().write("folder,vehicle,serial\r\n");
        } else {
            this.index = Optional.empty();
        }
    }

    private static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + PART);
    }

    private static Writer privately(Path file) throws IOException {
        Files.deleteIfExists(file);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be written: " + e.getMessage(), "another place for it");
        }
        return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    /** A claim with its code, or without: then its card has none, and no file is written. */
    void add(UnitRecord.Service service, Optional<String> serial, long expiresMs, Optional<ClaimCode> code)
            throws IOException {
        String vehicle = service.vehicle();
        if (sheet.isPresent()) {
            String after = serial.or(() -> code.map(ClaimCode::grouped)).orElse("");
            sheet.get()
                    .add(new ClaimSheet.Card(
                            vehicle,
                            service.company(),
                            serial,
                            code.map(ClaimCode::grouped),
                            Optional.of(LocalDate.ofInstant(Instant.ofEpochMilli(expiresMs), ZoneId.systemDefault())),
                            hub + "/claim#" + after));
        }
        if (folder.isPresent() && code.isPresent()) {
            write(folder.get(), vehicle, serial, code.get());
        }
    }

    /** A box that anybody may take out of the crate. */
    void add(String serial) throws IOException {
        if (sheet.isPresent()) {
            sheet.get()
                    .add(new ClaimSheet.Card(
                            serial,
                            "",
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            hub + "/claim#" + serial));
        }
    }

    /** Named by the locator: no plate in a file's name. */
    private void write(Path into, String vehicle, Optional<String> serial, ClaimCode code) throws IOException {
        Path own = into.resolve(code.locator());
        Files.createDirectories(
                own, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try (Writer out = privately(own.resolve(CLAIM))) {
            out.write(JsonNodeFactory.instance
                    .objectNode()
                    .put("hub", hub)
                    .put("code", code.digits())
                    .put("ca", ca)
                    .toString());
            out.write("\n");
        }
        index.orElseThrow().write(code.locator() + "," + quoted(vehicle) + "," + quoted(serial.orElse("")) + "\r\n");
    }

    /** RFC 4180. */
    private static String quoted(String text) {
        return "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /** Writes everything to the disk, not yet under its name. */
    void force() throws IOException {
        close();
        if (sheetFile.isPresent()) {
            MirrorFolder.force(part(sheetFile.get()));
        }
        if (folder.isPresent()) {
            MirrorFolder.force(part(folder.get().resolve("index.csv")));
        }
    }

    /** Gives the files their names. */
    void finish() throws IOException {
        if (sheetFile.isPresent()) {
            move(sheetFile.get());
        }
        if (folder.isPresent()) {
            move(folder.get().resolve("index.csv"));
        }
    }

    private static void move(Path file) throws IOException {
        Files.move(part(file), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void close() throws IOException {
        if (sheet.isPresent()) {
            sheet.get().close();
        }
        if (index.isPresent()) {
            index.get().close();
        }
    }
}
