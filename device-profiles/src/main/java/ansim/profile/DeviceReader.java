package ansim.profile;

import java.util.Set;
import java.util.function.Consumer;

/**
 * One device being read: framing, decoding and timing of a {@link Profile}. Levels come in by {@link #level} from GPIO lines,
 * bytes by {@link #accept} from every other {@link Wire}: a stream from a serial line or a TCP connection, 24-byte records from an
 * input device. From a PC/SC reader come messages of kind, length (two bytes, high first) and content: 00 the reader is there,
 * at least every second; 01 a card has come, with its ATR; 02 it has gone; 03 the response to an APDU given by {@link #toSend}.
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
     * @throws IllegalStateException if this device is not on GPIO lines
     */
    void level(int line, boolean high, long monoMs, Consumer<Reading> sink);

    /**
     * An earlier run of the program told of these faults and not yet of their end: each is told again only by its end. What this
     * device can never tell the end of, because its profile is another one now, ends at once. To be called before {@link #opened}.
     */
    void resume(Set<Reading.Fault.What> faults, Consumer<Reading> sink);

    /** The line was opened, the first time or anew. To be called before anything else is given. */
    void opened(long monoMs, Consumer<Reading> sink);

    /**
     * What is to be written to the device now; mostly nothing, and never anything to a device on GPIO lines. To be asked after
     * each {@link #accept} and {@link #tick}; each request is given once, so it must be written or the line closed.
     */
    byte[] toSend(long monoMs);

    /** Lets time pass: ends epochs, debounces, sees that a fix is lost. */
    void tick(long monoMs, Consumer<Reading> sink);

    /** A snapshot of what was counted since the device was opened. */
    Counters counters();
}
