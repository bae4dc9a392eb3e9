package ansim.hub.vault;

import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.ConsoleReads;
import ansim.journal.JournalFiles;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * Who opened which card by a command on the vault's machine, when and why: {@value #FILE} beside the vault's own {@link Ledger}, a
 * {@link ChainedFile} of its own, for a chain has one writer and the vault, which runs beside the command, is that of the other.
 *
 * <pre>
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"kim as vault","role":"console","command":"vault riders import","reason":"..",
 *  "why":"registered","unit":"..","ride":"..","person":"..","hash":".."}
 * </pre>
 *
 * <p>{@code person} as in {@link Ledger}. Guarantee: a file that is not as it was written is not opened, and lines are on disk when
 * {@link #write} returns; no card is opened before. Not guaranteed: who it was, against whoever is root on that machine; nor that lines cut
 * off at the end are noticed. One process at a time, one thread.
 */
final class ConsoleLedger implements AutoCloseable {
    static final String FILE = "vault-console.jsonl";

    /** That a card is about to be opened, and of whom it is, or is to be. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Opening(byte[] rider, Riders.Sealed card, String person) {}

    /** Takes down what is about to be opened. */
    @FunctionalInterface
    interface Openings {
        /**
         * Writes openings down, on disk before it returns.
         *
         * @return the number of the first one's line; the others follow
         * @throws IOException when it could not: then nothing may be opened
         */
        long write(Instant at, List<Opening> openings) throws IOException;
    }

    private final ChainedFile file;
    private final ConsoleReads.Reader by;

    private ConsoleLedger(ChainedFile file, ConsoleReads.Reader by) {
        this.file = file;
        this.by = by;
    }

    /**
     * Reads all of it, and opens it to append.
     *
     * @param by who opens cards
     * @throws CommandFailure when it is not as it was written, or cannot be written
     */
    static ConsoleLedger open(Path folder, ConsoleReads.Reader by) {
        try {
            // Read before it is locked: closing what it was read by would end the lock.
            var unused = LedgerFile.CONSOLE.read(folder, line -> {});
            ChainedFile file = ChainedFile.open(folder.resolve(FILE), ChainedFile.Head.NONE);
            try {
                JournalFiles.real().forceDirectory(folder);
                return new ConsoleLedger(file, by);
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw refused(e);
        }
    }

    /** {@link Openings}; after a failure nothing more: another command is to open it again. */
    long write(Instant at, List<Opening> openings) {
        try {
            List<ObjectNode> lines =
                    openings.stream().map(each -> line(at, each)).toList();
            return file.append(lines).n() - lines.size() + 1;
        } catch (IOException e) {
            throw refused(e);
        }
    }

    private ObjectNode line(Instant at, Opening opening) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("at", at.toString())
                .put("who", by.who())
                .put("role", ConsoleReads.CLASS)
                .put("command", by.command())
                .put("reason", by.reason())
                .put("why", Vault.REGISTERED)
                .put("unit", opening.card().unit().hex())
                .put("ride", opening.card().ride().hex())
                .put("person", opening.person());
    }

    private static CommandFailure refused(IOException why) {
        return new CommandFailure(
                "it cannot be written down who opens sealed cards, so none is opened and nobody is imported: "
                        + why.getMessage() + " (" + why.getClass().getSimpleName() + ")",
                "as the vault's own user, with room on its disk, and look: hub-bridge vault ledger verify");
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
