package ansim.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Messages in a form for people and scripts: ordered maps of names to texts, numbers, yes or no, lists and maps, and two ways to
 * print them. Meant for a person who asks for one message; it holds positions and ride ids and must not go to a log.
 */
public final class Describe {
    private static final JsonFactory JSON = new JsonFactory();

    /** U+FFFD. */
    private static final int REPLACEMENT = 0xfffd;

    private Describe() {}

    /** What a message from a unit says. */
    public static Map<String, Object> fields(UpMessage message) {
        Batch batch = message.batch();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("typ", UpMessage.TYP);
        out.put("kid", message.kid().hex());
        out.put("unit", batch.unit().hex());
        out.put("lane", word(batch.lane()));
        out.put("chain", batch.chain().hex());
        out.put("n", batch.n());
        batch.previous().ifPresent(hash -> out.put("previous", hash.hex()));
        out.put("boot", batch.boot().hex());
        out.put("timeQuality", word(batch.quality()));
        if (batch.quality() != TimeQuality.UNKNOWN) {
            out.put("time", instant(batch.t0Ms()));
        }
        out.put("monotonicMs", batch.m0Ms());
        batch.waiting().ifPresent(count -> out.put("waiting", count));
        flag(out, "test", batch.test());
        flag(out, "memoryOnly", batch.memoryOnly());
        message.flaw().ifPresent(flaw -> out.put("flaw", flaw));
        List<Object> records = new ArrayList<>();
        batch.records().forEach(each -> records.add(fields(batch, each)));
        out.put("records", records);
        out.put("payloadHash", message.payloadHash().hex());
        return out;
    }

    private static Map<String, Object> fields(Batch batch, UpRecord each) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("kind", word(each.body().kind()));
        out.put("dtMs", each.dtMs());
        if (batch.quality() != TimeQuality.UNKNOWN) {
            out.put("time", instant(batch.t0Ms() + each.dtMs()));
        }
        DescribeBody.into(out, each.body());
        return out;
    }

    /** What a message to a unit says. */
    public static Map<String, Object> fields(DownMessage message) {
        Command command = message.command();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("typ", DownMessage.TYP);
        out.put("kid", message.kid().hex());
        out.put("issuer", command.iss());
        out.put("unit", command.aud().hex());
        out.put("issued", second(command.iatS()));
        command.expS().ifPresent(expS -> out.put("expires", second(expS)));
        out.put("generation", command.generation());
        out.put("number", command.number());
        out.put("verb", command.verb().number());
        if (command.verb() instanceof Receipt receipt) {
            receipt.lanes()
                    .forEach((lane, chains) -> out.put(
                            word(lane),
                            chains.stream()
                                    .map(each -> Map.of(
                                            "chain",
                                            each.chain().hex(),
                                            "n",
                                            each.n(),
                                            "hash",
                                            each.hash().hex()))
                                    .map(TreeMap::new)
                                    .toList()));
        } else if (command.verb() instanceof Refused refused) {
            refused.lanes()
                    .forEach((lane, each) -> out.put(
                            word(lane),
                            new TreeMap<>(Map.of("message", each.message().hex(), "reason", word(each.reason())))));
        } else if (command.verb() instanceof OtherVerb other) {
            out.put("bodyHex", other.body().hex());
        }
        return out;
    }

    /** Prints a description as one JSON object on one line. */
    public static String json(Map<String, ?> description) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = JSON.createGenerator(text)) {
            writeJson(generator, description);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    private static void writeJson(JsonGenerator to, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            to.writeStartObject();
            for (Map.Entry<?, ?> each : map.entrySet()) {
                to.writeFieldName(String.valueOf(each.getKey()));
                writeJson(to, each.getValue());
            }
            to.writeEndObject();
        } else if (value instanceof List<?> list) {
            to.writeStartArray();
            for (Object each : list) {
                writeJson(to, each);
            }
            to.writeEndArray();
        } else if (value instanceof Boolean yes) {
            to.writeBoolean(yes);
        } else if (value instanceof BigDecimal number) {
            to.writeNumber(number.toPlainString());
        } else if (value instanceof Number number) {
            to.writeNumber(number.longValue());
        } else {
            to.writeString(value.toString());
        }
    }

    /** Prints a description as indented lines {@code name: value}. */
    public static String text(Map<String, ?> description) {
        StringBuilder text = new StringBuilder();
        writeText(text, description, 0);
        return text.toString();
    }

    private static void writeText(StringBuilder to, Map<?, ?> map, int indent) {
        for (Map.Entry<?, ?> each : map.entrySet()) {
            String name = " ".repeat(indent) + each.getKey() + ":";
            if (each.getValue() instanceof Map<?, ?> inner) {
                to.append(name).append('\n');
                writeText(to, inner, indent + 2);
            } else if (each.getValue() instanceof List<?> list && list.stream().anyMatch(Map.class::isInstance)) {
                to.append(name).append('\n');
                list.forEach(element -> {
                    StringBuilder lines = new StringBuilder();
                    writeText(lines, (Map<?, ?>) element, indent + 4);
                    to.append(lines.replace(indent + 2, indent + 3, "-"));
                });
            } else {
                to.append(name).append(' ').append(printable(each.getValue())).append('\n');
            }
        }
    }

    /** Text from outside must not move a terminal's cursor. */
    private static String printable(Object value) {
        String text = value instanceof BigDecimal number ? number.toPlainString() : value.toString();
        StringBuilder safe = new StringBuilder(text.length());
        text.codePoints().forEach(point -> safe.appendCodePoint(Character.isISOControl(point) ? REPLACEMENT : point));
        return safe.toString();
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String instant(long utcMs) {
        return Instant.ofEpochMilli(utcMs).toString();
    }

    private static Object second(long utcS) {
        Optional<Instant> instant = Optional.of(utcS)
                .filter(s -> s >= Batch.MIN_UTC_MS / 1000 && s <= Batch.MAX_UTC_MS / 1000)
                .map(Instant::ofEpochSecond);
        return instant.<Object>map(Instant::toString).orElse(utcS);
    }

    static void flag(Map<String, Object> out, String name, boolean set) {
        if (set) {
            out.put(name, true);
        }
    }
}
