package ansim.edge.port;

import ansim.profile.Counters;
import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import ansim.profile.Reading.Fault;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A reader whose device may be gone: unplugged for {@value #GONE_MS} ms it is silent, also one that says nothing without a card, and
 * which nobody could tell from one that is not there.
 *
 * <p>Guarantee: what its decoder says of its silence and what the port knows of its absence is one fault, told when the first begins
 * and when the last ends. Not guaranteed: a device that comes and goes more often than that. The port's thread only.
 */
final class Absence implements DeviceReader {
    /** So long after the device went, or after the start, its absence is told: a plug may be loose, and USB is late. */
    static final long GONE_MS = 10_000;

    private static final long HERE = -1;

    private final DeviceReader reader;
    private long goneSinceMs = HERE;
    private boolean gone;
    private boolean silent;
    private boolean told;

    Absence(DeviceReader reader) {
        this.reader = reader;
    }

    /** Time passes without a device. */
    void absent(long monoMs, Consumer<Reading> sink) {
        if (goneSinceMs == HERE) {
            goneSinceMs = monoMs;
        }
        gone |= monoMs - goneSinceMs >= GONE_MS;
        tell(sink);
    }

    /** The device is open and has been read. */
    void present(Consumer<Reading> sink) {
        goneSinceMs = HERE;
        gone = false;
        tell(sink);
    }

    private void tell(Consumer<Reading> sink) {
        boolean now = gone || silent;
        if (now != told) {
            told = now;
            sink.accept(new Fault(Fault.What.SILENT, now));
        }
    }

    private Consumer<Reading> through(Consumer<Reading> sink) {
        return reading -> {
            if (reading.type() == Reading.Type.FAULT && ((Fault) reading).what() == Fault.What.SILENT) {
                silent = ((Fault) reading).raised();
                tell(sink);
            } else {
                sink.accept(reading);
            }
        };
    }

    /** Whether it was silent or gone is not known any more: it is neither once it is there and its decoder has nothing to say. */
    @Override
    public void resume(Set<Fault.What> faults, Consumer<Reading> sink) {
        told = faults.contains(Fault.What.SILENT);
        gone = told;
        silent = told;
        reader.resume(faults, through(sink));
    }

    @Override
    public void opened(long monoMs, Consumer<Reading> sink) {
        reader.opened(monoMs, through(sink));
    }

    @Override
    public void accept(byte[] bytes, int offset, int length, long monoMs, Consumer<Reading> sink) {
        reader.accept(bytes, offset, length, monoMs, through(sink));
    }

    @Override
    public void level(int line, boolean high, long monoMs, Consumer<Reading> sink) {
        reader.level(line, high, monoMs, through(sink));
    }

    @Override
    public byte[] toSend(long monoMs) {
        return reader.toSend(monoMs);
    }

    @Override
    public void tick(long monoMs, Consumer<Reading> sink) {
        reader.tick(monoMs, through(sink));
    }

    @Override
    public Counters counters() {
        return reader.counters();
    }
}
