package ansim.edge.port;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * What the kernel says of its own clock (adjtimex(2), reading only). Whatever disciplines the clock tells the kernel so: timesyncd,
 * chrony (with {@code rtcsync}, as Debian sets it), ntpd. Nobody having done so for about nine hours, the kernel takes it back. Any thread.
 */
public final class KernelClock {
    /** The state of a clock that is not synchronised: TIME_ERROR. */
    private static final int UNSYNCHRONISED = 5;
    /** More than struct timex has on any architecture; all zero it asks and sets nothing. */
    private static final int TIMEX_BYTES = 512;

    private final IntSupplier state;

    private interface Calls extends Library {
        int adjtimex(byte[] timex);
    }

    KernelClock(IntSupplier state) {
        this.state = state;
    }

    /** The kernel of this machine. */
    public static KernelClock real() {
        try {
            Calls calls = Native.load("c", Calls.class);
            IntSupplier state = () -> calls.adjtimex(new byte[TIMEX_BYTES]);
            // The library resolves a name when it is first called; a filter that forbids the call stays.
            return new KernelClock(state.getAsInt() < 0 ? () -> -1 : state);
        } catch (LinkageError e) {
            return new KernelClock(() -> -1);
        }
    }

    /** Whether it is synchronised; empty where the kernel may not be asked (seccomp, as of ProtectClock=). */
    public Optional<Boolean> synchronised() {
        int now = state.getAsInt();
        return now < 0 ? Optional.empty() : Optional.of(now != UNSYNCHRONISED);
    }
}
