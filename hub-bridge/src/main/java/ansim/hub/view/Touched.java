package ansim.hub.view;

import ansim.hub.core.DistrictMap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The rows that a transaction has changed, to be read once at its end. One thread. */
final class Touched {
    /** A ride or an alarm: its id is unique within its unit at least. */
    record Part(Id16 unit, Id8 id) {}

    /** A row of counts. */
    record Day(String day, String district) {}

    final Set<Id16> units = new LinkedHashSet<>();
    final Set<Part> rides = new LinkedHashSet<>();
    final Set<Part> emergencies = new LinkedHashSet<>();
    final Set<Long> events = new TreeSet<>();
    final Set<Day> days = new LinkedHashSet<>();
    /** Whether there are more commands. */
    boolean ordered;

    /** Whether rows are gone. */
    boolean erased;

    /** Rows that a screen may show: what is erased by its age is on none. */
    boolean onScreen;

    private @Nullable DistrictMap map;

    void map(DistrictMap inForce) {
        map = inForce;
    }

    Optional<DistrictMap> map() {
        return Optional.ofNullable(map);
    }
}
