package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Claims;
import ansim.hub.view.Claims.Claim;
import ansim.settings.CommandFailure;
import ansim.trust.Authority;
import ansim.trust.ClaimCode;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where codes go, and the only place: a sheet to print, and a folder of files for USB sticks. Whole under their names only after
 * {@link #finish}, so that what is there holds codes that the hub knows. One thread.
 */
final class ClaimOutputs implements AutoCloseable {
    private static final String PART = ".part";

    private final List<Output> outputs = new ArrayList<>();

    /** One of the two. */
    interface Output extends AutoCloseable {
        /** Takes a claim. */
        void add(Shown claim) throws IOException;

        /** Takes a box that anybody may take out of the crate. */
        void addBox(String serial) throws IOException;

        /** Writes everything to the disk, not yet under its name. */
        void force() throws IOException;

        /** Gives it its name. */
        void finish() throws IOException;

        @Override
        void close() throws IOException;
    }

    /**
     * A claim as it is shown.
     *
     * @param code while it is known: the hub does not keep it
     * @param locator of its code, whether that is known or not
     */
    record Shown(
            UnitRecord.Service service,
            Optional<String> serial,
            long expiresMs,
            Optional<ClaimCode> code,
            Optional<String> locator) {}

    /**
     * Begins.
     *
     * @param sheet the HTML file
     * @param folder of the claim files; made if missing
     * @param hub the enrolment door's address
     */
    ClaimOutputs(Optional<Path> sheet, Optional<Path> folder, String hub, Authority authority) throws IOException {
        try {
            if (sheet.isPresent()) {
                outputs.add(new SheetFile(sheet.get(), hub));
            }
            if (folder.isPresent()) {
                outputs.add(new StickFolder(folder.get(), hub, authority));
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Refuses a sheet that would take the place of another: the codes of that one stand nowhere else. */
    static void notThere(Path sheet) {
        if (Files.exists(sheet)) {
            throw new CommandFailure(
                    sheet + " is there already, and the hub does not keep the codes that stand in it",
                    "another name; or --new-codes: then those codes are void and the sheet gets new ones");
        }
    }

    static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + PART);
    }

    static Writer privately(Path file) throws IOException {
        Files.deleteIfExists(file);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            throw new CommandFailure(file + " cannot be written: " + e.getMessage(), "another place for it");
        }
        return Files.newBufferedWriter(file, StandardCharsets.UTF_8);
    }

    /** Gives a part its name. */
    static void move(Path file) throws IOException {
        Files.move(part(file), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A claim with its code, or without: then its card has none, and no file is written. */
    void add(UnitRecord.Service service, Optional<String> serial, long expiresMs, Optional<ClaimCode> code)
            throws IOException {
        add(new Shown(service, serial, expiresMs, code, code.map(ClaimCode::locator)));
    }

    /** A claim that stays as it is. */
    void add(Claim known) throws IOException {
        add(new Shown(
                known.service(),
                known.serial(),
                known.expiresMs(),
                Optional.empty(),
                known.proof().map(Claims.Proof::locator)));
    }

    private void add(Shown claim) throws IOException {
        for (Output each : outputs) {
            each.add(claim);
        }
    }

    /** A box that anybody may take out of the crate. */
    void add(String serial) throws IOException {
        for (Output each : outputs) {
            each.addBox(serial);
        }
    }

    /** Writes everything to the disk, not yet under its name. */
    void force() throws IOException {
        for (Output each : outputs) {
            each.force();
        }
    }

    /** Gives the files their names. */
    void finish() throws IOException {
        for (Output each : outputs) {
            each.finish();
        }
    }

    @Override
    public void close() throws IOException {
        for (Output each : outputs) {
            each.close();
        }
    }
}
