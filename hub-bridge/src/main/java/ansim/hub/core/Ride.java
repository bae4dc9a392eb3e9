package ansim.hub.core;

import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.Track;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A ride as far as its messages have come. They may come in any order: each only lowers, raises or adds, so that the same messages end
 * in the same ride, with the same owner. What was told of it, and to whom, is beside that: it stays as it was delivered. Changed only by
 * {@link HubState#apply}.
 */
final class Ride {
    /** Districts remembered at most; a ride through more of them keeps the first by code. */
    static final int MAX_DISTRICTS = 32;

    /** Riders with a name remembered at most, as many as a unit knows again. */
    static final int MAX_RIDERS = 8;

    /** Destinations that its boarding went to, remembered at most; beyond that one may get it again, under the same id. */
    static final int MAX_SEEN = 32;

    /**
     * Where it goes, as the city's app has said.
     *
     * @param pos the place, if it said so
     * @param district the code of its district
     * @param atMs when the rider said so, ms since 1970 UTC
     */
    record Goal(Optional<Pos> pos, String district, long atMs) {}

    /** Requests of the city's app about the destination that are known again, newest last. */
    static final int MAX_REQUESTS = 8;

    final Id8 id;

    @Nullable
    Mark boarded;

    /** The district in which that was; null if it did not say where, or outside. */
    private @Nullable String boardedIn;

    @Nullable
    Mark alighted;

    final Held latest = new Held();

    int fixes;
    private final List<String> districts = new ArrayList<>(2);
    private final List<NamedRider> riders = new ArrayList<>(0);
    private @Nullable Course course;

    @Nullable
    Live live;

    private @Nullable Goal goal;
    private List<String> requests = List.of();
    /** Log index of the newest message of it: what is idle longest is forgotten first. */
    long touched;

    /** Log indexes of the events that told of its boarding and its alighting; 0 for none. */
    long boardedIndex;

    long alightedIndex;
    /** When the hub first heard of it; it is forgotten and known again when that is {@link #LONG_AGO}. */
    long heardMs;

    static final long LONG_AGO = 0;

    /** Which {@link Concern}s were told of and not ended. */
    int told;

    /** Of these the ones of which only the hub was told, for the ride was to stay there. */
    private int toldHere;

    /** Who heard last that it needs attention; null if no centre did, or all of that has ended. */
    private @Nullable Heard heard;

    /**
     * The centres that heard that it needs attention.
     *
     * @param districts theirs
     * @param ground on which the last of them did
     */
    record Heard(List<String> districts, Basis ground) {}

    /** It was named before it was forgotten: where its rider lives, which is all that is left of that. */
    private @Nullable String knownHome;

    private List<String> seen = List.of();
    /** When it is to be looked at; not kept. */
    long dueMs = Long.MAX_VALUE;

    Ride(Id8 id) {
        this.id = id;
    }

    void board(DistrictMap map, Mark mark) {
        if (boarded == null || mark.isBefore(boarded)) {
            boarded = mark;
            boardedIn = at(map, mark);
        }
    }

    /** A track as it was driven. */
    private record Driven(Track track, DistrictMap map, Mark start, Leg leg, Set<String> passed) {}

    /** What the decision on a track worked out of it, for when it is applied: a moment later, and from the same. */
    private @Nullable Driven driven;

    private Driven driven(DistrictMap map, Mark start, Track track) {
        Driven known = driven;
        if (known != null && known.track.equals(track) && known.map == map && isSame(known.start, start)) {
            return known;
        }
        Leg leg = Leg.of(map, start.boot(), start.monoMs(), start.when(), track);
        Driven made = new Driven(track, map, start, leg, Collections.unmodifiableSet(Course.passed(map, track)));
        driven = made;
        return made;
    }

    private static boolean isSame(Mark one, Mark other) {
        return one.monoMs() == other.monoMs()
                && one.boot().equals(other.boot())
                && one.when().equals(other.when());
    }

    /** The districts that a track passes, in its order. */
    Set<String> passing(DistrictMap map, Mark start, Track track) {
        return driven(map, start, track).passed;
    }

    private static @Nullable String at(DistrictMap map, Mark mark) {
        return mark.pos().flatMap(map::locate).map(District::code).orElse(null);
    }

    void alight(Mark mark) {
        if (alighted == null || mark.isBefore(alighted)) {
            alighted = mark;
        }
    }

    /** A live position. */
    void pass(DistrictMap map, Mark mark) {
        know(mark);
        if (live == null) {
            live = Live.begun(map, mark, goalPos());
        } else {
            live.take(map, mark, goalPos());
        }
    }

    /**
     * A track. Only tracks are counted: a live position tells of the same seconds.
     *
     * @param start its first fix's moment
     * @param end its last's
     */
    void pass(DistrictMap map, Mark start, Mark end, Track track) {
        know(end);
        fixes += track.fixes().size();
        course = course == null ? new Course() : course;
        Driven way = driven(map, start, track);
        driven = null;
        Set<String> passed = new LinkedHashSet<>(way.passed);
        course.add(map, way.leg, passed);
        passThrough(passed);
    }

    private void know(Mark mark) {
        if (latest.isBefore(mark)) {
            latest.set(mark);
        }
    }

    void passThrough(Collection<String> codes) {
        for (String code : codes) {
            int at = Collections.binarySearch(districts, code);
            if (at < 0) {
                districts.add(-at - 1, code);
            }
        }
        while (districts.size() > MAX_DISTRICTS) {
            districts.remove(districts.size() - 1);
        }
    }

    /** The districts that it is known to have passed, by code. */
    List<String> districts() {
        return List.copyOf(districts);
    }

    Course course() {
        return course == null ? new Course() : course;
    }

    /** The district whose centre owns it by all that is known; empty when all of it is outside or nobody knows where it is. */
    Optional<String> owner() {
        return owner(course().whole(), live, boardedIn);
    }

    /** {@link #owner} once it has also boarded there. */
    Optional<String> ownerBoarding(DistrictMap map, Mark mark) {
        boolean first = boarded == null || mark.isBefore(boarded);
        return owner(course().whole(), live, first ? at(map, mark) : boardedIn);
    }

    /** {@link #owner} once a live position has come, too. */
    Optional<String> ownerPassing(DistrictMap map, Mark mark) {
        Live after = live == null ? Live.begun(map, mark, goalPos()) : live.after(map, mark, goalPos());
        return owner(course().whole(), after, boardedIn);
    }

    /** {@link #owner} once a track has come, too. */
    Optional<String> ownerPassing(DistrictMap map, Mark start, Track track) {
        return ownerPassing(map, List.of(driven(map, start, track).leg));
    }

    /** {@link #owner} once several tracks have come, too. */
    Optional<String> ownerPassing(DistrictMap map, List<Leg> legs) {
        return owner(course().wholeWith(map, legs), live, boardedIn);
    }

    /** Where it settled last, by its tracks or its live positions, whichever is later; else where it began. */
    private static Optional<String> owner(Optional<Leg> whole, @Nullable Live live, @Nullable String boardedIn) {
        Run byTrack = whole.map(
                        leg -> leg.settled() == null ? null : leg.settled().shifted(leg.startUtcMs() - leg.startMs()))
                .orElse(null);
        Run byLive = live == null ? null : live.settled();
        if (byTrack != null && (byLive == null || byLive.sinceMs() <= byTrack.sinceMs())) {
            return Optional.of(byTrack.district());
        }
        if (byLive != null) {
            return Optional.of(byLive.district());
        }
        return origin(whole, live, boardedIn);
    }

    private static Optional<String> origin(Optional<Leg> whole, @Nullable Live live, @Nullable String boardedIn) {
        // Live before tracks: they come first, and a track half a minute later must not hand over by its noise.
        return Optional.ofNullable(boardedIn)
                .or(() -> Optional.ofNullable(live).map(each -> each.origin))
                .or(() -> whole.map(Leg::origin));
    }

    /** The district in which it began, as far as is known. */
    Optional<String> origin() {
        return origin(course().whole(), live, boardedIn);
    }

    /** In the order in which the vault named them. */
    void name(List<NamedRider> named) {
        for (NamedRider rider : named) {
            if (riders.size() < MAX_RIDERS && !riders.contains(rider)) {
                riders.add(rider);
            }
        }
    }

    /** Who is known of those who ride. */
    List<NamedRider> riders() {
        return List.copyOf(riders);
    }

    boolean isNamed() {
        return home().isPresent();
    }

    /** It was forgotten, and this is what is left of it. */
    void recall(PastRides.Past past) {
        boardedIndex = past.boardedIndex();
        alightedIndex = past.alightedIndex();
        knownHome = past.home().orElse(null);
    }

    /** The district in which the rider lives who was named first. */
    Optional<String> home() {
        return Optional.ofNullable(knownHome)
                .or(() -> riders.stream().findFirst().map(NamedRider::home));
    }

    /** @param request of the app, that is known from now on */
    void goTo(Goal there, String request) {
        boolean same = goal != null
                && there.pos().equals(goal.pos())
                && there.district().equals(goal.district());
        if (!same && live != null) {
            live.forgetNearest();
        }
        goal = there;
        List<String> known = new ArrayList<>(requests);
        known.add(request);
        requests = List.copyOf(known.subList(Math.max(0, known.size() - MAX_REQUESTS), known.size()));
    }

    /** Whether a request was heard of before, or what it says was said before the destination that is known. */
    boolean isOld(Input.DestinationSaid said) {
        return requests.contains(said.request()) || (goal != null && said.atMs() < goal.atMs());
    }

    /**
     * A need was told of, or that it ended.
     *
     * @param here only the hub was told
     */
    void tell(Concern concern, boolean raised, boolean here, Event event) {
        told = raised ? told | concern.bit() : told & ~concern.bit();
        toldHere = raised && here ? toldHere | concern.bit() : toldHere & ~concern.bit();
        if (raised && !here) {
            heard = event.basis()
                    .map(ground -> new Heard(with(event.districts()), ground))
                    .orElse(null);
        } else if (told == toldHere) {
            heard = null;
        }
    }

    private List<String> with(List<String> districts) {
        LinkedHashSet<String> all = new LinkedHashSet<>(districts);
        Optional.ofNullable(heard).ifPresent(before -> all.addAll(before.districts()));
        return all.stream().limit(Routing.MAX_DISTRICTS).toList();
    }

    /** The centres that heard of a need, and wait for its end. */
    Optional<Heard> heard(Concern concern) {
        return (told & ~toldHere & concern.bit()) == 0 ? Optional.empty() : Optional.ofNullable(heard);
    }

    /** Centres may see it from now on: what it needs and only the hub was told, is to be told to them. */
    void open() {
        told &= ~toldHere;
        toldHere = 0;
    }

    Optional<Goal> goal() {
        return Optional.ofNullable(goal);
    }

    @Nullable
    Pos goalPos() {
        return goal == null ? null : goal.pos().orElse(null);
    }

    /** The destinations that its boarding went to: an emergency shows a ride to some that did not get that. */
    List<String> seen() {
        return seen;
    }

    void see(List<String> destinations) {
        if (!seen.containsAll(destinations)) {
            LinkedHashSet<String> all = new LinkedHashSet<>(seen);
            all.addAll(destinations);
            seen = all.stream().limit(MAX_SEEN).toList();
        }
    }

    void redate(Boot boot) {
        boarded = redated(boarded, boot);
        alighted = redated(alighted, boot);
        latest.redate(boot);
        if (course != null) {
            course.redate(boot);
        }
        if (live != null) {
            live.redate(boot);
        }
    }

    private static @Nullable Mark redated(@Nullable Mark mark, Boot boot) {
        return mark == null ? null : Dating.redate(mark, boot);
    }

    boolean closed() {
        return alighted != null;
    }

    /** What it is, whatever the order in which its messages came. */
    void write(DataOutput out) throws IOException {
        out.writeLong(id.bits());
        Encoding.mark(out, boarded);
        out.writeUTF(boardedIn == null ? "" : boardedIn);
        Encoding.mark(out, alighted);
        latest.write(out);
        out.writeInt(fixes);
        Encoding.texts(out, districts);
        out.writeInt(riders.size());
        for (NamedRider rider : riders) {
            out.writeUTF(rider.handle());
            out.writeUTF(rider.home());
        }
        course().write(out);
        out.writeBoolean(live != null);
        if (live != null) {
            live.write(out);
        }
        out.writeBoolean(goal != null);
        if (goal != null) {
            Encoding.pos(out, goal.pos());
            out.writeUTF(goal.district());
            out.writeLong(goal.atMs());
        }
    }

    /** What was told of it, and when. */
    void writeTold(DataOutput out) throws IOException {
        out.writeLong(touched);
        out.writeLong(boardedIndex);
        out.writeLong(alightedIndex);
        out.writeLong(heardMs);
        out.writeInt(told);
        out.writeInt(toldHere);
        Encoding.texts(out, requests);
        Encoding.texts(out, seen);
        out.writeUTF(knownHome == null ? "" : knownHome);
        out.writeBoolean(heard != null);
        if (heard != null) {
            Encoding.texts(out, heard.districts());
            out.writeByte(heard.ground().why().number());
            out.writeUTF(heard.ground().text());
        }
    }

    static Ride read(DataInput in) throws IOException {
        Ride ride = new Ride(new Id8(in.readLong()));
        ride.boarded = Encoding.mark(in);
        String boardedIn = in.readUTF();
        ride.boardedIn = boardedIn.isEmpty() ? null : boardedIn.intern();
        ride.alighted = Encoding.mark(in);
        ride.latest.read(in);
        ride.fixes = in.readInt();
        ride.districts.addAll(Encoding.texts(in, "districts of a ride", MAX_DISTRICTS));
        for (int left = Encoding.count(in, "riders of a ride", MAX_RIDERS); left > 0; left--) {
            ride.riders.add(new NamedRider(in.readUTF(), in.readUTF()));
        }
        Course course = Course.read(in);
        ride.course = course.fixes() == 0 ? null : course;
        ride.live = in.readBoolean() ? Live.read(in) : null;
        ride.goal = in.readBoolean() ? new Goal(Encoding.pos(in), in.readUTF(), in.readLong()) : null;
        return ride;
    }

    void readTold(DataInput in) throws IOException {
        touched = in.readLong();
        boardedIndex = in.readLong();
        alightedIndex = in.readLong();
        heardMs = in.readLong();
        told = in.readInt();
        toldHere = in.readInt();
        requests = Encoding.ownTexts(in, "requests of a ride", MAX_REQUESTS);
        seen = List.copyOf(Encoding.texts(in, "destinations of a ride", MAX_SEEN));
        String home = in.readUTF();
        knownHome = home.isEmpty() ? null : home.intern();
        heard = in.readBoolean() ? readHeard(in) : null;
    }

    private static Heard readHeard(DataInput in) throws IOException {
        List<String> districts = List.copyOf(Encoding.texts(in, "centres that heard of a ride", Routing.MAX_DISTRICTS));
        int why = in.readUnsignedByte();
        String text = in.readUTF().intern();
        for (Basis.Why each : Basis.Why.values()) {
            if (each.number() == why) {
                return new Heard(districts, new Basis(each, text, Optional.empty()));
            }
        }
        throw new IOException("no such ground (" + why + ")");
    }
}
