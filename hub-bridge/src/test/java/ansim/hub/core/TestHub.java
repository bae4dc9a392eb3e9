package ansim.hub.core;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A hub without a disk: decides, logs as bytes, applies what it reads back. */
final class TestHub {
    static final long NOW_MS = 1_780_000_000_000L;

    final HubState state;
    final List<byte[]> log = new ArrayList<>();
    final List<Output> outputs = new ArrayList<>();
    int lookups;
    long nowMs = NOW_MS;

    TestHub(DistrictMap map) {
        state = new HubState(map);
        handle(new Input.Founding(nowMs, nowMs / 1000));
    }

    /** The first {@code entries} of another hub's log, and a new generation. */
    static TestHub restored(TestHub from, int entries) throws IOException {
        TestHub hub = new TestHub(from, entries);
        hub.handle(new Input.Founding(from.nowMs, from.nowMs / 1000 + 1));
        return hub;
    }

    private TestHub(TestHub from, int entries) throws IOException {
        state = new HubState(TestMap.QUARTERS);
        nowMs = from.nowMs;
        for (int i = 1; i <= entries; i++) {
            LogEntry entry = from.entry(i);
            log.add(entry.encode());
            outputs.add(entry.output());
            state.apply(i, entry);
        }
    }

    static TestHub with(TestUnit... units) {
        TestHub hub = new TestHub(TestMap.QUARTERS);
        for (TestUnit unit : units) {
            hub.register(unit.record());
        }
        return hub;
    }

    /** One whose centres get every ride, known riders or not. */
    static TestHub open(TestUnit... units) {
        TestHub hub = with(units);
        Policy closed = Policy.DEFAULT;
        hub.set(new Policy(
                closed.ride(),
                closed.position(),
                closed.emergency(),
                closed.catchAll(),
                Optional.of("a test"),
                closed.attention()));
        return hub;
    }

    void register(UnitRecord record) {
        handle(new Input.UnitChange(nowMs, record));
    }

    void importDistricts(DistrictMap map) {
        handle(new Input.DistrictsChange(nowMs, map));
    }

    /** What the rider vault says of the boarding at an index of the log. */
    Output answer(long asked, UpMessage message, NamedRider... riders) {
        return handle(new Input.VaultAnswer(nowMs, asked, message, List.of(riders)));
    }

    /** Orders a unit something. */
    Output order(Order order) {
        return handle(new Input.CommandOrdered(nowMs, state.numbered(order)));
    }

    Output send(UpMessage message) {
        return handle(new Input.Arrival(nowMs, message));
    }

    Output sendAt(long arrivedMs, UpMessage message) {
        nowMs = arrivedMs;
        return send(message);
    }

    void set(Policy policy) {
        handle(new Input.SettingsChange(nowMs, policy));
    }

    /** The city's app says where a ride goes. */
    Output goTo(TestUnit unit, Id8 ride, Pos place) {
        return goTo(unit, ride, place, "r" + log.size(), nowMs);
    }

    /** The same as its request is known to the app, and as it was said at a time. */
    Output goTo(TestUnit unit, Id8 ride, Pos place, String request, long atMs) {
        return handle(
                Input.DestinationSaid.at(nowMs, new UnitRide(unit.id, ride), place, state.districts(), request, atMs));
    }

    Output goTo(UnitRide ride, Pos place) {
        return handle(Input.DestinationSaid.at(nowMs, ride, place, state.districts(), "r" + log.size(), nowMs));
    }

    /** Looks at what is due, as the committer does, and gives what was told. */
    List<Event> tickAt(long ms) {
        nowMs = ms;
        List<Event> told = new ArrayList<>();
        for (Optional<Input.Tick> due = state.due(ms); due.isPresent(); due = state.due(ms)) {
            told.add(handle(due.get()).event().orElseThrow());
        }
        return told;
    }

    Output handle(Input input) {
        try {
            Output output = Step.decide(state, input);
            assertEquals(output, Step.decide(state, input), "a decision changes nothing");
            if (output.disposition() == Disposition.NEEDS_LOOKUP) {
                lookups++;
                Lookup lookup = output.lookup().orElseThrow();
                Input.Arrival again = ((Input.Arrival) input).withKnown(lookup.answer(this::entry));
                output = Step.decide(state, again);
                assertEquals(true, output.disposition() != Disposition.NEEDS_LOOKUP);
            }
            if (output.disposition().logged()) {
                byte[] bytes = new LogEntry(input, output).encode();
                LogEntry read = LogEntry.decode(bytes);
                assertEquals(output, read.output());
                log.add(bytes);
                outputs.add(output);
                state.apply(log.size(), new LogEntry(input, output));
            }
            return output;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    LogEntry entry(long index) throws IOException {
        return LogEntry.decode(log.get((int) index - 1));
    }

    Stream<Event> events() {
        return outputs.stream().flatMap(output -> output.event().stream());
    }

    /** What a restart would come to. */
    HubState replayed() throws IOException {
        HubState again = new HubState(TestMap.QUARTERS);
        for (int i = 1; i <= log.size(); i++) {
            again.apply(i, entry(i));
        }
        return again;
    }

    void assertReplaysToTheSame() throws IOException {
        assertArrayEquals(state.hash(), replayed().hash(), "replay ends in the same state");
    }
}
