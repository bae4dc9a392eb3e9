package ansim.wire;

/**
 * A record of a kind that this version does not know, or one of a known kind whose body breaks its rules (see
 * {@link UpMessage#parseLeniently}). Stored and delivered as it came.
 *
 * @param number the kind's number on the wire, not negative
 * @param body the body map's own bytes
 */
public record Unknown(long number, Bytes body) implements Body {
    public Unknown {
        Range.uint("kind", number);
    }

    @Override
    public Kind kind() {
        return Kind.UNKNOWN;
    }

    void write(CborOut out) {
        out.copy(CborOut.strict(body.toByteArray()));
    }
}
