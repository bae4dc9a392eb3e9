package ansim.profile;

import ansim.profile.ProfileFile.KnownAnswer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plays one known answer through its profile and compares. */
final class KnownAnswers {
    /** Between two pulses of a known answer; Wiegand readers send them 1 to 2 ms apart. */
    static final long PULSE_MS = 2;

    private static final long TICK_MS = 10;
    private static final Pattern ORDER = Pattern.compile("\\s*(\\d{1,15})\\s+(on(?:\\s+(\\d{1,15}))?|off)\\s*");

    private final Profile profile;
    private final KnownAnswer answer;
    private final List<String> given = new ArrayList<>();
    private final List<String> asked = new ArrayList<>();

    KnownAnswers(Profile profile, KnownAnswer answer) {
        this.profile = profile;
        this.answer = answer;
    }

    /** Adds a sentence for what differs. */
    void check(List<String> failed) {
        if (profile.isOutput() || answer.orders().isPresent()) {
            orders(failed);
            return;
        }
        Profile optioned = profile.with(answer.options());
        DeviceReader reader = optioned.open();
        long nowMs;
        try {
            nowMs = play(reader, Play.of(answer, optioned).rows());
        } catch (IllegalArgumentException e) {
            failed.add(profile.name() + ": " + answer.about() + ": " + e.getMessage());
            return;
        }
        long endMs = nowMs + answer.thenWait().toMillis();
        for (long ms = nowMs; ms <= endMs; ms += TICK_MS) {
            pass(reader, ms);
        }
        compare(failed);
        Map<String, Long> rejected = new LinkedHashMap<>(reader.counters().rejected());
        rejected.values().removeIf(count -> count == 0);
        if (!rejected.equals(answer.rejects())) {
            failed.add(profile.name() + ": " + answer.about() + ": must reject " + answer.rejects() + " (rejected "
                    + rejected + ")");
        }
    }

    private void compare(List<String> failed) {
        if (!given.equals(answer.gives())) {
            failed.add(
                    profile.name() + ": " + answer.about() + ": must give " + answer.gives() + " (gave " + given + ")");
        }
    }

    private void orders(List<String> failed) {
        if (!profile.isOutput() || answer.orders().isEmpty()) {
            failed.add(profile.name() + ": " + answer.about() + ": orders are for an output, and for nothing else");
            return;
        }
        Relay relay = profile.with(answer.options()).relay();
        long nowMs = 0;
        given.add("0 " + level(relay));
        for (String row : answer.orders().get()) {
            Matcher parts = ORDER.matcher(row);
            if (!parts.matches()) {
                failed.add(profile.name() + ": " + answer.about()
                        + ": a row must be <ms> on, <ms> on <ms at most> or <ms> off (got '" + row + "')");
                return;
            }
            long ms = Long.parseLong(parts.group(1));
            pass(relay, nowMs, ms);
            nowMs = ms;
            boolean before = relay.on();
            if (parts.group(2).equals("off")) {
                relay.off();
            } else {
                String most = parts.group(3);
                relay.on(ms, most == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(most)));
            }
            note(relay, before, ms);
        }
        pass(relay, nowMs, nowMs + answer.thenWait().toMillis());
        compare(failed);
    }

    private void pass(Relay relay, long fromMs, long toMs) {
        for (long ms = fromMs; ms <= toMs; ms += TICK_MS) {
            boolean before = relay.on();
            relay.tick(ms);
            note(relay, before, ms);
        }
    }

    private void note(Relay relay, boolean before, long ms) {
        if (before != relay.on()) {
            given.add(ms + " " + level(relay));
        }
    }

    private static int level(Relay relay) {
        return relay.on() == relay.activeHigh() ? 1 : 0;
    }

    /** Plays what the device says, and compares what it is told up to the time of each row. */
    private long play(DeviceReader reader, List<Play.Row> rows) {
        reader.opened(0, this::take);
        long nowMs = 0;
        int told = 0;
        pass(reader, 0);
        for (Play.Row row : rows) {
            while (nowMs < row.ms()) {
                nowMs = Math.min(nowMs + TICK_MS, row.ms());
                pass(reader, nowMs);
            }
            if (row instanceof Play.Level level) {
                reader.level(level.line(), level.high(), nowMs, this::take);
            } else if (row instanceof Play.Says says) {
                byte[] bytes = says.bytes();
                reader.accept(bytes, 0, bytes.length, nowMs, this::take);
                pass(reader, nowMs);
            } else if (row instanceof Play.Hears hears
                    && (told >= asked.size() || !asked.get(told++).equals(hears.hex()))) {
                throw new IllegalArgumentException(
                        "by " + row.ms() + " ms the device must be told " + hears.hex() + " (was told " + asked + ")");
            }
        }
        return nowMs;
    }

    private void pass(DeviceReader reader, long ms) {
        reader.tick(ms, this::take);
        for (byte[] request = reader.toSend(ms); request.length > 0; request = reader.toSend(ms)) {
            asked.add(HexFormat.of().withUpperCase().formatHex(request));
        }
    }

    private void take(Reading reading) {
        given.add(ReadingJson.line(reading));
    }
}
