package ansim.hub.core;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Pos;
import ansim.wire.UpMessage;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the step decides on, or what is left of it. Closed; the number of each type is the log's encoding. */
public sealed interface Input {
    /** Which of them it is. */
    enum Type implements Numbered {
        FOUNDING(1),
        UNIT(2),
        DISTRICTS(3),
        MESSAGE(4),
        VAULT(5),
        ERASURE(6),
        COMMAND(7),
        APP_EMERGENCY(8),
        SETTINGS(9),
        TICK(10),
        DESTINATION(11),
        /** Never written: what a sealed {@link #MESSAGE} reads as without its key. */
        ERASED(0),
        /** Never written: what a sealed {@link #VAULT}, {@link #TICK} or {@link #DESTINATION} reads as without its key. */
        ERASED_ANSWER(-1);

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
     * The log is created, entry 1, or goes on from a backup or a mirror or after it lost its end, any later entry.
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
     * The rider vault has opened the sealed cards of a boarding, or could not.
     *
     * @param arrivedMs when it answered
     * @param asked the log index of the boarding
     * @param message the boarding once more: what is delivered of the answer has it attached
     * @param riders whom the vault knows, none when it knows none of the cards
     */
    record VaultAnswer(long arrivedMs, long asked, UpMessage message, List<NamedRider> riders) implements Input {
        public VaultAnswer {
            if (riders.size() > Ride.MAX_RIDERS) {
                throw new IllegalArgumentException(
                        "riders must be at most " + Ride.MAX_RIDERS + " (got " + riders.size() + ")");
            }
            riders = List.copyOf(riders);
        }

        @Override
        public Type type() {
            return Type.VAULT;
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

    /**
     * The content of rides or days was erased: their keys were destroyed before this was logged. Says which, when and why, and nothing of their
     * content; each names the hash of the one before it.
     *
     * @param arrivedMs when
     * @param previous {@link HubState#erasureHead} before it
     * @param cause who wanted it
     * @param reason why, in an operator's words
     * @param items what was erased, at most {@link #MAX_ITEMS}
     */
    record Erasure(long arrivedMs, Id16 previous, Cause cause, String reason, List<Item> items) implements Input {
        /** Keys in one entry: it stays smaller than a message. */
        public static final int MAX_ITEMS = 128;

        /** Characters of a reason. */
        public static final int MAX_REASON = 200;

        /** Who wanted it. */
        public enum Cause implements Numbered {
            /** An operator's command. */
            REQUEST(1),
            /** The time of its class had passed. */
            RETENTION(2);

            private final int number;

            Cause(int number) {
                this.number = number;
            }

            @Override
            public int number() {
                return number;
            }
        }

        /**
         * One key that was destroyed.
         *
         * @param keyId its id
         * @param ride the ride that it was of; empty for a day
         */
        public record Item(long keyId, Optional<UnitRide> ride) {}

        public Erasure {
            if (items.isEmpty() || items.size() > MAX_ITEMS) {
                throw new IllegalArgumentException(
                        "an erasure must have 1 to " + MAX_ITEMS + " items (got " + items.size() + ")");
            }
            if (reason.length() > MAX_REASON) {
                throw new IllegalArgumentException(
                        "a reason must have at most " + MAX_REASON + " characters (got " + reason.length() + ")");
            }
            items = List.copyOf(items);
        }

        /** One that is to be logged next: the committer knows the one before it. */
        public Erasure(long arrivedMs, Cause cause, String reason, List<Item> items) {
            this(arrivedMs, new Id16(0, 0), cause, reason, items);
        }

        @Override
        public Type type() {
            return Type.ERASURE;
        }
    }

    /**
     * A unit is ordered to do something.
     *
     * @param arrivedMs when
     * @param order what, with the number that it has from now on
     */
    record CommandOrdered(long arrivedMs, Order order) implements Input {
        @Override
        public Type type() {
            return Type.COMMAND;
        }
    }

    /**
     * Somebody called for help in the city's app, and not at a unit: nothing is signed, the API knows the app by its token.
     *
     * @param arrivedMs when the hub heard of it
     * @param key of the request: asked again it is the same, and so are the ids
     * @param atMs when it was raised, by the app
     * @param gesture how
     * @param pos where the phone was
     * @param ride in which, if the app knows it
     */
    record AppEmergency(
            long arrivedMs, Id16 key, long atMs, Gesture gesture, Optional<Pos> pos, Optional<UnitRide> ride)
            implements Input {
        /** How help was called. */
        public enum Gesture implements Numbered {
            TOUCH(1),
            SHAKE(2),
            VOLUME(3),
            POWER(4);

            private final int number;

            Gesture(int number) {
                this.number = number;
            }

            @Override
            public int number() {
                return number;
            }

            /** In lower case, as it is written. */
            public String word() {
                return name().toLowerCase(java.util.Locale.ROOT);
            }
        }

        /** Of its event. */
        public String id() {
            return "app/" + key.hex();
        }

        /** Of the alarm. */
        public Id8 alarm() {
            return Id8.first(key.bytes());
        }

        /** The unit whose ride it is in; zeros without one. */
        public Id16 unit() {
            return ride.map(UnitRide::unit).orElseGet(() -> new Id16(0, 0));
        }

        @Override
        public Type type() {
            return Type.APP_EMERGENCY;
        }
    }

    /**
     * What is left of a message whose content, or what the hub said of it, is erased.
     *
     * @param arrivedMs when it came
     * @param outline its place among the numbers
     * @param message the message itself where only what the hub said of it is erased
     */
    record Erased(long arrivedMs, Outline outline, Optional<UpMessage> message) implements Input {
        @Override
        public Type type() {
            return Type.ERASED;
        }
    }

    /**
     * What is left of a vault's answer, a tick or a destination whose ride is erased: nothing follows from it.
     *
     * @param arrivedMs when it came
     */
    record ErasedAnswer(long arrivedMs) implements Input {
        @Override
        public Type type() {
            return Type.ERASED_ANSWER;
        }
    }

    /**
     * The hub has started with these settings. Also the moment from which silence counts: before it nobody listened.
     *
     * @param arrivedMs when
     * @param policy what holds from now on
     */
    record SettingsChange(long arrivedMs, Policy policy) implements Input {
        @Override
        public Type type() {
            return Type.SETTINGS;
        }
    }

    /**
     * A moment at which a ride is to be looked at: something may have become due by time alone.
     *
     * @param arrivedMs the moment
     * @param ride which
     */
    record Tick(long arrivedMs, UnitRide ride) implements Input {
        @Override
        public Type type() {
            return Type.TICK;
        }
    }

    /**
     * The city's app has said where a ride goes.
     *
     * @param arrivedMs when
     * @param ride which
     * @param place where, if it said so
     * @param district the code of the district there
     * @param request the app's own name for what it asked: the same for a repetition
     * @param atMs when the rider said so, ms since 1970 UTC: the newest counts, whenever it comes
     */
    record DestinationSaid(
            long arrivedMs, UnitRide ride, Optional<Pos> place, String district, String request, long atMs)
            implements Input {
        /** Characters of a request's name. */
        public static final int MAX_REQUEST = 64;

        public DestinationSaid {
            if (!District.isCode(district) && !district.equals(Event.OUTSIDE)) {
                throw new IllegalArgumentException("district must be a district's code (got \"" + district + "\")");
            }
            if (request.isEmpty() || request.length() > MAX_REQUEST) {
                throw new IllegalArgumentException(
                        "request must have 1 to " + MAX_REQUEST + " characters (got " + request.length() + ")");
            }
        }

        /** Said as it came. */
        public DestinationSaid(long arrivedMs, UnitRide ride, Optional<Pos> place, String district, String request) {
            this(arrivedMs, ride, place, district, request, arrivedMs);
        }

        /** A place, said as it came. */
        public static DestinationSaid at(long nowMs, UnitRide ride, Pos place, DistrictMap map, String request) {
            return at(nowMs, ride, place, map, request, nowMs);
        }

        /** A place, in the district that it lies in by a map. */
        public static DestinationSaid at(
                long nowMs, UnitRide ride, Pos place, DistrictMap map, String request, long atMs) {
            String code = map.locate(place).map(District::code).orElse(Event.OUTSIDE);
            return new DestinationSaid(nowMs, ride, Optional.of(place), code, request, atMs);
        }

        @Override
        public Type type() {
            return Type.DESTINATION;
        }
    }
}
