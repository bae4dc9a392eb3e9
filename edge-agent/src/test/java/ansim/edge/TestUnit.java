package ansim.edge;

import ansim.edge.keys.HubTrust;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.wire.Contact;
import ansim.wire.Health;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** A unit's lanes and forwarder on real files, with a clock that a test moves. */
final class TestUnit implements AutoCloseable {
    static final Id16 ID = Id16.parse("00112233445566778899aabbccddeeff");
    static final SigningKey KEY = SigningKey.generate(new SecureRandom());
    static final int SEGMENT = Quota.SEGMENT_BYTES_MIN;
    /** More room than most tests fill. */
    static final Quota QUOTA = new Quota(64L * SEGMENT, 64L * SEGMENT, SEGMENT);

    /** As an agent has it that is told nothing else. */
    static final Recorder.Pace PACE = new Recorder.Pace(30_000, 10_000, 2_000, 60_000, 60_000);

    private final Path data;
    private final TestHub hub;
    private final JournalFiles files;
    private final Quota quota;
    long nowMs = 1_000;
    final UnitClock clock;
    final List<HeldMessage> receipted = new ArrayList<>();
    Lanes lanes;
    /** What the lanes offer, for a test to look at. */
    Outgoing outgoing;

    Forwarder forwarder;
    FakeLink link;

    TestUnit(Path data, TestHub hub) throws JournalException {
        this(data, hub, new FailingFiles());
    }

    TestUnit(Path data, TestHub hub, JournalFiles files) throws JournalException {
        this(data, hub, files, QUOTA);
    }

    TestUnit(Path data, TestHub hub, JournalFiles files, Quota quota) throws JournalException {
        this.data = data;
        this.hub = hub;
        this.files = files;
        this.quota = quota;
        clock = new UnitClock(() -> 0, () -> false);
        Sealer sealer = new Sealer(ID, new Id8(77), KEY, clock, () -> nowMs);
        lanes = new Lanes(data, quota, files, sealer, new SecureRandom());
        lanes.open();
        outgoing = new Outgoing(lanes);
        link = new FakeLink();
        HubTrust trust = HubTrust.fixed(hub.key.verifyKey());
        forwarder = new Forwarder(
                lanes,
                new Commands(lanes, clock, () -> nowMs, Outputs.none(), trust),
                new Forwarder.Identity(trust, ID),
                () -> nowMs,
                receipted::add);
        forwarder.add(link);
        lanes.onStored(forwarder::wake);
    }

    /** Has the fixes of the last seconds say that it is so late now. */
    static void tellTime(UnitClock clock, long utcMs, long nowMs) {
        for (int ago = 2_000; ago >= 0; ago -= 1_000) {
            clock.fix(utcMs - ago, false, nowMs - ago);
        }
    }

    static TestHub hub() {
        return new TestHub(ID, KEY.verifyKey());
    }

    /** The same unit after its process has ended without a word, but for the lock on its folder. */
    TestUnit restart() throws JournalException {
        lanes.close();
        TestUnit next = new TestUnit(data, hub, files, quota);
        next.nowMs = nowMs;
        return next;
    }

    boolean event(int i) {
        return lanes.append(
                Lane.EVENT, List.of(List.of(new Draft(new Contact("door-" + i, i % 2 == 0, Optional.empty()), nowMs))));
    }

    /** The names of the events of these numbers. */
    static List<String> doors(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "door-" + i).toList();
    }

    /** About a seventh of a segment in one message. */
    boolean bulky(Lane lane, int number) {
        List<Draft> contacts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            contacts.add(new Draft(new Contact("a door of a taxi, " + number, i % 2 == 0, Optional.empty()), nowMs));
        }
        return lanes.append(lane, List.of(contacts));
    }

    boolean alarm() {
        return lanes.append(
                Lane.ALARM, List.of(List.of(new Draft(Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED), nowMs))));
    }

    /** The time has come to try a disk that failed again. */
    void retry() {
        nowMs += Lanes.RETRY_MS;
        lanes.tick();
    }

    void step() {
        try {
            forwarder.step(0);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Everything goes through, until nobody has anything more to say. */
    void exchange() {
        for (int i = 0; i < 10_000; i++) {
            step();
            List<byte[]> sent = link.drain();
            if (sent.isEmpty()) {
                return;
            }
            sent.forEach(hub::take);
            link.down(hub.receipt());
        }
        throw new AssertionError("the unit and the hub never come to rest");
    }

    /** The oldest chain of a lane. */
    Id8 chain(Lane lane) {
        return lanes.store(lane).chains().get(0).id;
    }

    long waiting(Lane lane) {
        return lanes.figures().waiting().get(lane.number() - 1);
    }

    @Override
    public void close() {
        lanes.close();
    }

    /** A unit that has nothing to say of itself. */
    static Health health() {
        return new Health(
                0,
                OptionalLong.empty(),
                OptionalInt.empty(),
                List.of(),
                List.of(),
                OptionalInt.empty(),
                Map.of(),
                OptionalLong.empty(),
                List.of(),
                Map.of(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }
}
