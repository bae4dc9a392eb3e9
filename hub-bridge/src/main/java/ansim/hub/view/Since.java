package ansim.hub.view;

import ansim.wire.Id16;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has come since the rows were written. */
interface Since {
    /** Another process's memory cannot be read: the rows have to do. */
    Since NOTHING = new Since() {
        @Override
        public Heard heard(Id16 unit) {
            return Heard.NOTHING;
        }

        @Override
        public @Nullable Driven driven(Touched.Part ride) {
            return null;
        }

        @Override
        public Map<Id16, Heard> units() {
            return Map.of();
        }
    };

    /** What a unit has said; {@link Heard#NOTHING} for none. */
    Heard heard(Id16 unit);

    /** How a ride stands; null for as its row says. */
    @Nullable
    Driven driven(Touched.Part ride);

    /** All of {@link #heard}. */
    Map<Id16, Heard> units();
}
