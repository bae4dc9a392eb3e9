package ansim.profile;

import java.util.function.Consumer;

/** One thing that can be wrong with a device: told when it begins and when it ends, however often the device repeats it. */
final class FaultLatch {
    private final Reading.Fault.What what;
    private boolean raised;

    FaultLatch(Reading.Fault.What what) {
        this.what = what;
    }

    /** It was told before, by an earlier run: its end is to be told, too. False when this is about another fault. */
    boolean resume(Reading.Fault.What told) {
        raised |= told == what;
        return told == what;
    }

    void set(boolean now, Consumer<Reading> sink) {
        if (now != raised) {
            raised = now;
            sink.accept(new Reading.Fault(what, now));
        }
    }
}
