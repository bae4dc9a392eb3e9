package ansim.profile;

import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Lines of text by a regular expression with named groups: for what nobody documented. A line that does not match is refused and
 * counted. An expression that takes too long on a line is given up: no line from a wire may hold the port's thread.
 */
final class LinePattern implements Decoder {
    /** Characters looked at per line before it is given up; an honest expression needs a few per character of the line. */
    private static final int MOST_STEPS = 100_000;

    private static final Pattern GROUP = Pattern.compile("\\(\\?<([a-zA-Z][a-zA-Z0-9]*)>");

    /**
     * Options.
     *
     * @param pattern the regular expression (java.util.regex) that a whole line must match, with named groups
     * @param gives what the groups mean
     */
    record Options(String pattern, Meaning gives) {
        Options {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "pattern is no regular expression: " + e.getDescription() + " near position " + e.getIndex());
            }
            gives.requireIn(groups(pattern));
        }
    }

    private final Pattern pattern;
    private final Set<String> groups;
    private final Meaning.Teller teller;

    LinePattern(Options options) {
        pattern = Pattern.compile(options.pattern());
        groups = groups(options.pattern());
        teller = new Meaning.Teller(options.gives());
    }

    private static Set<String> groups(String pattern) {
        Set<String> names = new LinkedHashSet<>();
        Matcher group = GROUP.matcher(pattern);
        while (group.find()) {
            names.add(group.group(1));
        }
        return names;
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return Reject.NONE;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        Matcher line = pattern.matcher(new Steps(new String(frame, 0, length, StandardCharsets.UTF_8), new int[1]));
        try {
            if (!line.matches()) {
                return Reject.MALFORMED;
            }
        } catch (TooManySteps | StackOverflowError endless) {
            return Reject.TOO_LONG;
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (String name : groups) {
            String value = line.group(name);
            if (value != null) {
                values.put(name, value);
            }
        }
        return teller.tell(values, monoMs, sink);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        teller.tick(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.TOO_LONG);
    }

    /** A line that counts how often it is looked at. */
    private record Steps(String text, int[] taken) implements CharSequence {
        @Override
        public char charAt(int index) {
            if (++taken[0] > MOST_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManySteps() {
            super("too many steps", null, false, false);
        }
    }
}
