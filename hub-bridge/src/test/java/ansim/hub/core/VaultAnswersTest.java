package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestMap.IN_B;
import static ansim.hub.core.TestUnit.alighted;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static ansim.hub.core.TestUnit.track;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Anchor;
import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the rider vault's answers do to rides. */
class VaultAnswersTest {
    private static final NamedRider ANN = new NamedRider("0123456789abcdef0123456789abcdef", "11680");
    private static final NamedRider BEN = new NamedRider("fedcba9876543210fedcba9876543210", "11440");

    private final TestUnit unit = new TestUnit();
    private final TestHub hub = TestHub.with(unit);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);
    private final Id8 ride = newId();

    @AfterEach
    void everyHistoryReplaysToTheSameState() throws IOException {
        hub.assertReplaysToTheSame();
        HubState read = decoded(encoded(hub.state));
        assertArrayEquals(hub.state.hash(), read.hash());
        assertEquals(hub.state.unanswered(), read.unanswered());
    }

    private static byte[] encoded(HubState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            state.write(out);
        }
        return bytes.toByteArray();
    }

    private static HubState decoded(byte[] bytes) throws IOException {
        return HubState.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    private static Boarded sealed(Id8 ride) {
        return new Boarded(new RideChange(
                Optional.of(IN_A),
                ride,
                Optional.of(Bytes.of(new byte[81])),
                RideChange.Source.CARD,
                OptionalInt.of(1),
                OptionalInt.empty()));
    }

    /** A boarding that was withheld and an alarm that was not had no date until the same anchor: no centre may hear of the boarding by that. */
    @Test
    void aCorrectionSaysOfEachDateWhoWasToldOfWhatItDates() {
        unit.quality = TimeQuality.UNKNOWN;
        UpMessage boarding = events.next(sealed(ride));
        hub.send(boarding);
        Output call = hub.send(unit.chain(Lane.ALARM).next(TestUnit.panic(newId(), Phase.RAISED, Optional.of(IN_B))));
        unit.quality = TimeQuality.GNSS;
        Event correction = hub.send(events.next(new Anchor(unit.boot, 1_000, unit.bootedMs + 1_000)))
                .event()
                .orElseThrow();
        assertEquals(List.of("B"), correction.districts());
        assertEquals(
                List.of(Output.idOf(boarding) + " []", call.id() + " [B]"),
                correction.corrections().stream()
                        .map(each -> each.id() + " " + each.districts())
                        .toList());
    }

    private Ride state() {
        UnitState state = hub.state.state(unit.id);
        return Optional.ofNullable(state).flatMap(known -> known.ride(ride)).orElseThrow();
    }

    @Test
    void aNamedRideIsToldOfAsUpdatedAndKnowsWhereItsRiderLives() {
        UpMessage message = events.next(sealed(ride));
        hub.send(message);
        Output output = hub.answer(hub.log.size(), message, ANN);
        Event event = output.event().orElseThrow();
        assertEquals(EventType.RIDE_UPDATED, event.type());
        assertEquals(Output.idOf(message) + "/vault", output.id());
        assertEquals(List.of("A"), event.districts());
        assertEquals("vault", event.details().get("by"));
        assertEquals("11680", event.details().get("home"));
        assertEquals(Optional.empty(), Optional.ofNullable(event.details().get("rider")), "no centre hears who it is");
        assertEquals(Optional.of("11680"), state().home());
        assertEquals(List.of(ANN), state().riders());
    }

    /** A copied card boards under the number of another boarding: what is known of the two were two events under one id. */
    @Test
    void whatIsKnownOfAForkedBoardingHasAnIdOfItsOwn() throws IOException {
        hub.send(events.next(sealed(newId())));
        TestUnit.Chain clone = events.copy();
        UpMessage first = events.next(sealed(ride));
        hub.send(first);
        long asked = hub.log.size();
        UpMessage second = clone.next(sealed(newId()));
        Output fork = hub.send(second);
        long askedFork = hub.log.size();
        HubState read = decoded(encoded(hub.state));
        Output ofFirst = hub.answer(asked, first, ANN);
        assertEquals(Output.idOf(first) + "/vault", ofFirst.id());
        Input ofFork = new Input.VaultAnswer(hub.nowMs, askedFork, second, List.of(ANN));
        assertEquals(fork.id() + "/vault", Step.decide(read, ofFork).id(), "after a snapshot, too");
        Output ofSecond = hub.handle(ofFork);
        assertEquals(fork.id() + "/vault", ofSecond.id());
        assertTrue(ofSecond.event().isPresent() && !ofSecond.id().equals(ofFirst.id()));
    }

    @Test
    void aBoardingWaitsForAnAnswerUntilThereIsOneWhateverItSays() {
        hub.send(events.next(boarded(newId(), IN_A)));
        assertEquals(List.of(), hub.state.unanswered(), "without a card there is nothing to ask");
        UpMessage message = events.next(sealed(ride));
        hub.send(message);
        long asked = hub.log.size();
        assertEquals(List.of(asked), hub.state.unanswered());
        Output output = hub.answer(asked, message);
        assertEquals(Optional.empty(), output.event(), "that nobody knows the card is told to nobody");
        assertEquals(List.of(), hub.state.unanswered());
        assertEquals(Optional.empty(), state().home());
    }

    @Test
    void aSecondCardAddsARiderAndTheFirstOneKeepsTheHome() {
        UpMessage first = events.next(sealed(ride));
        hub.send(first);
        hub.answer(hub.log.size(), first, ANN);
        UpMessage second = events.next(sealed(ride));
        hub.send(second);
        long asked = hub.log.size();
        hub.answer(asked, second, BEN);
        hub.answer(asked, second, BEN);
        assertEquals(List.of(ANN, BEN), state().riders());
        assertEquals(Optional.of("11680"), state().home());
    }

    @Test
    void anAnswerAboutARideThatIsForgottenChangesNothing() {
        UpMessage message = events.next(sealed(ride));
        hub.send(message);
        long asked = hub.log.size();
        for (int i = 0; i < UnitState.RIDES_KEPT; i++) {
            hub.send(events.next(boarded(newId(), IN_A)));
        }
        hub.answer(asked, message, ANN);
        assertEquals(List.of(), hub.state.unanswered());
    }

    /**
     * A taxi comes back from an outage with ten rides: by the lanes all its boardings and alightings come before its first track. The tracks of the first
     * rides were withheld, for their rides were gone from memory, named or not.
     */
    @Test
    void theTracksOfABacklogOfMoreRidesThanAreRememberedGoWhereTheirNamedRidesGo() throws IOException {
        NamedRider home = new NamedRider(ANN.handle(), "D");
        List<Id8> rides = new ArrayList<>();
        List<UpMessage> boardings = new ArrayList<>();
        List<Long> asked = new ArrayList<>();
        for (int i = 0; i < UnitState.RIDES_KEPT + 4; i++) {
            rides.add(newId());
            boardings.add(events.next(sealed(rides.get(i))));
            hub.send(boardings.get(i));
            asked.add((long) hub.log.size());
            hub.send(events.next(alighted(rides.get(i), IN_B)));
            if (i == 0) {
                hub.answer(asked.get(0), boardings.get(0), home);
            }
        }
        for (int i = 1; i < rides.size() - 1; i++) {
            hub.answer(asked.get(i), boardings.get(i), home);
        }
        HubState read = decoded(encoded(hub.state));
        TestUnit.Chain tracks = unit.chain(Lane.TRACK);
        for (int i = 0; i < rides.size(); i++) {
            UpMessage track = tracks.next(track(rides.get(i), IN_A, IN_A));
            Output output = hub.send(track);
            boolean known = i < rides.size() - 1;
            assertEquals(!known, output.has(Flag.WITHHELD), "track of ride " + i);
            Input input = new Input.Arrival(hub.nowMs, track);
            assertEquals(output, Step.decide(read, input), "after a snapshot it is the same");
            read.apply(hub.log.size(), new LogEntry(input, output));
        }
    }

    @Test
    void ofManyRidesTheNamesOfTheLastOnesAreKeptAndAnErasedOneHasNone() {
        UnitState state = Objects.requireNonNull(hub.state.state(unit.id));
        List<Id8> rides = new ArrayList<>();
        for (int i = 0; i < PastRides.KEPT + UnitState.RIDES_KEPT + 2; i++) {
            rides.add(newId());
            UpMessage message = events.next(sealed(rides.get(i)));
            hub.send(message);
            hub.answer(hub.log.size(), message, ANN);
        }
        assertEquals(false, state.rideOrPast(rides.get(1)).isNamed(), "beyond the limit the oldest is forgotten");
        assertEquals(Optional.of("11680"), state.rideOrPast(rides.get(2)).home());
        UnitRide erased = new UnitRide(unit.id, rides.get(3));
        hub.handle(new Input.Erasure(
                hub.nowMs,
                hub.state.erasureHead(),
                Input.Erasure.Cause.REQUEST,
                "",
                List.of(new Input.Erasure.Item(1, Optional.of(erased)))));
        assertEquals(false, state.rideOrPast(rides.get(3)).isNamed());
        assertEquals(Optional.of("11680"), state.rideOrPast(rides.get(4)).home());
    }

    @Test
    void threeDaysLaterABoardingIsNotAskedForAnyMore() {
        hub.send(events.next(sealed(ride)));
        hub.nowMs += Unanswered.FOR_MS + 1;
        hub.send(events.next(sealed(newId())));
        assertEquals(List.of((long) hub.log.size()), hub.state.unanswered());
    }

    @Test
    void beyondItsLimitTheOldestGoes() {
        Unanswered unanswered = new Unanswered();
        for (long index = 1; index <= Unanswered.KEPT + 1; index++) {
            unanswered.add(index, 0, false);
        }
        assertEquals(Unanswered.KEPT, unanswered.indexes().size());
        assertEquals(2L, unanswered.indexes().get(0));
    }

    @Test
    void theVaultIsNotAskedAboutATestAndWhatItSaysAllTheSameIsToldToNobody() {
        unit.test = true;
        UpMessage message = events.next(sealed(ride));
        hub.send(message);
        assertEquals(List.of(), hub.state.unanswered());
        assertEquals(Optional.empty(), RideCards.of(message));
        Output output = hub.answer(hub.log.size(), message, ANN);
        assertEquals(true, output.has(Flag.TEST));
        assertEquals(Optional.empty(), output.event());
    }

    @Test
    void aTestNamesNoRealRideOfTheSameId() {
        hub.send(events.next(sealed(ride)));
        unit.test = true;
        UpMessage message = events.next(sealed(ride));
        hub.send(message);
        hub.answer(hub.log.size(), message, ANN);
        assertEquals(List.of(), state().riders());
    }

    @Test
    void whatIsNoHandleOrNoDistrictIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new NamedRider("Ann", "11680"));
        assertThrows(IllegalArgumentException.class, () -> new NamedRider(ANN.handle(), "강남구"));
    }
}
