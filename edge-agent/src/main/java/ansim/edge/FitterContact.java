package ansim.edge;

import ansim.profile.Reading.ContactChange;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A contact by which a fitter who has no hub at hand begins commissioning: held closed at the start for {@link #HELD_MS} or longer and let
 * go before {@link #STUCK_MS}. One that stays closed is a short circuit and begins nothing, or every start of that unit would make
 * tests of the calls after it. A panic button is not offered for this: somebody may call for help while the agent starts.
 *
 * <p>Pure. The recorder's thread only.
 */
final class FitterContact {
    /** Found closed later than this after the start, it was not held at the start. */
    static final long START_MS = 15_000;
    /** Shorter is a bounce, or a coat in the way. */
    static final long HELD_MS = 5_000;

    static final long STUCK_MS = 60_000;

    private final @Nullable String name;
    private final long startedMs;
    private @Nullable Long closedMs;

    FitterContact(Optional<String> name, long startedMs) {
        this.name = name.orElse(null);
        this.startedMs = startedMs;
    }

    /** Takes a contact's level; true when that begins commissioning. */
    boolean begins(ContactChange change, long nowMs) {
        if (!change.name().equals(name)) {
            return false;
        }
        if (change.closed()) {
            closedMs = change.initial() && nowMs - startedMs <= START_MS ? nowMs : null;
            return false;
        }
        Long since = closedMs;
        closedMs = null;
        return since != null && nowMs - since >= HELD_MS && nowMs - since <= STUCK_MS;
    }
}
