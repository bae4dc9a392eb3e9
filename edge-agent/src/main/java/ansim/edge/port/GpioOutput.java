package ansim.edge.port;

import java.io.IOException;

/** An output through the kernel's GPIO device; ours, and at its level, from the moment it is made. */
final class GpioOutput implements Output {
    private final GpioRequest request;

    GpioOutput(GpioChips chips, LineName line, boolean high) throws IOException {
        request = chips.output(line, high);
    }

    @Override
    public void set(boolean high, long timesOn) throws IOException {
        request.set(high ? 1 : 0);
    }

    @Override
    public void check() throws IOException {
        request.levels();
    }

    @Override
    public void close() {
        request.close();
    }
}
