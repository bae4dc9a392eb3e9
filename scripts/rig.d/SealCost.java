import ansim.hub.core.Belonging;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Entry;
import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What sealing costs the hub's one writer: bytes of an entry, and processor time to decide, apply and encode it; in turn, in one run. */
final class SealCost {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final long NOW_MS = 1_795_000_000_000L;
    private static final int RIDES = 400;
    private static final int ROUNDS = 9;

    private final Id16 unit = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    private final SigningKey key = SigningKey.generate(RANDOM);
    private final List<UpMessage> messages = new ArrayList<>();
    private final Map<Lane, Long> numbers = new HashMap<>();
    private final Map<Lane, Optional<Id16>> previous = new HashMap<>();

    private record Run(long bytes, long nanos) {}

    public static void main(String[] arguments) throws Exception {
        SealCost cost = new SealCost();
        for (int i = 0; i < RIDES; i++) {
            cost.ride();
        }
        Path folder = Path.of(arguments[0]);
        List<Double> ratios = new ArrayList<>();
        Run open = new Run(0, 0);
        Run sealed = open;
        for (int round = 0; round < ROUNDS; round++) {
            open = cost.run(Optional.empty());
            try (RideKeys keys = RideKeys.open(folder.resolve("keys-" + round + ".db"), 1, RANDOM)) {
                sealed = cost.run(Optional.of(new LogSeal(keys, 1, RANDOM)));
            }
            ratios.add((double) sealed.nanos / open.nanos);
        }
        ratios.sort(null);
        int n = cost.messages.size();
        System.out.printf("%d messages of %d rides, %d bytes each as signed%n", n, RIDES,
                cost.messages.stream().mapToInt(each -> each.bytes().length).sum() / n);
        System.out.printf("bytes of an entry: %d unsealed, %d sealed, ratio %.2f%n", open.bytes / n, sealed.bytes / n,
                (double) sealed.bytes / open.bytes);
        System.out.printf("processor time to decide, apply and encode: %.1f us unsealed, %.1f us sealed, ratio %.2f (median of %d)%n",
                open.nanos / 1e3 / n, sealed.nanos / 1e3 / n, ratios.get(ROUNDS / 2), ROUNDS);
    }

    /** 10 minutes: boarded, 20 tracks of 30 fixes, 60 live positions, alighted. */
    private void ride() {
        Id8 ride = Id8.random(RANDOM);
        Pos pos = Pos.of(375_123_457 + RANDOM.nextInt(100_000), 1_269_876_543 + RANDOM.nextInt(100_000));
        add(Lane.EVENT, new Boarded(RideChange.of(ride, Optional.of(pos), RideChange.Source.METER_LAMP)));
        for (int i = 0; i < 20; i++) {
            List<Pos> fixes = new ArrayList<>();
            for (int f = 0; f < 30; f++) {
                pos = Pos.of(pos.latE7() + RANDOM.nextInt(900), pos.lonE7() + RANDOM.nextInt(900));
                fixes.add(pos);
            }
            add(Lane.TRACK, Track.through(fixes, 1000, List.of(), Optional.of(ride)));
            for (int p = 0; p < 3; p++) {
                add(Lane.STATUS, new Position(pos, OptionalInt.of(1200), OptionalInt.of(9000), OptionalInt.empty(),
                        OptionalInt.empty(), Optional.of(ride)));
            }
        }
        add(Lane.EVENT, new Alighted(RideChange.of(ride, Optional.of(pos), RideChange.Source.METER_LAMP)));
    }

    private void add(Lane lane, Body body) {
        long n = numbers.merge(lane, 1L, Long::sum);
        UpMessage message = UpMessage.sign(
                new Batch(unit, new Id8(7), lane, new Id8(lane.number()), n,
                        lane == Lane.STATUS ? Optional.empty() : previous.getOrDefault(lane, Optional.empty()),
                        TimeQuality.GNSS, NOW_MS + messages.size(), 1000 + messages.size(), List.of(new UpRecord(0, body)),
                        OptionalLong.empty(), false, false),
                key);
        previous.put(lane, Optional.of(message.payloadHash()));
        messages.add(message);
    }

    /** As the committer, without its fsyncs; the keys in groups of 100 messages. */
    private Run run(Optional<LogSeal> seal) throws Exception {
        HubState state = new HubState();
        apply(state, new Input.Founding(NOW_MS, NOW_MS / 1000));
        apply(state, new Input.UnitChange(NOW_MS, new UnitRecord(unit, key.verifyKey(), "seoul 1", "rig", "taxi", Optional.empty(), false)));
        var threads = ManagementFactory.getThreadMXBean();
        long bytes = 0;
        long start = threads.getCurrentThreadCpuTime();
        for (UpMessage message : messages) {
            Input.Arrival arrival = new Input.Arrival(NOW_MS, message);
            LogEntry entry = new LogEntry(arrival, Step.decide(state, arrival));
            long index = state.applied() + 1;
            Optional<Belonging> belonging = seal.isPresent() ? Belonging.of(state, entry) : Optional.empty();
            Entry encoded = belonging.isPresent()
                    ? seal.get().seal(index, entry, belonging.get())
                    : Entry.message(entry.encode());
            state.apply(index, entry);
            bytes += 20 + (encoded.keyId().isPresent() ? 8 : 0) + encoded.payload().length;
            if (seal.isPresent() && index % 100 == 0) {
                seal.get().keys().commit();
            }
        }
        return new Run(bytes, threads.getCurrentThreadCpuTime() - start);
    }

    private static void apply(HubState state, Input input) {
        state.apply(state.applied() + 1, new LogEntry(input, Step.decide(state, input)));
    }
}
