package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;

/** The hub's signing keys: {@value HubFolder#KEY} in its data folder, PKCS#8 PEM, readable by its owner only; see {@link HubKeys}. */
final class HubKey {
    private HubKey() {}

    /** Reads the key; the first time makes it, durable before it returns. */
    static SigningKey open(Path file, SecureRandom random) throws IOException {
        Optional<SigningKey> known = read(file);
        if (known.isPresent()) {
            return known.get();
        }
        SigningKey made = SigningKey.generate(random);
        OwnerFile.create(file, made.toPem());
        return made;
    }

    /**
     * Keeps a copy of the keys, durable before it returns; nothing when the same are there.
     *
     * @throws CommandFailure when another hub's are there, or newer ones of this
     */
    static void keep(Path file, HubKeys keys) throws IOException {
        Optional<HubKeys> known = keys(file);
        if (known.isEmpty()) {
            OwnerFile.create(file, keys.text());
        } else if (!keys.hasAll(known.get())) {
            throw new CommandFailure(file + " is another key", "moving it away if it is of no use, then again");
        } else if (!known.get().hasAll(keys)) {
            OwnerFile.replace(file, keys.text());
        }
    }

    /**
     * Reads the key of now, if there is one.
     *
     * @throws SettingsException when others may read the file, or it holds no key
     */
    static Optional<SigningKey> read(Path file) throws IOException {
        return keys(file).map(keys -> keys.present(Instant.now()));
    }

    /**
     * Reads all keys, if there are any.
     *
     * @throws SettingsException when others may read the file, or it holds no keys
     */
    static Optional<HubKeys> keys(Path file) throws IOException {
        Optional<String> pem = OwnerFile.read(file);
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(HubKeys.parse(pem.get()));
        } catch (IllegalArgumentException e) {
            throw OwnerFile.refused(
                    file,
                    "must be an Ed25519 private key in PKCS#8 PEM (" + e.getMessage()
                            + "): put the hub's own key back; with another one every unit must be configured anew");
        }
    }
}
