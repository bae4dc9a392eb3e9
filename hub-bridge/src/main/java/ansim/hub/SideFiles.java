package ansim.hub;

import ansim.hub.api.AccessLedger;
import ansim.hub.api.Accounts;
import ansim.hub.guardian.GuardianFeed;
import ansim.hub.ledger.LedgerCopy;
import ansim.journal.JournalFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * What of a hub's data folder follows from nothing else and is in no log: the API's accounts ({@value Accounts#FILE}), its ledger of accesses
 * of an earlier version ({@value AccessLedger#FILE}; the present one is in the ledger's folder) and how far guardians were told ({@value #GUARDIANS}). For the mirror, backups and what is made from them.
 *
 * <p>Of the accounts no token is copied: people and programs sign in again, and an account that was removed since the copy is back, so look through
 * {@code hub-bridge accounts list} after a restore. The ledger's chain goes on where the copy ends. Of guardians only the place in the log is copied and
 * no handle, for what is erased later must be in no copy: whoever was told is not told again, also because the vault knows each letter by its event,
 * and of rides that were on at the moment of the copy the rest is told only if the vault names them again. Made anew instead of copied: views
 * and indexes, from the log. Not copied at all: the vault, which is backed up by whoever keeps its key.
 */
final class SideFiles {
    static final String GUARDIANS = "guardian.db";

    private static final String PART = ".side";
    private static final List<String> DATABASES = List.of(Accounts.FILE, GUARDIANS);

    private SideFiles() {}

    private interface Copy {
        void into(Path part) throws IOException;
    }

    /** Brings copies up to date while the hub runs, or not: each is whole before it takes the place of the one before. */
    static void copy(Path data, Path to) throws IOException {
        Files.createDirectories(to);
        database(data, to, Accounts.FILE, part -> Accounts.copy(data.resolve(Accounts.FILE), part));
        database(data, to, GUARDIANS, part -> GuardianFeed.copy(data.resolve(GUARDIANS), part));
        if (Files.exists(data.resolve(AccessLedger.FILE))) {
            LedgerCopy.copyLines(data.resolve(AccessLedger.FILE), to.resolve(AccessLedger.FILE));
        } else {
            // Taken over into the ledger's folder, as the copy of that has it.
            Files.deleteIfExists(to.resolve(AccessLedger.FILE));
        }
        JournalFiles.real().forceDirectory(to);
    }

    private static void database(Path data, Path to, String name, Copy copy) throws IOException {
        if (!Files.exists(data.resolve(name))) {
            return;
        }
        Path part = to.resolve(name + PART);
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(to.resolve(name + PART + suffix));
        }
        copy.into(part);
        MirrorFolder.force(part);
        Files.move(part, to.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Takes copies over as they are. */
    static void promote(Path from, Path draft) throws IOException {
        for (String name : DATABASES) {
            take(from.resolve(name), draft.resolve(name));
        }
        take(from.resolve(AccessLedger.FILE), draft.resolve(AccessLedger.FILE));
    }

    private static void take(Path kept, Path copy) throws IOException {
        Files.deleteIfExists(copy);
        if (Files.exists(kept)) {
            Files.copy(kept, copy, StandardCopyOption.COPY_ATTRIBUTES);
            MirrorFolder.force(copy);
        }
    }
}
