package ansim.wire;

/**
 * What an item is called in an error, put together only when there is one: a hub reads tens of thousands of items a second, and few are wrong.
 *
 * @param of what it is a part of
 * @param joint between the two
 * @param part which part
 */
record Name(Object of, String joint, Object part) {
    @Override
    public String toString() {
        return of + joint + part;
    }
}
