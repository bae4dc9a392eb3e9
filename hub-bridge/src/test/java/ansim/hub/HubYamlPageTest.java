package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.settings.Default;
import ansim.settings.Range;
import ansim.settings.Section;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** {@code docs/hub-yaml.md} is what {@link HubConfig} reads: a key that is new, gone or changed is seen here. */
final class HubYamlPageTest {
    private static final Path PAGE = Path.of(System.getProperty("ansim.root", ".."), "docs/hub-yaml.md");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| (.*?) \\| (.*?) \\| (.+) \\|");
    private static final String OFF = "–";

    /** What a row of the page must say of a key. */
    private record Facts(String otherwise, String allowed) {}

    @Test
    void everyKeyOfHubYamlIsOnItsPageWithItsDefaultAndItsRange() throws IOException {
        Map<String, Facts> due = new TreeMap<>();
        collect(HubConfig.class, "", due);
        Map<String, Facts> written = page();
        List<String> missing = due.entrySet().stream()
                .filter(each -> !each.getValue().equals(written.get(each.getKey())))
                .map(each -> "| `" + each.getKey() + "` | " + each.getValue().otherwise + " | "
                        + each.getValue().allowed + " | ... |")
                .toList();
        assertEquals("", String.join("\n", missing), "rows that docs/hub-yaml.md does not have like this");
    }

    @Test
    void theHubYamlPageNamesNoKeyThatTheHubRefuses() throws IOException {
        Map<String, Facts> due = new TreeMap<>();
        collect(HubConfig.class, "", due);
        List<String> stale = new ArrayList<>(page().keySet());
        stale.removeAll(due.keySet());
        assertEquals(List.of(), stale);
    }

    /** The default as far as it is a word of the settings: what stands behind it on the page is for people. */
    private static Map<String, Facts> page() throws IOException {
        Map<String, Facts> rows = new TreeMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                String otherwise = row.group(2).startsWith(OFF) ? OFF : row.group(2);
                Facts before = rows.put(row.group(1), new Facts(otherwise, row.group(3)));
                assertEquals(null, before, "twice: " + row.group(1));
            }
        }
        return rows;
    }

    private static void collect(Class<? extends Record> type, String prefix, Map<String, Facts> into) {
        List<String> keys = List.copyOf(Section.keysOf(type));
        RecordComponent[] components = type.getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            boolean optional = component.getType() == Optional.class;
            Type inner = optional ? argument(component.getGenericType()) : component.getGenericType();
            boolean list = inner instanceof ParameterizedType several && several.getRawType() == List.class;
            Class<?> element = raw(list ? argument(inner) : inner);
            String path = prefix + keys.get(i);
            Default given = component.getAnnotation(Default.class);
            String otherwise = optional ? OFF : given == null ? "must be given" : "`" + given.value() + "`";
            into.put(path, new Facts(otherwise, allowed(element, component.getAnnotation(Range.class), list)));
            if (element.isRecord()) {
                collect(element.asSubclass(Record.class), path + (list ? "[]." : "."), into);
            }
        }
    }

    private static String allowed(Class<?> type, @Nullable Range range, boolean list) {
        String one;
        if (type.isEnum()) {
            one = Arrays.stream(type.getEnumConstants())
                    .map(each -> "`"
                            + ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-') + "`")
                    .collect(Collectors.joining(", "));
        } else if (range != null) {
            one = type == Duration.class
                    ? time(range.min()) + " to " + time(range.max())
                    : range.min() + " to " + range.max();
        } else if (type == boolean.class) {
            one = "`true`, `false`";
        } else {
            one = type.isRecord() ? "keys" : type == Path.class ? "path" : type == Map.class ? "mapping" : "text";
            one = type == Integer.class ? "number" : one;
        }
        return list ? "list of " + one : one;
    }

    private static String time(long ms) {
        long[] sizes = {86_400_000, 3_600_000, 60_000, 1_000};
        String[] units = {"d", "h", "min", "s"};
        for (int i = 0; i < sizes.length; i++) {
            if (ms != 0 && ms % sizes[i] == 0) {
                return ms / sizes[i] + units[i];
            }
        }
        return ms == 0 ? "0s" : ms + "ms";
    }

    private static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }

    private static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType generic ? generic.getRawType() : type);
    }
}
