package ansim.edge;

import ansim.edge.port.Attached;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One thing that probe found, in words, as JSON and as the line of agent.yaml that uses it.
 *
 * @param text for people
 * @param port of agent.yaml without its name; empty when there is nothing to write
 * @param recognised it is something that an agent reads
 * @param doubt why the line of agent.yaml may be wrong; empty where it is not
 * @param json figures: strings, numbers, booleans, lists and maps of them
 */
record ProbeAnswer(String text, Optional<String> port, boolean recognised, String doubt, Map<String, Object> json) {
    private static final JsonFactory JSON = new JsonFactory();
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/._@+-]+");
    /** pcscd ends the names with the numbers of device and slot, which change when it is plugged in elsewhere. */
    private static final Pattern NUMBERS = Pattern.compile(" [0-9A-F]{2} [0-9A-F]{2}$");

    private ProbeAnswer(String text, Optional<String> port, boolean recognised, Map<String, Object> json) {
        this(text, port, recognised, "", json);
    }

    static ProbeAnswer held(Path device, ProbeHolders.Holder holder) {
        Map<String, Object> json = json("serial", device.toString());
        json.put("held", holder.port().orElse(holder.who()));
        holder.profile().ifPresent(profile -> json.put("profile", profile));
        holder.figures().ifPresent(figures -> json.put("state", figures));
        String says = holder.profile().map(profile -> ", profile " + profile).orElse("")
                + holder.figures()
                        .map(figures -> ": " + figures)
                        .orElse(
                                holder.port().isPresent()
                                        ? ": ask it as its user: edge-agent status"
                                        : ". Stop that program to probe the port, or leave the device to it");
        return new ProbeAnswer(
                device + ": held by " + holder.who() + says,
                Optional.empty(),
                holder.port().isPresent(),
                json);
    }

    /** What was found, as kind and name. */
    String device() {
        return String.valueOf(json.get("device"));
    }

    /** The same, when an agent that runs has it already: there is nothing to write. */
    ProbeAnswer unless(Optional<ProbeHolders.Holder> agent) {
        if (agent.isEmpty()) {
            return this;
        }
        Map<String, Object> more = new LinkedHashMap<>(json);
        more.put("held", agent.get().port().orElse(agent.get().who()));
        agent.get().figures().ifPresent(figures -> more.put("state", figures));
        String figures = agent.get().figures().map(state -> ": " + state).orElse("");
        return new ProbeAnswer(text + "; read by " + agent.get().who() + figures, Optional.empty(), true, more);
    }

    static ProbeAnswer serial(Path device, ProbeSerial.Found found, boolean asked) {
        Map<String, Object> json = json("serial", device.toString());
        found.profile().ifPresent(profile -> json.put("profile", profile));
        if (found.profile().isPresent()) {
            json.put("baud", found.baud());
            json.put("options", found.options());
        }
        json.put("frames", found.frames());
        json.put("rejected", found.rejected());
        json.put("bytes", found.bytes());
        json.put("complete", found.complete());
        found.error().ifPresent(error -> json.put("error", error));
        if (found.profile().isEmpty()) {
            return new ProbeAnswer(device + ": " + unknown(found, asked), Optional.empty(), false, json);
        }
        String profile = found.profile().get();
        String address = found.options().containsKey("address")
                ? ", address " + found.options().get("address")
                : "";
        return new ProbeAnswer(
                String.format(
                        "%s: %s at %d baud%s%s, %d frames, %d refused%s",
                        device,
                        profile,
                        found.baud(),
                        found.options().containsKey("parity") ? ", even parity" : "",
                        address,
                        found.frames(),
                        found.rejected(),
                        profile.equals("modbus-rtu") ? "; which registers it has is in its manual" : ""),
                Optional.of(
                        "profile: " + profile + ", serial: " + quoted(device.toString()) + options(found.options())),
                true,
                json);
    }

    private static String unknown(ProbeSerial.Found found, boolean asked) {
        if (found.error().isPresent()) {
            return "cannot be opened (" + found.error().get() + ")"
                    + (found.error().get().startsWith("no such device")
                            ? ""
                            : ". Another program may have it, or this user is not in the group dialout");
        }
        if (!found.complete()) {
            return "not found out: the time limit was reached (--limit)";
        }
        if (found.bytes() > 0) {
            return found.bytes() + " bytes that no profile understands"
                    + (found.sample().isEmpty() ? ", no text" : ": " + found.sample())
                    + (asked ? "" : ". Nothing was written")
                    + ". A speed that was not tried, or a device for line-pattern or a profile of your own";
        }
        return "silent, and nothing answers" + (asked ? "" : " (nothing was asked: --listen-only)")
                + ". A reader speaks when a card is held to it; check power, ground, and RX against TX";
    }

    private static String options(Map<String, String> options) {
        if (options.isEmpty()) {
            return "";
        }
        List<String> pairs = new ArrayList<>();
        options.forEach((key, value) -> pairs.add(key + ": " + value));
        return ", options: {" + String.join(", ", pairs) + "}";
    }

    static ProbeAnswer keyboard(Attached.Keyboard keyboard) {
        Map<String, Object> json = json("evdev", keyboard.path().toString());
        json.put("profile", "reader-hid");
        json.put("name", keyboard.name());
        String doubt = "only if it is a card reader that plays a keyboard, and not a keyboard";
        json.put("doubt", doubt);
        return new ProbeAnswer(
                keyboard.path() + ": '" + keyboard.name()
                        + "' types; a card reader that plays a keyboard, or a keyboard",
                Optional.of(
                        "profile: reader-hid, evdev: " + quoted(keyboard.path().toString())),
                false,
                doubt,
                json);
    }

    static List<ProbeAnswer> cardReaders(List<String> readers) {
        List<ProbeAnswer> answers = new ArrayList<>();
        for (String reader : readers) {
            String name = NUMBERS.matcher(reader).replaceFirst("");
            boolean alone =
                    readers.stream().filter(other -> other.startsWith(name)).count() == 1;
            Map<String, Object> json = json("pcsc", reader);
            json.put("profile", "reader-pcsc");
            answers.add(new ProbeAnswer(
                    reader + ": a reader of the PC/SC service",
                    Optional.of("profile: reader-pcsc, pcsc: \"" + escaped(alone ? name : reader) + "\""),
                    true,
                    json));
        }
        return answers;
    }

    static ProbeAnswer gpsd(String address, ProbeGpsd gpsd) {
        Map<String, Object> json = json("tcp", address);
        json.put("profile", "gnss-gpsd");
        json.put("release", gpsd.release());
        json.put("receivers", gpsd.devices());
        return new ProbeAnswer(
                address + ": gpsd " + gpsd.release() + ", "
                        + (gpsd.devices().isEmpty()
                                ? "without a receiver"
                                : "receivers " + String.join(", ", gpsd.devices())),
                Optional.of("profile: gnss-gpsd, tcp: " + quoted(address)),
                true,
                json);
    }

    static ProbeAnswer chip(Attached.Chip chip) {
        Map<String, Object> json = json("gpio", chip.name());
        json.put("label", chip.label());
        List<Object> lines = new ArrayList<>();
        List<String> used = new ArrayList<>();
        List<Integer> free = new ArrayList<>();
        for (Attached.Line line : chip.lines()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("line", line.offset());
            each.put("name", line.name());
            each.put("direction", line.output() ? "out" : "in");
            each.put("used", line.used());
            each.put("consumer", line.consumer());
            lines.add(each);
            if (line.used()) {
                used.add(String.format(
                        "%n    line %d%s, %s: used by %s",
                        line.offset(),
                        line.name().isEmpty() ? "" : " " + line.name(),
                        line.output() ? "output" : "input",
                        line.consumer().isEmpty() ? "the kernel" : line.consumer()));
            } else {
                free.add(line.offset());
            }
        }
        json.put("lines", lines);
        chip.error().ifPresent(error -> json.put("error", error));
        String text = chip.error()
                .map(error -> chip.name() + ": " + error)
                .orElseGet(() -> String.format(
                        "%s (%s), %d lines: free %s%s",
                        chip.name(), chip.label(), chip.lines().size(), ranges(free), String.join("", used)));
        return new ProbeAnswer(text, Optional.empty(), false, json);
    }

    /** {@code 0-3, 7}. */
    static String ranges(List<Integer> numbers) {
        List<String> ranges = new ArrayList<>();
        for (int i = 0; i < numbers.size(); i++) {
            int first = numbers.get(i);
            while (i + 1 < numbers.size() && numbers.get(i + 1) == numbers.get(i) + 1) {
                i++;
            }
            ranges.add(first == numbers.get(i) ? "" + first : first + "-" + numbers.get(i));
        }
        return ranges.isEmpty() ? "none" : String.join(", ", ranges);
    }

    private static Map<String, Object> json(String kind, String device) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("kind", kind);
        json.put("device", device);
        return json;
    }

    private static String quoted(String value) {
        return PLAIN.matcher(value).matches() ? value : "\"" + escaped(value) + "\"";
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    /** One line. */
    String toJson(Optional<String> yaml) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator line = JSON.createGenerator(text)) {
            Map<String, Object> all = new LinkedHashMap<>(json);
            yaml.ifPresent(port -> all.put("yaml", port));
            write(line, all);
        }
        return text.toString();
    }

    private static void write(JsonGenerator out, Object value) throws IOException {
        if (value instanceof Map<?, ?> map) {
            out.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.writeFieldName(String.valueOf(entry.getKey()));
                write(out, entry.getValue());
            }
            out.writeEndObject();
        } else if (value instanceof List<?> list) {
            out.writeStartArray();
            for (Object each : list) {
                write(out, each);
            }
            out.writeEndArray();
        } else if (value instanceof Boolean is) {
            out.writeBoolean(is);
        } else if (value instanceof Number number) {
            out.writeNumber(number.longValue());
        } else {
            out.writeString(String.valueOf(value));
        }
    }
}
