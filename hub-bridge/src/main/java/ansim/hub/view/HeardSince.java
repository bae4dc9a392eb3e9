package ansim.hub.view;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one unit has said since its row was written: a {@link Heard} in place. It stays when the row is written, empty, for the next message: a
 * city's units would leave behind a few objects each with every message of theirs, and each would be copied by the collector until it is
 * written. Any thread.
 */
final class HeardSince {
    private boolean any;
    private long seenMs;
    private final Place place = new Place();
    private final Place open = new Place();
    private Heard.@Nullable Duty duty;
    private Heard.@Nullable Healthy health;

    /** A {@link Heard.Placed} in place. */
    private static final class Place {
        boolean there;
        private int latE7;
        private int lonE7;
        private Picture.PlaceKind kind = Picture.PlaceKind.CELL;
        private long atMs;
        private String district = "";
        private boolean sealed;
        private long key;

        void set(Heard.@Nullable Placed place) {
            there = place != null;
            if (place == null) {
                return;
            }
            latE7 = place.latE7();
            lonE7 = place.lonE7();
            // What is the same already is not written: a reference costs the collector something, too.
            if (kind != place.kind()) {
                kind = place.kind();
            }
            atMs = place.atMs();
            if (!district.equals(place.district())) {
                district = place.district();
            }
            Long by = place.key();
            sealed = by != null;
            key = by == null ? 0 : by;
        }

        Heard.@Nullable Placed placed() {
            return there ? new Heard.Placed(latE7, lonE7, kind, atMs, district, sealed ? (Long) key : null) : null;
        }
    }

    synchronized boolean isEmpty() {
        return !any;
    }

    synchronized void clear() {
        any = false;
        seenMs = 0;
        place.there = false;
        open.there = false;
        duty = null;
        health = null;
    }

    synchronized void set(Heard since) {
        any = true;
        seenMs = since.seenMs();
        place.set(since.place());
        open.set(since.open());
        if (!Objects.equals(duty, since.duty())) {
            duty = since.duty();
        }
        if (!Objects.equals(health, since.health())) {
            health = since.health();
        }
    }

    synchronized Heard heard() {
        if (!any) {
            return Heard.NOTHING;
        }
        return new Heard(seenMs, place.placed(), open.placed(), duty, health);
    }
}
