package ansim.wire;

/** What the hub tells a unit. */
public sealed interface Verb permits Receipt, Refused, OtherVerb {
    /** The largest verb of this version. */
    int MAX = 10;

    /** The number on the wire, 1 to {@link #MAX}. */
    int number();
}
