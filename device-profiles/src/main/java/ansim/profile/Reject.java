package ansim.profile;

/** Why a frame was not accepted. {@link #NONE} is the verdict on a good frame. */
enum Reject {
    NONE,
    /** The frame's check digits do not match its content. */
    CHECKSUM,
    /** It has no check digits. */
    NO_CHECKSUM,
    /** It grew past the longest frame allowed. */
    TOO_LONG,
    /** It ended before it was complete. */
    TOO_SHORT,
    /** Another frame began before it ended. */
    UNTERMINATED,
    /** A byte that cannot be in a frame. */
    BAD_BYTE,
    /** The check digits match, the content breaks the format. */
    MALFORMED,
    /** An answer to what was not asked. */
    UNASKED,
    /** The device says that it cannot do what it was asked. */
    REFUSED,
    /** A card without a number that is its own: a random UID, or no purse where one is wanted. */
    ANONYMOUS,
    /** A position without the date or time that it belongs to. */
    UNDATED,
    /** A level that did not last for the debounce time. */
    BOUNCE;

    /** The name in counters: {@code no-checksum}. */
    String word() {
        return ReadingJson.word(this);
    }
}
