package ansim.edge;

import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The configuration and the files that it names, read and checked before anything opens.
 *
 * @param config the settings
 * @param key signs for this unit
 * @param hubKey verifies what the hub sends
 */
record UnitFiles(AgentConfig config, SigningKey key, VerifyKey hubKey) {
    private static final Set<PosixFilePermission> OWNER =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /**
     * Reads them.
     *
     * @throws SettingsException with all problems of the configuration and of the files that it names
     */
    static UnitFiles load(Path file) {
        Set<Problem> problems = new LinkedHashSet<>();
        Parts parts = read(file, problems, problems);
        if (!problems.isEmpty()) {
            throw new SettingsException(List.copyOf(problems));
        }
        return new UnitFiles(
                parts.config().orElseThrow(),
                parts.key().orElseThrow(),
                parts.hubKey().orElseThrow());
    }

    /** What could be read. */
    record Parts(Optional<AgentConfig> config, Optional<SigningKey> key, Optional<VerifyKey> hubKey) {}

    /**
     * Reads what can be read.
     *
     * @param problems gets what is wrong
     * @param absent gets the key files that do not exist: not made or not fetched yet
     */
    static Parts read(Path file, Set<Problem> problems, Set<Problem> absent) {
        Optional<Section> whole = attempt(() -> Settings.section(file), problems);
        Optional<AgentConfig> config = attempt(() -> Settings.load(file, AgentConfig.class), problems);
        Optional<SigningKey> key = whole.flatMap(section -> key(
                section,
                "make one with: edge-agent keygen --out ",
                problems,
                absent,
                path -> ownersOnly(section, path, problems),
                SigningKey::fromPem));
        Optional<VerifyKey> hubKey = whole.flatMap(section -> attempt(() -> part(section, HubPart.class), problems))
                .flatMap(HubPart::hub)
                .flatMap(section -> key(
                        section,
                        "at the hub: hub-bridge key show > ",
                        problems,
                        absent,
                        path -> true,
                        VerifyKey::fromPem));
        return new Parts(config, key, hubKey);
    }

    private static <K> Optional<K> key(
            Section section,
            String howToMake,
            Set<Problem> problems,
            Set<Problem> absent,
            Predicate<Path> rule,
            Function<String, K> parse) {
        Optional<Path> path =
                attempt(() -> part(section, KeyPart.class), problems).flatMap(KeyPart::key);
        if (path.isPresent() && Files.notExists(path.get())) {
            absent.add(section.problemAt("key", "does not exist yet; " + howToMake + path.get()));
            return Optional.empty();
        }
        return path.filter(rule).flatMap(pem -> pem(section, pem, parse, problems));
    }

    /** The value, or its problems added to the others. */
    static <T> Optional<T> attempt(Supplier<T> load, Set<Problem> problems) {
        try {
            return Optional.of(load.get());
        } catch (SettingsException e) {
            problems.addAll(e.problems());
            return Optional.empty();
        }
    }

    /** Only what {@code type} asks for: a part that can be judged although others are wrong. */
    static <T extends Record> T part(Section whole, Class<T> type) {
        return whole.only(Section.keysOf(type)).bind(type);
    }

    private record KeyPart(Optional<Path> key) {}

    private record HubPart(Optional<Section> hub) {}

    private static boolean ownersOnly(Section section, Path key, Set<Problem> problems) {
        try {
            if (OWNER.containsAll(Files.getPosixFilePermissions(key))) {
                return true;
            }
            problems.add(section.problemAt("key", "must be readable by its owner only: chmod 600 " + key));
        } catch (IOException e) {
            problems.add(section.problemAt("key", "cannot be read (" + e + ")"));
        }
        return false;
    }

    private static <K> Optional<K> pem(Section section, Path pem, Function<String, K> parse, Set<Problem> problems) {
        try {
            return Optional.of(parse.apply(Files.readString(pem, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            problems.add(section.problemAt("key", "cannot be read (" + e + ")"));
        } catch (IllegalArgumentException e) {
            problems.add(section.problemAt("key", "is no Ed25519 key in PEM: " + e.getMessage()));
        }
        return Optional.empty();
    }
}
