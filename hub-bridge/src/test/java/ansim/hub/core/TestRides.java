package ansim.hub.core;

import ansim.wire.Id8;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** Looks at the rides in a state. */
final class TestRides {
    private TestRides() {}

    static Ride ride(HubState state, TestUnit unit, Id8 id) {
        return Objects.requireNonNull(state.state(unit.id)).ride(id).orElseThrow();
    }

    /** Each ride as bytes: two that are the same have the same. */
    static SortedMap<String, String> of(HubState state, TestUnit unit) {
        SortedMap<String, String> rides = new TreeMap<>();
        for (Ride ride : Objects.requireNonNull(state.state(unit.id)).rides()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                ride.write(out);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            rides.put(ride.id.hex(), HexFormat.of().formatHex(bytes.toByteArray()));
        }
        return rides;
    }
}
