package ansim.profile;

import java.util.HexFormat;
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
    private static final String RANDOM_UID = "08";

    private static final int SINGLE_SIZE_DIGITS = 8;

    private final Purse purse;
    private final RecentCards recent;
    private String uid = "";
    private Optional<String> serial = Optional.empty();
    private int nextSelect;

    ContactlessCard(Purse purse, long sameCardMs) {
        this.purse = purse;
        recent = new RecentCards(sameCardMs);
    }

    /**
     * A card has come.
     *
     * @param hexUid upper case; empty when the reader cannot tell it
     * @param exchanges can it be sent APDUs?
     */
    void found(String hexUid, boolean exchanges) {
        uid = hexUid;
        serial = Optional.empty();
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
        boolean random = uid.isEmpty() || (uid.length() == SINGLE_SIZE_DIGITS && uid.startsWith(RANDOM_UID));
        Optional<String> number = purse == Purse.ONLY || random ? serial : Optional.of(serial.orElse(uid));
        forget();
        if (number.isEmpty()) {
            return Reject.ANONYMOUS;
        }
        if (recent.tap(number.get(), monoMs)) {
            sink.accept(new Reading.Tap(number.get()));
        }
        return Reject.NONE;
    }

    /** The card has gone, or does not answer: its number is not kept. */
    void forget() {
        uid = "";
        serial = Optional.empty();
        nextSelect = KsX6924.SELECTS.size();
    }

    void tick(long monoMs) {
        recent.forget(monoMs);
    }

    static String hex(byte[] bytes, int from, int to) {
        return HexFormat.of().withUpperCase().formatHex(bytes, from, to);
    }
}
