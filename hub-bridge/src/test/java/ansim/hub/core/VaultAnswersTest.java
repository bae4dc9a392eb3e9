package ansim.hub.core;

import static ansim.hub.core.TestMap.IN_A;
import static ansim.hub.core.TestUnit.boarded;
import static ansim.hub.core.TestUnit.newId;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.wire.Boarded;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.RideChange;
import ansim.wire.UpMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
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
            unanswered.add(index, 0);
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
