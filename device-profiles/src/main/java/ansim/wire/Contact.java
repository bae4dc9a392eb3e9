package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Kind 9: a contact has opened or closed (lane 2).
 *
 * @param name the profile's name of the contact, key 25, 1 to 32 bytes of UTF-8 (CDDL counts a text's size in bytes)
 * @param closed key 26
 * @param pos where, key 1
 */
public record Contact(String name, boolean closed, Optional<Pos> pos) implements Body {
    /** Bytes of UTF-8 in a name at most. */
    public static final int MAX_NAME_BYTES = 32;

    public Contact {
        Range.check("length of a contact's name", utf8Length(name), 1, MAX_NAME_BYTES);
    }

    private static int utf8Length(String name) {
        return name.getBytes(StandardCharsets.UTF_8).length;
    }

    @Override
    public Kind kind() {
        return Kind.CONTACT;
    }

    static Contact read(Fields in) throws WireException {
        Optional<Pos> pos = in.maybePos(1);
        String name = in.get(25).text(in.name(25));
        int length = utf8Length(name);
        if (length < 1 || length > MAX_NAME_BYTES) {
            throw WireException.content(
                    in.name(25) + " must have 1 to " + MAX_NAME_BYTES + " bytes (got " + length + ")");
        }
        return new Contact(name, in.get(26).bool(in.name(26)), pos);
    }

    MapOut fields() {
        return new MapOut().putPos(1, pos).put(25, name).put(26, closed);
    }
}
