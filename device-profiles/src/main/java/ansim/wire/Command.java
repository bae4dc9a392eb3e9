package ansim.wire;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The payload of a message to a unit: CWT claims (RFC 8392).
 *
 * @param iss claim 1: the hub
 * @param aud claim 3: the unit, on the wire as 32 lower-case hexadecimal digits
 * @param expS claim 4: not to be done after this second since 1970 UTC; absent on receipts
 * @param iatS claim 6: second of issue since 1970 UTC
 * @param generation first half of claim 7: second since 1970 of the hub log's creation or last restore, 32 bits unsigned
 * @param number second half of claim 7: the command's number, 32 bits unsigned; 0 on receipts and refusals
 * @param verb claim -65537: what to do
 */
public record Command(String iss, Id16 aud, OptionalLong expS, long iatS, long generation, long number, Verb verb) {
    /** Claims of RFC 8392 section 3.1, and one of our own from the private range. */
    private static final int ISS = 1;

    private static final int AUD = 3;
    private static final int EXP = 4;
    private static final int IAT = 6;
    private static final int CTI = 7;
    private static final int VERB = -65537;

    private static final long MAX_UINT32 = 0xffff_ffffL;

    public Command {
        Range.check("generation", generation, 0, MAX_UINT32);
        Range.check("number", number, 0, MAX_UINT32);
    }

    static Command read(Item item) throws WireException {
        Fields in = Fields.of(item, "command");
        String iss = in.get(ISS).text("iss");
        String unit = in.get(AUD).text("aud");
        Optional<Id16> aud = Topics.parseUnit(unit);
        if (aud.isEmpty()) {
            throw WireException.content("aud must be 32 lower-case hexadecimal digits");
        }
        OptionalLong expS = in.maybeLong(EXP, Long.MIN_VALUE, Long.MAX_VALUE);
        long iatS = in.integer(IAT, Long.MIN_VALUE, Long.MAX_VALUE);
        ByteBuffer cti = ByteBuffer.wrap(in.get(CTI).byteString(8, "cti"));
        List<Item> call = in.get(VERB).array(2, 2, "the verb claim");
        in.end();
        int verb = (int) call.get(0).integer(1, Verb.MAX, "verb");
        return new Command(
                iss,
                aud.get(),
                expS,
                iatS,
                Integer.toUnsignedLong(cti.getInt()),
                Integer.toUnsignedLong(cti.getInt()),
                readVerb(verb, call.get(1)));
    }

    private static Verb readVerb(int number, Item body) throws WireException {
        if (body.major() != 5) {
            throw WireException.content("a verb's body must be a map");
        }
        return switch (number) {
            case Receipt.NUMBER -> Receipt.read(body);
            case Refused.NUMBER -> Refused.read(body);
            default -> new OtherVerb(number, Bytes.of(body.encoded()));
        };
    }

    MapOut fields() {
        byte[] cti = ByteBuffer.allocate(8)
                .putInt((int) generation)
                .putInt((int) number)
                .array();
        return new MapOut()
                .put(ISS, iss)
                .put(AUD, aud.hex())
                .putLong(EXP, expS)
                .put(IAT, iatS)
                .put(CTI, cti)
                .put(VERB, this::writeVerb);
    }

    private void writeVerb(CborOut out) {
        out.array(2);
        out.integer(verb.number());
        switch (verb.number()) {
            case Receipt.NUMBER -> ((Receipt) verb).write(out);
            case Refused.NUMBER -> ((Refused) verb).write(out);
            default -> out.copy(CborOut.strict(((OtherVerb) verb).body().toByteArray()));
        }
    }
}
