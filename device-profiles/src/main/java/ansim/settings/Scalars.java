package ansim.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One word of a settings file to one value, and back. A refusal is an IllegalArgumentException whose text is the rule. */
final class Scalars {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|min|h|d)");
    private static final Pattern NUMBER = Pattern.compile("[-+]?\\d{1,18}");
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private Scalars() {}

    static Object parse(String text, Class<?> type, @Nullable Range range, Path folder) {
        if (type == String.class) {
            return text;
        }
        if (type == int.class || type == Integer.class) {
            long value = whole(text, range);
            if (value != (int) value) {
                throw new IllegalArgumentException("must be in [" + Integer.MIN_VALUE + ", " + Integer.MAX_VALUE + "]");
            }
            return (int) value;
        }
        if (type == long.class || type == Long.class) {
            return whole(text, range);
        }
        if (type == double.class || type == Double.class) {
            return real(text, range);
        }
        if (type == boolean.class || type == Boolean.class) {
            return bool(text);
        }
        if (type == Duration.class) {
            return duration(text, range);
        }
        if (type == Path.class) {
            return path(text, folder);
        }
        if (type == LocalDate.class) {
            return date(text);
        }
        if (type == URI.class) {
            return uri(text);
        }
        if (type == UUID.class) {
            if (!UUID_TEXT.matcher(text).matches()) {
                throw new IllegalArgumentException("must be a UUID, 8-4-4-4-12 hex digits");
            }
            return UUID.fromString(text);
        }
        if (type.isEnum()) {
            return constant(text, type);
        }
        throw new IllegalStateException("settings cannot bind " + type);
    }

    private static URI uri(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("must be a URI, for example tcp://127.0.0.1:1883", e);
        }
    }

    static String print(Duration value) {
        long ms = value.toMillis();
        long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
        String[] units = {"d", "h", "min", "s"};
        for (int i = 0; i < sizes.length; i++) {
            if (ms != 0 && ms % sizes[i] == 0) {
                return ms / sizes[i] + units[i];
            }
        }
        return ms == 0 ? "0s" : ms + "ms";
    }

    private static long whole(String text, @Nullable Range range) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("must be a whole number" + (range == null ? "" : " " + limits(range)));
        }
        long value = Long.parseLong(text);
        if (range != null && (value < range.min() || value > range.max())) {
            throw new IllegalArgumentException("must be " + limits(range));
        }
        return value;
    }

    private static double real(String text, @Nullable Range range) {
        double value;
        try {
            value = Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("must be a number" + (range == null ? "" : " " + limits(range)), e);
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("must be a finite number");
        }
        if (range != null && (value < range.min() || value > range.max())) {
            throw new IllegalArgumentException("must be " + limits(range));
        }
        return value;
    }

    private static boolean bool(String text) {
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException("must be true or false");
        }
        return text.equals("true");
    }

    private static Duration duration(String text, @Nullable Range range) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("must be a time such as 500ms, 30s, 10min, 2h or 7d");
        }
        long count = Long.parseLong(parts.group(1));
        Duration value = switch (parts.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "min" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
        if (range != null
                && (value.compareTo(Duration.ofMillis(range.min())) < 0
                        || value.compareTo(Duration.ofMillis(range.max())) > 0)) {
            throw new IllegalArgumentException("must be in [" + print(Duration.ofMillis(range.min())) + ", "
                    + print(Duration.ofMillis(range.max())) + "]");
        }
        return value;
    }

    private static LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("must be a date such as 2026-11-23", e);
        }
    }

    private static Path path(String text, Path folder) {
        try {
            return folder.resolve(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("must be a path (" + e.getReason() + ")", e);
        }
    }

    private static Object constant(String text, Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Object constant : type.getEnumConstants()) {
            String name = ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(text)) {
                return constant;
            }
            names.add(name);
        }
        throw new IllegalArgumentException(
                "must be one of " + String.join(", ", names) + Nearest.suggestion(text, names));
    }

    private static String limits(Range range) {
        return "in [" + range.min() + ", " + range.max() + "]";
    }
}
