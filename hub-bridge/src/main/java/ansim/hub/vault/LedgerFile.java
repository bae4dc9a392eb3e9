package ansim.hub.vault;

import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.ChainedFile.End;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The ledgers of a vault, to be read by who checks them; beside who writes them. */
public enum LedgerFile {
    /** What the vault opened for who asked it. */
    VAULT(Ledger.FILE, "openings"),
    /** What commands on the vault's machine opened. */
    CONSOLE(ConsoleLedger.FILE, "console_openings");

    private final String file;
    private final String table;

    LedgerFile(String file, String table) {
        this.file = file;
        this.table = table;
    }

    /** Where the vault's database has who its lines are about. */
    String table() {
        return table;
    }

    /**
     * What a whole ledger comes to.
     *
     * @param lines how many openings
     * @param hash of the last line, to be kept where the vault cannot reach it
     */
    public record Verified(long lines, String hash) {}

    /**
     * Reads it through and checks its chain; of a last line that a crash tore, or that is just being written, nothing is told.
     *
     * @param line told of each line, as JSON
     * @throws IOException at the first line that is not as it was written, with its number
     */
    public Verified read(Path folder, Consumer<String> line) throws IOException {
        return read(folder, End.MAY_BE_TORN, line);
    }

    /**
     * Checks every byte of it.
     *
     * @throws IOException likewise, and when its last line has no end: it was changed, or torn, or is just being written
     */
    public Verified verify(Path folder) throws IOException {
        return read(folder, End.WHOLE, line -> {});
    }

    private Verified read(Path folder, End end, Consumer<String> line) throws IOException {
        Path path = folder.resolve(file);
        if (!Files.exists(path)) {
            return new Verified(0, ChainedFile.Head.NONE.hash());
        }
        try {
            ChainedFile.Head head = ChainedFile.read(
                    path, ChainedFile.Head.NONE, end, bytes -> line.accept(new String(bytes, StandardCharsets.UTF_8)));
            return new Verified(head.n(), head.hash());
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
