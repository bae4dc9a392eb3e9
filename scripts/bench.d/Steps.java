package ansim.hub.intake;

import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.Verifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * What a hub does with a message, step by step and alone: per second of one processor's time, so that what else runs on the machine does not
 * count. Only the append is by the wall clock, for it waits for the disk.
 */
public final class Steps {
    private static final int MESSAGES = 2_000;

    private Steps() {}

    private interface Doing {
        void all() throws Exception;
    }

    /** By name, in the order in which they are done; each for so many seconds after it has warmed up. */
    public static Map<String, Double> measure(Path folder, int seconds) throws Exception {
        Map<String, Double> rates = new LinkedHashMap<>();
        SigningKey key = SigningKey.fromSeed(new byte[32]);
        Id16 unit = new Id16(1, 2);
        List<UpMessage> messages = new ArrayList<>();
        for (int n = 1; n <= MESSAGES; n++) {
            messages.add(UpMessage.sign(batch(unit, n), key));
        }
        List<byte[]> bytes = messages.stream().map(UpMessage::bytes).toList();
        rates.put("decode a signed fix", rate(seconds, () -> {
            for (byte[] each : bytes) {
                UpMessage.parseLeniently(each);
            }
        }));
        Optional<Verifier> corretto = CorrettoVerifier.load();
        if (corretto.isPresent()) {
            rates.put("verify it, Corretto provider", rate(seconds, () -> verify(messages, corretto.get(), key)));
        }
        rates.put("verify it, BouncyCastle", rate(seconds, () -> verify(messages, UnitKeyVerifier.INSTANCE, key)));
        HubState state = new HubState();
        UnitRecord record = new UnitRecord(unit, key.verifyKey(), "서울 1가 1", "회사", "taxi", Optional.empty(), false);
        Input.UnitChange change = new Input.UnitChange(1, record);
        state.apply(1, new LogEntry(change, Step.decide(state, change)));
        List<LogEntry> entries = new ArrayList<>();
        for (UpMessage each : messages) {
            Input.Arrival arrival = new Input.Arrival(1_700_000_000_500L, each);
            entries.add(new LogEntry(arrival, Step.decide(state, arrival)));
        }
        rates.put("route it: deduplicate, follow the ride, district", rate(seconds, () -> {
            for (LogEntry each : entries) {
                Step.decide(state, each.input());
            }
        }));
        rates.put("append and force 64 at a time", append(folder, entries, seconds));
        return rates;
    }

    private static void verify(List<UpMessage> messages, Verifier verifier, SigningKey key) {
        for (UpMessage each : messages) {
            if (!each.verify(verifier, key.verifyKey())) {
                throw new IllegalStateException("a good signature does not verify");
            }
        }
    }

    private static double append(Path folder, List<LogEntry> entries, int seconds) throws Exception {
        delete(folder);
        try (Journal journal = Journal.open(folder, JournalOptions.hub(), JournalFiles.real())) {
            return rate(seconds, () -> {
                int unforced = 0;
                for (LogEntry each : entries) {
                    journal.write(Entry.message(each.encode()));
                    if (++unforced == 64) {
                        journal.force();
                        unforced = 0;
                    }
                }
                journal.force();
            }, System::nanoTime);
        } finally {
            delete(folder);
        }
    }

    private static double rate(int seconds, Doing doing) throws Exception {
        return rate(seconds, doing, () -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    }

    private static double rate(int seconds, Doing doing, LongSupplier clock) throws Exception {
        double best = 0;
        for (int round = 0; round < 2; round++) {
            long began = clock.getAsLong();
            long rounds = 0;
            while (clock.getAsLong() - began < seconds * 1_000_000_000L) {
                doing.all();
                rounds++;
            }
            best = rounds * (double) MESSAGES * 1e9 / (clock.getAsLong() - began);
        }
        return best;
    }

    private static Batch batch(Id16 unit, long n) {
        Position position = new Position(
                new Pos(375_300_000, 1_269_900_000, OptionalInt.of(40)),
                OptionalInt.of(1_400),
                OptionalInt.of(9_000),
                OptionalInt.of(1),
                OptionalInt.empty(),
                Optional.of(new Id8(77)));
        return new Batch(
                unit,
                new Id8(5),
                Lane.STATUS,
                new Id8(6),
                n,
                Optional.empty(),
                TimeQuality.GNSS,
                1_700_000_000_000L,
                1_000,
                List.of(new UpRecord(0, position)),
                OptionalLong.empty(),
                false,
                false);
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
