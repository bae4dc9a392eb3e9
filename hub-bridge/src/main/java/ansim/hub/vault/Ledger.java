package ansim.hub.vault;

import ansim.hub.ledger.ChainedFile;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Who opened what, when and why: {@value #FILE} in the vault's folder, a {@link ChainedFile}.
 *
 * <pre>
 * {"n":2,"at":"2026-11-27T03:04:05.678Z","who":"hub","why":"boarded","unit":"..","ride":"..","person":"..","hash":".."}
 * </pre>
 *
 * <p>{@code person} is base64 of rider and handle sealed under the rider's own key ({@link RiderKey}): when that is destroyed, the line
 * stands and names nobody. It is missing when the card was nobody's. A line is on disk when {@link #append} returns. Not guaranteed: that
 * lines cut off at the end are noticed; {@code ledger verify} prints the last number and hash, to be kept elsewhere. One process writes at a
 * time. Thread-safe.
 */
final class Ledger implements AutoCloseable {
    static final String FILE = "vault-ledger.jsonl";

    /**
     * One opening.
     *
     * @param who asked
     * @param why in a word or two
     * @param unit whose card it was, hex
     * @param ride in which ride, hex
     * @param person who it was, sealed, base64; empty when the card was nobody's
     */
    record Opening(String who, String why, String unit, String ride, Optional<String> person) {}

    private final ChainedFile file;

    private Ledger(ChainedFile file) {
        this.file = file;
    }

    /**
     * Opens it to append.
     *
     * @throws ChainedFile.Broken when one of the last lines is not as it was written
     */
    static Ledger open(Path folder) throws IOException {
        return new Ledger(ChainedFile.open(folder.resolve(FILE), ChainedFile.Head.NONE));
    }

    /**
     * Writes an opening down, on disk before it returns. After a failure nothing more: the vault must be started again.
     *
     * @return the line's number
     */
    long append(Instant at, Opening opening) throws IOException {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("at", at.toString()).put("who", opening.who()).put("why", opening.why());
        line.put("unit", opening.unit()).put("ride", opening.ride());
        opening.person().ifPresent(person -> line.put("person", person));
        return file.append(List.of(line)).n();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
