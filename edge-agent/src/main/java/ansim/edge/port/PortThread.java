package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Wire;
import ansim.settings.Section;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/** The life of one port: open, poll, see it go, wait, open again. One thread each, so that none delays another. */
final class PortThread implements Runnable {
    /** Between two polls, unless the device says otherwise; also how often time passes for the reader. */
    static final long POLL_MS = 20;
    /** First and longest wait before a device is tried again: a replugged one is read within 2 s. */
    static final long FIRST_RETRY_MS = 100;

    static final long LAST_RETRY_MS = 1_000;
    /** Open for so long, a device that goes is tried again at once; one that comes and goes is not. */
    static final long STOOD_MS = 10_000;
    /** How old the counters of {@link #status} may be. */
    private static final long SNAPSHOT_MS = 1_000;

    private static final long LOG_EVERY_MS = 60_000;
    /** The option of a profile whose requests name the device: the port's own address unless given. */
    private static final String HOST = "host";

    private final PortConfig config;
    private final Consumer<PortReading> sink;
    private final LongSupplier monoMs;
    private final Ports.Between between;
    private final CountDownLatch stop;
    private volatile PortStatus status =
            new PortStatus(PortStatus.State.STARTING, Optional.empty(), Optional.empty(), 0);
    private long openings;
    private OptionalLong loggedMs = OptionalLong.empty();
    /** The log does not say yet that the port is open. A loose plug comes and goes: it is told of once a minute. */
    private boolean openOwed = true;

    PortThread(
            PortConfig config,
            Consumer<PortReading> sink,
            LongSupplier monoMs,
            Ports.Between between,
            CountDownLatch stop) {
        this.between = between;
        this.config = config;
        this.sink = sink;
        this.monoMs = monoMs;
        this.stop = stop;
    }

    String name() {
        return config.name();
    }

    PortStatus status() {
        return status;
    }

    @Override
    public void run() {
        try {
            do {
                try {
                    Optional<Profile> profile = loadedProfile();
                    if (profile.isPresent()) {
                        Absence absence = new Absence(profile.get().open());
                        keepReading(profile.get(), absence, between.around(config.name(), absence));
                    }
                    return;
                } catch (RuntimeException | LinkageError defect) {
                    report(PortStatus.State.ABSENT, defect.toString(), Optional.empty());
                }
            } while (!stop.await(LAST_RETRY_MS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the profile can be loaded; empty when the port is stopped before. */
    private Optional<Profile> loadedProfile() throws InterruptedException {
        do {
            try {
                return Optional.of(profileOf(config));
            } catch (SettingsException broken) {
                report(PortStatus.State.BROKEN_PROFILE, broken.problems().get(0).toString(), Optional.empty());
            } catch (RuntimeException | LinkageError defect) {
                report(PortStatus.State.BROKEN_PROFILE, defect.toString(), Optional.empty());
            }
        } while (!stop.await(LAST_RETRY_MS, TimeUnit.MILLISECONDS));
        return Optional.empty();
    }

    static Profile profileOf(PortConfig config) {
        Profile profile = Profile.load(config.profile());
        if (config.tcp().isPresent() && profile.hasOption(HOST)) {
            profile = profile.with(
                    Section.of(config.name(), Map.of(HOST, config.tcp().get())));
        }
        profile = profile.with(config.options());
        if (profile.wire() != config.wire()) {
            String rule = "profile " + profile.name() + " is for " + word(profile.wire()) + ", not for "
                    + word(config.wire());
            throw new SettingsException(List.of(config.options().problem(config.device(), rule)));
        }
        if (profile.isOutput()) {
            String rule = "profile " + profile.name() + " is for an output: list it under outputs";
            throw new SettingsException(List.of(config.options().problem(config.device(), rule)));
        }
        int lines = config.gpio().map(List::size).orElse(0);
        if (lines != profile.lines().size()) {
            String rule = "profile " + profile.name() + " has "
                    + profile.lines().size() + " lines, " + String.join(" and ", profile.lines());
            throw new SettingsException(List.of(config.options().problem(config.device(), rule)));
        }
        return profile;
    }

    private static String word(Wire wire) {
        return wire.name().toLowerCase(Locale.ROOT);
    }

    private void keepReading(Profile profile, Absence absence, DeviceReader reader) throws InterruptedException {
        Consumer<Reading> forward = r -> sink.accept(new PortReading(config.name(), r, monoMs.getAsLong()));
        long retryMs = FIRST_RETRY_MS;
        do {
            long triedMs = monoMs.getAsLong();
            try (Device device = open(profile)) {
                reader.opened(monoMs.getAsLong(), forward);
                device.poll(reader, monoMs.getAsLong(), forward);
                opened(reader);
                absence.present(forward);
                long snapshotMs = monoMs.getAsLong();
                do {
                    long now = monoMs.getAsLong();
                    device.poll(reader, now, forward);
                    reader.tick(now, forward);
                    ask(device, reader, now);
                    if (now - snapshotMs >= SNAPSHOT_MS) {
                        snapshotMs = now;
                        status = up(reader);
                    }
                } while (!stop.await(device.pollMs(), TimeUnit.MILLISECONDS));
                return;
            } catch (IOException gone) {
                report(PortStatus.State.ABSENT, String.valueOf(gone.getMessage()), Optional.of(reader));
            } catch (RuntimeException | LinkageError defect) {
                // A defect behind a port costs this reading, not all that the port will say from now on; so does a
                // native library that is missing.
                report(PortStatus.State.ABSENT, defect.toString(), Optional.of(reader));
            }
            tickAbsent(absence, reader, forward);
            boolean stood = monoMs.getAsLong() - triedMs >= STOOD_MS;
            retryMs = stood ? FIRST_RETRY_MS : Math.min(retryMs * 2, LAST_RETRY_MS);
        } while (!stop.await(retryMs, TimeUnit.MILLISECONDS));
    }

    /** Time passes for the reader of an absent device, too: a receiver that is gone has no fix. */
    private void tickAbsent(Absence absence, DeviceReader reader, Consumer<Reading> forward) {
        try {
            absence.absent(monoMs.getAsLong(), forward);
            reader.tick(monoMs.getAsLong(), forward);
        } catch (RuntimeException | LinkageError defect) {
            report(PortStatus.State.ABSENT, defect.toString(), Optional.of(reader));
        }
    }

    private Device open(Profile profile) throws IOException {
        return switch (config.wire()) {
            case SERIAL ->
                new SerialDevice(config.serial().orElseThrow(), profile.serial().orElseThrow());
            case TCP -> new TcpDevice(config.tcp().orElseThrow(), profile.tcp().orElseThrow());
            case GPIO -> lines(LineName.parseAll(config.gpio().orElseThrow()), profile);
            case EVDEV -> new EvdevDevice(config.evdev().orElseThrow());
            case PCSC -> PcscDevice.open(config.pcsc().orElseThrow());
        };
    }

    private static Device lines(List<LineName> names, Profile profile) throws IOException {
        return names.get(0).simulated()
                ? SimulatedLines.open(names)
                : new GpioLines(GpioChips.real(), names, profile.gpio().orElseThrow(), profile.edges());
    }

    private static void ask(Device device, DeviceReader reader, long nowMs) throws IOException {
        byte[] request = reader.toSend(nowMs);
        if (request.length > 0) {
            device.send(request);
        }
    }

    /** A device that answers; one that can be opened but not read is none. */
    private void opened(DeviceReader reader) {
        openings++;
        status = up(reader);
        if (openOwed) {
            openOwed = false;
            Logger.info("port {}: open", config.name());
        }
    }

    private PortStatus up(DeviceReader reader) {
        return new PortStatus(PortStatus.State.UP, Optional.empty(), Optional.of(reader.counters()), openings);
    }

    private void report(PortStatus.State state, String error, Optional<DeviceReader> reader) {
        long now = monoMs.getAsLong();
        if (loggedMs.isEmpty() || now - loggedMs.getAsLong() >= LOG_EVERY_MS) {
            loggedMs = OptionalLong.of(now);
            openOwed = true;
            Logger.warn("port {}: {}; trying again", config.name(), error);
        }
        status = new PortStatus(state, Optional.of(error), reader.map(DeviceReader::counters), openings);
    }
}
