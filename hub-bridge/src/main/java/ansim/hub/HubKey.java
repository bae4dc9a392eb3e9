package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;

/** The hub's signing key: {@value HubFolder#KEY} in its data folder, PKCS#8 PEM, readable by its owner only. */
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
     * Keeps a copy of the key, durable before it returns; nothing when the same key is there.
     *
     * @throws CommandFailure when another key is there
     */
    static void keep(Path file, SigningKey key) throws IOException {
        Optional<SigningKey> known = read(file);
        if (known.isEmpty()) {
            OwnerFile.create(file, key.toPem());
        } else if (!MirrorFolder.sameKey(known.get(), key)) {
            throw new CommandFailure(file + " is another key", "moving it away if it is of no use, then again");
        }
    }

    /**
     * Reads the key, if there is one.
     *
     * @throws SettingsException when others may read the file, or it holds no key
     */
    static Optional<SigningKey> read(Path file) throws IOException {
        Optional<String> pem = OwnerFile.read(file);
        if (pem.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SigningKey.fromPem(pem.get()));
        } catch (IllegalArgumentException e) {
            throw OwnerFile.refused(
                    file,
                    "must be an Ed25519 private key in PKCS#8 PEM (" + e.getMessage()
                            + "): put the hub's own key back; with another one every unit must be configured anew");
        }
    }
}
