package ansim.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A part of a settings file that is kept as it was written until its type is known: the options of a port, which depend on its
 * profile. It remembers file, line and path of each value, so that a problem found late still names the place. Immutable.
 */
public final class Section {
    /** What needs no quotes and cannot be mistaken for anything but a word or a number. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9.][A-Za-z0-9._/-]*|-[0-9.]+");

    private final Map<String, Entry> entries;
    private final Place place;

    record Place(String file, Path folder, int line, String path) {}

    record Entry(Node key, Node value, Place place) {}

    private Section(Map<String, Entry> entries, Place place) {
        this.entries = entries;
        this.place = place;
    }

    static Section of(MappingNode node, Place place) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            if (tuple.getKeyNode() instanceof ScalarNode key) {
                entries.put(key.getValue(), new Entry(key, tuple.getValueNode(), place));
            }
        }
        return new Section(entries, place);
    }

    /** Options that came from elsewhere than a file, such as a command line: all plain scalars. */
    public static Section of(String origin, Map<String, String> values) {
        Place place = new Place(origin, Path.of("").toAbsolutePath(), 0, "");
        Map<String, Entry> entries = new LinkedHashMap<>();
        values.forEach((key, value) -> entries.put(key, new Entry(scalar(key), scalar(value), place)));
        return new Section(entries, place);
    }

    /** No options at all. */
    public static Section empty() {
        return of("", Map.of());
    }

    /** The keys, in the order of the file. */
    public Set<String> keys() {
        return entries.keySet();
    }

    /** Only the entries with these keys. */
    public Section only(Set<String> keys) {
        Map<String, Entry> some = new LinkedHashMap<>(entries);
        some.keySet().retainAll(keys);
        return new Section(some, place);
    }

    /** These entries, with those of {@code over} put over them. */
    public Section with(Section over) {
        Map<String, Entry> merged = new LinkedHashMap<>(entries);
        merged.putAll(over.entries);
        return new Section(merged, place);
    }

    /** A problem with the whole section. */
    public Problem problem(String value, String rule) {
        return new Problem(place.file(), place.line(), place.path(), value, rule);
    }

    /** A problem with one key of it. */
    public Problem problemAt(String key, String rule) {
        Entry entry = entries.get(key);
        if (entry == null) {
            return problem(key, rule);
        }
        Place where = entry.place();
        String path = where.path().isEmpty() ? key : where.path() + "." + key;
        return new Problem(
                where.file(), Binder.line(entry.key(), where.line()), path, Binder.text(entry.value()), rule);
    }

    /**
     * Binds the entries to a record.
     *
     * @throws SettingsException with all problems
     */
    public <T extends Record> T bind(Class<T> type) {
        List<Problem> problems = new ArrayList<>();
        T bound = new Binder(place.file(), place.folder(), problems).bindEntries(entries, place, type);
        if (bound == null || !problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return bound;
    }

    /** The keys that a record understands. */
    public static Set<String> keysOf(Class<? extends Record> type) {
        return Binder.keys(type);
    }

    /** The nearest of {@code known} to a mistyped word, as {@code " (did you mean x?)"}, or nothing. */
    public static String nearest(String word, Iterable<String> known) {
        return Nearest.suggestion(word, known);
    }

    /** The entries on one line, as a YAML file may hold them: {@code {bits: [26], active: high}}. */
    public String flow() {
        return entries.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + flow(entry.getValue().value()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    private static String flow(Node node) {
        if (node instanceof SequenceNode list) {
            return list.getValue().stream().map(Section::flow).collect(Collectors.joining(", ", "[", "]"));
        } else if (node instanceof MappingNode map) {
            return map.getValue().stream()
                    .map(entry -> flow(entry.getKeyNode()) + ": " + flow(entry.getValueNode()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        String text = node instanceof ScalarNode scalar ? scalar.getValue() : "";
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "''") + "'";
    }

    Map<String, Entry> entries() {
        return entries;
    }

    private static Node scalar(String text) {
        return new ScalarNode(Tag.STR, text, ScalarStyle.PLAIN);
    }
}
