package ansim.wire;

/**
 * Kind 3: somebody boarded, or (with a known ride) what is now known of that boarding (lane 2).
 *
 * @param change which ride, where and by what
 */
public record Boarded(RideChange change) implements Body {
    @Override
    public Kind kind() {
        return Kind.BOARDED;
    }
}
