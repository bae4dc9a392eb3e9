package ansim.profile;

import java.util.function.Consumer;

/** A device that does not answer: so many misses in a row are a fault, and the next answer ends it. */
final class Silence {
    private final int limit;
    private int misses;

    Silence(int limit) {
        this.limit = limit;
    }

    /** It was told before, by an earlier run: the next answer ends it. False when this is about another fault. */
    boolean resume(Reading.Fault.What told) {
        boolean ours = told == Reading.Fault.What.SILENT;
        misses = ours ? limit : misses;
        return ours;
    }

    void missed(Consumer<Reading> sink) {
        if (misses < limit && ++misses == limit) {
            sink.accept(new Reading.Fault(Reading.Fault.What.SILENT, true));
        }
    }

    void heard(Consumer<Reading> sink) {
        if (misses == limit) {
            sink.accept(new Reading.Fault(Reading.Fault.What.SILENT, false));
        }
        misses = 0;
    }
}
