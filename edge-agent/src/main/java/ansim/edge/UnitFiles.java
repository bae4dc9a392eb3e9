package ansim.edge;

import ansim.settings.Problem;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

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
     * @throws SettingsException with all problems of the configuration, or else of the files that it names
     */
    static UnitFiles load(Path file) {
        AgentConfig config = Settings.load(file, AgentConfig.class);
        List<Problem> problems = new ArrayList<>();
        Optional<SigningKey> key = Optional.empty();
        if (ownersOnly(file, config.key(), problems)) {
            key = pem(file, "key", config.key(), SigningKey::fromPem, problems);
        }
        Optional<VerifyKey> hubKey = pem(file, "hub.key", config.hub().key(), VerifyKey::fromPem, problems);
        if (key.isEmpty() || hubKey.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new UnitFiles(config, key.get(), hubKey.get());
    }

    private static boolean ownersOnly(Path file, Path key, List<Problem> problems) {
        try {
            if (OWNER.containsAll(Files.getPosixFilePermissions(key))) {
                return true;
            }
            problems.add(problem(file, "key", key, "must be readable by its owner only: chmod 600 " + key));
        } catch (IOException e) {
            problems.add(problem(
                    file, "key", key, "cannot be read (" + e + "); make one with: edge-agent keygen --out " + key));
        }
        return false;
    }

    private static <K> Optional<K> pem(
            Path file, String path, Path pem, Function<String, K> parse, List<Problem> problems) {
        try {
            return Optional.of(parse.apply(Files.readString(pem, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            problems.add(problem(file, path, pem, "cannot be read (" + e + ")"));
        } catch (IllegalArgumentException e) {
            problems.add(problem(file, path, pem, "is no Ed25519 key in PEM: " + e.getMessage()));
        }
        return Optional.empty();
    }

    private static Problem problem(Path file, String path, Path value, String rule) {
        return new Problem(file.toString(), 0, path, value.toString(), rule);
    }
}
