package ansim.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A map with integer keys, read field by field. What has not been asked for when {@link #end()} is called was unknown: a
 * positive key is ignored (room to grow), a negative one refuses the message (must understand).
 */
final class Fields {
    private final String where;
    private final Map<Long, Item> left = new LinkedHashMap<>();

    private Fields(String where) {
        this.where = where;
    }

    static Fields of(Item map, String where) throws WireException {
        Fields fields = new Fields(where);
        List<Item> children = map.map(where);
        for (int i = 0; i < children.size(); i += 2) {
            Item key = children.get(i);
            if (!key.isInteger()) {
                throw WireException.content(where + " has a key that is not an integer");
            }
            fields.left.put(key.clamped(), children.get(i + 1));
        }
        return fields;
    }

    void end() throws WireException {
        refuseNegative();
    }

    /** Refuses the negative keys that have not been asked for. */
    void refuseNegative() throws WireException {
        for (long key : left.keySet()) {
            if (key < 0) {
                throw new WireException(WireException.Reason.UNKNOWN_KEY, where + " has the unknown key " + key);
            }
        }
    }

    int size() {
        return left.size();
    }

    String name(int key) {
        return where + " key " + key;
    }

    Optional<Item> find(int key) {
        return Optional.ofNullable(left.remove((long) key));
    }

    Item get(int key) throws WireException {
        Item item = left.remove((long) key);
        if (item == null) {
            throw WireException.content(where + " lacks key " + key);
        }
        return item;
    }

    long integer(int key, long least, long most) throws WireException {
        return get(key).integer(least, most, name(key));
    }

    int integer(int key, int least, int most) throws WireException {
        return (int) integer(key, (long) least, (long) most);
    }

    <E extends Coded> E coded(int key, E[] constants) throws WireException {
        return Coded.read(constants, get(key), name(key));
    }

    OptionalInt maybeInt(int key, int least, int most) throws WireException {
        Optional<Item> item = find(key);
        return item.isPresent()
                ? OptionalInt.of((int) item.get().integer(least, most, name(key)))
                : OptionalInt.empty();
    }

    OptionalLong maybeLong(int key, long least, long most) throws WireException {
        Optional<Item> item = find(key);
        return item.isPresent() ? OptionalLong.of(item.get().integer(least, most, name(key))) : OptionalLong.empty();
    }

    Id8 id8(int key) throws WireException {
        return get(key).id8(name(key));
    }

    Optional<Id8> maybeId8(int key) throws WireException {
        Optional<Item> item = find(key);
        return item.isPresent() ? Optional.of(item.get().id8(name(key))) : Optional.empty();
    }

    Optional<Pos> maybePos(int key) throws WireException {
        Optional<Item> item = find(key);
        return item.isPresent() ? Optional.of(Pos.read(item.get(), name(key))) : Optional.empty();
    }

    /** A list of unsigned numbers; empty when the key is absent. */
    List<Long> uints(int key) throws WireException {
        List<Long> values = new ArrayList<>();
        Optional<Item> list = find(key);
        if (list.isPresent()) {
            for (Item item : list.get().array(0, Integer.MAX_VALUE, name(key))) {
                values.add(item.integer(0, Long.MAX_VALUE, name(key)));
            }
        }
        return values;
    }

    /** Present only to say yes: {@code ? key => true}. */
    boolean flag(int key) throws WireException {
        Optional<Item> item = find(key);
        if (item.isPresent() && !item.get().bool(name(key))) {
            throw WireException.content(name(key) + " must be true where it is present");
        }
        return item.isPresent();
    }
}
