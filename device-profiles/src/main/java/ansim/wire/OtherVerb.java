package ansim.wire;

/**
 * Any verb but a receipt and a refusal, as it came.
 *
 * @param number 2 to {@link Verb#MAX}, but not {@link Refused#NUMBER}
 * @param body the map's own bytes, strict CBOR
 */
public record OtherVerb(int number, Bytes body) implements Verb {
    public OtherVerb {
        Range.check("verb", number, 1, MAX);
        if (number == Receipt.NUMBER || number == Refused.NUMBER) {
            throw new IllegalArgumentException("verb " + number + " has a class of its own");
        }
    }
}
