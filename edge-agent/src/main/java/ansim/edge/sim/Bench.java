package ansim.edge.sim;

import ansim.edge.port.PseudoTerminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * The devices of one simulated unit, in one folder: serial lines as links to pseudo-terminals, GPIO inputs as files, and the
 * agent's *stored* light to look at. Thread-safe as far as its parts are; each line is written by one thread.
 */
final class Bench implements AutoCloseable {
    private final Path folder;
    private final Optional<PseudoTerminal> gnss;
    private final Optional<PseudoTerminal> reader;
    private final Optional<Equipment> cabinet;

    /** What stands at a place. */
    enum Kind {
        TAXI,
        POLE
    }

    Bench(Path folder, Kind kind) throws IOException {
        this(folder, kind, false);
    }

    /** A pole's devices with its {@link Equipment}, if it is to have any; a taxi has none. */
    Bench(Path folder, Kind kind, boolean equipment) throws IOException {
        this.folder = Files.createDirectories(folder);
        boolean taxi = kind == Kind.TAXI;
        cabinet = equipment && !taxi ? Optional.of(new Equipment(folder)) : Optional.empty();
        gnss = taxi ? Optional.of(new PseudoTerminal(folder.resolve("gnss"))) : Optional.empty();
        reader = taxi ? Optional.of(new PseudoTerminal(folder.resolve("reader"))) : Optional.empty();
        for (String line : taxi ? new String[] {"lamp", "panic"} : new String[] {"bell", "door"}) {
            level(line, false);
        }
    }

    void fix(byte[] sentences) throws IOException {
        if (gnss.isPresent()) {
            gnss.get().write(sentences);
        }
    }

    void card(byte[] frame) throws IOException {
        if (reader.isPresent()) {
            reader.get().write(frame);
        }
    }

    /** Whether somebody has taken from the line what the reader sent. */
    boolean cardTaken() throws IOException {
        return reader.isPresent() && reader.get().drained();
    }

    /** Sets a GPIO input. */
    void level(String line, boolean high) throws IOException {
        setLevel(folder.resolve(line), high);
    }

    /** Sets a simulated line, at once: nobody reads half of it. */
    static void setLevel(Path file, boolean high) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, high ? "1\n" : "0\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Whether an agent reads these devices: the light is there, and nothing waits on the GNSS line. The light alone may be left
     * from an earlier run; it is never deleted here, because an agent that started first writes it once and not again.
     */
    boolean read() throws IOException {
        return storedSeen().isPresent() && (gnss.isEmpty() || gnss.get().drained());
    }

    /** How often the agent has shown *stored*; empty until an agent has opened the light. */
    OptionalLong storedSeen() throws IOException {
        Path file = storedFile();
        if (!Files.exists(file)) {
            return OptionalLong.empty();
        }
        String text = Files.readString(file).strip();
        return OptionalLong.of(Long.parseLong(text.substring(text.indexOf(' ') + 1)));
    }

    /**
     * The light as a file.
     *
     * @param text level and count
     * @param changedNs when it was written last, ns since 1970; 0 while there is none
     */
    record Light(String text, long changedNs) {
        /** Whether a light that was off was switched off once more: an agent does that when it starts. */
        boolean switchedOffAgain(Light before) {
            return text.equals(before.text) && text.startsWith("0") && changedNs != before.changedNs;
        }
    }

    Light light() throws IOException {
        Path file = storedFile();
        if (!Files.exists(file)) {
            return new Light("", 0);
        }
        // The time first: what is newer than it is then only seen a look later.
        long changedNs = Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        return new Light(Files.readString(file), changedNs);
    }

    /** The part of an agent.yaml that uses these devices, and a pole's {@link Equipment} if it has any. */
    static String config(Path folder, Kind kind, boolean equipment) {
        Path at = folder.toAbsolutePath().normalize();
        String ports = kind == Kind.TAXI ? """
                  - {name: gnss, profile: gnss-nmea0183, serial: %1$s/gnss}
                  - {name: reader, profile: reader-em4100, serial: %1$s/reader}
                  - {name: lamp, profile: meter-lamp, gpio: "sim:%1$s/lamp"}
                  - {name: panic, profile: panic-button, gpio: "sim:%1$s/panic"}
                """ : """
                  - {name: bell, profile: panic-button, gpio: "sim:%1$s/bell", options: {kind: bell}}
                  - {name: door, profile: contact, gpio: "sim:%1$s/door", options: {name: door}}
                """;
        String asked = kind == Kind.POLE && equipment ? """
                  - name: ups
                    profile: modbus-rtu
                    serial: %1$s/ups
                    options:
                      registers:
                        - {name: supply, function: 4, register: 0, scale: 0.1, unit: V, thresholds: [{below: 11.5, hysteresis: 0.5, contact: battery}]}
                        - {name: temperature, function: 4, register: 1, type: s16, scale: 0.1, unit: C}
                  - {name: camera, profile: camera-probe, tcp: "127.0.0.1:%2$d"}
                """ : "";
        return "ports:\n" + ports.formatted(at) + asked.formatted(at, Equipment.cameraPort(folder))
                + "signals: {stored: \"sim:%s/stored\"}\n".formatted(at);
    }

    private Path storedFile() {
        return folder.resolve("stored");
    }

    @Override
    public void close() throws IOException {
        if (gnss.isPresent()) {
            gnss.get().close();
        }
        if (reader.isPresent()) {
            reader.get().close();
        }
        if (cabinet.isPresent()) {
            cabinet.get().close();
        }
    }
}
