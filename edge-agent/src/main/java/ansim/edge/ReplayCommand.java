package ansim.edge;

import ansim.profile.Counters;
import ansim.profile.DeviceReader;
import ansim.profile.LevelRow;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.ReadingJson;
import ansim.profile.SerialLine;
import ansim.profile.TalkRow;
import ansim.profile.Wire;
import ansim.settings.CommandFailure;
import ansim.settings.Section;
import java.io.BufferedInputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Plays a recording through a profile and prints what it means, in constant memory.
 *
 * <p>A recording has no clock, so the same recording always gives the same output: bytes take the time that they take at the
 * profile's baud rate (none on other wires), rows of a recorded line bring their own, and {@value #AFTER_MS} ms pass at the end. The same card twice
 * in a row is therefore one tap, as it would be on the line; {@code --option same-card=0s} shows every read.
 *
 * <p>A recording is old by nature, so a GNSS date is not held against this program's release. A line {@code # Date: 2015-03-02}
 * at its head says when it was made, and its dates are left alone; without one, only dates before the last leap second
 * (2017-01-01) get their lost 1,024-week periods back. {@code --option not-before=DATE} decides otherwise. gpsd does the same.
 */
@Command(
        name = "replay",
        description = "Play a recording through a profile and print what it means.",
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
    private static final int CHUNK_BYTES = 8192;
    private static final int HEAD_BYTES = 4096;
    private static final int STEP_BYTES = 16;
    private static final long AFTER_MS = 2_000;
    private static final String NOT_BEFORE = "not-before";
    private static final String GPS_BEGAN = "1980-01-06";
    private static final String LAST_LEAP_SECOND = "2017-01-01";
    private static final Pattern CONVERSATION = Pattern.compile("^\\s*\\d{1,15}\\s+(in|out)\\s");
    private static final Pattern DATE_LINE = Pattern.compile("(?m)^# Date: \\d{4}");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--profile",
            required = true,
            paramLabel = "NAME-OR-FILE",
            description = "A shipped profile or a profile file.")
    private String profileName = "";

    @Option(
            names = "--option",
            paramLabel = "KEY=VALUE",
            description = "Put over the profile's option; may be repeated.")
    private Map<String, String> options = new LinkedHashMap<>();

    @Option(names = "--json", description = "One JSON line per reading, and one with the counters at the end.")
    private boolean json;

    @Parameters(paramLabel = "CAPTURE", description = "The recording; - reads standard input.")
    private String capture = "";

    @Override
    public Integer call() {
        Profile profile = profile().with(Section.of("--option", options));
        if (profile.isOutput()) {
            throw new CommandFailure(
                    profile.name() + " is an output and reads nothing", "the profile of a device that is read");
        }
        PrintWriter out = new PrintWriter(new BufferedWriter(spec.commandLine().getOut()));
        try (InputStream in = open()) {
            Counters counters = counters(profile, in, out);
            out.println(json ? countersJson(counters) : ReplayTable.counters(counters));
            out.flush();
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + capture + ": " + e.getMessage(), "check the file and its permissions");
        }
        return 0;
    }

    private Profile profile() {
        if (!Profile.shipped().contains(profileName) && !Files.exists(Path.of(profileName))) {
            throw new CommandFailure(
                    "there is no profile " + profileName + Section.nearest(profileName, Profile.shipped()),
                    "one of " + String.join(", ", Profile.shipped()) + ", or the path of a profile file");
        }
        return Profile.load(profileName);
    }

    private InputStream open() throws IOException {
        if (capture.equals("-")) {
            return new BufferedInputStream(System.in, CHUNK_BYTES);
        }
        try {
            if (Files.isDirectory(Path.of(capture))) {
                throw new CommandFailure(capture + " is a folder", "give one recording, or - for standard input");
            }
            return new BufferedInputStream(Files.newInputStream(Path.of(capture)), CHUNK_BYTES);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(
                    "there is no file " + capture, "give the path of a recording, or - for standard input");
        }
    }

    private Counters bytes(Profile profile, InputStream in, PrintWriter out) throws IOException {
        DeviceReader reader = dated(profile, in).open();
        long characterNs = profile.serial().map(SerialLine::characterNs).orElse(0L);
        byte[] chunk = new byte[CHUNK_BYTES];
        long total = 0;
        int length = in.read(chunk);
        while (length >= 0 && !out.checkError()) {
            for (int at = 0; at < length; at += STEP_BYTES) {
                int step = Math.min(STEP_BYTES, length - at);
                reader.accept(chunk, at, step, total * characterNs / 1_000_000, reading -> print(reading, out));
                total += step;
            }
            length = in.read(chunk);
        }
        reader.tick(total * characterNs / 1_000_000 + AFTER_MS, reading -> print(reading, out));
        return reader.counters();
    }

    private Profile dated(Profile profile, InputStream in) throws IOException {
        if (options.containsKey(NOT_BEFORE) || !profile.hasOption(NOT_BEFORE)) {
            return profile;
        }
        in.mark(HEAD_BYTES);
        String head = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
        in.reset();
        Matcher made = DATE_LINE.matcher(head);
        return profile.with(Section.of("replay", Map.of(NOT_BEFORE, made.find() ? GPS_BEGAN : LAST_LEAP_SECOND)));
    }

    private Counters counters(Profile profile, InputStream in, PrintWriter out) throws IOException {
        if (profile.wire() == Wire.GPIO) {
            return levels(profile, in, out);
        }
        return isConversation(in) ? talk(profile, in, out) : bytes(profile, in, out);
    }

    /** A recorded conversation says so by its first row; what a device says by itself does not look like one. */
    private static boolean isConversation(InputStream in) throws IOException {
        in.mark(HEAD_BYTES);
        String head = new String(in.readNBytes(HEAD_BYTES), StandardCharsets.ISO_8859_1);
        in.reset();
        return head.lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .findFirst()
                .filter(line -> CONVERSATION.matcher(line).find())
                .isPresent();
    }

    private Counters talk(Profile profile, InputStream in, PrintWriter out) throws IOException {
        DeviceReader reader = profile.open();
        reader.opened(0, reading -> print(reading, out));
        RowCapture<TalkRow> rows =
                new RowCapture<>(capture, in, new RowCapture.Format<>(TalkRow::parse, TalkRow::ms, "1500 in D54B0101"));
        rows.forEach(row -> {
            reader.tick(row.ms(), reading -> print(reading, out));
            reader.toSend(row.ms());
            if (!row.out()) {
                byte[] bytes = row.bytes();
                reader.accept(bytes, 0, bytes.length, row.ms(), reading -> print(reading, out));
            }
        });
        reader.tick(rows.lastMs() + AFTER_MS, reading -> print(reading, out));
        return reader.counters();
    }

    private Counters levels(Profile profile, InputStream in, PrintWriter out) throws IOException {
        DeviceReader reader = profile.open();
        RowCapture<LevelRow> rows = new RowCapture<>(
                capture,
                in,
                new RowCapture.Format<>(
                        row -> LevelRow.parse(row, profile.lines()),
                        LevelRow::ms,
                        "1500 " + profile.lines().get(0) + " 1"));
        rows.forEach(row -> reader.level(row.line(), row.high(), row.ms(), reading -> print(reading, out)));
        reader.tick(rows.lastMs() + AFTER_MS, reading -> print(reading, out));
        return reader.counters();
    }

    private void print(Reading reading, PrintWriter out) {
        out.println(json ? ReadingJson.line(reading) : ReplayTable.row(reading));
    }

    private static String countersJson(Counters counters) {
        StringBuilder line = new StringBuilder("{\"counters\":{\"frames\":").append(counters.frames());
        line.append(",\"rejected\":{");
        String comma = "";
        for (Map.Entry<String, Long> reason : counters.rejected().entrySet()) {
            line.append(comma).append('"').append(reason.getKey()).append("\":").append(reason.getValue());
            comma = ",";
        }
        line.append("},\"accepted\":").append(counters.accepted());
        line.append(",\"readings\":").append(counters.readings());
        line.append(",\"bytes\":").append(counters.bytes());
        return line.append(",\"noiseBytes\":")
                .append(counters.noiseBytes())
                .append("}}")
                .toString();
    }
}
