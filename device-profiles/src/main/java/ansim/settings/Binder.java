package ansim.settings;

import ansim.settings.Section.Entry;
import ansim.settings.Section.Place;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Nodes to records. A value that cannot be bound adds a problem and is null; a record with such a component is not made. */
final class Binder {
    private final String file;
    private final Path folder;
    private final List<Problem> problems;

    Binder(String file, Path folder) {
        this(file, folder, new ArrayList<>());
    }

    Binder(String file, Path folder, List<Problem> problems) {
        this.file = file;
        this.folder = folder;
        this.problems = problems;
    }

    <T extends Record> T read(String yaml, Class<T> type) {
        return readAny(yaml, type);
    }

    Section section(String yaml) {
        return readAny(yaml, Section.class);
    }

    private <T> T readAny(String yaml, Class<T> type) {
        T bound = null;
        if (yaml.getBytes(StandardCharsets.UTF_8).length > Settings.MAX_BYTES) {
            problems.add(new Problem(file, 0, "", "", "is longer than " + Settings.MAX_BYTES + " bytes"));
        } else {
            Optional<Node> root = Yaml.compose(file, yaml, problems);
            if (root.isPresent()) {
                bound = type.cast(bind(root.get(), type, new Place(file, folder, 1, ""), null));
            }
        }
        if (bound == null || !problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return bound;
    }

    <T extends Record> @Nullable T bindEntries(Map<String, Entry> entries, Place place, Class<T> type) {
        Set<String> known = keys(type);
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                Place at = entry.place();
                String rule = "is not a key here" + Nearest.suggestion(key, known) + "; the keys are "
                        + String.join(", ", known);
                problems.add(new Problem(at.file(), line(entry.key(), at.line()), join(at.path(), key), "", rule));
            }
        });
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        boolean complete = true;
        for (int i = 0; i < components.length; i++) {
            @Nullable Object value = component(components[i], entries, place);
            complete &= value != null;
            if (value != null) {
                values[i] = value;
            }
        }
        return complete ? make(type, components, values, place) : null;
    }

    static Set<String> keys(Class<? extends Record> type) {
        Set<String> keys = new LinkedHashSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            keys.add(Settings.kebab(component.getName()));
        }
        return keys;
    }

    static int line(Node node, int otherwise) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(otherwise);
    }

    static String text(Node node) {
        return node instanceof ScalarNode scalar ? scalar.getValue() : "";
    }

    private @Nullable Object component(RecordComponent component, Map<String, Entry> entries, Place place) {
        String key = Settings.kebab(component.getName());
        Entry entry = entries.get(key);
        Type type = component.getGenericType();
        boolean optional = component.getType() == Optional.class;
        if (entry != null) {
            Place at = entry.place();
            Place here = new Place(at.file(), at.folder(), line(entry.key(), at.line()), join(at.path(), key));
            Type inner = optional ? argument(type, 0) : type;
            @Nullable Object value = bind(entry.value(), inner, here, component.getAnnotation(Range.class));
            return optional && value != null ? Optional.of(value) : value;
        }
        if (optional) {
            return Optional.empty();
        }
        Place here = new Place(place.file(), place.folder(), place.line(), join(place.path(), key));
        Default otherwise = component.getAnnotation(Default.class);
        if (otherwise == null) {
            return problem(here, "", "is missing");
        }
        return bind(Yaml.ofDefault(otherwise.value()), type, here, component.getAnnotation(Range.class));
    }

    private <T extends Record> @Nullable T make(
            Class<T> type, RecordComponent[] components, Object[] values, Place at) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                problem(at, "", String.valueOf(refused.getMessage()));
                return null;
            }
            throw new IllegalStateException("constructor of " + type, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("constructor of " + type, e);
        }
    }

    private @Nullable Object bind(Node node, Type type, Place at, @Nullable Range range) {
        Place here = new Place(at.file(), at.folder(), line(node, at.line()), at.path());
        Class<?> raw = (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
        if (raw == List.class) {
            return list(node, argument(type, 0), here, range);
        }
        if (raw == Map.class) {
            return map(node, argument(type, 1), here, range);
        }
        if (raw == Section.class || raw.isRecord()) {
            @Nullable Map<String, Entry> entries = entries(node, here);
            if (entries == null) {
                return null;
            }
            return raw == Section.class
                    ? Section.of((MappingNode) node, here)
                    : bindEntries(entries, here, raw.asSubclass(Record.class));
        }
        if (raw.isSealed()) {
            return oneOf(node, raw, here);
        }
        if (!(node instanceof ScalarNode scalar)) {
            return problem(here, "", "must be one value, not a list or a mapping");
        }
        String text = scalar.getValue();
        if (text.isEmpty() && scalar.isPlain()) {
            return problem(here, "", "has no value: give one, or take the key out");
        }
        try {
            return Scalars.parse(text, raw, range, folder);
        } catch (IllegalArgumentException e) {
            return problem(here, text, String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Object list(Node node, Type element, Place at, @Nullable Range range) {
        if (node instanceof ScalarNode scalar
                && !(scalar.isPlain() && scalar.getValue().isEmpty())) {
            // One value is a list of one: nobody should have to know which keys take several.
            @Nullable Object only = bind(node, element, at, range);
            return only == null ? null : List.of(only);
        }
        if (!(node instanceof SequenceNode sequence)) {
            return problem(at, text(node), "must be a list");
        }
        List<Object> values = new ArrayList<>();
        int index = 0;
        for (Node item : sequence.getValue()) {
            Place here = new Place(at.file(), at.folder(), at.line(), at.path() + "[" + index++ + "]");
            @Nullable Object value = bind(item, element, here, range);
            if (value != null) {
                values.add(value);
            }
        }
        return values.size() == index ? List.copyOf(values) : null;
    }

    private @Nullable Object map(Node node, Type element, Place at, @Nullable Range range) {
        @Nullable Map<String, Entry> entries = entries(node, at);
        if (entries == null) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        entries.forEach((key, entry) -> {
            Place here = new Place(at.file(), at.folder(), line(entry.key(), at.line()), join(at.path(), key));
            @Nullable Object value = bind(entry.value(), element, here, range);
            if (value != null) {
                values.put(key, value);
            }
        });
        return values.size() == entries.size() ? Collections.unmodifiableMap(values) : null;
    }

    private @Nullable Object oneOf(Node node, Class<?> sealed, Place at) {
        Map<String, Class<? extends Record>> kinds = new LinkedHashMap<>();
        for (Class<?> kind : sealed.getPermittedSubclasses()) {
            kinds.put(Settings.kebab(kind.getSimpleName()), kind.asSubclass(Record.class));
        }
        @Nullable Map<String, Entry> entries = entries(node, at);
        if (entries == null) {
            return null;
        }
        if (entries.size() != 1) {
            return problem(at, "", "must have exactly one key of " + String.join(", ", kinds.keySet()));
        }
        Map.Entry<String, Entry> one = entries.entrySet().iterator().next();
        Class<? extends Record> kind = kinds.get(one.getKey());
        if (kind == null) {
            String rule = "must be one of " + String.join(", ", kinds.keySet());
            return problem(at, one.getKey(), rule + Nearest.suggestion(one.getKey(), kinds.keySet()));
        }
        Node value = one.getValue().value();
        Place here = new Place(at.file(), at.folder(), line(value, at.line()), join(at.path(), one.getKey()));
        if (value instanceof ScalarNode && kind.getRecordComponents().length > 0) {
            String first = Settings.kebab(kind.getRecordComponents()[0].getName());
            return bindEntries(Map.of(first, new Entry(one.getValue().key(), value, here)), here, kind);
        }
        return bind(value, kind, here, null);
    }

    private @Nullable Map<String, Entry> entries(Node node, Place at) {
        if (!(node instanceof MappingNode mapping)) {
            problem(at, text(node), "must be a mapping of keys to values");
            return null;
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        boolean clean = true;
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode());
            Entry entry = new Entry(tuple.getKeyNode(), tuple.getValueNode(), at);
            if (key.isEmpty() || entries.putIfAbsent(key, entry) != null) {
                clean = false;
                String rule = key.isEmpty() ? "a key must be a word" : "is given twice";
                problems.add(
                        new Problem(at.file(), line(tuple.getKeyNode(), at.line()), join(at.path(), key), "", rule));
            }
        }
        return clean ? entries : null;
    }

    private @Nullable Object problem(Place at, String value, String rule) {
        problems.add(new Problem(at.file(), at.line(), at.path(), value, rule));
        return null;
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
