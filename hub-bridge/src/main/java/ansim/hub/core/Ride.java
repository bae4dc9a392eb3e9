package ansim.hub.core;

import ansim.wire.Id8;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A ride as far as its messages have come. They may come in any order: each only lowers, raises or adds, so that the same messages end
 * in the same ride. Changed only by {@link HubState#apply}.
 */
final class Ride {
    /** Districts remembered at most; a ride through more of them keeps the first by code. */
    static final int MAX_DISTRICTS = 32;

    /** Riders with a name remembered at most, as many as a unit knows again. */
    static final int MAX_RIDERS = 8;

    final Id8 id;

    @Nullable
    Mark boarded;

    @Nullable
    Mark alighted;

    @Nullable
    Mark latest;

    int fixes;
    private final List<String> districts = new ArrayList<>(2);
    private final List<NamedRider> riders = new ArrayList<>(0);
    /** Log index of the newest message of it: what is idle longest is forgotten first. Not part of what a ride is. */
    long touched;

    Ride(Id8 id) {
        this.id = id;
    }

    void board(Mark mark) {
        if (boarded == null || mark.isBefore(boarded)) {
            boarded = mark;
        }
    }

    void alight(Mark mark) {
        if (alighted == null || mark.isBefore(alighted)) {
            alighted = mark;
        }
    }

    /** A live position, or the end of a track of {@code count} fixes. Only tracks are counted: both tell of the same seconds. */
    void pass(Mark mark, int count) {
        if (latest == null || latest.isBefore(mark)) {
            latest = mark;
        }
        fixes += count;
    }

    void passThrough(List<String> codes) {
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

    /** The district in which the rider lives who was named first. */
    Optional<String> home() {
        return riders.stream().findFirst().map(NamedRider::home);
    }

    void redate(Boot boot) {
        boarded = redated(boarded, boot);
        alighted = redated(alighted, boot);
        latest = redated(latest, boot);
    }

    private static @Nullable Mark redated(@Nullable Mark mark, Boot boot) {
        return mark == null ? null : Dating.redate(mark, boot);
    }

    boolean closed() {
        return alighted != null;
    }

    /** Everything but {@link #touched}. */
    void write(DataOutput out) throws IOException {
        out.writeLong(id.bits());
        Encoding.mark(out, boarded);
        Encoding.mark(out, alighted);
        Encoding.mark(out, latest);
        out.writeInt(fixes);
        Encoding.texts(out, districts);
        out.writeInt(riders.size());
        for (NamedRider rider : riders) {
            out.writeUTF(rider.handle());
            out.writeUTF(rider.home());
        }
    }

    static Ride read(DataInput in) throws IOException {
        Ride ride = new Ride(new Id8(in.readLong()));
        ride.boarded = Encoding.mark(in);
        ride.alighted = Encoding.mark(in);
        ride.latest = Encoding.mark(in);
        ride.fixes = in.readInt();
        ride.districts.addAll(Encoding.texts(in, "districts of a ride", MAX_DISTRICTS));
        for (int left = Encoding.count(in, "riders of a ride", MAX_RIDERS); left > 0; left--) {
            ride.riders.add(new NamedRider(in.readUTF(), in.readUTF()));
        }
        return ride;
    }
}
