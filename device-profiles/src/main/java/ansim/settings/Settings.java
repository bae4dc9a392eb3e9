package ansim.settings;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Settings files: YAML 1.2 bound to records, with every problem reported at once.
 *
 * <p>A record component {@code sealAfter} is the key {@code seal-after}. Types: String, int, long, double, boolean, enums
 * (lower case, {@code -} for {@code _}), {@link java.time.Duration} ({@code 500ms}, {@code 30s}, {@code 10min}, {@code 2h},
 * {@code 7d}), {@link java.time.LocalDate}, {@link Path} (relative to the file's folder), {@link java.util.UUID}, {@link java.net.URI}, {@code List<T>}, {@code Map<String, T>},
 * {@code Optional<T>}, records, {@link Section}, and sealed interfaces of records: there the one key of the mapping names the
 * record ({@code webhook: ...} binds {@code Webhook}; a lone scalar is the record's first component).
 *
 * <p>A component is required unless it is an Optional or has a {@link Default}. {@link Range} limits numbers and durations. A
 * constructor that throws IllegalArgumentException is a problem at that path. Unknown keys, repeated keys, aliases and tags
 * are refused. A file is at most {@value #MAX_BYTES} bytes and {@value #MAX_DEPTH} deep.
 *
 * <p>Stateless: any thread.
 */
public final class Settings {
    static final int MAX_BYTES = 256 * 1024;
    static final int MAX_DEPTH = 16;

    private Settings() {}

    /**
     * Reads a file.
     *
     * @throws SettingsException with all problems, also when the file cannot be read
     */
    public static <T extends Record> T load(Path file, Class<T> type) {
        return binder(file).read(text(file), type);
    }

    /**
     * A whole file as it is written, so that its parts can be bound one by one although others are wrong.
     *
     * @throws SettingsException when the file cannot be read or is no mapping
     */
    public static Section section(Path file) {
        return binder(file).section(text(file));
    }

    private static Binder binder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return new Binder(file.toString(), folder == null ? file.toAbsolutePath() : folder);
    }

    private static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_BYTES + 1), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SettingsException(List.of(new Problem(file.toString(), 0, "", "", "cannot be read (" + e + ")")));
        }
    }

    /**
     * Binds YAML text; paths in it are relative to the working folder.
     *
     * @param origin what to call the text in problems
     * @throws SettingsException with all problems
     */
    public static <T extends Record> T read(String origin, String yaml, Class<T> type) {
        return new Binder(origin, Path.of("").toAbsolutePath()).read(yaml, type);
    }

    /** The values in force, defaults included, as YAML that {@link #read} takes back. */
    public static String effective(Record settings) {
        return Printer.print(settings);
    }

    /** The key of a record component, or the name of an enum constant: {@code sealAfter} and {@code SEAL_AFTER} are {@code seal-after}. */
    static String kebab(String name) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_') {
                key.append('-');
            } else if (Character.isUpperCase(c) && i > 0 && Character.isLowerCase(name.charAt(i - 1))) {
                key.append('-').append(Character.toLowerCase(c));
            } else {
                key.append(Character.toLowerCase(c));
            }
        }
        return key.toString();
    }
}
