package ansim.wire;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the subset of CDDL's grammar (RFC 8610 appendix B) that {@code wire.cddl} uses. */
final class CddlParser {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s+|;[^\n]*|(\"[^\"]*\"|#6|=>|//|\\.\\.|\\.[a-z]+|[A-Za-z][A-Za-z0-9-]*|-?[0-9]+|[-=/:,?*+(){}\\[\\].])");

    private final Cddl cddl;
    private final List<String> tokens = new ArrayList<>();
    private int at;

    CddlParser(Cddl cddl, String source) {
        this.cddl = cddl;
        Matcher matcher = TOKEN.matcher(source);
        int end = 0;
        while (matcher.find()) {
            if (matcher.start() != end) {
                throw new IllegalArgumentException("not CDDL: " + source.substring(end, matcher.start()));
            }
            end = matcher.end();
            if (matcher.group(1) != null) {
                tokens.add(matcher.group(1));
            }
        }
        if (end != source.length()) {
            throw new IllegalArgumentException("not CDDL: " + source.substring(end));
        }
    }

    void rules() {
        while (at < tokens.size()) {
            String name = next();
            expect("=");
            if (peek().equals("(")) {
                next();
                cddl.defineGroup(name, choices(")"));
            } else {
                cddl.define(name, type());
            }
        }
    }

    private Cddl.Type type() {
        Cddl.Type type = controlled();
        while (peek().equals("/")) {
            next();
            Cddl.Type left = type;
            Cddl.Type right = controlled();
            type = item -> left.matches(item) || right.matches(item);
        }
        return type;
    }

    private Cddl.Type controlled() {
        String token = peek();
        Cddl.Type type = primary();
        String operator = peek();
        switch (operator) {
            case ".." -> {
                next();
                BigInteger least = new BigInteger(token);
                BigInteger most = new BigInteger(next());
                return item -> item instanceof BigInteger number
                        && number.compareTo(least) >= 0
                        && number.compareTo(most) <= 0;
            }
            case ".size" -> {
                next();
                return size(type);
            }
            case ".cbor" -> {
                next();
                return Cddl.embedded(primary());
            }
            case ".regexp" -> {
                next();
                Pattern pattern = Pattern.compile(unquote(next()));
                return item ->
                        item instanceof String text && pattern.matcher(text).matches();
            }
            default -> {
                return type;
            }
        }
    }

    private Cddl.Type size(Cddl.Type type) {
        boolean range = peek().equals("(");
        if (!range) {
            long exactly = Long.parseLong(next());
            return Cddl.sized(type, exactly, exactly);
        }
        next();
        long least = Long.parseLong(next());
        expect("..");
        long most = Long.parseLong(next());
        expect(")");
        return Cddl.sized(type, least, most);
    }

    private Cddl.Type primary() {
        String token = next();
        if (token.equals("{")) {
            List<List<Cddl.Entry>> choices = choices("}");
            return Cddl.map(() -> choices);
        } else if (token.equals("[")) {
            List<List<Cddl.Entry>> choices = choices("]");
            return Cddl.array(() -> choices);
        } else if (token.equals("#6")) {
            return tagged();
        } else if (token.startsWith("\"")) {
            return unquote(token)::equals;
        } else if (isNumber(token)) {
            return new BigInteger(token)::equals;
        }
        return item -> cddl.type(token).matches(item);
    }

    private Cddl.Type tagged() {
        expect(".");
        BigInteger tag = new BigInteger(next());
        expect("(");
        Cddl.Type content = type();
        expect(")");
        return item -> item instanceof LooseCbor.Tagged tagged
                && tagged.tag().equals(tag)
                && content.matches(tagged.content());
    }

    private List<List<Cddl.Entry>> choices(String close) {
        List<List<Cddl.Entry>> choices = new ArrayList<>();
        List<Cddl.Entry> entries = new ArrayList<>();
        while (!peek().equals(close)) {
            if (peek().equals("//")) {
                next();
                choices.add(entries);
                entries = new ArrayList<>();
            } else {
                entries.add(entry());
                if (peek().equals(",")) {
                    next();
                }
            }
        }
        next();
        choices.add(entries);
        return choices;
    }

    private Cddl.Entry entry() {
        long least = 1;
        long most = 1;
        if (peek().equals("?")) {
            next();
            least = 0;
        } else if (peek().equals("+")) {
            next();
            most = Long.MAX_VALUE;
        } else if (peek().equals("*") || (isNumber(peek()) && peekAt(1).equals("*"))) {
            least = peek().equals("*") ? 0 : Long.parseLong(next());
            next();
            most = isNumber(peek()) && !peekAt(1).equals(":") ? Long.parseLong(next()) : Long.MAX_VALUE;
        }
        if (peek().equals("(")) {
            next();
            List<List<Cddl.Entry>> choices = choices(")");
            return new Cddl.Entry(least, most, null, false, null, () -> choices);
        }
        String name = peek();
        Cddl.Type first = type();
        if (peek().equals(":") || peek().equals("=>")) {
            boolean cut = next().equals(":");
            return new Cddl.Entry(least, most, first, cut, type(), null);
        }
        // A bare name may be a group that is defined further down; only array members may be bare types.
        Cddl.Choices group = () -> cddl.isGroup(name)
                ? cddl.group(name)
                : List.of(List.of(new Cddl.Entry(1, 1, null, false, first, null)));
        return new Cddl.Entry(least, most, null, false, null, group);
    }

    private static boolean isNumber(String token) {
        return token.matches("-?[0-9]+");
    }

    private static String unquote(String token) {
        return token.substring(1, token.length() - 1);
    }

    private String peek() {
        return peekAt(0);
    }

    private String peekAt(int ahead) {
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : "";
    }

    private String next() {
        if (at == tokens.size()) {
            throw new IllegalArgumentException("CDDL ends too early");
        }
        return tokens.get(at++);
    }

    private void expect(String token) {
        String found = next();
        if (!found.equals(token)) {
            throw new IllegalArgumentException("expected " + token + " but found " + found);
        }
    }
}
