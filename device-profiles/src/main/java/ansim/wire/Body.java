package ansim.wire;

/** What a record says. Closed: one record class per kind, switched over {@link #kind()}. */
public sealed interface Body
        permits Position,
                Track,
                Boarded,
                Alighted,
                Panic,
                Tamper,
                Health,
                CommandAck,
                Contact,
                Gap,
                Anchor,
                Presence,
                Unknown {
    Kind kind();

    /** The kind's number on the wire. */
    default long number() {
        return kind().number();
    }
}
