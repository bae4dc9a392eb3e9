package ansim.profile;

import ansim.profile.ProfileFile.KnownAnswer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Plays one known answer through its profile and compares. */
final class KnownAnswers {
    private static final long TICK_MS = 10;

    private final Profile profile;
    private final KnownAnswer answer;
    private final List<String> given = new ArrayList<>();

    KnownAnswers(Profile profile, KnownAnswer answer) {
        this.profile = profile;
        this.answer = answer;
    }

    /** Adds a sentence for what differs. */
    void check(List<String> failed) {
        DeviceReader reader = profile.with(answer.options()).open();
        long nowMs;
        try {
            nowMs = play(reader);
        } catch (IllegalArgumentException e) {
            failed.add(profile.name() + ": " + answer.about() + ": " + e.getMessage());
            return;
        }
        long endMs = nowMs + answer.thenWait().toMillis();
        for (long ms = nowMs; ms <= endMs; ms += TICK_MS) {
            reader.tick(ms, this::take);
        }
        if (!given.equals(answer.gives())) {
            failed.add(
                    profile.name() + ": " + answer.about() + ": must give " + answer.gives() + " (gave " + given + ")");
        }
        Map<String, Long> rejected = new LinkedHashMap<>(reader.counters().rejected());
        rejected.values().removeIf(count -> count == 0);
        if (!rejected.equals(answer.rejects())) {
            failed.add(profile.name() + ": " + answer.about() + ": must reject " + answer.rejects() + " (rejected "
                    + rejected + ")");
        }
    }

    private long play(DeviceReader reader) {
        if (answer.levels().isPresent()) {
            long nowMs = 0;
            for (String row : answer.levels().get()) {
                LevelRow level = LevelRow.parse(row, profile.lines());
                reader.level(level.line(), level.high(), level.ms(), this::take);
                nowMs = level.ms();
            }
            return nowMs;
        }
        byte[] bytes = answer.text()
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
                .orElseGet(() -> HexFormat.of().parseHex(answer.hex().orElse("").replace(" ", "")));
        reader.accept(bytes, 0, bytes.length, 0, this::take);
        return 0;
    }

    private void take(Reading reading) {
        given.add(ReadingJson.line(reading));
    }
}
