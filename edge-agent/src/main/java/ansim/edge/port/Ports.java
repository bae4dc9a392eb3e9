package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * All ports of the unit, each read by a thread of its own named {@code port-NAME}.
 *
 * <p>Guarantee: opening never fails and never waits. A port that does not exist, is unplugged or has a broken profile is
 * reported in {@link #states} and tried again for ever (within 2 s), and never delays another. Readings of one port come to the
 * sink in order. Not guaranteed: an order among ports. The sink is called from the port threads and must not block.
 */
public final class Ports implements AutoCloseable {
    private static final long JOIN_MS = 2_000;

    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<PortThread> ports = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Ports() {}

    /** Somebody between each device and its reader. */
    public interface Between {
        /** Given a port's name and its profile's reader, gives the one that the device talks to. */
        DeviceReader around(String port, DeviceReader reader);
    }

    /**
     * Starts to read.
     *
     * @param sink takes the readings, from several threads
     * @param monoMs CLOCK_MONOTONIC ms
     */
    public static Ports open(List<PortConfig> configs, Consumer<PortReading> sink, LongSupplier monoMs) {
        return open(configs, sink, monoMs, (port, reader) -> reader);
    }

    /**
     * Starts to read, with somebody between each device and its reader.
     *
     * @param sink takes the readings, from several threads
     * @param monoMs CLOCK_MONOTONIC ms
     * @param between called from the port's thread, once for each port
     */
    public static Ports open(
            List<PortConfig> configs, Consumer<PortReading> sink, LongSupplier monoMs, Between between) {
        Ports all = new Ports();
        for (PortConfig config : configs) {
            PortThread port = new PortThread(config, sink, monoMs, between, all.stop);
            Thread thread = new Thread(port, "port-" + config.name());
            thread.setDaemon(true);
            all.ports.add(port);
            all.threads.add(thread);
        }
        all.threads.forEach(Thread::start);
        return all;
    }

    /**
     * The profile of a port with its options, as it would be opened.
     *
     * @throws ansim.settings.SettingsException with all problems of profile and options
     */
    public static Profile profileOf(PortConfig config) {
        return PortThread.profileOf(config);
    }

    /** How each port is, by name, in the order of the configuration. */
    public Map<String, PortStatus> states() {
        Map<String, PortStatus> states = new LinkedHashMap<>();
        ports.forEach(port -> states.put(port.name(), port.status()));
        return states;
    }

    /** Stops all threads and closes the devices; waits at most 2 s for each. */
    @Override
    public void close() {
        stop.countDown();
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(JOIN_MS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
