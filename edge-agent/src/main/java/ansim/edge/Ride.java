package ansim.edge;

import ansim.edge.RideEvent.Kind;
import ansim.profile.CardNumber;
import ansim.wire.Bytes;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.RideChange.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which lamp edges, card taps, contacts and speed become boardings and alightings. Pure: time comes in as
 * CLOCK_MONOTONIC ms with every input, randomness by the constructor, nothing goes out but the events returned.
 *
 * <p>The lamp opens a ride at once and closes it after two vacant seconds; shorter is a bump. A tap opens a ride when
 * vacant, names an open one that has no name, and closes one that no lamp has confirmed (not within 60 s of the
 * boarding). Another card on a named ride waits 60 s for a lamp edge: the next ride's rider if the lamp says hired by
 * then, otherwise another rider of this one. A lamp edge more than 60 s after a boarding by card is another ride: the
 * first is closed as inferred. After a ride closed by card the same card is not a new boarding for 60 s.
 *
 * <p>Guarantee: {@link #state} after any input, given to {@link #restore}, goes on as if nothing had happened, on the
 * same boot. After a new boot the old monotonic times mean nothing: windows that permit (naming after the end, waiting
 * for the lamp) are taken as over, windows that forbid (the same card alights, the ignition is off) begin again.
 * A card that lies on the reader is read again after a restart, which is no second tap.
 *
 * <p>Not guaranteed: what the inputs did while nobody read them; the lamp's level after a restart is taken as an edge if
 * it differs. Not thread-safe: the recorder's thread only.
 */
final class Ride {
    private static final int STATE_VERSION = 3;
    /** The version before: without the speed and the place of a tap that waits. */
    private static final int WITHOUT_PLACE = 2;
    /** The version before that: without ignition, door, last tap and sealed cards. */
    private static final int OLDEST_VERSION = 1;

    private static final long NONE = -1;

    /** What the lamp last said. */
    private enum Lamp {
        UNKNOWN(0),
        VACANT(1),
        HIRED(2);

        final int code;

        Lamp(int code) {
            this.code = code;
        }

        static Lamp of(int code) {
            return code == VACANT.code ? VACANT : code == HIRED.code ? HIRED : UNKNOWN;
        }
    }

    private final RideRules rules;
    private final RandomGenerator random;
    private final CardSealer cards;
    private final LongFunction<Optional<Pos>> places;
    private Lamp lamp = Lamp.UNKNOWN;
    /** Since when the lamp says vacant while the ride is not yet closed. Never stored: the level is read again. */
    private long vacantSinceMs = NONE;

    private @Nullable Fare current;
    private @Nullable Fare ended;
    /** A tap that waits for the lamp. */
    private @Nullable WaitingTap waiting;

    private long ignitionOffMs = NONE;
    private boolean doorShutStanding;
    private double speedKmh;
    /** Knows the last card again, whatever ride it belongs to; a new key for every tap. */
    private Fare lastTap;

    private long lastTapMs = Long.MIN_VALUE / 2;
    /** The last tap is one of an earlier run, and nobody knows whether its person saw it confirmed. */
    private boolean tapRestored;

    /**
     * Creates a unit's ride: none.
     *
     * @param places where the unit was at a CLOCK_MONOTONIC time of the last seconds, if that is known
     */
    Ride(RideRules rules, RandomGenerator random, CardSealer cards, LongFunction<Optional<Pos>> places) {
        this.places = places;
        this.rules = rules;
        this.random = random;
        this.cards = cards;
        this.lastTap = Fare.begin(random);
    }

    /** The ride that is on. */
    Optional<Id8> ride() {
        return Optional.ofNullable(current).map(fare -> fare.id);
    }

    /** Whether what comes next may still belong to a ride: one is on, or a tap may name or update the one that has just ended. */
    boolean concerned() {
        return current != null || ended != null || waiting != null;
    }

    /** The meter lamp said hired or vacant; its level, not only its edge, may be repeated at will. */
    List<RideEvent> lamp(boolean hired, long nowMs) {
        List<RideEvent> events = tick(nowMs);
        if (hired) {
            vacantSinceMs = NONE;
        }
        Lamp level = hired ? Lamp.HIRED : Lamp.VACANT;
        if (level == lamp) {
            return events;
        }
        if (hired) {
            lamp = level;
            hiredEdge(nowMs, events);
        } else if (current == null || !current.underLamp) {
            lamp = level;
            events.add(event(Kind.CHANGED, null, Source.METER_LAMP, nowMs));
        } else if (vacantSinceMs == NONE) {
            vacantSinceMs = nowMs;
        }
        return events;
    }

    private void hiredEdge(long nowMs, List<RideEvent> events) {
        if (current != null && nowMs - current.boardedMs <= RideRules.WINDOW_MS) {
            current.underLamp = true;
            events.add(event(Kind.CHANGED, current, Source.METER_LAMP, nowMs));
            return;
        }
        if (current != null) {
            end(Source.INFERRED, nowMs, events);
        }
        WaitingTap tap = waiting;
        waiting = null;
        Fare fare = tap != null ? tap.next() : Fare.begin(random);
        fare.underLamp = true;
        RideEvent boarded = board(fare, tap != null ? Source.CARD : Source.METER_LAMP, nowMs);
        events.add(tap != null ? boarded.with(tap.forNext()).atSpeed(tap.atSpeed()) : boarded);
    }

    /** A card was read. It is not kept, only sealed; the caller wipes it. */
    List<RideEvent> tap(CardNumber card, long nowMs) {
        List<RideEvent> events = tick(nowMs);
        boolean repeated = lastTap.knows(card) && nowMs - lastTapMs < RideRules.REPEAT_MS;
        boolean confirm = tapRestored;
        tapRestored = false;
        lastTap = Fare.begin(random);
        lastTap.add(lastTap.digest(card));
        lastTapMs = nowMs;
        if (repeated) {
            if (confirm) {
                events.add(event(Kind.KNOWN, current != null ? current : ended, Source.CARD, nowMs));
            }
            return events;
        }
        if (current != null) {
            tapWhileHired(current, card, nowMs, events);
        } else if (ended != null) {
            tapAfterEnd(ended, card, nowMs, events);
        } else {
            boardByCard(card, nowMs, events);
        }
        return events;
    }

    private void tapWhileHired(Fare fare, CardNumber card, long nowMs, List<RideEvent> events) {
        if (!fare.named()) {
            addRider(fare, fare.digest(card), cards.seal(card, fare.id), nowMs, events);
        } else if (!fare.knows(card)) {
            anotherCard(fare, card, nowMs, events);
        } else if (!fare.underLamp && fare.namedBy(card) && nowMs - fare.boardedMs > RideRules.WINDOW_MS) {
            end(Source.CARD, nowMs, events);
        } else {
            events.add(event(Kind.KNOWN, fare, Source.CARD, nowMs));
        }
    }

    private void tapAfterEnd(Fare fare, CardNumber card, long nowMs, List<RideEvent> events) {
        if (fare.knows(card)) {
            events.add(event(Kind.KNOWN, fare, Source.CARD, nowMs));
        } else if (!fare.underLamp) {
            boardByCard(card, nowMs, events);
        } else if (!fare.named()) {
            addRider(fare, fare.digest(card), cards.seal(card, fare.id), nowMs, events);
        } else {
            anotherCard(fare, card, nowMs, events);
        }
    }

    private void anotherCard(Fare fare, CardNumber card, long nowMs, List<RideEvent> events) {
        if (!fare.underLamp) {
            addRider(fare, fare.digest(card), cards.seal(card, fare.id), nowMs, events);
            return;
        }
        if (waiting != null && waiting.next().knows(card)) {
            events.add(event(Kind.KNOWN, waiting.next(), Source.CARD, nowMs));
            return;
        }
        stopWaiting(events);
        Fare next = Fare.begin(random);
        next.add(next.digest(card));
        waiting = new WaitingTap(
                next,
                fare.digest(card),
                nowMs,
                nowMs + RideRules.WINDOW_MS,
                driving(),
                places.apply(nowMs),
                cards.seal(card, next.id),
                cards.seal(card, fare.id));
        events.add(event(Kind.KEPT, next, Source.CARD, nowMs));
    }

    /** No lamp edge came for the tap that waited: it was another rider of the ride that was on. */
    private void stopWaiting(List<RideEvent> events) {
        Fare fare = current != null ? current : ended;
        WaitingTap tap = waiting;
        if (tap != null && fare != null) {
            fare.add(tap.digest());
            RideEvent updated = event(Kind.UPDATED, fare, Source.CARD, tap.atMs());
            events.add(updated.with(tap.forThis()).atSpeed(tap.atSpeed()).at(tap.place()));
        }
        waiting = null;
    }

    private void boardByCard(CardNumber card, long nowMs, List<RideEvent> events) {
        Fare fare = Fare.begin(random);
        fare.add(fare.digest(card));
        events.add(board(fare, Source.CARD, nowMs).with(cards.seal(card, fare.id)));
    }

    private RideEvent board(Fare fare, Source source, long nowMs) {
        fare.boardedMs = nowMs;
        current = fare;
        doorShutStanding = false;
        return event(Kind.BOARDED, fare, source, nowMs);
    }

    private void addRider(Fare fare, short digest, Optional<Bytes> sealed, long nowMs, List<RideEvent> events) {
        fare.add(digest);
        events.add(event(Kind.UPDATED, fare, Source.CARD, nowMs).with(sealed));
    }

    private void end(Source source, long atMs, List<RideEvent> events) {
        Fare fare = current;
        if (fare != null) {
            fare.endedMs = atMs;
            ended = fare;
            current = null;
            events.add(event(Kind.ALIGHTED, fare, source, atMs));
        }
    }

    /**
     * A contact that the rules know by its name: `ignition` (closed is on) and `door`.
     *
     * @param changed it was seen to change; otherwise this is its level as found at the start: a door that is found shut was not shut
     */
    List<RideEvent> contact(String name, boolean closed, boolean changed, long nowMs) {
        List<RideEvent> events = tick(nowMs);
        if (name.equals("ignition")) {
            ignition(closed, nowMs, events);
        } else if (name.equals("door")) {
            boolean before = doorShutStanding;
            doorShutStanding = closed && (changed ? speedKmh < RideRules.STANDING_KMH : before);
            if (rules.infer() && current == null && doorShutStanding != before) {
                events.add(event(Kind.CHANGED, null, Source.INFERRED, nowMs));
            }
        }
        return events;
    }

    private void ignition(boolean on, long nowMs, List<RideEvent> events) {
        if (on == (ignitionOffMs == NONE)) {
            return;
        }
        ignitionOffMs = on ? NONE : nowMs;
        if (current != null) {
            events.add(event(Kind.CHANGED, current, Source.INFERRED, nowMs));
        }
    }

    /** The speed of a fix, km/h. */
    List<RideEvent> speed(double kmh, long nowMs) {
        List<RideEvent> events = tick(nowMs);
        speedKmh = kmh;
        if (rules.infer() && current == null && doorShutStanding && kmh > RideRules.DRIVING_KMH) {
            events.add(board(Fare.begin(random), Source.INFERRED, nowMs));
        }
        return events;
    }

    /** Lets time pass. Call it at least once a second. */
    List<RideEvent> tick(long nowMs) {
        List<RideEvent> events = new ArrayList<>(2);
        if (vacantSinceMs != NONE && nowMs - vacantSinceMs >= RideRules.VACANT_MS) {
            lamp = Lamp.VACANT;
            end(Source.METER_LAMP, vacantSinceMs, events);
            vacantSinceMs = NONE;
        }
        if (waiting != null && nowMs > waiting.untilMs()) {
            stopWaiting(events);
        }
        if (ended != null && waiting == null && nowMs - ended.endedMs > RideRules.WINDOW_MS) {
            ended = null;
        }
        Fare fare = current;
        if (fare != null && !fare.underLamp && ignitionOffMs != NONE) {
            long offMs = nowMs - Math.max(ignitionOffMs, fare.boardedMs);
            if (offMs >= RideRules.IGNITION_MS) {
                end(Source.INFERRED, nowMs, events);
            }
        }
        return events;
    }

    private RideEvent event(Kind kind, @Nullable Fare fare, Source source, long atMs) {
        boolean atSpeed = source == Source.CARD && driving();
        Optional<Pos> place = places.apply(atMs);
        return fare == null
                ? new RideEvent(kind, new Id8(0), source, 0, false, atMs, place, Optional.empty())
                : new RideEvent(kind, fare.id, source, fare.riders, atSpeed, atMs, place, Optional.empty());
    }

    private boolean driving() {
        return speedKmh > RideRules.DRIVING_KMH;
    }

    /** Everything that a restart must know, for the boot on which the monotonic times in it hold. */
    byte[] state(Id8 boot) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(STATE_VERSION);
            out.writeLong(boot.bits());
            out.writeByte(lamp.code);
            writeOptional(out, current);
            writeOptional(out, ended);
            WaitingTap tap = waiting;
            out.writeBoolean(tap != null);
            if (tap != null) {
                tap.write(out);
            }
            out.writeLong(ignitionOffMs);
            out.writeBoolean(doorShutStanding);
            lastTap.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory does not fail", e);
        }
        return bytes.toByteArray();
    }

    private static void writeOptional(DataOutputStream out, @Nullable Fare fare) throws IOException {
        out.writeBoolean(fare != null);
        if (fare != null) {
            fare.write(out);
        }
    }

    /**
     * Goes on from a stored state. Bytes that this version does not know are refused and leave the ride as it is.
     *
     * @throws IOException when the bytes are not a state of this version
     */
    void restore(byte[] state, Id8 boot, long nowMs) throws IOException {
        boolean sameBoot;
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(state))) {
            int version = in.readUnsignedByte();
            if (version < OLDEST_VERSION || version > STATE_VERSION) {
                throw new IOException("ride state must be version " + OLDEST_VERSION + " to " + STATE_VERSION + " (got "
                        + version + ")");
            }
            sameBoot = in.readLong() == boot.bits();
            Lamp level = Lamp.of(in.readUnsignedByte());
            Fare on = in.readBoolean() ? Fare.read(in) : null;
            Fare over = in.readBoolean() ? Fare.read(in) : null;
            WaitingTap tap = in.readBoolean() ? WaitingTap.read(in, version) : null;
            long offMs = version >= WITHOUT_PLACE ? in.readLong() : NONE;
            boolean shut = version >= WITHOUT_PLACE && in.readBoolean();
            lastTap = version >= WITHOUT_PLACE ? Fare.read(in) : lastTap;
            ignitionOffMs = offMs;
            doorShutStanding = shut;
            waiting = tap;
            lamp = level;
            current = on;
            ended = over;
        }
        // A card that lies on the reader is read again at once: it is no second tap.
        lastTapMs = nowMs;
        tapRestored = lastTap.named();
        if (!sameBoot) {
            restartWindows(nowMs);
        }
    }

    /** Monotonic times of another boot: what permits is over, what forbids begins again. */
    private void restartWindows(long nowMs) {
        if (current != null) {
            current.boardedMs = nowMs;
        }
        ignitionOffMs = ignitionOffMs == NONE ? NONE : nowMs;
        doorShutStanding = false;
        if (waiting != null) {
            waiting = waiting.over(nowMs);
        } else {
            ended = null;
        }
        if (ended != null) {
            ended.endedMs = nowMs - RideRules.WINDOW_MS - 1;
        }
    }
}
