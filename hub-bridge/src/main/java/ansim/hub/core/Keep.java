package ansim.hub.core;

import java.util.Locale;

/** How long something is kept: one setting each. The number of each stands in the store of ride keys. */
public enum Keep implements Numbered {
    /** What belongs to a ride without an emergency. */
    RIDES(1),
    /** What belongs to a ride with an emergency, and an emergency outside any ride with the positions that go with it. */
    EMERGENCIES(2),
    /** What a unit tells of itself outside rides: health, presence, contacts, positions, what this version does not know. */
    HEALTH(3);

    private final int number;

    Keep(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }

    /** The name in settings and records. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
