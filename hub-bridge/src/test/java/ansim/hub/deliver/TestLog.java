package ansim.hub.deliver;

import ansim.hub.core.Disposition;
import ansim.hub.core.Event;
import ansim.hub.core.EventType;
import ansim.hub.core.Flag;
import ansim.hub.core.Input;
import ansim.hub.core.Links;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.Output;
import ansim.hub.core.When;
import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/** A hub's log with messages that one unit really signed. */
final class TestLog implements AutoCloseable {
    static final long ARRIVED_MS = 1_800_000_000_000L;
    private static final SecureRandom RANDOM = new SecureRandom();

    final SigningKey key = SigningKey.generate(RANDOM);
    final Id16 unit = new Id16(RANDOM.nextLong(), RANDOM.nextLong());
    final Id8 ride = new Id8(0x1122334455667788L);
    private final Id8 chain = Id8.random(RANDOM);
    private final Path directory;
    Journal journal;
    private long n;

    TestLog(Path directory) throws JournalException {
        this.directory = directory;
        this.journal = opened(directory);
    }

    private static Journal opened(Path directory) throws JournalException {
        JournalOptions options = new JournalOptions(64 * 1024, true, JournalOptions.TornTail.CUT);
        return Journal.open(directory, options, JournalFiles.real());
    }

    void open() throws JournalException {
        journal = opened(directory);
    }

    void reopen() throws JournalException {
        journal.close();
        open();
    }

    /** Appends an event and returns its id. */
    String add(boolean alarm, String... districts) throws JournalException {
        LogEntry entry = entry(alarm, districts);
        journal.append(Entry.message(entry.encode()));
        return entry.output().id();
    }

    /** Appends a message whose number the hub itself has something to say of; of a quarantined one only the hub speaks. */
    LogEntry addWithNumbersAlarm(boolean alarm, List<String> told, String... districts) throws JournalException {
        LogEntry plain = entry(alarm, districts);
        Output output = plain.output();
        LogEntry entry = new LogEntry(
                plain.input(),
                new Output(
                        districts.length == 0 ? Disposition.QUARANTINED : Disposition.STORED,
                        output.id(),
                        Set.of(Flag.CHAIN_BREAK, Flag.NUMBERS),
                        Optional.empty(),
                        output.links(),
                        Optional.empty(),
                        districts.length == 0 ? Optional.empty() : output.event(),
                        Optional.empty(),
                        Optional.of(event(EventType.TAMPER, true, told))));
        journal.append(Entry.message(entry.encode()));
        return entry;
    }

    /** Appends a boarding of somebody who is not registered, and returns its id. */
    String addWithheld(String district) throws JournalException {
        LogEntry plain = entry(false, district);
        Output output = plain.output();
        LogEntry entry = new LogEntry(
                plain.input(),
                new Output(
                        Disposition.STORED,
                        output.id(),
                        Set.of(Flag.WITHHELD),
                        Optional.empty(),
                        output.links(),
                        Optional.empty(),
                        output.event(),
                        Optional.empty(),
                        Optional.empty()));
        journal.append(Entry.message(entry.encode()));
        return output.id();
    }

    /** Appends what a rider vault made known of the boarding at an index, which some may see only now; returns its id. */
    String addName(long asked, List<String> fresh, String... districts) throws JournalException {
        UpMessage boarding = message(Lane.EVENT);
        String id = unit.hex() + "/" + chain.hex() + "/2/" + n + Output.VAULT;
        Output output = new Output(
                Disposition.STORED,
                id,
                Set.of(),
                Optional.empty(),
                new Links(0, 0, 0, 0, 0, 0, 0),
                Optional.empty(),
                Optional.of(event(EventType.RIDE_UPDATED, false, List.of(districts))),
                Optional.empty(),
                Optional.empty(),
                List.of(new Output.Again(asked, fresh)));
        NamedRider rider = new NamedRider("0123456789abcdef0123456789abcdef", districts[0]);
        Input.VaultAnswer answer = new Input.VaultAnswer(ARRIVED_MS, asked, boarding, List.of(rider));
        journal.append(Entry.message(new LogEntry(answer, output).encode()));
        return id;
    }

    /** Appends what a rider vault made known of a boarding. */
    void addAnswer(String district) throws JournalException {
        UpMessage boarding = message(Lane.EVENT);
        Output output = new Output(
                Disposition.STORED,
                unit.hex() + "/" + chain.hex() + "/2/" + n + Output.VAULT,
                Set.of(),
                Optional.empty(),
                new Links(0, 0, 0, 0, 0, 0, 0),
                Optional.empty(),
                Optional.of(event(EventType.RIDE_UPDATED, false, List.of(district))),
                Optional.empty(),
                Optional.empty());
        NamedRider rider = new NamedRider("0123456789abcdef0123456789abcdef", district);
        Input.VaultAnswer answer = new Input.VaultAnswer(ARRIVED_MS, 1, boarding, List.of(rider));
        journal.append(Entry.message(new LogEntry(answer, output).encode()));
    }

    LogEntry entry(boolean alarm, String... districts) {
        UpMessage message = message(alarm ? Lane.ALARM : Lane.EVENT);
        Event event = event(
                alarm ? EventType.PANIC : EventType.RIDE_BOARDED,
                alarm,
                districts.length == 0 ? List.of(Event.OUTSIDE) : List.of(districts));
        String id =
                unit.hex() + "/" + chain.hex() + "/" + message.batch().lane().number() + "/" + n;
        Output output = new Output(
                Disposition.STORED,
                id,
                Set.of(Flag.LATE),
                Optional.empty(),
                new Links(0, 0, 0, 0, 0, 0, 0),
                Optional.empty(),
                Optional.of(event),
                Optional.empty(),
                Optional.empty());
        return new LogEntry(new Input.Arrival(ARRIVED_MS, message), output);
    }

    private Event event(EventType type, boolean alarm, List<String> districts) {
        return new Event(
                type,
                districts,
                alarm,
                new When(ARRIVED_MS - 1000, ARRIVED_MS - 1000, TimeQuality.GNSS, When.Source.UNIT),
                Optional.of(Pos.of(375_000_000, 1_270_000_000)),
                Event.PlaceSource.MESSAGE,
                "서울33바1234",
                "Hanbit Taxi",
                "taxi",
                Optional.of(ride),
                new TreeMap<>(),
                List.of());
    }

    private UpMessage message(Lane lane) {
        n++;
        RideChange change = new RideChange(
                Optional.empty(),
                ride,
                Optional.empty(),
                RideChange.Source.METER_LAMP,
                OptionalInt.empty(),
                OptionalInt.empty());
        return UpMessage.sign(
                new Batch(
                        unit,
                        Id8.random(RANDOM),
                        lane,
                        chain,
                        n,
                        Optional.empty(),
                        TimeQuality.GNSS,
                        ARRIVED_MS - 1000,
                        5000,
                        List.of(new UpRecord(0, new Boarded(change))),
                        OptionalLong.empty(),
                        false,
                        false),
                key);
    }

    Receiver.Keys keys() {
        return kid -> kid.equals(key.verifyKey().kid())
                ? Optional.of(new Receiver.KnownKey(key.verifyKey(), Optional.of(unit)))
                : Optional.empty();
    }

    @Override
    public void close() throws JournalException {
        journal.close();
    }
}
