package ansim.wire;

import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * The body of verb 4: an output is to be switched. Read when the command is carried out and not when it arrives: an order that
 * breaks its form is then answered, and does not keep the hub waiting for ever.
 *
 * @param name the output's name on the unit, 1 to 32 bytes
 * @param on on or off
 * @param atMostS then it goes off by itself; the unit's own limit holds as well
 */
public record OutputOrder(String name, boolean on, OptionalLong atMostS) {
    /** Verb number. */
    public static final int NUMBER = 4;

    private static final int NAME_BYTES_MAX = 32;
    private static final long MAX_UINT32 = 0xffff_ffffL;

    /** Checks the name's length. */
    public OutputOrder {
        Range.check("bytes of the output's name", name.getBytes(StandardCharsets.UTF_8).length, 1, NAME_BYTES_MAX);
    }

    /**
     * Reads a verb's body.
     *
     * @throws WireException if it is not what the contract says
     */
    public static OutputOrder of(OtherVerb verb) throws WireException {
        Fields in = Fields.of(StrictCbor.item(verb.body().toByteArray(), 0), "output");
        String name = in.get(1).text("output name");
        boolean on = in.get(2).bool("output state");
        OptionalLong atMostS = in.maybeLong(3, 0, MAX_UINT32);
        in.end();
        try {
            return new OutputOrder(name, on, atMostS);
        } catch (IllegalArgumentException e) {
            throw WireException.content(String.valueOf(e.getMessage()));
        }
    }

    /** The verb to send. */
    public OtherVerb verb() {
        byte[] body = CborOut.encode(new MapOut().put(1, name).put(2, on).putLong(3, atMostS));
        return new OtherVerb(NUMBER, Bytes.of(body));
    }
}
