package ansim.wire;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a {@link Boarded} and an {@link Alighted} say.
 *
 * @param pos where, key 1
 * @param ride the ride, key 10; a second boarding with the same ride updates the first
 * @param sealedCard the rider's card sealed to the vault's key, key 11: opaque here
 * @param source what told the unit, key 12
 * @param riders how many, key 13, not negative
 * @param flags key 14, not negative; see {@link #TAP_AT_SPEED}
 */
public record RideChange(
        Optional<Pos> pos, Id8 ride, Optional<Bytes> sealedCard, Source source, OptionalInt riders, OptionalInt flags) {
    /** Flag bit 0: the card was tapped while driving. */
    public static final int TAP_AT_SPEED = 1;

    /** What told the unit that somebody boarded or alighted. */
    public enum Source implements Coded {
        CARD(1),
        METER_LAMP(2),
        DOOR(3),
        APP(4),
        INFERRED(5);

        private final int code;

        Source(int code) {
            this.code = code;
        }

        /** The number on the wire, 1 to 5. */
        @Override
        public int code() {
            return code;
        }
    }

    public RideChange {
        Range.check("riders", riders, 0, Integer.MAX_VALUE);
        Range.check("flags", flags, 0, Integer.MAX_VALUE);
    }

    /** A change that says no more than which ride, where and by what. */
    public static RideChange of(Id8 ride, Optional<Pos> pos, Source source) {
        return new RideChange(pos, ride, Optional.empty(), source, OptionalInt.empty(), OptionalInt.empty());
    }

    static RideChange read(Fields in) throws WireException {
        Optional<Pos> pos = in.maybePos(1);
        Id8 ride = in.id8(10);
        Optional<Item> card = in.find(11);
        Optional<Bytes> sealedCard =
                card.isPresent() ? Optional.of(Bytes.of(card.get().byteString(in.name(11)))) : Optional.empty();
        Source source = in.coded(12, Source.values());
        return new RideChange(
                pos,
                ride,
                sealedCard,
                source,
                in.maybeInt(13, 0, Integer.MAX_VALUE),
                in.maybeInt(14, 0, Integer.MAX_VALUE));
    }

    MapOut fields() {
        MapOut out = new MapOut().putPos(1, pos).put(10, ride);
        sealedCard.ifPresent(card -> out.put(11, card.toByteArray()));
        return out.put(12, source.code()).putInt(13, riders).putInt(14, flags);
    }
}
