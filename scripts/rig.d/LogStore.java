package ansim.hub.intake;

import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Recovery;
import ansim.journal.Stored;
import ansim.rig.Findings;
import ansim.rig.Mutation;
import ansim.rig.StoreFiles;
import ansim.settings.CommandFailure;
import ansim.wire.Batch;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A hub's log, made by the hub's own step, damaged, opened and replayed again. */
public final class LogStore {
    private static final JournalOptions OPTIONS = new JournalOptions(16 * 1024, true, JournalOptions.TornTail.CUT);
    private static final SigningKey KEY = SigningKey.generate(new SecureRandom());
    private static final Id16 UNIT = Id16.parse("00112233445566778899aabbccddeeff");
    private static final long NOW_MS = 1_795_400_000_123L;

    private final Path folder;
    private final JournalFiles files;
    private final SplittableRandom random;
    private Map<String, byte[]> older = Map.of();
    private Map<String, byte[]> whole = Map.of();
    private List<byte[]> foreign = List.of();
    private byte[] hash = new byte[0];

    public LogStore(Path folder, JournalFiles files, SplittableRandom random) {
        this.folder = folder;
        this.files = files;
        this.random = random;
    }

    /** Makes the log in its folder and keeps its files in memory. */
    public void make() throws Exception {
        foreign = whole.entrySet().stream()
                .filter(each -> each.getKey().endsWith(".seg"))
                .map(Map.Entry::getValue)
                .toList();
        StoreFiles.delete(folder);
        try (Journal log = Journal.open(folder, OPTIONS, files)) {
            HubState state = Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS, 0);
            write(log, state, new Input.UnitChange(
                    NOW_MS, new UnitRecord(UNIT, KEY.verifyKey(), "seoul 1", "rig", "taxi", Optional.empty(), false)));
            log.force();
            int groups = 10 + random.nextInt(50);
            int olderAt = random.nextInt(groups);
            Id8 chain = Id8.random(new SecureRandom());
            Optional<Id16> previous = Optional.empty();
            long n = 0;
            for (int g = 0; g < groups; g++) {
                for (int i = 1 + random.nextInt(10); i > 0; i--) {
                    UpMessage message = message(chain, ++n, previous);
                    previous = Optional.of(message.payloadHash());
                    write(log, state, new Input.Arrival(NOW_MS + n, message));
                }
                log.force();
                if (g == olderAt) {
                    older = StoreFiles.read(folder);
                }
            }
            hash = state.hash();
        }
        whole = StoreFiles.read(folder);
    }

    private static UpMessage message(Id8 chain, long n, Optional<Id16> previous) {
        UpRecord record = new UpRecord(0, new Contact("door-" + n, true, Optional.empty()));
        return UpMessage.sign(
                new Batch(UNIT, new Id8(7), Lane.EVENT, chain, n, previous, TimeQuality.UNKNOWN, 0, n, List.of(record),
                        OptionalLong.empty(), false, false),
                KEY);
    }

    private static void write(Journal log, HubState state, Input input) throws Exception {
        LogEntry entry = new LogEntry(input, Step.decide(state, input));
        state.apply(log.write(Entry.message(entry.encode())), entry);
    }

    /** Damages a copy of the log, opens it and compares. */
    public Findings damage(List<Mutation> mutations) throws Exception {
        Findings found = new Findings();
        Map<String, byte[]> now = new TreeMap<>(whole);
        for (Mutation mutation : mutations) {
            if (mutation.apply(now, "", older, foreign, random)) {
                found.mutations.add(mutation);
            }
        }
        found.made = whole;
        found.damaged = now;
        StoreFiles.delete(folder);
        StoreFiles.write(folder, now);
        StoreFiles.Undamaged undamaged = StoreFiles.undamaged(StoreFiles.segments(whole, ""), now, "", true);
        found.count("records undamaged", undamaged.whole().size());
        found.count("records damaged or gone", undamaged.damaged());
        found.count("records undamaged, in a torn last write", undamaged.torn());
        try (Journal log = Journal.open(folder, OPTIONS, files)) {
            boolean complete = read(log, undamaged, found);
            replay(log, complete, undamaged, found);
            goOn(log, undamaged, found);
        } catch (Exception e) {
            found.refused = true;
            found.fault("refused", e + " at " + Arrays.toString(e.getStackTrace()));
        }
        return found;
    }

    private boolean read(Journal log, StoreFiles.Undamaged undamaged, Findings found) throws Exception {
        Map<Long, byte[]> read = new HashMap<>();
        try (JournalReader reader = log.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                read.put(next.get().index(), next.get().payload());
            }
        }
        for (Map.Entry<Long, byte[]> each : undamaged.whole().entrySet()) {
            byte[] alone = log.read(each.getKey()).map(Stored::payload).orElse(null);
            if (!Arrays.equals(each.getValue(), read.get(each.getKey())) || !Arrays.equals(each.getValue(), alone)) {
                found.fault("an undamaged record was lost", "index " + each.getKey());
            }
        }
        List<Recovery.Lost> lost = log.recovery().lost();
        boolean complete = true;
        for (long index = 1; index <= log.durableIndex(); index++) {
            long wanted = index;
            if (!read.containsKey(index)) {
                complete = false;
                boolean told = lost.stream().anyMatch(each -> each.first() <= wanted && wanted <= each.last());
                found.count("lost entries named by their index", told ? 1 : 0);
                if (!told) {
                    found.fault("a lost entry is not named", "index " + index);
                }
            }
        }
        found.count("files moved aside", log.recovery().movedAside().size());
        return complete;
    }

    /** None are ever made here: the whole log is replayed. */
    private Snapshots snapshots(Journal log) {
        return new Snapshots(folder.resolveSibling("no-snapshots"), files, log.journalId());
    }

    /** The hub starts on a log without a hole, and says what to do about one with a hole. */
    private void replay(Journal log, boolean complete, StoreFiles.Undamaged undamaged, Findings found)
            throws Exception {
        long entries = log.durableIndex();
        try {
            HubState state = Replay.run(log, EntryReader.UNSEALED, snapshots(log), new KeyRing(), NOW_MS + 5_000, 0);
            if (!complete) {
                found.fault("the hub started on a log with a hole", "");
            }
            boolean aside = !log.recovery().movedAside().isEmpty();
            if (!aside && !undamaged.whole().isEmpty() && undamaged.damaged() == 0 && undamaged.torn() == 0 && !Arrays.equals(hash, state.hash())) {
                found.fault("the state is another", "");
            }
            if (entries == 0 && aside) {
                found.fault("a new log was founded beside one that was moved aside", "");
            }
            // What was moved aside may have been its end: the units are to send again what they still hold, at the price of duplicates.
            if (entries > 0 && aside && log.durableIndex() != entries + 1) {
                found.fault("a file was moved aside and the generation is the same", "");
            }
            found.count("hub starts", 1);
        } catch (CommandFailure e) {
            found.count("hub refuses for a hole and names the backup", 1);
            String words = e.error() + " " + e.tryThis();
            if ((complete && entries > 0) || !(words.contains("backup") || words.contains("restore"))) {
                found.fault("the hub refused without a reason or advice", words);
            }
        }
    }

    private void goOn(Journal log, StoreFiles.Undamaged undamaged, Findings found) throws Exception {
        byte[] payload = {1, 2, 3};
        long index = log.append(Entry.message(payload));
        if (index <= undamaged.knownThrough() && undamaged.whole().containsKey(index)) {
            found.fault("an index was given out again", "index " + index);
        }
        log.close();
        try (Journal again = Journal.open(folder, OPTIONS, files)) {
            if (!Arrays.equals(payload, again.read(index).map(Stored::payload).orElse(null))) {
                found.fault("an entry of after the damage was lost", "index " + index);
            }
        }
    }
}
