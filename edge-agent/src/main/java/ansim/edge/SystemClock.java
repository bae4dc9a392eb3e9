package ansim.edge;

import ansim.edge.port.KernelClock;
import ansim.wire.Id8;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The machine's clocks on Linux.
 *
 * <p>{@link #monoMs} is CLOCK_MONOTONIC: HotSpot's {@code System.nanoTime} reads it as it is, from the same zero for every
 * process of one boot. {@link #boot} is the first 8 bytes of the kernel's boot id.
 */
final class SystemClock {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /** systemd-timesyncd touches this once it has synchronised the clock on this boot, and takes it back never. */
    private static final Path SYNCHRONISED = Path.of("/run/systemd/timesync/synchronized");

    private static final int BOOT_HEX_DIGITS = 16;

    private SystemClock() {}

    /** Loaded when it is first asked: most commands never do. */
    private static final class Kernel {
        static final KernelClock CLOCK = KernelClock.real();
    }

    /** CLOCK_MONOTONIC, ms. */
    static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }

    /** Whether the system clock is synchronised by NTP: by the kernel, or by timesyncd's mark where the kernel may not be asked. */
    static boolean synchronised() {
        return Kernel.CLOCK.synchronised().orElseGet(() -> Files.exists(SYNCHRONISED));
    }

    /** This boot's id. */
    static Id8 boot() throws IOException {
        String id = Files.readString(BOOT_ID).strip().replace("-", "");
        return Id8.parse(id.substring(0, BOOT_HEX_DIGITS));
    }
}
