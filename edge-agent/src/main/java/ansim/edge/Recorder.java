package ansim.edge;

import ansim.edge.port.PortReading;
import ansim.profile.CardNumber;
import ansim.profile.Reading;
import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Fix;
import ansim.profile.Reading.Lamp;
import ansim.profile.Reading.Measure;
import ansim.profile.Reading.PanicPress;
import ansim.profile.Reading.Tap;
import ansim.wire.Alighted;
import ansim.wire.Anchor;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Health;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.RideChange;
import ansim.wire.Tamper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.tinylog.Logger;

/**
 * The one writer: readings in, signed and stored messages out.
 *
 * <p>Guarantee: a tap, a press or a contact is on disk, with the state that follows from it, before *stored* is signalled and
 * before the forwarder can see it. Positions are precise only while a ride is on or an alarm is open. Track is sealed every
 * {@link Pace#sealAfterMs}, at the end of a ride and with an alarm. While {@link Commissioning} a call for help is on record with the test
 * mark and opens no alarm. What lane 4 tells of now is {@link LiveReport}'s.
 *
 * <p>Not guaranteed: the track since the last seal across a power cut. One thread, the recorder's.
 */
final class Recorder {
    /** While commissioning the light for *stored* pulses this often, so that nobody takes a test for more than it is. */
    static final long TEST_LIGHT_MS = 3_000;

    private final Lanes lanes;
    private final Commissioning commissioning;
    private final UnitClock clock;
    private final Sealer sealer;
    private final Signals signals;
    private final Pace pace;
    private final Ride ride;
    private final Alarms alarms;
    private final Contacts contacts = new Contacts();
    private final Tampers tampers = new Tampers();
    private final Whereabouts whereabouts;
    private final Measures measures;
    private final TrackBuffer track = new TrackBuffer();
    private final LiveReport live;
    private FitterContact fitter;
    private boolean tested;
    private long testLightMs = Long.MIN_VALUE / 2;

    /** How often what is told, ms. */
    record Pace(long sealAfterMs, long rideMs, long emergencyMs, long presenceMs, long healthMs) {}

    /** What a recorder works with. */
    record Parts(
            Lanes lanes,
            UnitClock clock,
            Sealer sealer,
            CardSealer cards,
            Signals signals,
            Whereabouts whereabouts,
            Measures measures) {}

    /**
     * Creates the recorder and restores the ride and the alarms that an earlier run left.
     *
     * @param health makes the health record for a CLOCK_MONOTONIC time
     */
    Recorder(Parts parts, Pace pace, RideRules rules, RandomGenerator random, LongFunction<Health> health) {
        this.lanes = parts.lanes();
        this.commissioning = lanes.sealer().commissioning();
        this.clock = parts.clock();
        this.sealer = parts.sealer();
        this.signals = parts.signals();
        this.whereabouts = parts.whereabouts();
        this.measures = parts.measures();
        this.pace = pace;
        this.live = new LiveReport(lanes, whereabouts, pace, health);
        this.ride = new Ride(rules, random, parts.cards(), whereabouts::fresh);
        this.alarms = new Alarms(random);
        this.fitter = new FitterContact(Optional.empty(), sealer.nowMs());
        restore();
        signals.silence(alarms.silent(sealer.nowMs()));
        busy(sealer.nowMs());
    }

    /** Has this contact, held at the start, begin commissioning; before the recorder runs. */
    void commissionBy(String contact) {
        fitter = new FitterContact(Optional.of(contact), sealer.nowMs());
    }

    private interface Restoring {
        void from(byte[] state) throws IOException;
    }

    private void restore() {
        long nowMs = sealer.nowMs();
        Id8 boot = sealer.boot();
        restore(Lane.EVENT, Lanes.RIDE, state -> ride.restore(state, boot, nowMs));
        restore(Lane.ALARM, Lanes.ALARMS, state -> alarms.restore(state, boot, nowMs));
        restore(Lane.EVENT, Lanes.CONTACTS, contacts::restore);
        restore(Lane.ALARM, Lanes.TAMPERS, tampers::restore);
        restore(Lane.EVENT, Lanes.ANCHOR, state -> {
            ByteBuffer in = ByteBuffer.wrap(state);
            if (state.length == 2 * Long.BYTES && in.getLong() == boot.bits()) {
                clock.alreadyAnchored(in.getLong());
            }
        });
    }

    private void restore(Lane lane, int slot, Restoring restoring) {
        Optional<byte[]> state = lanes.state(lane, slot);
        if (state.isPresent()) {
            try {
                restoring.from(state.get());
            } catch (IOException e) {
                Logger.error("stored state {} is not readable, it begins anew: {}", slot, e.getMessage());
            }
        }
    }

    /** Takes one reading. */
    void take(PortReading arrived) {
        Reading reading = arrived.reading();
        long atMs = arrived.monoMs();
        switch (reading.type()) {
            case FIX -> {
                fix((Fix) reading, atMs);
                tell(tampers.fix(arrived.port(), true), atMs);
            }
            case NO_FIX -> {
                whereabouts.lost();
                ride(ride.speed(0, atMs));
                tell(tampers.fix(arrived.port(), false), atMs);
            }
            case TAP -> tap(((Tap) reading).card(), atMs);
            case LAMP -> ride(ride.lamp(((Lamp) reading).hired(), atMs));
            case CONTACT -> {
                contact((ContactChange) reading, atMs);
                tell(tampers.contact(arrived.port(), (ContactChange) reading), atMs);
            }
            case PANIC -> panic((PanicPress) reading, atMs);
            case FAULT -> tell(tampers.fault(arrived.port(), (Fault) reading), atMs);
            case MEASURE -> measures.take((Measure) reading, atMs);
            default -> throw new IllegalStateException("no rule for a reading of type " + reading.type());
        }
    }

    /** The number is gone when this returns: what goes on of it is sealed. */
    private void tap(CardNumber card, long atMs) {
        List<RideEvent> events;
        try {
            events = ride.tap(card, atMs);
        } finally {
            card.wipe();
        }
        ride(events);
    }

    private void fix(Fix fix, long atMs) {
        long toldMs = atMs - fix.heldMs();
        clock.fix(fix.timeMs(), fix.rolledOver(), toldMs);
        whereabouts.fix(fix, toldMs);
        ride(ride.speed(fix.speedCms().orElse(0) * 0.036, atMs));
        if (precise(atMs)) {
            track.add(fix, toldMs, ride.ride());
            if (track.isFull()) {
                sealTrack();
            }
        }
    }

    /** Whether precise positions may be kept and told. */
    private boolean precise(long nowMs) {
        return ride.ride().isPresent() || alarms.open(nowMs);
    }

    /** Tells commissioning, before anything of it is sealed, whether people who are no fitters are concerned. */
    private void busy(long nowMs) {
        commissioning.busy(ride.concerned() || alarms.open(nowMs) || !track.isEmpty(), nowMs);
    }

    private void ride(List<RideEvent> events) {
        if (events.isEmpty()) {
            return;
        }
        busy(sealer.nowMs());
        List<Draft> records = new ArrayList<>();
        boolean changed = false;
        boolean turned = false;
        for (RideEvent event : events) {
            if (event.travels()) {
                records.add(new Draft(body(event), event.atMs()));
            }
            changed |= event.kind() != RideEvent.Kind.KNOWN;
            turned |= event.kind() == RideEvent.Kind.BOARDED || event.kind() == RideEvent.Kind.ALIGHTED;
        }
        boolean stored = lanes.durable(Lane.EVENT);
        if (changed) {
            byte[] state = ride.state(sealer.boot());
            stored = records.isEmpty()
                    ? lanes.keep(Lane.EVENT, Lanes.RIDE, state)
                    : lanes.append(Lane.EVENT, records, Lanes.RIDE, state);
        }
        if (stored) {
            events.stream().filter(RideEvent::confirmed).forEach(event -> signals.stored(sealer.nowMs()));
        }
        if (turned) {
            sealTrack();
        }
    }

    private Body body(RideEvent event) {
        OptionalInt riders = event.riders() > 0 ? OptionalInt.of(event.riders()) : OptionalInt.empty();
        OptionalInt flags = event.atSpeed() ? OptionalInt.of(RideChange.TAP_AT_SPEED) : OptionalInt.empty();
        RideChange change =
                new RideChange(event.place(), event.ride(), event.sealedCard(), event.source(), riders, flags);
        return event.kind() == RideEvent.Kind.ALIGHTED ? new Alighted(change) : new Boarded(change);
    }

    private void contact(ContactChange change, long atMs) {
        if (fitter.begins(change, atMs) && !commissioning.begin(Commissioning.LONGEST, sealer.nowMs())) {
            Logger.warn("no commissioning while a ride is on or an alarm is open");
        }
        boolean firstLook = !contacts.knows(change.name());
        boolean news = contacts.news(change);
        ride(ride.contact(change.name(), change.closed(), news || !change.initial(), atMs));
        if (!news) {
            // Remembered too, or a change while the agent is dead would be no change.
            if (firstLook) {
                lanes.keep(Lane.EVENT, Lanes.CONTACTS, contacts.state());
            }
            return;
        }
        Optional<Pos> pos = precise(atMs) ? whereabouts.fresh(atMs) : Optional.empty();
        boolean stored = lanes.append(
                Lane.EVENT,
                List.of(new Draft(new Contact(change.name(), change.closed(), pos), atMs)),
                Lanes.CONTACTS,
                contacts.state());
        if (stored) {
            signals.stored(sealer.nowMs());
        }
    }

    /** Message and state in one append: after a stop in between the level that is read again tells what is missing. */
    private void tell(List<Tampers.News> news, long atMs) {
        if (!tampers.unstored()) {
            return;
        }
        List<Draft> records = news.stream()
                .map(each -> new Draft(Tamper.of(each.what(), each.phase()), atMs))
                .toList();
        byte[] state = tampers.state();
        if (records.isEmpty()) {
            lanes.keep(Lane.ALARM, Lanes.TAMPERS, state);
        } else {
            lanes.append(Lane.ALARM, records, Lanes.TAMPERS, state);
        }
    }

    /** What each port's device had told of, and not yet ended, when the state was last stored; before the recorder runs. */
    Map<String, Set<Fault.What>> faults() {
        return tampers.faults();
    }

    /** What ports there are; before the recorder runs. */
    void configured(Set<String> ports) {
        tell(tampers.configured(ports), sealer.nowMs());
    }

    private void panic(PanicPress pressed, long atMs) {
        Alarms.Press press =
                commissioning.testPress(sealer.nowMs()) ? alarms.test(pressed) : alarms.press(pressed, atMs);
        signals.silence(alarms.silent(atMs));
        boolean stored = lanes.durable(Lane.ALARM);
        if (press.recorded()) {
            Panic panic = new Panic(
                    whereabouts.lastKnown(),
                    ride.ride(),
                    origin(pressed),
                    pattern(pressed),
                    press.alarm(),
                    press.raised() ? Phase.RAISED : Phase.REPEATED,
                    whereabouts.ageS(atMs));
            stored = lanes.append(
                    Lane.ALARM, List.of(new Draft(panic, atMs)), Lanes.ALARMS, alarms.state(sealer.boot()));
        }
        if (stored && !press.silent()) {
            signals.stored(sealer.nowMs());
        }
        sealTrack();
    }

    private static Panic.Origin origin(PanicPress press) {
        return switch (press.origin()) {
            case RIDER -> Panic.Origin.RIDER;
            case DRIVER -> Panic.Origin.DRIVER;
            case BELL -> Panic.Origin.BELL;
            case APP -> Panic.Origin.APP;
            case DURESS_CARD -> Panic.Origin.DURESS_CARD;
            case LAMP -> Panic.Origin.ROOF_LAMP;
        };
    }

    private static Panic.Pattern pattern(PanicPress press) {
        return switch (press.pattern()) {
            case PRESS -> Panic.Pattern.PRESS;
            case LONG -> Panic.Pattern.LONG;
            case DOUBLE -> Panic.Pattern.DOUBLE;
            case LATCHED -> Panic.Pattern.LATCHED;
            case FLASH -> Panic.Pattern.FLASH;
        };
    }

    /** A defect here costs the fixes of one message, never the recorder: taps and calls for help wait behind it. */
    private void sealTrack() {
        try {
            List<Draft> records = track.seal();
            if (!records.isEmpty()) {
                lanes.append(Lane.TRACK, List.of(records));
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            Logger.error(e, "fixes cannot be sealed and are dropped");
            lanes.dropped(Lane.TRACK);
        }
    }

    /** Lets time pass with no reading waiting. */
    void tick(long nowMs) {
        tick(nowMs, nowMs);
    }

    /**
     * Lets time pass: what is due by the clock. At least five times a second.
     *
     * @param takenMs what was said before this CLOCK_MONOTONIC time has been taken: a stall of the disk is no time for a ride
     */
    void tick(long nowMs, long takenMs) {
        signals.silence(alarms.silent(nowMs));
        ride(ride.tick(takenMs));
        commissioning(nowMs);
        anchor(nowMs);
        if (track.due(nowMs, pace.sealAfterMs())) {
            sealTrack();
        }
        live.tick(nowMs, ride.ride(), alarms.open(nowMs));
        signals.tick(nowMs);
        lanes.tick();
    }

    private void commissioning(long nowMs) {
        busy(nowMs);
        boolean active = commissioning.active(nowMs);
        if (active != tested) {
            tested = active;
            Logger.info(active ? "commissioning: what is sealed now is marked as a test" : "commissioning has ended");
        }
        if (active && nowMs - testLightMs >= TEST_LIGHT_MS) {
            testLightMs = nowMs;
            signals.stored(nowMs);
        }
    }

    private void anchor(long nowMs) {
        if (!clock.anchorDue(nowMs)) {
            return;
        }
        UnitClock.Stamp now = clock.at(nowMs, nowMs);
        long stepMs = clock.anchored();
        byte[] state = ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(sealer.boot().bits())
                .putLong(clock.anchoredOffsetMs().orElse(0))
                .array();
        Draft anchor = new Draft(new Anchor(sealer.boot(), nowMs, now.utcMs()), nowMs);
        lanes.append(Lane.EVENT, List.of(anchor), Lanes.ANCHOR, state);
        if (Math.abs(stepMs) > UnitClock.JUMP_MS) {
            lanes.tamper(Tamper.What.CLOCK_JUMP, Phase.RAISED);
        }
    }

    /** A clean stop: what is in memory goes to disk. */
    void stop() {
        sealTrack();
        signals.tick(Long.MAX_VALUE);
    }

    /** Whether a ride is on, for the status of the agent. */
    boolean hired() {
        return ride.ride().isPresent();
    }

    /** Whether an alarm is open, for the status of the agent. */
    boolean alarmed(long nowMs) {
        return alarms.open(nowMs);
    }
}
