package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Anchor;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.CommandAck;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OtherVerb;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Presence;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Whatever is written reads: also what units with valid keys and no other virtue bring about, at the ends of every range that a message may have. A
 * snapshot that does not read is a start that reads the whole log, every time.
 */
final class StateCodecTest {
    private static final int STEPS = 1_500;
    private static final int BETWEEN = 100;

    private static final String LONG = "안".repeat(UnitRecord.MAX_TEXT);
    private static final Pos[] PLACES = {
        TestMap.IN_A,
        TestMap.IN_B,
        TestMap.IN_C,
        TestMap.IN_D,
        TestMap.OUTSIDE,
        Pos.of(900_000_000, 1_800_000_000),
        Pos.of(-900_000_000, -1_800_000_000),
        new Pos(374_500_000, 1_269_999_000, OptionalInt.of(20_000))
    };

    private final SigningKey key = SigningKey.generate(TestUnit.RANDOM);
    private final Id16[] units = Stream.generate(() -> new Id16(TestUnit.RANDOM.nextLong(), TestUnit.RANDOM.nextLong()))
            .limit(6)
            .toArray(Id16[]::new);
    private Id16 unit = units[0];
    private final TestHub hub = TestHub.with();

    private static HubState readAgain(HubState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            StateCodec.write(state, out);
        }
        return read(bytes);
    }

    private static HubState read(ByteArrayOutputStream bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        HubState read = StateCodec.read(in);
        assertEquals(0, in.available(), "all of it is read");
        return read;
    }

    @Test
    void whateverIsWrittenReadsAndIsTheSame() throws IOException {
        for (int seed = 0; seed < 3; seed++) {
            Random random = new Random(seed);
            register();
            for (int step = 0; step < STEPS; step++) {
                hub.nowMs += random.nextInt(30_000);
                step(random);
                if (step % BETWEEN == 0) {
                    assertArrayEquals(hub.state.hash(), readAgain(hub.state).hash(), "seed " + seed + " step " + step);
                }
            }
        }
        hub.assertReplaysToTheSame();
    }

    /** Units that come, change and are named while the copy is made are in it as they were when it began, and new ones are not. */
    @Test
    void aCopyIsTheStateAsItWasWhateverIsAppliedBeforeItIsWhole() throws IOException {
        Random random = new Random(5);
        register();
        int slow = 0;
        for (int copies = 0; copies < 200; copies++) {
            run(random, 5);
            byte[] then = hub.state.hash();
            StateCopy copy = hub.state.copy();
            assertEquals(hub.log.size(), copy.applied());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (!copy.isComplete()) {
                if (random.nextInt(3) == 0) {
                    copy.advance(1);
                    bytes.writeBytes(copy.take());
                }
                run(random, random.nextInt(2));
            }
            slow += Arrays.equals(then, hub.state.hash()) ? 0 : 1;
            hub.state.endCopy();
            run(random, 1);
            bytes.writeBytes(copy.take());
            assertArrayEquals(then, read(bytes).hash(), "copy " + copies);
        }
        assertTrue(slow > 150, "the state has mostly changed meanwhile: " + slow);
    }

    private void run(Random random, int steps) {
        for (int i = 0; i < steps; i++) {
            hub.nowMs += random.nextInt(30_000);
            if (random.nextInt(10) == 0) {
                register(new Id16(1, random.nextInt(50)), List.of());
            }
            step(random);
        }
    }

    private void register() {
        List<UnitRecord.Past> past = new ArrayList<>();
        for (int i = 0; i < UnitRecord.MAX_PAST; i++) {
            past.add(new UnitRecord.Past(TestHub.NOW_MS - 1_000_000 + i, LONG, LONG));
        }
        for (Id16 each : units) {
            register(each, past);
        }
    }

    private void register(Id16 id, List<UnitRecord.Past> past) {
        hub.register(new UnitRecord(
                id,
                List.of(key.verifyKey()),
                new UnitRecord.Service(LONG, LONG, "taxi", Optional.of(PLACES[5]), "A", ""),
                past,
                UnitRecord.Standing.GOOD));
    }

    private void step(Random random) {
        Id8 ride = new Id8(random.nextInt(300));
        unit = one(random, units);
        UnitRide which = new UnitRide(unit, ride);
        Optional<Pos> pos = random.nextInt(4) == 0 ? Optional.empty() : Optional.of(place(random));
        switch (random.nextInt(40)) {
            case 0 -> hub.order(order(random));
            case 1 ->
                hub.handle(new Input.AppEmergency(
                        hub.nowMs,
                        new Id16(1, random.nextLong()),
                        hub.nowMs,
                        Input.AppEmergency.Gesture.SHAKE,
                        pos,
                        Optional.of(which)));
            case 2 -> {
                if (hub.state.state(unit) != null) {
                    hub.goTo(which, place(random));
                }
            }
            case 3 -> hub.tickAt(hub.nowMs);
            case 4 -> hub.set(policy(random));
            case 5 -> erase(which, random);
            default -> send(random, ride);
        }
    }

    private static <T> T one(Random random, T[] of) {
        return of[random.nextInt(of.length)];
    }

    private static Pos place(Random random) {
        return one(random, PLACES);
    }

    private Order order(Random random) {
        OtherVerb verb = new OtherVerb(5, Bytes.of(new byte[random.nextInt(Order.MAX_BODY_BYTES + 1)]));
        return new Order(unit, new Id8(random.nextLong()), verb, hub.nowMs / 1000 + 60, "운".repeat(Order.MAX_BY));
    }

    private static Policy policy(Random random) {
        return new Policy(
                List.of(Policy.To.ORIGIN, Policy.To.DESTINATION, Policy.To.HOME, Policy.To.CURRENT),
                List.of(Policy.To.CURRENT),
                List.of(Policy.To.DESTINATION),
                random.nextBoolean() ? Optional.of("elsewhere") : Optional.empty(),
                random.nextBoolean() ? Optional.of("조".repeat(Policy.MAX_GROUND)) : Optional.empty(),
                new Policy.Attention(60_000, 600_000, 60_000, 60_000, 100));
    }

    private void erase(UnitRide which, Random random) {
        List<Input.Erasure.Item> items = new ArrayList<>();
        for (int i = 0; i < 1 + random.nextInt(Input.Erasure.MAX_ITEMS); i++) {
            items.add(new Input.Erasure.Item(random.nextLong(), i == 0 ? Optional.of(which) : Optional.empty()));
        }
        hub.handle(new Input.Erasure(
                hub.nowMs, hub.state.erasureHead(), Input.Erasure.Cause.REQUEST, "지".repeat(100), items));
    }

    private void send(Random random, Id8 ride) {
        Lane lane = one(random, Lane.values());
        List<UpRecord> records = new ArrayList<>();
        int many = random.nextInt(10) == 0 ? 1 + random.nextInt(20) : 1;
        for (int i = 0; i < many; i++) {
            long dtMs = random.nextInt(8) == 0 ? Integer.MAX_VALUE : random.nextInt(60_000);
            records.add(new UpRecord(dtMs, body(random, lane, ride)));
        }
        Id8 boot = new Id8(random.nextInt(6));
        TimeQuality quality = one(random, TimeQuality.values());
        UpMessage message = UpMessage.sign(
                new Batch(
                        unit,
                        boot,
                        lane,
                        new Id8(random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(4)),
                        any(random, 1, Long.MAX_VALUE, 1 + random.nextInt(3)),
                        random.nextBoolean() ? Optional.empty() : Optional.of(new Id16(1, random.nextLong())),
                        quality,
                        quality == TimeQuality.UNKNOWN ? 0 : any(random, Batch.MIN_UTC_MS, Batch.MAX_UTC_MS, hub.nowMs),
                        any(random, 0, Batch.MAX_MONO_MS, 1_000_000 + random.nextInt(1_000_000)),
                        records,
                        OptionalLong.empty(),
                        random.nextInt(10) == 0,
                        random.nextInt(10) == 0),
                key);
        Output output = hub.send(message);
        if (output.disposition().logged()
                && random.nextBoolean()
                && RideCards.of(message).isPresent()) {
            hub.answer(hub.log.size(), message, riders(random));
        }
    }

    /** Mostly what is usual. */
    private static long any(Random random, long least, long most, long usual) {
        return switch (random.nextInt(12)) {
            case 0 -> least;
            case 1 -> most;
            default -> usual;
        };
    }

    private static NamedRider[] riders(Random random) {
        NamedRider[] riders = new NamedRider[random.nextInt(Ride.MAX_RIDERS + 1)];
        for (int i = 0; i < riders.length; i++) {
            riders[i] = new NamedRider("%032x".formatted(random.nextInt()), "ABCD".substring(i % 4, i % 4 + 1));
        }
        return riders;
    }

    private Body body(Random random, Lane lane, Id8 ride) {
        Pos pos = place(random);
        return switch (lane) {
            case ALARM ->
                random.nextBoolean()
                        ? TestUnit.panic(
                                new Id8(random.nextInt(20)),
                                one(random, Phase.values()),
                                Optional.of(pos),
                                Optional.of(ride))
                        : new Gap(
                                one(random, Lane.values()),
                                new Id8(random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(4)),
                                random.nextInt(1_000),
                                any(random, 1_000, Long.MAX_VALUE, 1_000 + random.nextInt(1_000)),
                                one(random, Gap.Reason.values()));
            case EVENT ->
                switch (random.nextInt(5)) {
                    case 0 -> TestUnit.alighted(ride, pos);
                    case 1 -> new Contact("문".repeat(10), true, Optional.of(pos));
                    case 2 ->
                        new Anchor(
                                new Id8(random.nextInt(6)),
                                any(random, 0, Batch.MAX_MONO_MS, random.nextInt(1_000_000)),
                                any(random, Batch.MIN_UTC_MS, Batch.MAX_UTC_MS, hub.nowMs));
                    case 3 -> new CommandAck(random.nextInt(5), CommandAck.Outcome.DONE);
                    default ->
                        new Boarded(new RideChange(
                                Optional.of(pos),
                                ride,
                                Optional.of(Bytes.of(new byte[81])),
                                RideChange.Source.CARD,
                                OptionalInt.of(1),
                                OptionalInt.empty()));
                };
            case TRACK -> TestUnit.track(ride, TestMap.IN_A, TestMap.IN_B, TestMap.IN_C, PLACES[random.nextInt(5)]);
            case STATUS ->
                random.nextBoolean()
                        ? TestUnit.position(pos, random.nextBoolean() ? Optional.of(ride) : Optional.empty())
                        : new Presence(374_500_000, 1_269_500_000, true);
        };
    }
}
