package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ansim.wire.CommandAck;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.CommissioningOrder;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.OutputOrder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What units are ordered, step by step: numbers, the limit, acknowledgements, expiry, restores. */
class OrdersTest {
    private static final long LASTS_S = 600;

    private final TestUnit unit = new TestUnit();
    private final TestUnit other = new TestUnit();
    private final TestHub hub = TestHub.with(unit, other);
    private final TestUnit.Chain events = unit.chain(Lane.EVENT);

    static Order order(TestHub at, Id16 of, Id8 request) {
        return new Order(
                of,
                request,
                new OutputOrder("siren", true, OptionalLong.of(5)).verb(),
                at.nowMs / 1000 + LASTS_S,
                "operator");
    }

    private Output order(TestHub at, TestUnit of) {
        return at.order(order(at, of.id, TestUnit.newId()));
    }

    private List<Long> waiting(TestHub at, TestUnit of) {
        return at.state.orders(of.id).stream().map(Order::number).toList();
    }

    private Optional<String> refusal(TestHub at, TestUnit of) {
        Output output = order(at, of);
        assertEquals(output.reason().isPresent() ? Disposition.REFUSED : Disposition.STORED, output.disposition());
        return output.reason();
    }

    @Test
    void ordersAreNumberedFromOneForEachUnit() {
        order(hub, unit);
        order(hub, unit);
        order(hub, other);
        assertEquals(List.of(1L, 2L), waiting(hub, unit));
        assertEquals(List.of(1L), waiting(hub, other));
    }

    @Test
    void anAcknowledgementTakesItsCommandAndWhatIsOlder() {
        order(hub, unit);
        order(hub, unit);
        order(hub, unit);
        hub.send(events.next(new CommandAck(2, Outcome.REFUSED)));
        assertEquals(List.of(3L), waiting(hub, unit), "a unit does nothing older than the last that it did");
        hub.send(events.next(new CommandAck(1, Outcome.DONE)));
        assertEquals(List.of(3L), waiting(hub, unit));
        hub.send(events.next(new CommandAck(77, Outcome.DONE)));
        assertEquals(List.of(3L), waiting(hub, unit), "nobody ordered 77");
        hub.send(events.next(new CommandAck(3, Outcome.DEFERRED)));
        assertEquals(List.of(), waiting(hub, unit));
        order(hub, unit);
        assertEquals(List.of(4L), waiting(hub, unit), "numbers are never used twice");
    }

    @Test
    void anotherUnitsAcknowledgementTakesNothing() {
        order(hub, unit);
        hub.send(other.chain(Lane.EVENT).next(new CommandAck(1, Outcome.DONE)));
        assertEquals(List.of(1L), waiting(hub, unit));
    }

    @Test
    void theNinthIsRefusedUntilOneIsAcknowledged() {
        for (int i = 1; i <= Orders.COMMANDS; i++) {
            assertEquals(Optional.empty(), refusal(hub, unit));
        }
        assertEquals(Optional.of("8 commands wait for this unit's answer, no more are taken"), refusal(hub, unit));
        assertEquals(Optional.empty(), refusal(hub, other));
        hub.send(events.next(new CommandAck(1, Outcome.DONE)));
        assertEquals(Optional.empty(), refusal(hub, unit));
        assertEquals(List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L), waiting(hub, unit));
    }

    @Test
    void whatIsOverMakesRoomWithTheNextEntry() throws Exception {
        for (int i = 1; i <= Orders.COMMANDS; i++) {
            order(hub, unit);
        }
        hub.nowMs += (LASTS_S - 1) * 1000;
        assertEquals(true, refusal(hub, unit).isPresent());
        hub.nowMs += 1000;
        assertEquals(Optional.empty(), refusal(hub, unit));
        assertEquals(List.of(9L), waiting(hub, unit));
        hub.assertReplaysToTheSame();
    }

    @Test
    void whatIsOverAlreadyIsRefused() {
        Order late =
                new Order(unit.id, TestUnit.newId(), new CommissioningOrder(60).verb(), hub.nowMs / 1000, "operator");
        assertEquals(Optional.of("its time has passed already"), hub.order(late).reason());
    }

    @Test
    void anUnknownAndAShutOutUnitAreRefused() {
        assertEquals(Optional.of("unknown unit, or one that has not enrolled yet"), refusal(hub, new TestUnit()));
        order(hub, unit);
        hub.register(unit.record().revoke());
        assertEquals(Optional.of("the unit is shut out"), refusal(hub, unit));
        hub.register(unit.record());
        assertEquals(List.of(1L), waiting(hub, unit), "what it was ordered before waits");
    }

    @Test
    void aRequestIsKnownUntilSixtyFourOthersCame() {
        Id8 request = TestUnit.newId();
        hub.order(order(hub, unit.id, request));
        assertEquals(OptionalLong.of(1), hub.state.numberOf(request));
        for (int i = 1; i <= Orders.REQUESTS; i++) {
            assertEquals(OptionalLong.of(1), hub.state.numberOf(request));
            TestUnit next = new TestUnit();
            hub.register(next.record());
            order(hub, next);
        }
        assertEquals(OptionalLong.empty(), hub.state.numberOf(request));
    }

    @Test
    void afterARestoreNoAnswerToAForgottenCommandIsTakenForAnothers() throws Exception {
        order(hub, unit);
        int kept = hub.log.size();
        order(hub, unit);
        TestHub restored = TestHub.restored(hub, kept);
        order(restored, unit);
        assertEquals(List.of(1L, 1L + Orders.RESTORED + 1), waiting(restored, unit));
        restored.send(events.next(new CommandAck(2, Outcome.DONE)));
        assertEquals(
                List.of(1L + Orders.RESTORED + 1), waiting(restored, unit), "2 is older, and was never ordered here");
        order(restored, other);
        assertEquals(List.of(1L + Orders.RESTORED + 1), waiting(restored, other));
    }

    @Test
    void aNumberThatDoesNotRiseIsNoEntryOfThisLog() {
        order(hub, unit);
        LogEntry again = new LogEntry(
                new Input.CommandOrdered(
                        hub.nowMs, order(hub, unit.id, TestUnit.newId()).as(1)),
                Output.plain());
        assertThrows(IllegalStateException.class, () -> hub.state.apply(hub.log.size() + 1, again));
    }

    @Test
    void ordersAreInTheStatesEncoding() throws Exception {
        order(hub, unit);
        order(hub, other);
        order(hub, unit);
        hub.send(events.next(new CommandAck(1, Outcome.DONE)));
        hub.assertReplaysToTheSame();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        hub.state.write(new DataOutputStream(bytes));
        HubState read = HubState.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        assertArrayEquals(hub.state.hash(), read.hash());
        assertEquals(hub.state.orders(unit.id), read.orders(unit.id));
        assertEquals(hub.state.ordered(), read.ordered());
    }

    @Test
    void whatBreaksALimitIsNoOrder() {
        Order fits = order(hub, unit.id, TestUnit.newId());
        assertThrows(IllegalArgumentException.class, () -> fits.as(Order.MAX_NUMBER + 1));
        assertThrows(
                IllegalArgumentException.class, () -> new Order(unit.id, fits.request(), fits.verb(), -1, "operator"));
        assertThrows(
                IllegalArgumentException.class,
                () -> new Order(unit.id, fits.request(), fits.verb(), 1, "o".repeat(Order.MAX_BY + 1)));
    }
}
