package ansim.hub;

import ansim.trust.ClaimCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;

/** A sheet to print, as one of {@link ClaimOutputs}: a card for each claim and each box. One thread. */
final class SheetFile implements ClaimOutputs.Output {
    private final Path file;
    private final String hub;
    private final ClaimSheet sheet;

    SheetFile(Path file, String hub) throws IOException {
        this.file = file;
        this.hub = hub;
        this.sheet = new ClaimSheet(ClaimOutputs.privately(ClaimOutputs.part(file)), hub);
    }

    @Override
    public void add(ClaimOutputs.Shown claim) throws IOException {
        Optional<String> code = claim.code().map(ClaimCode::grouped);
        sheet.add(new ClaimSheet.Card(
                claim.service().vehicle(),
                claim.service().company(),
                claim.serial(),
                code,
                Optional.of(LocalDate.ofInstant(Instant.ofEpochMilli(claim.expiresMs()), ZoneId.systemDefault())),
                hub + "/claim#" + claim.serial().or(() -> code).orElse("")));
    }

    @Override
    public void addBox(String serial) throws IOException {
        sheet.add(new ClaimSheet.Card(
                serial, "", Optional.empty(), Optional.empty(), Optional.empty(), hub + "/claim#" + serial));
    }

    @Override
    public void force() throws IOException {
        close();
        MirrorFolder.force(ClaimOutputs.part(file));
    }

    @Override
    public void finish() throws IOException {
        ClaimOutputs.move(file);
    }

    @Override
    public void close() throws IOException {
        sheet.close();
    }
}
