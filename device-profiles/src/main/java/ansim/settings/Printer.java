package ansim.settings;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** Records back to YAML. */
final class Printer {
    private Printer() {}

    static String print(Record settings) {
        DumpSettings style =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return new Dump(style).dumpToString(tree(settings));
    }

    private static Object tree(Object value) {
        if (value instanceof Duration duration) {
            return Scalars.print(duration);
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        if (value instanceof List<?> list) {
            // A list of its own each time: of one that stands there twice, such as the empty one, the second would be
            // an alias.
            return list.stream().map(Printer::tree).collect(Collectors.toCollection(ArrayList::new));
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> tree = new LinkedHashMap<>();
            map.forEach((key, item) -> tree.put(String.valueOf(key), tree(item)));
            return tree;
        }
        if (value instanceof Section section) {
            Map<String, Object> tree = new LinkedHashMap<>();
            section.entries().forEach((key, entry) -> tree.put(key, tree(entry.value())));
            return tree;
        }
        if (value instanceof Node node) {
            return nodeTree(node);
        }
        if (value instanceof Record record) {
            return recordTree(record);
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private static Object nodeTree(Node node) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue().stream().map(Printer::nodeTree).collect(Collectors.toCollection(ArrayList::new));
        }
        if (node instanceof MappingNode mapping) {
            Map<String, Object> tree = new LinkedHashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                tree.put(Binder.text(tuple.getKeyNode()), nodeTree(tuple.getValueNode()));
            }
            return tree;
        }
        return Binder.text(node);
    }

    /** A one-of is printed under its kind's name, as it is read. */
    private static Object recordTree(Record settings) {
        Map<String, Object> tree = new LinkedHashMap<>();
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            Object value = value(settings, component);
            if (value instanceof Optional<?> optional) {
                if (optional.isEmpty()) {
                    continue;
                }
                value = optional.get();
            }
            tree.put(Settings.kebab(component.getName()), tree(value));
        }
        Class<?> type = settings.getClass();
        boolean oneOf = Arrays.stream(type.getInterfaces()).anyMatch(Class::isSealed);
        return oneOf ? Map.of(Settings.kebab(type.getSimpleName()), tree) : tree;
    }

    private static Object value(Record settings, RecordComponent component) {
        try {
            Method accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(settings);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("reading " + component, e);
        }
    }
}
