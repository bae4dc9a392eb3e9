package ansim.hub.core;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where what belongs to rides and emergencies goes, and what of a ride is told as needing attention. What a unit tells of itself goes to where it is. In the log: what is decided goes by the one in force at its place.
 *
 * @param ride where a ride's boarding, its updates, its alighting and its attention go: the first place that is known owns them, the others watch
 * @param position likewise for its live positions and tracks
 * @param emergency likewise for emergencies, which also always go to the district under the unit and to those that it may be in
 * @param catchAll the destination that what is outside every district goes to; if empty it stays under {@link Event#OUTSIDE}
 * @param everyRide the legal ground on which rides of people who are not registered go to centres, too; if empty they stay at the hub
 * @param attention when a ride needs attention
 */
public record Policy(
        List<To> ride,
        List<To> position,
        List<To> emergency,
        Optional<String> catchAll,
        Optional<String> everyRide,
        Attention attention) {
    /** Characters of a legal ground. */
    public static final int MAX_GROUND = 200;

    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,15}");

    /** As long as nothing else is set. */
    public static final Policy DEFAULT = new Policy(
            List.of(To.CURRENT, To.HOME),
            List.of(To.CURRENT, To.HOME),
            List.of(To.CURRENT, To.HOME),
            Optional.empty(),
            Optional.empty(),
            Attention.DEFAULT);

    /** A district that has to do with an event. */
    public enum To implements Numbered {
        /** Where the unit is; a ride's once it is 100 m and 30 s inside the next district. */
        CURRENT(1),
        /** Where the rider lives; known once the rider vault has named one. */
        HOME(2),
        /** Where the ride began. */
        ORIGIN(3),
        /** Where the ride goes, if the city's app has said so. */
        DESTINATION(4);

        private final int number;

        To(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    /**
     * When a ride needs attention; 0 turns each off.
     *
     * @param lostMs nothing was heard of the taxi for so long during a ride
     * @param endlessMs a ride is on for so long
     * @param noPositionMs a ride that is heard of has no position for so long
     * @param longStopMs it has not left a place for so long
     * @param movingAwayM it is so much further from its destination than it was
     */
    public record Attention(long lostMs, long endlessMs, long noPositionMs, long longStopMs, long movingAwayM) {
        private static final long MINUTE_MS = 60_000;

        public static final Attention DEFAULT =
                new Attention(10 * MINUTE_MS, 6 * 60 * MINUTE_MS, 10 * MINUTE_MS, 20 * MINUTE_MS, 3_000);

        long[] values() {
            return new long[] {lostMs, endlessMs, noPositionMs, longStopMs, movingAwayM};
        }

        public Attention {
            if (Math.min(Math.min(lostMs, endlessMs), Math.min(noPositionMs, Math.min(longStopMs, movingAwayM))) < 0) {
                throw new IllegalArgumentException("attention must have no negative times and distances");
            }
        }
    }

    public Policy {
        ride = once("ride", ride);
        position = once("position", position);
        emergency = once("emergency", emergency);
        catchAll.filter(name -> !CODE.matcher(name).matches()).ifPresent(name -> {
            throw new IllegalArgumentException("catch-all must be the name of a destination: 1 to 16 letters, digits,"
                    + " dots, dashes or underscores (got \"" + name + "\")");
        });
        if (everyRide
                .filter(text -> text.isBlank() || text.length() > MAX_GROUND)
                .isPresent()) {
            throw new IllegalArgumentException("every-ride must name its legal ground, in 1 to " + MAX_GROUND
                    + " characters, such as an ordinance and its article");
        }
    }

    private static List<To> once(String what, List<To> places) {
        if (places.isEmpty() || Set.copyOf(places).size() < places.size()) {
            throw new IllegalArgumentException(
                    what + " must name at least one of current, home, origin and destination, each once");
        }
        return List.copyOf(places);
    }

    /** The destination of what is outside every district. */
    String outside() {
        return catchAll.orElse(Event.OUTSIDE);
    }

    /** Whether rides of people who are not registered go to centres. */
    boolean isOpen() {
        return everyRide.isPresent();
    }

    void write(DataOutput out) throws IOException {
        for (List<To> places : List.of(ride, position, emergency)) {
            out.writeByte(places.size());
            for (To to : places) {
                out.writeByte(to.number());
            }
        }
        out.writeUTF(catchAll.orElse(""));
        out.writeUTF(everyRide.orElse(""));
        for (long each : attention.values()) {
            out.writeLong(each);
        }
    }

    static Policy read(DataInput in) throws IOException {
        List<To> ride = readPlaces(in);
        List<To> position = readPlaces(in);
        List<To> emergency = readPlaces(in);
        Optional<String> catchAll = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
        Optional<String> everyRide = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
        Attention attention = new Attention(in.readLong(), in.readLong(), in.readLong(), in.readLong(), in.readLong());
        return new Policy(ride, position, emergency, catchAll, everyRide, attention);
    }

    private static List<To> readPlaces(DataInput in) throws IOException {
        List<To> places = new ArrayList<>(2);
        for (int left = in.readUnsignedByte(); left > 0; left--) {
            places.add(EventCodec.value(To.values(), in.readUnsignedByte()));
        }
        return places;
    }
}
