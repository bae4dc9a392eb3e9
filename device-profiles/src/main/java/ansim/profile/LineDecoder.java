package ansim.profile;

import java.util.function.Consumer;

/** What the settled levels of one line mean. */
interface LineDecoder {
    /**
     * A level has settled.
     *
     * @param initial it is the first one: found, not changed to
     * @param sinceMs when the line went to it, before the debounce
     */
    void settled(boolean active, boolean initial, long sinceMs, Consumer<Reading> sink);

    /** When {@link #due} is to be called should the line stay active; {@link Long#MAX_VALUE} for never. */
    default long dueMs() {
        return Long.MAX_VALUE;
    }

    /** The line has stayed active until {@link #dueMs}. */
    default void due(Consumer<Reading> sink) {}
}
