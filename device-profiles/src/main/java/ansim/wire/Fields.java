package ansim.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A map with integer keys, read field by field. What has not been asked for when {@link #end()} is called was unknown: a
 * positive key is ignored (room to grow), a negative one refuses the message (must understand).
 */
final class Fields {
    private final String where;
    private final long[] keys;
    /** Null once it has been asked for. */
    private final @Nullable Item[] items;

    private int left;

    private Fields(String where, List<Item> children) throws WireException {
        this.where = where;
        this.left = children.size() / 2;
        this.keys = new long[left];
        this.items = new Item[left];
        for (int i = 0; i < keys.length; i++) {
            Item key = children.get(2 * i);
            if (!key.isInteger()) {
                throw WireException.content(where + " has a key that is not an integer");
            }
            keys[i] = key.clamped();
            items[i] = children.get(2 * i + 1);
        }
    }

    static Fields of(Item map, String where) throws WireException {
        return new Fields(where, map.map(where));
    }

    void end() throws WireException {
        refuseNegative();
    }

    /** Refuses the negative keys that have not been asked for. */
    void refuseNegative() throws WireException {
        for (int i = 0; i < keys.length; i++) {
            if (keys[i] < 0 && items[i] != null) {
                throw new WireException(WireException.Reason.UNKNOWN_KEY, where + " has the unknown key " + keys[i]);
            }
        }
    }

    /** How many have not been asked for. */
    int size() {
        return left;
    }

    Name name(int key) {
        return new Name(where, " key ", key);
    }

    /** There are few: looking at each is quicker than any map. */
    private @Nullable Item take(int key) {
        for (int i = 0; i < keys.length; i++) {
            Item item = items[i];
            if (keys[i] == key && item != null) {
                items[i] = null;
                left--;
                return item;
            }
        }
        return null;
    }

    Optional<Item> find(int key) {
        return Optional.ofNullable(take(key));
    }

    Item get(int key) throws WireException {
        Item item = take(key);
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
