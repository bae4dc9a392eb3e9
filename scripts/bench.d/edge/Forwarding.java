import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** A program on a unit that keeps events and forwards them when there is a link, as the bench handles it. One thread. */
interface Forwarding {
    /**
     * One event.
     *
     * @param answeredMs until whoever gave it was told that it is taken: the light *stored*, or the PUBACK
     * @param durableMs until it was on the disk; empty when it was not made so
     * @param arrivedMs until it had arrived at the other end; empty without a link
     */
    record Event(double answeredMs, OptionalDouble durableMs, OptionalDouble arrivedMs) {}

    String name();

    /** Whether it makes each event durable. */
    boolean durable();

    /**
     * Starts the program with its store in this folder and waits for its first event: durable if it makes events durable, otherwise answered.
     *
     * @param link whether there is anybody at the other end
     * @return ms from the start of the process
     */
    double start(Path store, boolean link) throws IOException, InterruptedException;

    /** One event, with nothing else under way. */
    Event event() throws IOException, InterruptedException;

    /** So many events at once; per second until the last is durable, or answered if none is made durable. */
    double burst(int events) throws IOException, InterruptedException;

    /** A second passes: what a receiver at 1 Hz then says. */
    void second() throws IOException, InterruptedException;

    /** Until the other end has everything. */
    void drain() throws IOException, InterruptedException;

    Program program();

    /** Events since the store was new that were answered; nothing is under way. */
    long answered() throws IOException;

    /** Events in a store, which may be a copy; nobody writes to it now. */
    long held(Path store) throws IOException;

    /** Bytes of one event as it is kept; 0 when that is not known yet. */
    int eventBytes();

    /** Ends the program: SIGTERM, and waits. */
    void end() throws IOException, InterruptedException;
}
