package ansim.settings;

/**
 * One thing wrong with a settings file: where, what was found, and the rule that it breaks.
 *
 * @param file the file as the user named it
 * @param line from 1; 0 where no line is to blame (an option given on a command line)
 * @param path the key's path, {@code ports[0].options.baud}; empty for the whole file
 * @param value what stands there, cut to {@value #LONGEST_VALUE} characters; empty when nothing does
 * @param rule what must hold, and what to do where that is known
 */
public record Problem(String file, int line, String path, String value, String rule) {
    private static final int LONGEST_VALUE = 60;

    /** Cuts a long value, and takes line ends out of it. */
    public Problem {
        value = value.replaceAll("\\p{Cntrl}", " ");
        if (value.length() > LONGEST_VALUE) {
            value = value.substring(0, LONGEST_VALUE) + "...";
        }
    }

    /** {@code agent.yaml:12: ports[0].baud: 'fast': must be a whole number}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(file);
        if (line > 0) {
            text.append(':').append(line);
        }
        text.append(": ");
        if (!path.isEmpty()) {
            text.append(path).append(": ");
        }
        if (!value.isEmpty()) {
            text.append('\'').append(value).append("': ");
        }
        return text.append(rule).toString();
    }
}
