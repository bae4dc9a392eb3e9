package ansim.fuzz;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Something that a fuzzer feeds with bytes, and what must hold whatever they are.
 *
 * <p>A class with targets has the two static methods that Jazzer calls ({@code fuzzerInitialize} with a target's name,
 * {@code fuzzerTestOneInput}) and a {@code main} that calls {@link #tool} for scripts/fuzz; its test calls {@link #replay}.
 *
 * @param name as in {@code scripts/fuzz --list}
 * @param seeds inputs that reach the depths, and every input that ever broke a promise
 * @param body throws when a promise is broken
 */
public record FuzzTarget(String name, List<byte[]> seeds, Body body) {
    /** Changed copies of each seed that every build tries. */
    private static final int COPIES = 40;

    /** Takes an input. */
    public interface Body {
        /** Throws anything when a promise is broken. */
        void take(byte[] input) throws Exception;
    }

    /** Seeds may be added later by no one. */
    public FuzzTarget {
        seeds = List.copyOf(seeds);
    }

    /** The target of that name. */
    public static FuzzTarget named(List<FuzzTarget> all, String name) {
        return all.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no target " + name));
    }

    /** {@code list}: names, one a line. {@code seeds NAME FOLDER}: writes its seeds there. */
    public static void tool(List<FuzzTarget> all, String[] args) throws IOException {
        if (args[0].equals("list")) {
            PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            all.forEach(each -> out.println(each.name()));
            return;
        }
        List<byte[]> seeds = named(all, args[1]).seeds();
        Path folder = Files.createDirectories(Path.of(args[2]));
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed-" + i), seeds.get(i));
        }
    }

    /** What every build does: the seeds as they are, and some changes of each, the same in every build. */
    public void replay() {
        tryOne(new byte[0]);
        Random random = new Random(name.hashCode());
        for (byte[] seed : seeds) {
            tryOne(seed);
            for (int i = 0; i < COPIES; i++) {
                tryOne(changed(seed, random));
            }
        }
    }

    private void tryOne(byte[] input) {
        try {
            body.take(input);
        } catch (Exception | AssertionError | StackOverflowError e) {
            throw new AssertionError(name + " is broken by " + HexFormat.of().formatHex(input), e);
        }
    }

    /** A few bytes changed, removed, doubled, or put in. */
    private static byte[] changed(byte[] seed, Random random) {
        byte[] bytes = seed;
        for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            int at = random.nextInt(bytes.length);
            int to = Math.min(bytes.length, at + 1 + random.nextInt(8));
            byte[] middle = Arrays.copyOfRange(bytes, at, to);
            middle[0] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            byte[] before = Arrays.copyOf(bytes, at);
            byte[] after = Arrays.copyOfRange(bytes, to, bytes.length);
            byte[] whole = Arrays.copyOfRange(bytes, at, bytes.length);
            byte[] noise = {(byte) random.nextInt()};
            bytes = switch (random.nextInt(4)) {
                case 0 -> join(before, after);
                case 1 -> join(before, middle, whole);
                case 2 -> join(before, noise, whole);
                default -> join(before, middle, after);
            };
        }
        return bytes;
    }

    /** These bytes, then those. */
    public static byte[] join(byte[]... parts) {
        byte[] all = new byte[Stream.of(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    /** What the fuzzer found once, as hex digits. */
    public static List<byte[]> hex(String... found) {
        List<byte[]> bytes = new ArrayList<>();
        for (String each : found) {
            bytes.add(HexFormat.of().parseHex(each));
        }
        return bytes;
    }
}
