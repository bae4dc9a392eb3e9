import ansim.edge.port.PortConfig;
import ansim.edge.port.Ports;
import ansim.edge.port.PseudoTerminal;
import ansim.profile.Counters;
import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Wire;
import ansim.settings.Section;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;

/** What decoding costs, beside what was promised. See scripts/rig/decode. Usage: Decode DIR SECONDS SEED JSON. */
final class Decode {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double SENTENCE_MOST_BYTES = 200;
    private static final double CORE_MOST_PERCENT = 10;
    private static final int MIXED_BYTES = 5_000_000;
    private static final int CHUNK = 230;
    private static final int EPOCHS = 4_000;
    /** 115,200 baud with 8 data bits, start and stop. */
    private static final int BYTES_PER_S = 11_520;

    private static final int STEP_MS = 10;
    private static final int WARM_UP_MS = 2_000;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final ObjectNode json = JSON.createObjectNode();
    private final Path dir;
    private final int seconds;
    private final long seed;
    private int broken;

    private Decode(Path dir, int seconds, long seed) {
        this.dir = dir;
        this.seconds = seconds;
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        Decode decode = new Decode(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
        decode.run();
        decode.json.put("seed", decode.seed).put("right", decode.broken == 0);
        Files.writeString(Path.of(args[3]), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(decode.json) + "\n");
        System.exit(decode.broken == 0 ? 0 : 1);
    }

    private void run() throws Exception {
        List<Profile> ofBytes = new ArrayList<>();
        for (String name : Profile.shipped()) {
            Profile profile = Profile.load(name);
            if (profile.wire() != Wire.GPIO) {
                ofBytes.add(profile);
            }
        }
        out.printf("%n%-66s %14s %16s%n", "", "measured", "promised");
        steady("gnss-nmea0183", "NMEA sentence", Decode::sentences, 3);
        steady("gnss-ubx", "NMEA sentence", Decode::sentences, 3);
        steady("gnss-gpsd", "report", second -> List.of(report(second)), 1);
        steady("reader-em4100", "card", second -> List.of(card(second)), 1);
        steady("line-pattern", "line", second -> List.of("CARD: %08X\r\n".formatted(second)), 1);
        out.println();
        byte[] mixed = mixed(new Random(seed), MIXED_BYTES);
        ofBytes.forEach(profile -> fullSpeed(profile, mixed));
        out.println();
        for (Profile profile : ofBytes) {
            if (profile.wire() == Wire.SERIAL) {
                flood(profile);
            }
        }
        out.println();
        out.println(broken == 0 ? "OK: every promise is kept." : "NOT KEPT: " + broken + " promises, marked <--.");
    }

    private void row(String what, String measured, String promised, boolean kept) {
        broken += kept ? 0 : 1;
        out.printf("%-66s %14s %16s%s%n", what, measured, promised, kept ? "" : "  <--");
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    }

    // ---- what is good, second by second

    private interface Epoch {
        List<String> at(int second);
    }

    private void steady(String name, String what, Epoch epoch, int each) {
        List<byte[]> epochs = new ArrayList<>();
        for (int second = 0; second < EPOCHS; second++) {
            epochs.add(String.join("", epoch.at(second)).getBytes(StandardCharsets.US_ASCII));
        }
        DeviceReader reader = Profile.load(name).open();
        long[] readings = new long[1];
        long allocated = 0;
        long before = 0;
        long bytes = 0;
        for (int second = 0; second < EPOCHS; second++) {
            if (second == EPOCHS / 2) {
                allocated = threads.getCurrentThreadAllocatedBytes();
                before = threads.getCurrentThreadCpuTime();
                bytes = reader.counters().bytes();
            }
            byte[] said = epochs.get(second);
            reader.accept(said, 0, said.length, second * 1_000L, reading -> readings[0]++);
        }
        double perEach = (threads.getCurrentThreadAllocatedBytes() - allocated) / (EPOCHS / 2.0 * each);
        double nsPerByte = (threads.getCurrentThreadCpuTime() - before) / (double) (reader.counters().bytes() - bytes);
        boolean promised = what.equals("NMEA sentence");
        boolean right = readings[0] >= EPOCHS - 1;
        row(
                name + ": bytes allocated per " + what,
                rounded(perEach),
                promised ? "< " + rounded(SENTENCE_MOST_BYTES) : "",
                right && (!promised || perEach < SENTENCE_MOST_BYTES));
        row(name + ": ns per byte", rounded(nsPerByte), "", true);
        json.withObject("/steady/" + name).put("bytesAllocatedEach", perEach).put("nsPerByte", nsPerByte).put("readings", readings[0]);
    }

    private static String sentence(String body) {
        int xor = body.chars().reduce(0, (a, b) -> a ^ b);
        return "$%s*%02X\r\n".formatted(body, xor);
    }

    private static List<String> sentences(int second) {
        String time = "%02d%02d%02d.00".formatted(second / 3_600 + 8, second / 60 % 60, second % 60);
        return List.of(
                sentence("GNRMC," + time + ",A,3733.9000,N,12658.7000,E,10.0,90.0,231126,,,A"),
                sentence("GNGGA," + time + ",3733.9000,N,12658.7000,E,1,09,0.9,38.2,M,18.0,M,,"),
                sentence("GNGSA,A,3,08,10,16,18,27,,,,,,,,1.2,1.1,0.9"));
    }

    private static String report(int second) {
        return "{\"class\":\"TPV\",\"device\":\"/dev/ttyACM0\",\"mode\":3,\"time\":\"2026-11-23T%02d:%02d:%02d.000Z\",\"lat\":37.565,\"lon\":126.978,\"speed\":1.5}\n"
                .formatted(second / 3_600 + 8, second / 60 % 60, second % 60);
    }

    private static String card(int second) {
        int xor = 0x62 ^ (second >> 16 & 0xFF) ^ (second >> 8 & 0xFF) ^ (second & 0xFF);
        return "\u00026200%06X%02X\r\n\u0003".formatted(second, xor);
    }

    // ---- what is not

    /** Binary, text, and pieces of what each device would send, whole or cut. */
    private static byte[] mixed(Random random, int length) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        while (all.size() < length) {
            byte[] next = new byte[1 + random.nextInt(120)];
            random.nextBytes(next);
            int kind = random.nextInt(6);
            if (kind == 0) {
                for (int i = 0; i < next.length; i++) {
                    next[i] = (byte) (' ' + (next[i] & 0x3F));
                }
            } else if (kind > 1) {
                int second = random.nextInt(10_000);
                String good = switch (kind) {
                    case 2 -> String.join("", sentences(second));
                    case 3 -> report(second);
                    case 4 -> card(second) + "CARD: " + second + "00\r\n";
                    default -> "\u00B5b\u0001\u0007\\\u0000 \u0000\u0000\u00FF\u0002\u00FE\u00D5\u0015\u0016\u0000RTSP/1.0 200 OK\r\n\r\n";
                };
                byte[] bytes = good.getBytes(StandardCharsets.ISO_8859_1);
                int from = random.nextBoolean() ? 0 : random.nextInt(bytes.length);
                next = Arrays.copyOfRange(bytes, from, bytes.length);
            }
            all.writeBytes(next);
        }
        return Arrays.copyOf(all.toByteArray(), length);
    }

    private void fullSpeed(Profile profile, byte[] mixed) {
        DeviceReader reader = profile.open();
        long[] readings = new long[1];
        reader.opened(0, reading -> readings[0]++);
        long ms = 0;
        long allocated = threads.getCurrentThreadAllocatedBytes();
        long before = threads.getCurrentThreadCpuTime();
        String thrown = "";
        try {
            for (int from = 0; from < mixed.length; from += CHUNK) {
                int length = Math.min(CHUNK, mixed.length - from);
                reader.accept(mixed, from, length, ms, reading -> readings[0]++);
                reader.tick(ms, reading -> readings[0]++);
                reader.toSend(ms);
                ms += 20;
            }
        } catch (RuntimeException e) {
            thrown = e.toString();
        }
        double nsPerByte = (threads.getCurrentThreadCpuTime() - before) / (double) mixed.length;
        double perByte = (threads.getCurrentThreadAllocatedBytes() - allocated) / (double) mixed.length;
        Counters counters = reader.counters();
        boolean right = thrown.isEmpty() && addUp(counters, mixed.length) && readings[0] == counters.readings();
        row(profile.name() + ": 5 MB mixed, frames taken / refused", counters.accepted() + " / " + refused(counters), "they add up", right);
        row(profile.name() + ": 5 MB mixed, ns and bytes allocated per byte", rounded(nsPerByte) + " / " + rounded(perByte), "", true);
        json.withObject("/mixed/" + profile.name())
                .put("thrown", thrown)
                .put("nsPerByte", nsPerByte)
                .put("bytesAllocatedPerByte", perByte)
                .put("frames", counters.frames())
                .put("accepted", counters.accepted())
                .put("noiseBytes", counters.noiseBytes());
    }

    private static long refused(Counters counters) {
        return counters.rejected().values().stream().mapToLong(Long::longValue).sum();
    }

    private static boolean addUp(Counters counters, long bytes) {
        return counters.bytes() == bytes
                && counters.frames() == counters.accepted() + refused(counters)
                && counters.noiseBytes() + counters.frames() <= bytes;
    }

    /** Noise at the full speed of the line, through the port's own thread; the writer's time is not the agent's. */
    private void flood(Profile profile) throws IOException, InterruptedException {
        Random random = new Random(seed);
        byte[] noise = new byte[BYTES_PER_S * STEP_MS / 1_000];
        PortConfig config = new PortConfig(
                "flood",
                profile.name(),
                Optional.of(dir.resolve("tty").toString()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Section.empty());
        try (PseudoTerminal line = new PseudoTerminal(dir.resolve("tty"));
                Ports ports = Ports.open(List.of(config), reading -> {}, () -> System.nanoTime() / 1_000_000)) {
            write(line, noise, random, WARM_UP_MS);
            long sent = bytes(ports);
            long cpu = cpuButMine();
            long wall = System.nanoTime();
            long written = write(line, noise, random, seconds * 1_000L);
            double share = 100.0 * (cpuButMine() - cpu) / (System.nanoTime() - wall);
            // The counters of a port's status are up to a second old.
            Thread.sleep(1_500);
            long arrived = bytes(ports) - sent;
            boolean loud = arrived > written / 2;
            row(
                    profile.name() + (profile.asks() ? " (asks)" : "") + ": noise at 115,200 baud, % of a core",
                    rounded(share),
                    "< " + rounded(CORE_MOST_PERCENT),
                    loud && share < CORE_MOST_PERCENT);
            if (!loud) {
                out.println("  only " + arrived + " of " + written + " bytes arrived: the machine is too busy to say");
            }
            json.withObject("/flood/" + profile.name()).put("percentOfACore", share).put("written", written).put("arrived", arrived);
        }
    }

    private static long bytes(Ports ports) {
        return ports.states().get("flood").counters().map(Counters::bytes).orElse(0L);
    }

    /** ns of CPU of the whole process, compiler and collector included, but for this thread. */
    private long cpuButMine() {
        return process.getProcessCpuTime() - threads.getCurrentThreadCpuTime();
    }

    private static long write(PseudoTerminal line, byte[] noise, Random random, long ms) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        long written = 0;
        for (long at = 0; at < ms; at += STEP_MS) {
            random.nextBytes(noise);
            line.write(noise);
            line.read();
            written += noise.length;
            long leftMs = at + STEP_MS - (System.nanoTime() - begin) / 1_000_000;
            if (leftMs > 0) {
                Thread.sleep(leftMs);
            }
        }
        return written;
    }
}
