package ansim.profile;

import ansim.settings.Section;
import ansim.settings.Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A device on the bench: takes text or levels at stated times and keeps what it gives. */
final class Bench {
    final List<Reading> readings = new ArrayList<>();
    final List<byte[]> asked = new ArrayList<>();
    private final DeviceReader reader;
    private long nowMs;

    private Bench(DeviceReader reader) {
        this.reader = reader;
    }

    static Bench with(String profile, String... keysAndValues) {
        Map<String, String> options = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            options.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return new Bench(Profile.load(profile).with(Section.of("test", options)).open());
    }

    /** With options as they stand in a file. */
    static Bench withYaml(String profile, String yaml) {
        return new Bench(Profile.load(profile)
                .with(Settings.read("test", "options: " + yaml, Options.class).options())
                .open());
    }

    record Options(Section options) {}

    /** The line was opened, the first time or anew. */
    Bench opened(long ms) {
        reader.opened(ms, readings::add);
        return this;
    }

    /** Lets time pass in steps of 10 ms, and keeps what the device is told. */
    Bench until(long ms) {
        for (; nowMs <= ms; nowMs += 10) {
            tick(nowMs).asks(nowMs);
        }
        return this;
    }

    /** Takes what the device is told now. */
    Bench asks(long ms) {
        for (byte[] request = reader.toSend(ms); request.length > 0; request = reader.toSend(ms)) {
            asked.add(request);
        }
        return this;
    }

    /** Answers in hex at the time reached. */
    Bench answers(String hex) {
        return says(nowMs, HexFormat.of().parseHex(hex.replace(" ", ""))).asks(nowMs);
    }

    /** What the device was told, in hex. */
    List<String> asked() {
        return asked.stream().map(HexFormat.of().withUpperCase()::formatHex).toList();
    }

    Bench says(long ms, byte[] bytes) {
        reader.accept(bytes, 0, bytes.length, ms, readings::add);
        return this;
    }

    Bench says(long ms, String text) {
        return says(ms, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sentences without {@code $} and checksum. */
    Bench sentences(long ms, String... bodies) {
        for (String body : bodies) {
            says(ms, sentence(body));
        }
        return this;
    }

    Bench level(long ms, int level) {
        reader.level(0, level == 1, ms, readings::add);
        return this;
    }

    Bench tick(long ms) {
        reader.tick(ms, readings::add);
        return this;
    }

    List<String> lines() {
        return readings.stream().map(ReadingJson::line).toList();
    }

    List<Reading.Fix> fixes() {
        return readings.stream()
                .filter(Reading.Fix.class::isInstance)
                .map(Reading.Fix.class::cast)
                .toList();
    }

    Counters counters() {
        return reader.counters();
    }

    static String sentence(String body) {
        int xor = 0;
        for (int i = 0; i < body.length(); i++) {
            xor ^= body.charAt(i);
        }
        return String.format("$%s*%02X\r\n", body, xor);
    }
}
