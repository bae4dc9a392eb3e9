package ansim.hub.vault;

import ansim.hub.ledger.ChainedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The ledger of a vault, to be read by who checks it; beside a vault that writes it. */
public final class LedgerFile {
    private LedgerFile() {}

    /**
     * What a whole ledger comes to.
     *
     * @param lines how many openings
     * @param hash of the last line, to be kept where the vault cannot reach it
     */
    public record Verified(long lines, String hash) {}

    /**
     * Reads it through and checks its chain.
     *
     * @param line told of each line, as JSON
     * @throws IOException at the first line that is not as it was written, with its number
     */
    public static Verified read(Path folder, Consumer<String> line) throws IOException {
        Path file = folder.resolve(Ledger.FILE);
        if (!Files.exists(file)) {
            return new Verified(0, ChainedFile.Head.NONE.hash());
        }
        ChainedFile.Head head = ChainedFile.read(
                file,
                ChainedFile.Head.NONE,
                ChainedFile.End.MAY_BE_TORN,
                bytes -> line.accept(new String(bytes, StandardCharsets.UTF_8)));
        return new Verified(head.n(), head.hash());
    }
}
