package ansim.wire;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Enough of CDDL (RFC 8610) to hold {@code wire.cddl} to the code: matches items as {@link LooseCbor} reads them against a rule.
 * The colon after a literal key cuts, as section 3.5.4 says.
 */
final class Cddl {
    /** A type: a set of items. */
    interface Type {
        boolean matches(Object item);
    }

    /**
     * An entry of a group: a member, a reference to a group, or choices between groups.
     *
     * @param least how often at least
     * @param most how often at most
     * @param key the member's key; {@code null} in arrays and for groups
     * @param cut whether a matching key commits to this entry
     * @param value the member's value; {@code null} for groups
     * @param choices the alternatives of an inline group or a name that may turn out to be a group
     */
    record Entry(
            long least,
            long most,
            @Nullable Type key,
            boolean cut,
            @Nullable Type value,
            @Nullable Choices choices) {}

    /** Alternatives, looked up late because rules may come in any order. */
    interface Choices {
        List<List<Entry>> get();
    }

    private final Map<String, Type> types = new LinkedHashMap<>();
    private final Map<String, List<List<Entry>>> groups = new LinkedHashMap<>();

    private Cddl() {}

    static Cddl parse(String source) {
        Cddl cddl = new Cddl();
        new CddlParser(cddl, source).rules();
        return cddl;
    }

    boolean matches(String rule, byte[] cbor) {
        try {
            return type(rule).matches(LooseCbor.read(cbor));
        } catch (WireException notCbor) {
            return false;
        }
    }

    void define(String name, Type type) {
        types.put(name, type);
    }

    void defineGroup(String name, List<List<Entry>> choices) {
        groups.put(name, choices);
    }

    boolean isGroup(String name) {
        return groups.containsKey(name);
    }

    List<List<Entry>> group(String name) {
        return Objects.requireNonNull(groups.get(name));
    }

    /** The rule of that name or of RFC 8610's prelude. */
    Type type(String name) {
        Type type = types.get(name);
        if (type != null) {
            return type;
        }
        return switch (name) {
            case "any" -> item -> true;
            case "uint" -> item -> item instanceof BigInteger number && number.signum() >= 0;
            case "int" -> BigInteger.class::isInstance;
            case "bstr" -> Bytes.class::isInstance;
            case "tstr" -> String.class::isInstance;
            case "bool" -> item -> isSimple(item, 20) || isSimple(item, 21);
            case "false" -> item -> isSimple(item, 20);
            case "true" -> item -> isSimple(item, 21);
            case "null" -> item -> isSimple(item, 22);
            default -> throw new IllegalArgumentException("no rule " + name);
        };
    }

    private static boolean isSimple(Object item, int info) {
        return item instanceof LooseCbor.Simple simple && simple.info() == info;
    }

    static Type array(Choices choices) {
        return item -> item instanceof List<?> list
                && choices.get().stream()
                        .anyMatch(entries -> sequence(entries, 0, 0, list, 0).contains(list.size()));
    }

    /** Where a match of {@code entries} from the {@code index}-th on, taken {@code taken} times already, may end. */
    private static Set<Integer> sequence(List<Entry> entries, int index, long taken, List<?> list, int at) {
        Set<Integer> ends = new TreeSet<>();
        if (index == entries.size()) {
            ends.add(at);
            return ends;
        }
        Entry entry = entries.get(index);
        if (taken >= entry.least()) {
            ends.addAll(sequence(entries, index + 1, 0, list, at));
        }
        if (taken < entry.most() && at < list.size()) {
            for (int next : once(entry, list, at)) {
                ends.addAll(sequence(entries, index, taken + 1, list, next));
            }
        }
        return ends;
    }

    private static Set<Integer> once(Entry entry, List<?> list, int at) {
        Set<Integer> ends = new TreeSet<>();
        Choices choices = entry.choices();
        if (choices != null) {
            choices.get().forEach(each -> ends.addAll(sequence(each, 0, 0, list, at)));
            ends.remove(at);
        } else if (Objects.requireNonNull(entry.value()).matches(list.get(at))) {
            ends.add(at + 1);
        }
        return ends;
    }

    static Type map(Choices choices) {
        return item -> item instanceof Map<?, ?> map
                && choices.get().stream().anyMatch(entries -> members(entries, new LinkedHashMap<>(map)));
    }

    private static boolean members(List<Entry> entries, Map<Object, Object> left) {
        if (entries.isEmpty()) {
            return left.isEmpty();
        }
        Entry entry = entries.get(0);
        List<Entry> rest = entries.subList(1, entries.size());
        Choices choices = entry.choices();
        if (choices != null) {
            return choices.get().stream().anyMatch(each -> {
                List<Entry> all = new ArrayList<>(each);
                all.addAll(rest);
                return members(all, new LinkedHashMap<>(left));
            });
        }
        Type keyType = Objects.requireNonNull(entry.key(), "a member without a key");
        Type valueType = Objects.requireNonNull(entry.value());
        List<Object> keys = left.keySet().stream().filter(keyType::matches).toList();
        long taken = 0;
        for (Object key : keys) {
            if (taken < entry.most() && valueType.matches(Objects.requireNonNull(left.get(key)))) {
                left.remove(key);
                taken++;
            } else if (entry.cut()) {
                return false;
            }
        }
        return taken >= entry.least() && members(rest, left);
    }

    static Type sized(Type type, long least, long most) {
        return item -> {
            int size = item instanceof Bytes bytes
                    ? bytes.length()
                    : item instanceof String text ? text.getBytes(StandardCharsets.UTF_8).length : -1;
            return type.matches(item) && size >= least && size <= most;
        };
    }

    static Type embedded(Type content) {
        return item -> {
            try {
                return item instanceof Bytes bytes && content.matches(LooseCbor.read(bytes.toByteArray()));
            } catch (WireException notCbor) {
                return false;
            }
        };
    }
}
