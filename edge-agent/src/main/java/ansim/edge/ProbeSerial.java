package ansim.edge;

import ansim.edge.port.PortConfig;
import ansim.edge.port.PortStatus;
import ansim.edge.port.Ports;
import ansim.profile.Counters;
import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Wire;
import ansim.settings.Section;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Finds out what is on one serial port. First it listens at the common speeds, with all profiles of devices that speak by themselves at
 * once. Only a port on which nobody speaks is written to: then the devices that must be asked are asked, each as its own profile
 * asks it, at their common speeds and addresses. One thread.
 */
final class ProbeSerial {
    /** The speeds of receivers and readers in the field, most likely first. */
    static final List<Integer> LISTEN_BAUDS = List.of(9_600, 38_400, 115_200, 4_800);
    /** Fewer frames than this may be chance. */
    private static final int SURE_FRAMES = 2;

    private static final double CLEAN = 0.9;
    /** A line that says more than this at some speed is somebody's conversation, and is not written to; less is noise. */
    static final int SPEAKS_BYTES = 16;
    /** How long a device that is asked may take; each profile asks twice or more in it. */
    private static final long ASK_MS = 700;
    /** A port that does not open for so long will not. */
    private static final long ABSENT_MS = 500;
    /** A busy machine may take a while to start a port's thread. */
    private static final long OPENING_MS = 10_000;

    private static final long LOOK_MS = 20;
    /** So many bytes of what nobody understands are shown. */
    private static final int SAMPLE_BYTES = 48;

    private static final String REFUSED = "refused";
    /** A shorter run of hex digits is a word or a time. */
    private static final int SHORTEST_MASKED = 4;

    private static final char DELETE = 0x7F;

    private final Path port;
    private final long listenMs;
    private final long askMs;
    private final long deadlineMs;
    private final Consumer<String> progress;

    ProbeSerial(Path port, long listenMs, long deadlineMs, Consumer<String> progress) {
        this(port, listenMs, ASK_MS, deadlineMs, progress);
    }

    /**
     * As patient as told.
     *
     * @param listenMs how long to listen at each speed
     * @param askMs how long each device that is asked may take
     * @param deadlineMs when to end, CLOCK_MONOTONIC
     */
    ProbeSerial(Path port, long listenMs, long askMs, long deadlineMs, Consumer<String> progress) {
        this.port = port;
        this.listenMs = listenMs;
        this.askMs = askMs;
        this.deadlineMs = deadlineMs;
        this.progress = progress;
    }

    /**
     * What a port said.
     *
     * @param profile the one that fits best; empty when none does
     * @param options of the port that differ from the profile's, {@code baud} first
     * @param bytes heard at the speed of the profile, or at most at any speed
     * @param sample the beginning of what nobody understood, its digits masked
     * @param error why it could not be opened
     * @param complete false when the time limit ended it
     */
    record Found(
            Optional<String> profile,
            Map<String, String> options,
            int baud,
            long frames,
            long rejected,
            long bytes,
            String sample,
            Optional<String> error,
            boolean complete) {
        static Found nothing(long bytes, String sample, boolean complete) {
            return new Found(Optional.empty(), Map.of(), 0, 0, 0, bytes, sample, Optional.empty(), complete);
        }

        static Found closed(String error) {
            return new Found(Optional.empty(), Map.of(), 0, 0, 0, 0, "", Optional.of(error), true);
        }
    }

    /** A profile to ask with; options are those of a port. */
    record Question(String profile, Map<String, String> options) {
        @Override
        public String toString() {
            List<String> words = new ArrayList<>(List.of(profile));
            options.forEach((option, value) -> words.add(option + " " + value));
            return String.join(" ", words);
        }
    }

    /** Listens, then asks if it may and nobody spoke. */
    Found probe(boolean mayWrite) throws InterruptedException {
        Found heard = listen();
        boolean over = heard.profile().isPresent() || heard.error().isPresent() || !heard.complete();
        return over || !mayWrite || heard.bytes() > SPEAKS_BYTES ? heard : ask(heard);
    }

    private Found listen() throws InterruptedException {
        List<Profile> speaking = serialProfiles(false);
        Found best = Found.nothing(0, "", true);
        for (int i = 0; i < LISTEN_BAUDS.size(); i++) {
            int baud = LISTEN_BAUDS.get(i);
            if (late(listenMs)) {
                return best.profile().isPresent() ? best : Found.nothing(best.bytes(), best.sample(), false);
            }
            progress.accept(port + ": listening at " + baud + " baud (" + (i + 1) + " of " + LISTEN_BAUDS.size() + ")");
            Ears ears = new Ears(speaking);
            PortStatus status = open(speaking.get(0).name(), Map.of("baud", Integer.toString(baud)), ears, listenMs);
            if (!ears.heard() && status.state() != PortStatus.State.UP) {
                return Found.closed(status.error().orElse("does not open"));
            }
            Found found = ears.found(baud);
            boolean better = found.frames() > best.frames()
                    || (best.profile().isEmpty() && found.profile().isEmpty() && found.bytes() > best.bytes());
            best = better ? found : best;
            if (found.profile().isPresent() && ears.sure) {
                return found;
            }
        }
        return best;
    }

    private Found ask(Found heard) throws InterruptedException {
        List<Question> questions = questions();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            if (late(askMs)) {
                return Found.nothing(heard.bytes(), heard.sample(), false);
            }
            progress.accept(port + ": asking as " + question + " (" + (i + 1) + " of " + questions.size() + ")");
            Map<String, String> quick = new LinkedHashMap<>(quick(question.profile()));
            quick.putAll(question.options());
            Ears ears = new Ears(List.of(Profile.load(question.profile()).with(Section.of("probe", quick))));
            PortStatus status = open(question.profile(), quick, ears, askMs);
            if (!ears.heard() && status.state() != PortStatus.State.UP) {
                return Found.closed(status.error().orElse("does not open"));
            }
            Found found = ears.answered(question);
            if (found.profile().isPresent()) {
                return found;
            }
        }
        return heard;
    }

    private boolean late(long neededMs) {
        return SystemClock.monoMs() + neededMs > deadlineMs;
    }

    private PortStatus open(String profile, Map<String, String> options, Ears ears, long ms)
            throws InterruptedException {
        PortConfig config = new PortConfig(
                "probe",
                profile,
                Optional.of(port.toString()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Section.of("probe", options));
        try (Ports ports = Ports.open(List.of(config), reading -> {}, SystemClock::monoMs, (own, reader) -> ears)) {
            awaitEnough(ports, ears, ms);
            return status(ports);
        }
    }

    /** Counts from when the port is open; one that is absent is given up soon. */
    private static void awaitEnough(Ports ports, Ears ears, long ms) throws InterruptedException {
        long endMs = SystemClock.monoMs() + OPENING_MS;
        boolean open = false;
        while (SystemClock.monoMs() < endMs && !ears.enough.await(LOOK_MS, TimeUnit.MILLISECONDS)) {
            PortStatus.State state = status(ports).state();
            if (!open && state == PortStatus.State.UP) {
                open = true;
                endMs = SystemClock.monoMs() + ms;
            } else if (state == PortStatus.State.ABSENT) {
                endMs = Math.min(endMs, SystemClock.monoMs() + ABSENT_MS);
            }
        }
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("probe")).orElseThrow();
    }

    /** Those that speak by themselves, or those that must be asked. */
    private static List<Profile> serialProfiles(boolean asking) {
        return Profile.shipped().stream()
                .map(Profile::load)
                .filter(profile -> profile.wire() == Wire.SERIAL && profile.asks() == asking)
                .toList();
    }

    /** Each profile of a device that must be asked, at the speeds and addresses that it is sold with; the likeliest of each first. */
    static List<Question> questions() {
        List<List<Question>> byProfile = new ArrayList<>();
        for (Profile profile : serialProfiles(true)) {
            List<Question> own = new ArrayList<>();
            switch (profile.name()) {
                case "reader-osdp" -> {
                    for (int baud : List.of(9_600, 115_200, 38_400, 19_200, 57_600)) {
                        addressed(own, profile.name(), baud, "none", 0, 1);
                    }
                }
                case "modbus-rtu" -> {
                    addressed(own, profile.name(), 9_600, "none", 1, 2);
                    addressed(own, profile.name(), 19_200, "even", 1, 2);
                    addressed(own, profile.name(), 19_200, "none", 1, 2);
                    addressed(own, profile.name(), 9_600, "even", 1, 2);
                    addressed(own, profile.name(), 115_200, "none", 1, 2);
                }
                default -> own.add(new Question(profile.name(), Map.of()));
            }
            byProfile.add(own);
        }
        List<Question> questions = new ArrayList<>();
        int longest = byProfile.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<Question> own : byProfile) {
                if (i < own.size()) {
                    questions.add(own.get(i));
                }
            }
        }
        return questions;
    }

    private static void addressed(List<Question> to, String profile, int baud, String parity, int... addresses) {
        for (int address : addresses) {
            Map<String, String> options = new LinkedHashMap<>();
            options.put("baud", Integer.toString(baud));
            options.put("parity", parity);
            options.put("address", Integer.toString(address));
            to.add(new Question(profile, options));
        }
    }

    /** So that it asks more than once while it is listened to. */
    private static Map<String, String> quick(String profile) {
        return profile.equals("modbus-rtu")
                ? Map.of("interval", "100ms", "timeout", "250ms")
                : Map.of("interval", "100ms", "timeout", "200ms");
    }

    /** Gives what comes to the readers of several profiles at once; the first of them asks. The port's thread, then the caller's. */
    private static final class Ears implements DeviceReader {
        final CountDownLatch enough = new CountDownLatch(1);
        private final List<Profile> profiles;
        private final List<DeviceReader> readers = new ArrayList<>();
        private final StringBuilder sample = new StringBuilder();
        private long bytes;
        private boolean sure;

        Ears(List<Profile> profiles) {
            this.profiles = profiles;
            profiles.forEach(profile -> readers.add(profile.open()));
        }

        /** Heard enough; a port on which somebody spoke is open, though its thread may not have said so yet. */
        boolean heard() {
            return enough.getCount() == 0;
        }

        @Override
        public void resume(Set<Reading.Fault.What> faults, Consumer<Reading> sink) {
            throw new IllegalStateException("who only listens has no faults from an earlier run");
        }

        @Override
        public void opened(long monoMs, Consumer<Reading> sink) {
            readers.forEach(reader -> reader.opened(monoMs, sink));
        }

        @Override
        public void accept(byte[] from, int offset, int length, long monoMs, Consumer<Reading> sink) {
            bytes += length;
            if (sample.length() < SAMPLE_BYTES) {
                int taken = Math.min(length, SAMPLE_BYTES - sample.length());
                sample.append(new String(from, offset, taken, StandardCharsets.ISO_8859_1));
            }
            for (DeviceReader reader : readers) {
                reader.accept(from, offset, length, monoMs, sink);
                sure |= sure(reader.counters());
            }
            if (sure) {
                enough.countDown();
            }
        }

        private boolean sure(Counters counters) {
            return signs(counters) >= SURE_FRAMES
                    && counters.bytes() - counters.noiseBytes() >= CLEAN * counters.bytes()
                    && signs(counters) >= CLEAN * counters.frames();
        }

        /** A device that refuses a question understood it. */
        private long signs(Counters counters) {
            return counters.accepted()
                    + (profiles.get(0).asks() ? counters.rejected().getOrDefault(REFUSED, 0L) : 0);
        }

        @Override
        public void level(int line, boolean high, long monoMs, Consumer<Reading> sink) {
            throw new IllegalStateException("a serial line has no levels");
        }

        @Override
        public byte[] toSend(long monoMs) {
            return readers.get(0).toSend(monoMs);
        }

        @Override
        public void tick(long monoMs, Consumer<Reading> sink) {
            readers.forEach(reader -> reader.tick(monoMs, sink));
        }

        @Override
        public Counters counters() {
            return readers.get(0).counters();
        }

        /** The profile that understood most. A checksum of one byte is right by chance once in 256 times: mostly wrong is not it. */
        Found found(int baud) {
            Found best = Found.nothing(bytes, masked(sample.toString()), true);
            for (int i = 0; i < profiles.size(); i++) {
                Counters counters = readers.get(i).counters();
                long signs = signs(counters);
                long wrong = counters.frames() - signs;
                if (signs > best.frames() && wrong <= signs) {
                    best = new Found(
                            Optional.of(profiles.get(i).name()),
                            options(profiles.get(i).name(), Map.of("baud", Integer.toString(baud))),
                            baud,
                            signs,
                            wrong,
                            bytes,
                            "",
                            Optional.empty(),
                            true);
                }
            }
            return best;
        }

        Found answered(Question question) {
            Profile profile = profiles.get(0);
            Found found = found(profile.serial().orElseThrow().baud());
            return found.profile().isEmpty()
                    ? found
                    : new Found(
                            found.profile(),
                            options(question.profile(), question.options()),
                            found.baud(),
                            found.frames(),
                            found.rejected(),
                            found.bytes(),
                            "",
                            Optional.empty(),
                            true);
        }
    }

    /** Only those that are not the profile's own. */
    private static Map<String, String> options(String name, Map<String, String> given) {
        Map<String, String> differing = new LinkedHashMap<>(given);
        var line = Profile.load(name).serial().orElseThrow();
        differing.remove("baud", Integer.toString(line.baud()));
        differing.remove("parity", "none");
        differing.remove("address", name.equals("reader-osdp") ? "0" : "1");
        return differing;
    }

    /** Text with its runs of digits masked, as a card's number is one; nothing of what is no text. */
    static String masked(String sample) {
        StringBuilder text = new StringBuilder();
        int run = 0;
        for (int i = 0; i < sample.length(); i++) {
            char c = sample.charAt(i);
            boolean printable = c >= ' ' && c < DELETE;
            if (!printable && "\r\n\t\u0002\u0003".indexOf(c) < 0) {
                return "";
            }
            run = printable && Character.digit(c, 16) >= 0 ? run + 1 : 0;
            text.append(printable ? c : '.');
            if (run >= SHORTEST_MASKED) {
                text.replace(text.length() - run, text.length(), "0".repeat(run));
            }
        }
        return text.toString();
    }
}
