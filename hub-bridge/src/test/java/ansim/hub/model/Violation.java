package ansim.hub.model;

/** A promise that a schedule broke. */
final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Which promise. */
    enum Of {
        LOSS,
        DOUBLE,
        DEADLOCK,
        /** The unit removed what the hub never held. */
        REMOVAL,
        /** A number with two contents though no card was restored. */
        NUMBER,
        /** A receipt that names what is not committed. */
        RECEIPT,
        /** The model and {@code ansim.hub.core} disagree. */
        DRIFT
    }

    final transient Of of;

    Violation(Of of, String message) {
        super(of + ": " + message);
        this.of = of;
    }
}
