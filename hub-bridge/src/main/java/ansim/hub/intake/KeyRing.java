package ansim.hub.intake;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.VerifyKey;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The keys of the units, as the log has committed them: by kid, and by unit.
 *
 * <p>The committer's thread writes, any thread reads. A reader may see a change a moment late: what counts is the log's word, which
 * {@code Step} asks again.
 */
final class KeyRing {
    private final Map<Id8, UnitRecord> byKid = new ConcurrentHashMap<>();
    private final Map<Id16, UnitRecord> byUnit = new ConcurrentHashMap<>();

    void put(UnitRecord record) {
        UnitRecord before = byUnit.put(record.unit(), record);
        record.keys().forEach(key -> byKid.put(key.kid(), record));
        if (before != null) {
            before.keys().stream()
                    .map(VerifyKey::kid)
                    .filter(kid -> record.key(kid).isEmpty())
                    .forEach(kid -> byKid.remove(kid, before));
        }
    }

    /** Whose key it is, revoked or not. */
    Optional<UnitRecord> owner(Id8 kid) {
        return Optional.ofNullable(byKid.get(kid));
    }

    Optional<UnitRecord> unit(Id16 unit) {
        return Optional.ofNullable(byUnit.get(unit));
    }

    /** Whether a unit is registered and not revoked. */
    boolean isValid(Id16 unit) {
        UnitRecord record = byUnit.get(unit);
        return record != null && !record.revoked();
    }
}
