package ansim.edge.sim;

import ansim.edge.port.PseudoTerminal;
import ansim.edge.sim.Drive.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A taxi's receiver at 1 Hz, its card reader and its two lights, on the simulated lines. The lights are watched by one thread. */
public final class Cab implements AutoCloseable {
    private static final Place PLACE = new Place(37.5663, 126.9779, 11.1, 77.5);

    private final PseudoTerminal gnss;
    private final PseudoTerminal reader;
    private final Light stored;
    private final Light hub;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread receiver = new Thread(this::receive, "gnss");
    private long card;

    public Cab(Path folder) throws IOException {
        Files.createDirectories(folder);
        gnss = new PseudoTerminal(folder.resolve("gnss"));
        reader = new PseudoTerminal(folder.resolve("reader"));
        stored = new Light(Files.createDirectories(folder.resolve("stored")));
        hub = new Light(Files.createDirectories(folder.resolve("hub")));
        receiver.setDaemon(true);
        receiver.start();
    }

    /** The part of an agent.yaml with these devices. */
    public static String config(Path folder) {
        return """
                ports:
                  - {name: gnss, profile: gnss-nmea0183, serial: %1$s/gnss}
                  - {name: reader, profile: reader-em4100, serial: %1$s/reader}
                signals: {stored: "sim:%1$s/stored/light", hub: "sim:%1$s/hub/light"}
                """.formatted(folder);
    }

    private void receive() {
        try {
            do {
                gnss.write(Frames.fix(Instant.now(), PLACE));
            } while (!stop.await(1, TimeUnit.SECONDS));
        } catch (IOException unplugged) {
            System.err.println("the simulated receiver ends: " + unplugged.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Taps so many cards that nobody has seen before, as fast as the line takes them. */
    public void tap(int cards) throws IOException {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < cards; i++) {
            all.append(new String(Frames.card(String.format("%010X", ++card)), java.nio.charset.StandardCharsets.US_ASCII));
        }
        reader.write(all.toString().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** Whether the agent has taken from the line what was tapped. */
    public boolean tapsTaken() throws IOException {
        return reader.drained();
    }

    /** Pulses once for each event that is on the disk. */
    public Light stored() {
        return stored;
    }

    /** Pulses once for each event that the hub has given its receipt for. */
    public Light hub() {
        return hub;
    }

    @Override
    public void close() throws IOException {
        stop.countDown();
        try {
            receiver.join(Duration.ofSeconds(5).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stored.close();
        hub.close();
        gnss.close();
        reader.close();
    }
}
