package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** {@code wire.cddl} and the code are two statements of one contract: they must say the same about every case. */
class ContractTest {
    private static final String BATCH = "{1: 1, 2: h'00112233445566778899aabbccddeeff', 3: h'b0b1b2b3b4b5b6b7', 4: 1,"
            + " 5: h'a1a1a1a1a1a1a1a1', 6: 7, 7: null, 8: 1, 9: 1763877600000, 10: 123456, 11: [[6, 0, {20: 1, 23: 1}]]}";
    private static final String COMMAND = "{1: \"hub\", 3: \"00112233445566778899aabbccddeeff\", 6: 1763877600,"
            + " 7: h'0102030405060708', -65537: [6, {}]}";

    private static final String REGISTRATION = "{1: 1, 2: h'00112233445566778899aabbccddeeff',"
            + " 3: h'302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',"
            + " 4: h'c1c2c3c4c5c6c7c8'}";
    private static final String CONFIRMATION = "{1: 1, 2: h'00112233445566778899aabbccddeeff', 4: h'c1c2c3c4c5c6c7c8',"
            + " 6: h'b0b1b2b3b4b5b6b7', 7: 1763877600000}";
    private static final String EVIDENCE = "{1: 1, 2: h'00112233445566778899aabbccddeeff', 3: h'c1c2c3c4c5c6c7c8',"
            + " 4: h'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 5: 1763877600000}";

    private static final String STATEMENT = "{1: 1, 2: h'00112233445566778899aabbccddeeff',"
            + " 3: h'302a300506032b656e0321008520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a',"
            + " 4: h'c1c2c3c4c5c6c7c8', 5: \"tls://hub.example:8883\", 6: \"coaps://hub.example:5684\"}";

    /** A kind of message: its rule in the CDDL, and a good one over which a case is laid. */
    private record Message(String rule, String header, String payload, SigningKey key, Parser parser) {
        static Message of(String where) {
            return switch (where.replaceFirst("-.*", "")) {
                case "down", "command", "verb" ->
                    new Message("down-message", Seal.DOWN_HEADER, COMMAND, Seal.HUB, DownMessage::parse);
                case "registration" ->
                    new Message(
                            "key-registration",
                            Seal.REGISTRATION_HEADER,
                            REGISTRATION,
                            Seal.UNIT,
                            KeyRegistration::parse);
                case "confirmation" ->
                    new Message(
                            "key-confirmation",
                            Seal.CONFIRMATION_HEADER,
                            CONFIRMATION,
                            Seal.HUB,
                            KeyConfirmation::parse);
                case "evidence" ->
                    new Message("evidence-seal", Seal.EVIDENCE_HEADER, EVIDENCE, Seal.HUB, EvidenceSeal::parse);
                case "statement" ->
                    new Message("hub-statement", Seal.STATEMENT_HEADER, STATEMENT, Seal.HUB, HubStatement::parse);
                default -> new Message("up-message", Seal.UP_HEADER, BATCH, Seal.UNIT, UpMessage::parse);
            };
        }
    }

    /** The code's judgement. */
    private interface Parser {
        Object parse(byte[] message) throws WireException;
    }

    /** One line of {@code cases.txt} as a message. */
    private record Case(String line, boolean codeAccepts, boolean cddlAccepts, Message kind, byte[] message) {
        String rule() {
            return kind.rule();
        }

        boolean parses() {
            try {
                kind.parser().parse(message);
                return true;
            } catch (WireException refused) {
                return false;
            }
        }

        static Case of(String line) {
            String[] parts = line.split(" ", 3);
            Message kind = Message.of(parts[1]);
            return new Case(
                    line,
                    parts[0].equals("ok") || parts[0].equals("no-cddl"),
                    parts[0].equals("ok") || parts[0].equals("no-code"),
                    kind,
                    message(
                            kind,
                            parts[1].replaceFirst("(down|registration|confirmation|evidence|statement)-", ""),
                            parts[2]));
        }

        private static byte[] message(Message kind, String where, String what) {
            byte[] protectedMap = Diag.overlay(kind.header(), where.equals("header") ? what : "{}");
            byte[] payload = switch (where) {
                case "batch", "command", "registration", "confirmation", "evidence", "statement" ->
                    Diag.overlay(kind.payload(), what);
                case "verb" -> Diag.overlay(COMMAND, "{-65537: " + what + "}");
                case "header", "unprotected", "tag", "signature" -> Diag.encode(kind.payload());
                default -> Diag.overlay(BATCH, "{11: [[" + where + ", 0, " + what + "]]}");
            };
            byte[] signature = Seal.sign(protectedMap, payload, kind.key());
            return Seal.assemble(
                    where.equals("tag") ? Integer.parseInt(what) : 18,
                    protectedMap,
                    Diag.encode(where.equals("unprotected") ? what : "{}"),
                    payload,
                    where.equals("signature") ? Seal.resized(signature, Integer.parseInt(what)) : signature);
        }
    }

    private static List<Case> cases() {
        List<Case> cases = new ArrayList<>(read("cases.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Case::of)
                .toList());
        // Too long for a line: the most records that a message may hold, and one more.
        for (int count : new int[] {Batch.MAX_RECORDS, Batch.MAX_RECORDS + 1}) {
            String records = String.join(", ", Collections.nCopies(count, "[13, 0, {}]"));
            cases.add(Case.of((count > Batch.MAX_RECORDS ? "no" : "ok") + " batch {11: [" + records + "]}"));
        }
        return cases;
    }

    static String read(String name) {
        try (InputStream in = ContractTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TestFactory
    List<DynamicTest> codeAndCddlJudgeEveryCaseAsItIsWritten() {
        Cddl cddl = Cddl.parse(read("wire.cddl"));
        return cases().stream()
                .map(each -> {
                    Executable check = () -> assertAll(
                            () -> assertEquals(each.codeAccepts(), each.parses(), "code"),
                            () -> assertEquals(
                                    each.cddlAccepts(), cddl.matches(each.rule(), each.message()), "wire.cddl"));
                    return DynamicTest.dynamicTest(
                            each.line().substring(0, Math.min(100, each.line().length())), check);
                })
                .toList();
    }

    /** Whatever number in the CDDL is changed by one, some case notices: no number stands there unchecked. */
    @Test
    void aCddlThatDiffersInAnyNumberIsNoticed() {
        String source = read("wire.cddl");
        List<Case> cases = cases();
        List<String> unnoticed = new ArrayList<>();
        Matcher number = Pattern.compile(";[^\n]*|\"[^\"]*\"|[A-Za-z][A-Za-z0-9-]*|#6|(-?[0-9]+)")
                .matcher(source);
        while (number.find()) {
            if (number.group(1) == null) {
                continue;
            }
            for (int change : new int[] {-1, 1}) {
                String other = new BigInteger(number.group(1))
                        .add(BigInteger.valueOf(change))
                        .toString();
                String mutant = source.substring(0, number.start()) + other + source.substring(number.end());
                if (agrees(mutant, cases)) {
                    long line = source.substring(0, number.start()).lines().count();
                    unnoticed.add("line " + line + ": " + number.group() + " -> " + other);
                }
            }
        }
        assertEquals(List.of(), unnoticed);
    }

    @Test
    void aCddlThatDropsOrFreesAnyMemberIsNoticed() {
        String source = read("wire.cddl");
        List<Case> cases = cases();
        List<String> unnoticed = new ArrayList<>();
        List<String> lines = source.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (!line.matches("\\s+(\\? )?-?\\d+: .*")) {
                continue;
            }
            for (String mutantLine :
                    List.of("", line.contains("?") ? line.replace("? ", "  ") : line.replaceFirst("-?\\d", "? $0"))) {
                List<String> mutant = new ArrayList<>(lines);
                mutant.set(i, mutantLine);
                if (agrees(String.join("\n", mutant) + "\n", cases)) {
                    unnoticed.add("line " + (i + 1) + ": " + line + " -> " + mutantLine);
                }
            }
        }
        assertEquals(List.of(), unnoticed);
    }

    private static boolean agrees(String source, List<Case> cases) {
        Cddl cddl;
        try {
            cddl = Cddl.parse(source);
        } catch (IllegalArgumentException notCddl) {
            return false;
        }
        return cases.stream().allMatch(each -> cddl.matches(each.rule(), each.message()) == each.cddlAccepts());
    }

    @Test
    void everyKindOfTheCddlIsAKindOfTheCode() {
        TreeSet<Integer> numbers = new TreeSet<>();
        Matcher kinds = Pattern.compile("(?m)^([a-z-]+)-record += \\[ (\\d+), dt, ([a-z-]+)")
                .matcher(read("wire.cddl"));
        while (kinds.find()) {
            int number = Integer.parseInt(kinds.group(2));
            assertEquals(
                    kinds.group(1).replace("-", "_").toUpperCase(Locale.ROOT),
                    Kind.of(number).name());
            numbers.add(number);
        }
        for (Kind kind : Kind.values()) {
            assertEquals(kind != Kind.UNKNOWN, numbers.contains(kind.number()), kind.name());
        }
        assertFalse(numbers.isEmpty());
        assertTrue(numbers.last() < Kind.FIRST_PRIVATE);
    }
}
