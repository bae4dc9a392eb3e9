package ansim.profile;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
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
 * counted. An expression that takes too long on a line is given up: no line from a wire may hold the port's thread. The line is wiped,
 * and a card's number in it becomes no text.
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
    private final Meaning gives;
    private final Meaning.Teller teller;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);

    LinePattern(Options options) {
        pattern = Pattern.compile(options.pattern());
        gives = options.gives();
        // The others may be parts of the card's number.
        groups = groups(options.pattern());
        groups.removeIf(name -> !gives.isCard(name) && !gives.told().contains(name));
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
        // UTF-8 has at least as many bytes as characters.
        char[] characters = new char[length];
        try {
            CharBuffer line = CharBuffer.wrap(characters);
            utf8.reset();
            utf8.decode(ByteBuffer.wrap(frame, 0, length), line, true);
            utf8.flush(line);
            return decode(new Line(characters, line.position()), monoMs, sink);
        } finally {
            // A card's number may stand in it.
            Arrays.fill(characters, '\0');
        }
    }

    private Reject decode(Line text, long monoMs, Consumer<Reading> sink) {
        Matcher line = pattern.matcher(text);
        try {
            if (!line.matches()) {
                return Reject.MALFORMED;
            }
        } catch (TooManySteps | StackOverflowError endless) {
            return Reject.TOO_LONG;
        }
        Map<String, String> values = new LinkedHashMap<>();
        CardNumber card = null;
        for (String name : groups) {
            if (line.start(name) >= 0 && gives.isCard(name)) {
                card = CardNumber.owning(text.ascii(line.start(name), line.end(name)));
            } else if (line.start(name) >= 0) {
                values.put(name, text.part(line.start(name), line.end(name)));
            }
        }
        return teller.tell(values, card, monoMs, sink);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        teller.tick(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.TOO_LONG);
    }

    /** A line that counts how often it is looked at, in characters that are wiped when it is done with. */
    private static final class Line implements CharSequence {
        private static final char LAST_ASCII = 0x7F;

        private final char[] characters;
        private final int length;
        private int taken;

        Line(char[] characters, int length) {
            this.characters = characters;
            this.length = length;
        }

        @Override
        public char charAt(int index) {
            if (++taken > MOST_STEPS) {
                throw new TooManySteps();
            }
            return characters[index];
        }

        @Override
        public int length() {
            return length;
        }

        String part(int start, int end) {
            return new String(characters, start, end - start);
        }

        /** What is no ASCII as a character of no card. */
        byte[] ascii(int start, int end) {
            byte[] ascii = new byte[end - start];
            for (int i = start; i < end; i++) {
                ascii[i - start] = characters[i] > LAST_ASCII ? (byte) '?' : (byte) characters[i];
            }
            return ascii;
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return part(start, end);
        }

        /** Without what it says. */
        @Override
        public String toString() {
            return "line";
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManySteps() {
            super("too many steps", null, false, false);
        }
    }
}
