package ansim.settings;

import java.util.List;
import java.util.stream.Collectors;

/** Settings that cannot be used, with every problem found in them at once. The programs end with {@link #EXIT_CODE}. */
public final class SettingsException extends RuntimeException {
    /** The exit code of a program whose configuration is wrong ({@code EX_CONFIG} of sysexits.h). */
    public static final int EXIT_CODE = 78;

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    /**
     * Creates the exception.
     *
     * @param problems at least one
     */
    public SettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    /** One problem a line. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** All that is wrong, in the order of the file. */
    public List<Problem> problems() {
        return problems;
    }
}
