package ansim.hub.api;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the API may do with the riders of the vault. Nobody is named: a rider is the vault's own id. Any thread. Each throws {@link NotHere}. */
public interface RiderDesk {
    /** There is no vault here that does this; the message says what to do about it. */
    final class NotHere extends IOException {
        private static final long serialVersionUID = 1L;

        public NotHere(String why) {
            super(why);
        }
    }

    /**
     * A rider as an operator sees one.
     *
     * @param id the vault's own, 32 hexadecimal digits
     * @param home the district where they live
     * @param language ko or en
     * @param cards how many they have
     * @param guardians how many there are
     * @param added when
     */
    record Rider(String id, String home, String language, int cards, int guardians, Instant added) {}

    /**
     * Riders in the order of their ids.
     *
     * @param after the id behind which to go on; empty from the beginning
     */
    List<Rider> list(String after, int most) throws IOException;

    /**
     * A card as a unit sealed it for a ride of its own: nobody but the vault reads it.
     *
     * @param unit in which it was tapped
     * @param ride for which it is sealed
     */
    record Card(Id16 unit, Id8 ride, Bytes sealed) {}

    /**
     * Somebody to be told.
     *
     * @param tells as in a CSV file of riders: boarded alighted ..., own or own-30; empty for boarded and alighted
     * @param consent since when the rider wants it; nothing is sent without
     */
    record Contact(String channel, String address, String name, String tells, Optional<Instant> consent) {}

    /** A rider to be. */
    record NewRider(String home, String language, List<Card> cards, List<Contact> contacts) {}

    /** What became of one. */
    enum Added {
        /** There is one, now or since an earlier try. */
        DONE,
        /** One of the cards is another rider's. */
        CARD_TAKEN,
        /** One of the cards was sealed for another vault, unit or ride. */
        CARD_SEALED
    }

    /**
     * Adds a rider, or nothing. Again under the same id it changes nothing.
     *
     * @param id of whom asks: 32 hexadecimal digits that nobody else has
     * @param by who took the consents down
     * @throws IllegalArgumentException in words that quote neither card nor address
     */
    Added add(String id, NewRider rider, String by) throws IOException;

    /**
     * Gives nobody anything of a rider from now on; false when there is none of this id.
     *
     * @param by who said so
     */
    boolean suspend(String id, String by) throws IOException;

    /** Takes that back; false when there is none of this id. */
    boolean resume(String id, String by) throws IOException;
}
