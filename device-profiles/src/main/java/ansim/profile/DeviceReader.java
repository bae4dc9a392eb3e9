package ansim.profile;

import java.util.function.Consumer;

/**
 * One device being read: framing, decoding and timing of a {@link Profile}. Bytes come in by {@link #accept} from a serial
 * line, levels by {@link #level} from GPIO lines; which of the two a profile takes is {@link Profile#serial} or
 * {@link Profile#lines}.
 *
 * <p>Guarantee: never throws on any bytes or levels, holds a bounded amount of memory, and the same input at the same times
 * gives the same readings however it is cut into chunks. Not guaranteed: that a reading is given in the call that completed
 * it; a fix waits for the end of its epoch and a button for its debounce, so {@link #tick} is to be called at least every
 * 100 ms. Time is monotonic ms and must not go back. One thread.
 */
public interface DeviceReader {
    /**
     * Takes bytes from the line.
     *
     * @param monoMs when they arrived
     * @throws IllegalStateException if this device has GPIO lines
     */
    void accept(byte[] bytes, int offset, int length, long monoMs, Consumer<Reading> sink);

    /**
     * Takes a line's level; repeating a level is harmless, so edges and polls may be mixed.
     *
     * @param line index into {@link Profile#lines}
     * @param high the electrical level; what it means is the profile's option {@code active}
     * @throws IllegalStateException if this device is on a serial line
     */
    void level(int line, boolean high, long monoMs, Consumer<Reading> sink);

    /** Lets time pass: ends epochs, debounces, sees that a fix is lost. */
    void tick(long monoMs, Consumer<Reading> sink);

    /** A snapshot of what was counted since the device was opened. */
    Counters counters();
}
