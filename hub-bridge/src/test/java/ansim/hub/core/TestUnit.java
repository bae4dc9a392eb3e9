package ansim.hub.core;

import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A unit that signs what a test tells it to. Its clock is the test's: {@link #atMs} and, for CLOCK_MONOTONIC, {@link #bootedMs}. */
final class TestUnit {
    static final SecureRandom RANDOM = new SecureRandom();

    final Id16 id = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    final SigningKey key = SigningKey.generate(RANDOM);
    Id8 boot = Id8.random(RANDOM);
    long bootedMs = TestHub.NOW_MS - 600_000;
    long atMs = TestHub.NOW_MS - 1_000;
    TimeQuality quality = TimeQuality.GNSS;
    boolean test;
    Optional<Pos> place = Optional.empty();

    UnitRecord record() {
        return new UnitRecord(id, key.verifyKey(), "서울 33 바 1234", "Hanbit Taxi", "taxi", place, false);
    }

    Chain chain(Lane lane) {
        return new Chain(lane, Id8.random(RANDOM));
    }

    Chain chain(Lane lane, long counter) {
        return new Chain(lane, new Id8(counter));
    }

    /** A chain that this unit writes. */
    final class Chain {
        final Lane lane;
        final Id8 chain;
        long n;
        Optional<Id16> previous = Optional.empty();
        boolean memoryOnly;
        final List<UpMessage> sent = new ArrayList<>();

        Chain(Lane lane, Id8 chain) {
            this.lane = lane;
            this.chain = chain;
        }

        UpMessage next(Body... bodies) {
            UpMessage message = at(n + 1, previous, bodies);
            n++;
            previous = lane == Lane.STATUS ? Optional.empty() : Optional.of(message.payloadHash());
            sent.add(message);
            return message;
        }

        /** Records that are not all of the same moment. */
        UpMessage next(List<UpRecord> records) {
            UpMessage message = at(n + 1, previous, records);
            n++;
            previous = Optional.of(message.payloadHash());
            sent.add(message);
            return message;
        }

        UpMessage at(long number, Optional<Id16> before, Body... bodies) {
            return at(
                    number,
                    before,
                    Arrays.stream(bodies).map(body -> new UpRecord(0, body)).toList());
        }

        private UpMessage at(long number, Optional<Id16> before, List<UpRecord> records) {
            return UpMessage.sign(
                    new Batch(
                            id,
                            boot,
                            lane,
                            chain,
                            number,
                            before,
                            quality,
                            quality == TimeQuality.UNKNOWN ? 0 : atMs,
                            atMs - bootedMs,
                            records,
                            OptionalLong.empty(),
                            test,
                            memoryOnly),
                    key);
        }

        /** A copy of this chain's end, as on a cloned card. */
        Chain copy() {
            Chain copy = new Chain(lane, chain);
            copy.n = n;
            copy.previous = previous;
            return copy;
        }
    }

    static Boarded boarded(Id8 ride, Pos pos) {
        return new Boarded(RideChange.of(ride, Optional.of(pos), RideChange.Source.CARD));
    }

    static Alighted alighted(Id8 ride, Pos pos) {
        return new Alighted(RideChange.of(ride, Optional.of(pos), RideChange.Source.METER_LAMP));
    }

    static Position position(Pos pos, Optional<Id8> ride) {
        return new Position(
                pos, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), ride);
    }

    static Track track(Id8 ride, Pos... fixes) {
        return Track.through(List.of(fixes), 1000, List.of(), Optional.of(ride));
    }

    static Panic panic(Id8 alarm, Phase phase, Optional<Pos> pos) {
        return panic(alarm, phase, pos, Optional.empty());
    }

    static Panic panic(Id8 alarm, Phase phase, Optional<Pos> pos, Optional<Id8> ride) {
        return new Panic(pos, ride, Panic.Origin.RIDER, Panic.Pattern.PRESS, alarm, phase, OptionalLong.empty());
    }

    static Gap gap(Chain chain, long first, long last) {
        return new Gap(chain.lane, chain.chain, first, last, Gap.Reason.EVICTED);
    }

    static Id8 newId() {
        return Id8.random(RANDOM);
    }
}
