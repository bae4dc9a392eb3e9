package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.UpMessage;
import java.util.Optional;
import java.util.Set;

/** What the step decides on. Closed; the number of each type is the log's encoding. */
public sealed interface Input {
    /** Which of the four it is. */
    enum Type implements Numbered {
        FOUNDING(1),
        UNIT(2),
        DISTRICTS(3),
        MESSAGE(4);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        @Override
        public int number() {
            return number;
        }
    }

    Type type();

    /** When it reached the hub, ms since 1970 UTC by the hub's clock. */
    long arrivedMs();

    /**
     * The log is created, entry 1, or was restored from a backup, any later entry.
     *
     * @param arrivedMs when
     * @param generation s since 1970, higher than that of any earlier log of this hub
     */
    record Founding(long arrivedMs, long generation) implements Input {
        @Override
        public Type type() {
            return Type.FOUNDING;
        }
    }

    /**
     * A unit is registered, changed or revoked.
     *
     * @param arrivedMs when
     * @param unit what holds from now on
     */
    record UnitChange(long arrivedMs, UnitRecord unit) implements Input {
        @Override
        public Type type() {
            return Type.UNIT;
        }
    }

    /**
     * A map of districts is imported.
     *
     * @param arrivedMs when
     * @param map what holds from now on
     */
    record DistrictsChange(long arrivedMs, DistrictMap map) implements Input {
        @Override
        public Type type() {
            return Type.DISTRICTS;
        }
    }

    /**
     * A message whose signature verified under the key that its kid names.
     *
     * @param arrivedMs when
     * @param message the message, parsed leniently
     * @param known the answer to a {@link Lookup}: the payload hashes stored under this number; empty at first. Not logged
     */
    record Arrival(long arrivedMs, UpMessage message, Optional<Set<Id16>> known) implements Input {
        public Arrival(long arrivedMs, UpMessage message) {
            this(arrivedMs, message, Optional.empty());
        }

        /** The same arrival with the answer that its first decision asked for. */
        public Arrival withKnown(Set<Id16> hashes) {
            return new Arrival(arrivedMs, message, Optional.of(Set.copyOf(hashes)));
        }

        @Override
        public Type type() {
            return Type.MESSAGE;
        }
    }
}
