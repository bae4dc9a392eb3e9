package ansim.hub.console;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Output;
import ansim.hub.core.Policy;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Alighted;
import ansim.wire.Anchor;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.SealedCard;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A hub's log filled by units that sign what a test tells them to: the real step, the real journal, no door. */
public final class SampleCity implements AutoCloseable {
    private static final SecureRandom RANDOM = new SecureRandom();

    public final Journal journal;
    private final HubState state = new HubState();
    public long nowMs;

    public SampleCity(Path directory, long nowMs) throws JournalException {
        this.journal = Journal.open(
                directory, new JournalOptions(4 * 1024 * 1024, true, JournalOptions.TornTail.CUT), JournalFiles.real());
        this.nowMs = nowMs;
        log(new Input.Founding(nowMs, nowMs / 1000));
    }

    /** Another map of districts. */
    public void importDistricts(byte[] geojson) throws JournalException {
        log(new Input.DistrictsChange(nowMs, DistrictMap.parse(geojson).map().orElseThrow()));
    }

    /** Other settings. */
    public void decideBy(Policy policy) throws JournalException {
        log(new Input.SettingsChange(nowMs, policy));
    }

    /** Every ride to centres, by the usual policy. */
    public void openEveryRide() throws JournalException {
        Policy usual = Policy.DEFAULT;
        decideBy(new Policy(
                usual.ride(),
                usual.position(),
                usual.emergency(),
                usual.catchAll(),
                Optional.of("a test"),
                usual.attention()));
    }

    /** What time alone brings up. */
    public void tick() throws JournalException {
        for (Optional<Input.Tick> due = state.due(nowMs); due.isPresent(); due = state.due(nowMs)) {
            log(due.get());
        }
    }

    public Unit taxi(String vehicle) throws JournalException {
        return new Unit(vehicle, "한빛운수", "taxi", Optional.empty());
    }

    public Unit pole(String name, double lat, double lon) throws JournalException {
        return new Unit(name, "강남구청", "cctv-pole", Optional.of(pos(lat, lon)));
    }

    public static Pos pos(double lat, double lon) {
        return new Pos((int) Math.round(lat * 1e7), (int) Math.round(lon * 1e7), OptionalInt.of(50));
    }

    public synchronized Output log(Input input) throws JournalException {
        Output output = Step.decide(state, input);
        if (!output.disposition().logged()) {
            throw new AssertionError(output);
        }
        LogEntry entry = new LogEntry(input, output);
        state.apply(journal.append(Entry.message(entry.encode())), entry);
        return output;
    }

    @Override
    public void close() throws JournalException {
        journal.close();
    }

    /** A registered unit. What it says happened {@link #ageMs} before it arrives. */
    public final class Unit {
        public final UnitRecord unit;
        private final SigningKey key = SigningKey.generate(RANDOM);
        private Id8 boot = Id8.random(RANDOM);
        private final Map<Lane, Id8> chains = new EnumMap<>(Lane.class);
        private final Map<Lane, Long> numbers = new EnumMap<>(Lane.class);
        private final Map<Lane, Id16> previous = new EnumMap<>(Lane.class);
        private @Nullable UpMessage newest;
        private Id8 ride = Id8.random(RANDOM);
        private Id8 alarm = Id8.random(RANDOM);
        public Pos at = pos(37.5665, 126.9780);
        public long ageMs = 400;
        public boolean test;
        /** Of the unit's clock; without one only {@link #monoMs} is true. */
        public TimeQuality quality = TimeQuality.GNSS;

        private Unit(String vehicle, String company, String kind, Optional<Pos> place) throws JournalException {
            unit = new UnitRecord(
                    new Id16(RANDOM.nextLong(), RANDOM.nextLong()),
                    key.verifyKey(),
                    vehicle,
                    company,
                    kind,
                    place,
                    false);
            log(new Input.UnitChange(nowMs, unit));
        }

        public Unit at(double lat, double lon) {
            at = pos(lat, lon);
            return this;
        }

        private long monoMs() {
            return nowMs - ageMs - 1_700_000_000_000L;
        }

        /** Starts anew, without a fix. */
        public void bootWithoutAClock() {
            boot = Id8.random(RANDOM);
            quality = TimeQuality.UNKNOWN;
        }

        /** The first fix of this boot. */
        public void fix() throws JournalException {
            quality = TimeQuality.GNSS;
            say(Lane.EVENT, new Anchor(boot, monoMs(), nowMs - ageMs));
        }

        public Output say(Lane lane, Body body) throws JournalException {
            Id8 chain = chain(lane);
            long n = numbers.merge(lane, 1L, Long::sum);
            UpMessage message = UpMessage.sign(
                    new Batch(
                            unit.unit(),
                            boot,
                            lane,
                            chain,
                            n,
                            lane == Lane.STATUS ? Optional.empty() : Optional.ofNullable(previous.get(lane)),
                            quality,
                            quality == TimeQuality.UNKNOWN ? 0 : nowMs - ageMs,
                            monoMs(),
                            List.of(new UpRecord(0, body)),
                            OptionalLong.empty(),
                            test,
                            false),
                    key);
            previous.put(lane, message.payloadHash());
            newest = message;
            return log(new Input.Arrival(nowMs, message));
        }

        /** As if the card were put back as it was before the newest message: the next one has that number again. */
        public void putCardBack(Lane lane) {
            numbers.merge(lane, -1L, Long::sum);
        }

        /** By a card that was sealed, and the vault knows whose it is. */
        public void boardKnown(String home) throws JournalException {
            ride = Id8.random(RANDOM);
            byte[] card = new byte[SealedCard.BYTES];
            RANDOM.nextBytes(card);
            say(
                    Lane.EVENT,
                    new Boarded(new RideChange(
                            Optional.of(at),
                            ride,
                            Optional.of(Bytes.of(card)),
                            RideChange.Source.CARD,
                            OptionalInt.empty(),
                            OptionalInt.empty())));
            log(new Input.VaultAnswer(
                    nowMs,
                    journal.durableIndex(),
                    Objects.requireNonNull(newest),
                    List.of(new NamedRider("0123456789abcdef0123456789abcdef", home))));
        }

        /** Numbers that will never come, as after an eviction; the message behind them names one of them. */
        public void loses(Lane lane, long count) {
            numbers.merge(lane, count, Long::sum);
            previous.put(lane, new Id16(RANDOM.nextLong(), RANDOM.nextLong()));
        }

        /** Of what it says in a lane. */
        public Id8 chain(Lane lane) {
            return chains.computeIfAbsent(lane, each -> each == Lane.STATUS ? new Id8(1) : Id8.random(RANDOM));
        }

        public Id8 board(RideChange.Source source) throws JournalException {
            ride = Id8.random(RANDOM);
            say(Lane.EVENT, new Boarded(RideChange.of(ride, Optional.of(at), source)));
            return ride;
        }

        public void name() throws JournalException {
            say(Lane.EVENT, new Boarded(RideChange.of(ride, Optional.of(at), RideChange.Source.CARD)));
        }

        /** The meter lamp of the ride that is on. */
        public void light() throws JournalException {
            say(Lane.EVENT, new Boarded(RideChange.of(ride, Optional.of(at), RideChange.Source.METER_LAMP)));
        }

        public void alight() throws JournalException {
            say(Lane.EVENT, new Alighted(RideChange.of(ride, Optional.of(at), RideChange.Source.METER_LAMP)));
        }

        public void drive(double lat, double lon) throws JournalException {
            at(lat, lon);
            say(
                    Lane.STATUS,
                    new Position(
                            at,
                            OptionalInt.of(1_000),
                            OptionalInt.empty(),
                            OptionalInt.of(1),
                            OptionalInt.empty(),
                            Optional.of(ride)));
        }

        public void presence() throws JournalException {
            say(Lane.STATUS, Presence.near(at, true));
        }

        public void panic(Panic.Origin origin, Phase phase) throws JournalException {
            alarm = phase == Phase.RAISED ? Id8.random(RANDOM) : alarm;
            say(
                    Lane.ALARM,
                    new Panic(
                            Optional.of(at),
                            Optional.empty(),
                            origin,
                            Panic.Pattern.LONG,
                            alarm,
                            phase,
                            OptionalLong.of(1)));
        }

        public void health() throws JournalException {
            say(
                    Lane.STATUS,
                    new Health(
                            3_600,
                            OptionalLong.of(2_048),
                            OptionalInt.of(41),
                            List.of(0L, 1L, 4L, 0L),
                            List.of(0L, 0L, 0L, 2L),
                            OptionalInt.empty(),
                            Map.of("gnss", 1L, "reader", 2L),
                            OptionalLong.empty(),
                            List.of(1L, 9L, 11L, 0L),
                            Map.of("agent", "0.1.0"),
                            OptionalLong.empty(),
                            OptionalInt.of(1),
                            OptionalLong.empty(),
                            OptionalLong.of(1_800)));
        }
    }
}
