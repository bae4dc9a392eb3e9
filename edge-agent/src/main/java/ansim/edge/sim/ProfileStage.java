package ansim.edge.sim;

import ansim.edge.sim.FarEnd.Levels;
import ansim.edge.sim.FarEnd.Pipe;
import ansim.edge.sim.FarEnd.Serial;
import ansim.edge.sim.FarEnd.Service;
import ansim.profile.Play;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Wire;
import ansim.settings.CommandFailure;
import ansim.settings.Section;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Plays the one device of a profile. A receiver drives and tells it; a camera answers; an output is watched; every other device says
 * what a known answer of its profile lets it say. What a device says is the profile's, so any profile file can be played.
 */
final class ProfileStage {
    private static final long LOOK_MS = 5;
    private static final long FIX_MS = 1_000;
    private static final String WATCH = "?WATCH";
    /** Simulated lines are polled, so pulses are slow and a number ends later. */
    private static final String SLOW_PULSES = "600ms";

    private final String nameOrFile;
    private final Profile profile;
    private final Path folder;
    private final List<Play> plays;
    private final int answer;
    private final int port;

    /**
     * Sets the stage; nothing is opened yet.
     *
     * @param answer which known answer, from 1; 0 for the first that gives a reading and has nothing refused
     * @param port of a service on loopback; 0 for one that follows from the folder's name
     */
    ProfileStage(String nameOrFile, Path folder, int answer, int port) {
        this.nameOrFile = nameOrFile;
        this.profile = Profile.load(nameOrFile);
        this.folder = folder.toAbsolutePath().normalize();
        this.plays = profile.plays();
        this.answer = answer == 0 ? first() : answer;
        this.port =
                port != 0 ? port : profile.wire() == Wire.PCSC ? VirtualCard.VPCD_PORT : Equipment.cameraPort(folder);
        if (scripted() && (this.answer < 1 || this.answer > plays.size())) {
            throw new CommandFailure(
                    "profile " + profile.name() + " has no known answer " + answer,
                    plays.isEmpty() ? "write one into " + nameOrFile : "one of\n" + list());
        }
    }

    private int first() {
        return IntStream.rangeClosed(1, plays.size())
                .filter(i ->
                        !plays.get(i - 1).gives().isEmpty() && plays.get(i - 1).clean())
                .findFirst()
                .orElse(1);
    }

    /** The known answers, numbered, a line each. */
    String list() {
        return IntStream.rangeClosed(1, plays.size())
                .mapToObj(i -> "  " + i + "  " + plays.get(i - 1).about())
                .collect(Collectors.joining("\n"));
    }

    private boolean receiver() {
        return profile.readings().contains(Reading.Type.FIX);
    }

    private boolean camera() {
        return profile.wire() == Wire.TCP && profile.hasOption("host");
    }

    private boolean scripted() {
        return !receiver() && !camera() && !profile.isOutput();
    }

    private Play played() {
        return plays.get(answer - 1);
    }

    /** The part of an agent.yaml that uses this device. */
    String config() {
        String name = profile.name().toLowerCase(Locale.ROOT);
        String named = Profile.shipped().contains(nameOrFile)
                ? nameOrFile
                : Path.of(nameOrFile).toAbsolutePath().normalize().toString();
        if (profile.isOutput()) {
            return "outputs:\n  - {name: %s, profile: %s, gpio: \"sim:%s\"}\n"
                    .formatted(name, named, folder.resolve(name));
        }
        String device = switch (profile.wire()) {
            case SERIAL -> "serial: " + folder.resolve(name);
            case EVDEV -> "evdev: " + folder.resolve(name);
            case TCP -> "tcp: \"127.0.0.1:" + port + "\"";
            case PCSC -> "pcsc: Virtual PCD";
            case GPIO ->
                lines().stream().map(line -> "\"sim:" + line + "\"").collect(Collectors.joining(", ", "gpio: [", "]"));
        };
        String options = scripted() ? options().flow() : "{}";
        return "ports:\n  - {name: %s, profile: %s, %s%s}\n"
                .formatted(name, named, device, options.equals("{}") ? "" : ", options: " + options);
    }

    private Section options() {
        return played().pulses()
                ? played().options().with(Section.of("simulate", Map.of("frame-end", SLOW_PULSES)))
                : played().options();
    }

    private List<Path> lines() {
        return profile.lines().stream().map(folder::resolve).toList();
    }

    /** Plays until stopped. */
    void play(Drive drive, long everyMs, CountDownLatch stop, PrintWriter out)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        tell(out);
        if (profile.isOutput()) {
            watch(stop, out);
        } else if (camera()) {
            Camera alive = new Camera(port);
            try {
                stop.await();
            } finally {
                alive.close();
            }
        } else if (profile.wire() == Wire.PCSC) {
            card(everyMs, stop);
        } else {
            try (FarEnd line = open()) {
                if (receiver()) {
                    receive(line, drive, stop);
                } else {
                    script(line, everyMs, stop);
                }
            }
        }
    }

    private void tell(PrintWriter out) {
        out.println("Playing " + profile.name() + " in " + folder);
        if (scripted()) {
            out.println("Known answer " + answer + " of " + plays.size() + ": " + played().about());
            played().gives().forEach(reading -> out.println("  gives " + reading));
        }
        out.flush();
    }

    private FarEnd open() throws IOException {
        Path link = folder.resolve(profile.name().toLowerCase(Locale.ROOT));
        return switch (profile.wire()) {
            case SERIAL -> new Serial(link);
            case TCP -> new Service(port);
            case EVDEV -> new Pipe(link);
            case GPIO -> new Levels(lines(), initial());
            case PCSC -> throw new IllegalStateException("a card has no line");
        };
    }

    /** The levels before the first row: those of rest, or the ones that the rows begin with. */
    private boolean[] initial() {
        List<Play.Level> levels = new ArrayList<>();
        for (Play.Row row : played().rows()) {
            if (row instanceof Play.Level level) {
                levels.add(level);
            }
        }
        boolean[] initial = new boolean[profile.lines().size()];
        for (int i = 0; i < initial.length; i++) {
            int line = i;
            initial[i] = played().pulses()
                    ? levels.get(levels.size() - 1).high()
                    : levels.stream()
                            .filter(level -> level.line() == line)
                            .findFirst()
                            .map(Play.Level::high)
                            .orElse(false);
        }
        return initial;
    }

    private void script(FarEnd line, long everyMs, CountDownLatch stop) throws IOException, InterruptedException {
        Answers answers = new Answers(played(), everyMs);
        do {
            long nowMs = Moment.now().monoMs();
            if (line.connected()) {
                answers.opened(nowMs);
            }
            byte[] heard = line.read();
            if (heard.length > 0) {
                answers.heard(heard, nowMs);
            }
            for (Play.Row row : answers.due(nowMs)) {
                if (row instanceof Play.Says says) {
                    line.write(says.bytes());
                } else if (row instanceof Play.Level level) {
                    line.level(level.line(), level.high());
                }
            }
        } while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS));
    }

    private void receive(FarEnd line, Drive drive, CountDownLatch stop) throws IOException, InterruptedException {
        boolean gpsd = profile.wire() == Wire.TCP;
        boolean watched = !gpsd;
        long fixMs = Long.MIN_VALUE / 2;
        drive.go();
        do {
            if (line.connected() && gpsd) {
                watched = false;
                line.write(Frames.gpsdVersion());
            }
            byte[] heard = line.read();
            watched |= new String(heard, StandardCharsets.US_ASCII).contains(WATCH);
            long nowMs = Moment.now().monoMs();
            if (nowMs - fixMs >= FIX_MS) {
                fixMs = nowMs;
                drive.advance(FIX_MS / 1_000.0);
                if (watched) {
                    line.write(second(drive.place()));
                }
            }
        } while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS));
    }

    private byte[] second(Drive.Place place) {
        if (profile.wire() == Wire.TCP) {
            return Frames.tpv(Instant.now(), place);
        }
        boolean binary = profile.name().equals("gnss-ubx");
        return binary ? Frames.navPvt(Instant.now(), place) : Frames.fix(Instant.now(), place);
    }

    private void card(long everyMs, CountDownLatch stop) throws IOException, InterruptedException {
        try {
            new VirtualCard(played(), port).play(stop, everyMs);
        } catch (IOException e) {
            throw new CommandFailure(
                    "no reader of vsmartcard-vpcd on port " + port + " of 127.0.0.1: " + e.getMessage(),
                    "apt install pcscd vsmartcard-vpcd, and start pcscd");
        }
    }

    /** Says how an output is driven: {@code 1 3} is on, for the third time. */
    private void watch(CountDownLatch stop, PrintWriter out) throws IOException, InterruptedException {
        Path file = folder.resolve(profile.name().toLowerCase(Locale.ROOT));
        String last = "";
        do {
            String now = Files.exists(file) ? Files.readString(file).strip() : "";
            if (!now.equals(last)) {
                out.println(Instant.now() + " " + now);
                out.flush();
                last = now;
            }
        } while (!stop.await(LOOK_MS, TimeUnit.MILLISECONDS));
    }
}
