package ansim.wire;

/**
 * Kind 4: the ride has ended (lane 2).
 *
 * @param change which ride, where and by what
 */
public record Alighted(RideChange change) implements Body {
    @Override
    public Kind kind() {
        return Kind.ALIGHTED;
    }
}
