package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import java.io.IOException;
import java.util.function.Consumer;

/** An opened device, polled by one port thread. An IOException means that it is gone; it is then closed and opened anew. */
interface Device extends AutoCloseable {
    /** Gives the reader what has arrived, at most a bounded amount; never waits. */
    void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException;

    /**
     * Writes a request to the device; may wait as long as the line takes for it.
     *
     * @throws IOException when it could not be written as a whole: the device is gone
     */
    void send(byte[] request) throws IOException;

    /** How long to wait between two polls, ms. */
    default long pollMs() {
        return PortThread.POLL_MS;
    }

    @Override
    void close();
}
