package ansim.hub.keys;

import ansim.hub.core.Belonging;
import ansim.hub.core.UnitRide;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Of what a key is: of a ride, or of all of one class that came on one day (UTC).
 *
 * @param ofRide which of the two
 * @param first a ride's unit, first half; else the class
 * @param second a ride's unit, second half; else the day since 1970
 * @param third the ride; else 0
 */
record Owner(boolean ofRide, long first, long second, long third) {
    private static final long DAY_MS = 86_400_000;
    private static final int RIDE_BYTES = 24;

    static Owner of(Belonging belonging, long arrivedMs) {
        return belonging
                .ride()
                .map(Owner::of)
                .orElseGet(() -> new Owner(false, belonging.keep().number(), Math.floorDiv(arrivedMs, DAY_MS), 0));
    }

    static Owner of(UnitRide ride) {
        return new Owner(true, ride.unit().hi(), ride.unit().lo(), ride.ride().bits());
    }

    static Owner of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        boolean ofRide = bytes.length == RIDE_BYTES;
        return new Owner(ofRide, in.getLong(), in.getLong(), ofRide ? in.getLong() : 0);
    }

    /** A ride has 24 bytes, a day 16. */
    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(ofRide ? RIDE_BYTES : RIDE_BYTES - Long.BYTES);
        out.putLong(first).putLong(second);
        if (ofRide) {
            out.putLong(third);
        }
        return out.array();
    }

    Optional<UnitRide> ride() {
        return ofRide ? Optional.of(new UnitRide(new Id16(first, second), new Id8(third))) : Optional.empty();
    }
}
