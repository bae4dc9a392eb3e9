package ansim.profile;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Which number a contactless card is known by: its purse's serial (KS X 6924) or its UID. A UID that the card makes up anew each
 * time, as phones do, names nobody and is no tap. The same for every reader that can exchange APDUs. One thread.
 */
final class ContactlessCard {
    /** Whether a transit purse is looked for. */
    enum Purse {
        /** No: the UID is the number. */
        NONE,
        /** The purse's serial where there is one, else the UID. */
        PREFER,
        /** A card without a purse is no tap. */
        ONLY
    }

    /** ISO/IEC 14443-3 6.5.4: a single-size UID that begins so is random. */
    private static final byte RANDOM_UID = 0x08;

    private static final int SINGLE_SIZE_BYTES = 4;

    private final Purse purse;
    private final RecentCards recent;
    private Optional<CardNumber> uid = Optional.empty();
    private Optional<CardNumber> serial = Optional.empty();
    private int nextSelect;

    ContactlessCard(Purse purse, long sameCardMs) {
        this.purse = purse;
        recent = new RecentCards(sameCardMs);
    }

    /**
     * A card has come; its UID are the bytes from {@code from} to {@code to}, none when the reader cannot tell it.
     *
     * @param exchanges can it be sent APDUs?
     */
    void found(byte[] bytes, int from, int to, boolean exchanges) {
        forget();
        boolean random = to - from == SINGLE_SIZE_BYTES && bytes[from] == RANDOM_UID;
        uid = from == to || random ? Optional.empty() : Optional.of(CardNumber.ofBytes(bytes, from, to));
        nextSelect = exchanges && purse != Purse.NONE ? 0 : KsX6924.SELECTS.size();
    }

    /** What the card is to be told next; {@link Decoder#NOTHING} when its number is known as well as it will be. */
    byte[] nextApdu() {
        if (serial.isPresent() || nextSelect >= KsX6924.SELECTS.size()) {
            return Decoder.NOTHING;
        }
        return KsX6924.SELECTS.get(nextSelect++).clone();
    }

    /** The card's response to the last APDU. */
    void answered(byte[] bytes, int from, int to) {
        serial = KsX6924.serial(bytes, from, to);
    }

    /** Gives the tap, and forgets the card. */
    Reject conclude(long monoMs, Consumer<Reading> sink) {
        Optional<CardNumber> number = serial;
        serial = Optional.empty();
        if (number.isEmpty() && purse != Purse.ONLY) {
            number = uid;
            uid = Optional.empty();
        }
        forget();
        number.ifPresent(card -> recent.read(card, monoMs, sink));
        return number.isPresent() ? Reject.NONE : Reject.ANONYMOUS;
    }

    /** The card has gone, or does not answer: its number is not kept. */
    void forget() {
        uid.ifPresent(CardNumber::wipe);
        uid = Optional.empty();
        serial.ifPresent(CardNumber::wipe);
        serial = Optional.empty();
        nextSelect = KsX6924.SELECTS.size();
    }

    void tick(long monoMs) {
        recent.forget(monoMs);
    }
}
