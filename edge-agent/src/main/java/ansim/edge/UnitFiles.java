package ansim.edge;

import ansim.edge.keys.KeysException;
import ansim.edge.keys.TrustFolder;
import ansim.edge.keys.TrustState;
import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import ansim.wire.SealingKey;
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
 * @param config the settings; with a folder of keys, that is enrolled
 * @param key signs for this unit; empty with a folder of keys
 * @param hubKey verifies what the hub sends; empty with a folder of keys
 * @param vaultKey what cards are sealed to, if the settings name one or the folder of keys has it
 */
record UnitFiles(
        AgentConfig config, Optional<SigningKey> key, Optional<VerifyKey> hubKey, Optional<SealingKey> vaultKey) {
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
        return new UnitFiles(parts.config().orElseThrow(), parts.key(), parts.hubKey(), parts.vaultKey());
    }

    /** What could be read. */
    record Parts(
            Optional<AgentConfig> config,
            Optional<SigningKey> key,
            Optional<VerifyKey> hubKey,
            Optional<SealingKey> vaultKey,
            Optional<TrustState> trust) {}

    /**
     * One of the keys that settings name.
     *
     * @param setting the key of the setting
     * @param algorithm what it must be
     * @param howToMake a command that ends before the file's name
     */
    private record Kind<K>(String setting, String algorithm, String howToMake, Function<String, K> parse) {}

    private static final Kind<SigningKey> UNITS =
            new Kind<>("key", "Ed25519", "make one with: edge-agent keygen --out ", SigningKey::fromPem);
    private static final Kind<VerifyKey> HUBS =
            new Kind<>("key", "Ed25519", "at the hub: hub-bridge key show > ", VerifyKey::fromPem);
    private static final Kind<SealingKey> VAULTS =
            new Kind<>("vault-key", "X25519", "at the vault: hub-bridge vault key show > ", SealingKey::fromPem);

    /**
     * Reads what can be read.
     *
     * @param problems gets what is wrong
     * @param absent gets the key files that do not exist: not made or not fetched yet
     */
    static Parts read(Path file, Set<Problem> problems, Set<Problem> absent) {
        Optional<Section> whole = attempt(() -> Settings.section(file), problems);
        Optional<AgentConfig> config = attempt(() -> Settings.load(file, AgentConfig.class), problems);
        Optional<SigningKey> key = whole.flatMap(section -> attempt(() -> part(section, KeyPart.class), problems)
                .flatMap(KeyPart::key)
                .filter(path -> Files.notExists(path) || ownersOnly(section, path, problems))
                .flatMap(path -> key(UNITS, section, path, problems, absent)));
        Optional<Section> hub = whole.flatMap(section -> attempt(() -> part(section, HubPart.class), problems))
                .flatMap(HubPart::hub);
        Optional<VerifyKey> hubKey = hub.flatMap(section -> attempt(() -> part(section, KeyPart.class), problems)
                .flatMap(KeyPart::key)
                .flatMap(path -> key(HUBS, section, path, problems, absent)));
        Optional<SealingKey> named = hub.flatMap(section -> attempt(() -> part(section, VaultPart.class), problems)
                .flatMap(VaultPart::vaultKey)
                .flatMap(path -> key(VAULTS, section, path, problems, absent)));
        Optional<SealingKey> vaultKey = named.isPresent()
                ? named
                : whole.flatMap(section -> attempt(() -> part(section, TrustPart.class), problems)
                        .flatMap(TrustPart::trust)
                        .map(folder -> TrustFolder.at(folder).vaultKey())
                        .filter(Files::exists)
                        .flatMap(path -> pem(VAULTS, section, path, problems)));
        return new Parts(config, key, hubKey, vaultKey, whole.flatMap(section -> trust(section, problems, absent)));
    }

    private static Optional<TrustState> trust(Section section, Set<Problem> problems, Set<Problem> absent) {
        Optional<Path> folder =
                attempt(() -> part(section, TrustPart.class), problems).flatMap(TrustPart::trust);
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        try {
            TrustState state = TrustFolder.at(folder.get()).load();
            if (!state.enrolled()) {
                absent.add(section.problemAt(
                        "trust",
                        "is not enrolled yet; edge-agent enrol --trust " + folder.get() + " --hub https://HOST:PORT"));
            }
            return Optional.of(state);
        } catch (KeysException e) {
            problems.add(section.problemAt("trust", e.error() + ": " + e.tryThis()));
            return Optional.empty();
        }
    }

    private static <K> Optional<K> key(
            Kind<K> kind, Section section, Path path, Set<Problem> problems, Set<Problem> absent) {
        if (Files.notExists(path)) {
            absent.add(section.problemAt(kind.setting(), "does not exist yet; " + kind.howToMake() + path));
            return Optional.empty();
        }
        return pem(kind, section, path, problems);
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

    private record TrustPart(Optional<Path> trust) {}

    private record KeyPart(Optional<Path> key) {}

    private record VaultPart(Optional<Path> vaultKey) {}

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

    private static <K> Optional<K> pem(Kind<K> kind, Section section, Path pem, Set<Problem> problems) {
        try {
            return Optional.of(kind.parse().apply(Files.readString(pem, StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            problems.add(section.problemAt(kind.setting(), "cannot be read (" + e + ")"));
        } catch (IllegalArgumentException e) {
            problems.add(
                    section.problemAt(kind.setting(), "is no " + kind.algorithm() + " key in PEM: " + e.getMessage()));
        }
        return Optional.empty();
    }
}
