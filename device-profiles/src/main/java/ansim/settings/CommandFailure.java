package ansim.settings;

/**
 * A command that could not do what it was asked: printed as {@code Error: ...} and {@code Try: ...}; the program ends with
 * {@link #EXIT_CODE}. For what an operator can mend; a defect of ours is another exception.
 */
public final class CommandFailure extends RuntimeException {
    /** The exit code of a failed command. */
    public static final int EXIT_CODE = 1;

    private static final long serialVersionUID = 1L;

    private final String tryThis;

    /**
     * Creates the failure.
     *
     * @param error what happened
     * @param tryThis what to do about it
     */
    public CommandFailure(String error, String tryThis) {
        super(error);
        this.tryThis = tryThis;
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
