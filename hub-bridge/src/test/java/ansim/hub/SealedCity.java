package ansim.hub;

import ansim.hub.core.Belonging;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Output;
import ansim.hub.core.Step;
import ansim.hub.core.UnitRecord;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.SealedCard;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One taxi and the log of its rides, decided and sealed as by a hub. */
final class SealedCity {
    static final long NOW_MS = 1_795_000_000_000L;
    static final SecureRandom RANDOM = new SecureRandom();

    final Id16 unit = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    final SigningKey key = SigningKey.generate(RANDOM);
    private final Map<Id8, List<UpMessage>> sent = new HashMap<>();
    private final Id8 boot = Id8.random(RANDOM);
    private final Map<Lane, Id8> chains = new EnumMap<>(Lane.class);
    private final Map<Lane, Long> numbers = new EnumMap<>(Lane.class);
    private final Map<Lane, Optional<Id16>> previous = new EnumMap<>(Lane.class);
    long nowMs = NOW_MS;
    HubState state = new HubState();

    void found(Journal log, LogSeal seal) throws IOException {
        write(log, seal, new Input.Founding(nowMs, nowMs / 1000));
        write(
                log,
                seal,
                new Input.UnitChange(
                        nowMs, new UnitRecord(unit, key.verifyKey(), "1", "c", "taxi", Optional.empty(), false)));
    }

    List<UpMessage> sent(Id8 ride) {
        return sent.getOrDefault(ride, List.of());
    }

    /** As the committer does it. */
    Output write(Journal log, LogSeal seal, Input input) throws IOException {
        LogEntry entry = new LogEntry(input, Step.decide(state, input));
        if (!entry.output().disposition().logged()) {
            return entry.output();
        }
        long index = state.applied() + 1;
        Optional<Belonging> belonging = Belonging.of(state, entry);
        Entry encoded =
                belonging.isPresent() ? seal.seal(index, entry, belonging.get()) : Entry.message(entry.encode());
        seal.keys().commit();
        state.apply(index, entry);
        encoded.keyId().ifPresent(state::sealedUnder);
        log.append(encoded);
        return entry.output();
    }

    UpMessage send(Journal log, LogSeal seal, Id8 ride, Lane lane, Body body) throws IOException {
        UpMessage message = sign(lane, body);
        sent.computeIfAbsent(ride, none -> new ArrayList<>()).add(message);
        write(log, seal, new Input.Arrival(nowMs, message));
        return message;
    }

    /** Boards, drives, alights; then the hub hears of a tamper whose place it knows from the ride. */
    void ride(Journal log, LogSeal seal, Id8 ride, Pos from, Pos to) throws IOException {
        send(log, seal, ride, Lane.EVENT, boarded(ride, from));
        Track track = Track.through(List.of(from, to), 1000, List.of(), Optional.of(ride));
        send(log, seal, ride, Lane.TRACK, track);
        send(
                log,
                seal,
                ride,
                Lane.EVENT,
                new Alighted(RideChange.of(ride, Optional.of(to), RideChange.Source.METER_LAMP)));
        tamper(log, seal);
    }

    /** By a card that was sealed. */
    private static Boarded boarded(Id8 ride, Pos from) {
        byte[] card = new byte[SealedCard.BYTES];
        RANDOM.nextBytes(card);
        return new Boarded(new RideChange(
                Optional.of(from),
                ride,
                Optional.of(Bytes.of(card)),
                RideChange.Source.CARD,
                OptionalInt.empty(),
                OptionalInt.empty()));
    }

    /** The vault knows whose card the last of the boardings that wait for it had. */
    void name(Journal log, LogSeal seal, Id8 ride, NamedRider rider) throws IOException {
        List<Long> waiting = state.unanswered();
        long asked = waiting.get(waiting.size() - 1);
        write(log, seal, new Input.VaultAnswer(nowMs, asked, sent(ride).get(0), List.of(rider)));
    }

    void tamper(Journal log, LogSeal seal) throws IOException {
        send(
                log,
                seal,
                new Id8(0),
                Lane.ALARM,
                new Tamper(Tamper.What.POWER.code(), Phase.RAISED, OptionalLong.empty()));
    }

    void panic(Journal log, LogSeal seal, Id8 ride, Pos pos) throws IOException {
        send(
                log,
                seal,
                ride,
                Lane.ALARM,
                new Panic(
                        Optional.of(pos),
                        Optional.of(ride),
                        Panic.Origin.RIDER,
                        Panic.Pattern.PRESS,
                        Id8.random(RANDOM),
                        Phase.RAISED,
                        OptionalLong.empty()));
    }

    private UpMessage sign(Lane lane, Body body) {
        nowMs += 1000;
        long n = numbers.merge(lane, 1L, Long::sum);
        UpMessage message = UpMessage.sign(
                new Batch(
                        unit,
                        boot,
                        lane,
                        chains.computeIfAbsent(lane, none -> Id8.random(RANDOM)),
                        n,
                        previous.getOrDefault(lane, Optional.empty()),
                        TimeQuality.GNSS,
                        nowMs - 100,
                        nowMs - NOW_MS + 10_000,
                        List.of(new UpRecord(0, body)),
                        OptionalLong.empty(),
                        false,
                        false),
                key);
        previous.put(lane, Optional.of(message.payloadHash()));
        return message;
    }

    static LogSeal seal(Journal log, RideKeys keys) {
        return new LogSeal(keys, log.journalId(), RANDOM);
    }
}
