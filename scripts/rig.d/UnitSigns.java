import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Health;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/**
 * How one unit told of its failed store, by what the hub logged of it.
 *
 * @param raised tamper 8, store in memory only
 * @param cleared the same
 * @param memoryOnly messages marked by key 14: their chain is not on disk
 * @param unmarked messages of lanes 1 and 2 made while nothing could be stored and not marked
 * @param healthMemory health records that say {@code store: memory} (key 49)
 */
record UnitSigns(long raised, long cleared, long memoryOnly, long unmarked, long healthMemory) {
    /** A thing may be dated so long before its message is made: the lamp must be off for 2 s. */
    private static final int DATED_BACK_MS = 2_500;

    static UnitSigns read(Path log, Failing failing) throws IOException {
        long raised = 0;
        long cleared = 0;
        long memoryOnly = 0;
        long unmarked = 0;
        long healthMemory = 0;
        try (Journal journal = Journal.open(log, JournalOptions.hub(), JournalFiles.real());
                JournalReader reader = journal.reader(1);
                RideKeys keys = RideKeys.open(log.resolveSibling("ridekeys.db"), journal.journalId(), new SecureRandom())) {
            LogSeal seal = new LogSeal(keys, journal.journalId(), new SecureRandom());
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                LogEntry entry = seal.read(next.get().index(), next.get().keyId(), next.get().payload());
                if (entry.type() != Input.Type.MESSAGE || !entry.message().batch().unit().equals(failing.unit.id())) {
                    continue;
                }
                Batch batch = entry.message().batch();
                memoryOnly += batch.memoryOnly() ? 1 : 0;
                boolean event = batch.lane() == Lane.ALARM || batch.lane() == Lane.EVENT;
                boolean meanwhile = batch.m0Ms() > failing.failedMonoMs && batch.m0Ms() < failing.mendedMonoMs - DATED_BACK_MS;
                unmarked += event && meanwhile && !batch.memoryOnly() ? 1 : 0;
                for (UpRecord each : batch.records()) {
                    Body body = each.body();
                    raised += body.equals(Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.RAISED)) ? 1 : 0;
                    cleared += body.equals(Tamper.of(Tamper.What.STORE_IN_MEMORY, Phase.CANCELLED)) ? 1 : 0;
                    healthMemory += body instanceof Health health && "memory".equals(health.versions().get("store")) ? 1 : 0;
                }
            }
        }
        return new UnitSigns(raised, cleared, memoryOnly, unmarked, healthMemory);
    }
}
