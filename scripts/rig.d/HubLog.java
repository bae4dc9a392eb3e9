import ansim.hub.core.Flag;
import ansim.hub.core.HubState;
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
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the log of a hub that has ended says: replayed from its first entry into a state, as the hub does at its start, and counted.
 *
 * @param entries in the log
 * @param generation of the founding
 * @param hash of the state after the replay
 * @param forks messages with other bytes under a number that was known, as unit/chain/lane/n
 * @param breaks messages that do not follow from the one before
 * @param gaps gap records, by reason
 * @param chains of lanes 1 to 3
 * @param missing numbers below a chain's highest that are neither stored nor named by a gap record
 * @param tracks messages of lane 3
 */
record HubLog(
        long entries,
        long generation,
        String hash,
        List<String> forks,
        long breaks,
        Map<String, Long> gaps,
        long chains,
        List<String> missing,
        long tracks) {

    private record Place(Id16 unit, Lane lane, String chain) {}

    private record Hole(Id16 unit, Gap gap) {}

    static HubLog read(Path directory) throws IOException {
        HubState state = new HubState();
        List<String> forks = new ArrayList<>();
        long breaks = 0;
        long tracks = 0;
        Map<Place, BitSet> numbers = new HashMap<>();
        List<Hole> holes = new ArrayList<>();
        try (Journal log = Journal.open(directory, JournalOptions.hub(), JournalFiles.real());
                JournalReader reader = log.reader(1);
                RideKeys keys = RideKeys.open(directory.resolveSibling("ridekeys.db"), log.journalId(), new SecureRandom())) {
            LogSeal seal = new LogSeal(keys, log.journalId(), new SecureRandom());
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                LogEntry entry = seal.read(next.get().index(), next.get().keyId(), next.get().payload());
                state.apply(next.get().index(), entry);
                next.get().keyId().ifPresent(state::sealedUnder);
                if (entry.type() != Input.Type.MESSAGE) {
                    continue;
                }
                UpMessage message = entry.message();
                Batch batch = message.batch();
                if (entry.output().has(Flag.FORK)) {
                    forks.add(batch.unit().hex() + "/" + batch.chain().hex() + "/" + batch.lane().number() + "/" + batch.n());
                }
                breaks += entry.output().has(Flag.CHAIN_BREAK) ? 1 : 0;
                tracks += batch.lane() == Lane.TRACK ? 1 : 0;
                if (batch.lane() != Lane.STATUS) {
                    Place place = new Place(batch.unit(), batch.lane(), batch.chain().hex());
                    numbers.computeIfAbsent(place, p -> new BitSet()).set((int) batch.n());
                }
                for (UpRecord each : batch.records()) {
                    if (each.body() instanceof Gap gap) {
                        holes.add(new Hole(batch.unit(), gap));
                    }
                }
            }
        }
        Map<String, Long> gaps = new HashMap<>();
        for (Hole hole : holes) {
            gaps.merge(hole.gap().reason().name().toLowerCase().replace('_', ' '), 1L, Long::sum);
            BitSet known = numbers.get(new Place(hole.unit(), hole.gap().lane(), hole.gap().chain().hex()));
            if (known != null) {
                known.set((int) hole.gap().first(), (int) hole.gap().last() + 1);
            }
        }
        List<String> missing = new ArrayList<>();
        numbers.forEach((place, known) -> {
            for (int n = known.nextClearBit(1); n < known.length(); n = known.nextClearBit(n + 1)) {
                missing.add(place.unit().hex() + "/" + place.chain() + "/" + place.lane().number() + "/" + n);
            }
        });
        return new HubLog(
                state.applied(),
                state.generation(),
                HexFormat.of().formatHex(state.hash()),
                forks,
                breaks,
                gaps,
                numbers.size(),
                missing,
                tracks);
    }
}
