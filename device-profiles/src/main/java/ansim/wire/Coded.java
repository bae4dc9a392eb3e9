package ansim.wire;

/** A constant with a number on the wire. The numbers of one enum are consecutive. */
interface Coded {
    int code();

    /** The constant that {@code item} names. */
    static <E extends Coded> E read(E[] constants, Item item, Object what) throws WireException {
        int least = constants[0].code();
        int most = constants[constants.length - 1].code();
        return constants[(int) item.integer(least, most, what) - least];
    }
}
