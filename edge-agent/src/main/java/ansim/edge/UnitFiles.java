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
        Section whole = Settings.section(file);
        Set<Problem> problems = new LinkedHashSet<>();
        Optional<AgentConfig> config = attempt(() -> Settings.load(file, AgentConfig.class), problems);
        Optional<SigningKey> key = attempt(() -> part(whole, KeyPart.class), problems)
                .flatMap(KeyPart::key)
                .filter(path -> ownersOnly(whole, path, problems))
                .flatMap(path -> pem(whole, path, SigningKey::fromPem, problems));
        Optional<Section> hub =
                attempt(() -> part(whole, HubPart.class), problems).flatMap(HubPart::hub);
        Optional<VerifyKey> hubKey = hub.flatMap(section -> attempt(() -> part(section, KeyPart.class), problems)
                .flatMap(KeyPart::key)
                .flatMap(path -> pem(section, path, VerifyKey::fromPem, problems)));
        if (!problems.isEmpty()) {
            throw new SettingsException(List.copyOf(problems));
        }
        return new UnitFiles(config.orElseThrow(), key.orElseThrow(), hubKey.orElseThrow());
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
            problems.add(section.problemAt(
                    "key", "cannot be read (" + e + "); make one with: edge-agent keygen --out " + key));
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
