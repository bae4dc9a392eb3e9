package ansim.edge.keys;

/** Keys that cannot be read, got or renewed: what happened and what to do about it, for a person. Never holds a secret. */
public final class KeysException extends Exception {
    private static final long serialVersionUID = 1L;

    /** What kind of failure. */
    public enum Reason {
        /** The folder or a file in it is not as it must be. */
        FILES,
        /** The code is not one that the hub knows, or somebody is in the way. */
        CODE,
        /** The hub cannot be reached now. */
        UNREACHABLE,
        /** The hub answers, and says no. */
        REFUSED,
        /** Who answers is not the hub, or says what it must not. */
        NOT_THE_HUB
    }

    private final Reason reason;
    private final String tryThis;

    KeysException(Reason reason, String error, String tryThis) {
        super(error);
        this.reason = reason;
        this.tryThis = tryThis;
    }

    public Reason reason() {
        return reason;
    }

    /** What happened. */
    public String error() {
        return String.valueOf(getMessage());
    }

    /** What to do about it. */
    public String tryThis() {
        return tryThis;
    }
}
