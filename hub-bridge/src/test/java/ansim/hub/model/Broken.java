package ansim.hub.model;

/** Which rule the world breaks. Every one must be found out, or the model proves nothing. */
enum Broken {
    NONE,
    /** The hub answers before the fsync that holds the message. */
    RECEIPT_BEFORE_FSYNC,
    /** The unit takes the transport's word for the hub's. */
    REMOVE_ON_PUBACK,
    /** The unit sends what is not on its disk. */
    SEND_BEFORE_FSYNC,
    /** After a crash that cost the newest message its number is given to the next. */
    NUMBER_REUSED,
    /** Eviction deletes, then writes the gap record. */
    GAP_AFTER_DELETION,
    /** A receipt counts whatever hash it names. */
    HASH_NOT_COMPARED,
    /** A receipt from before the hub's restore counts. */
    LOWER_GENERATION_TAKEN,
    /**
     * A gap about lane 1 does not write again the gap records that it covers. Found by this model, twice: a restored hub lacks the record
     * of a gap whose unit no longer holds it; and a unit dropped a receipted record, forgot the receipt in a crash, and explained the
     * record's own number without what it had told. What lies behind such a gap never comes, or what it explained is explained no more.
     */
    GAP_NOT_TOLD_AGAIN,
    /** The hub stores the same bytes again. */
    DUPLICATE_STORED,
    /** The hub stores what lies behind a hole that nothing explains. */
    HOLE_STORED
}
