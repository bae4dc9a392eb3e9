package ansim.hub.vault;

import ansim.journal.JournalFiles;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.settings.SettingsException;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OpeningKey;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/**
 * All secrets of a vault: {@value #FILE} in its folder, X25519 keys in PKCS#8 PEM, readable by its owner only. The first key of the file is
 * the vault's own: from it come, by HKDF-SHA256 (RFC 5869), the keys of the card digests, of the riders' handles, of the messages' ids
 * and of what wraps the riders' own keys ({@link RiderKey}).
 * The last one is what units seal to; the others still open. Without the file nothing in the database can be read.
 *
 * <p>Immutable, any thread.
 */
final class VaultKeys {
    static final String FILE = "vault.key.pem";

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> TOO_WIDE =
            EnumSet.complementOf(EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE));
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String HMAC = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final int HANDLE_BYTES = 16;

    private final List<OpeningKey> keys;
    private final SecureRandom random;
    private final byte[] digests;
    private final byte[] handles;
    private final byte[] contacts;
    private final byte[] notices;
    private final byte[] subscribers;

    private VaultKeys(List<OpeningKey> keys, SecureRandom random) {
        this.keys = List.copyOf(keys);
        this.random = random;
        digests = derived("ansim.vault.card-digest.v1");
        handles = derived("ansim.vault.handle.v1");
        contacts = derived("ansim.vault.contacts.v1");
        notices = derived("ansim.vault.notice.v1");
        subscribers = derived("ansim.vault.subscriber.v1");
    }

    private byte[] derived(String purpose) {
        byte[] secret = keys.get(0).secret();
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        hkdf.init(new HKDFParameters(secret, new byte[0], purpose.getBytes(StandardCharsets.US_ASCII)));
        byte[] key = new byte[KEY_BYTES];
        hkdf.generateBytes(key, 0, key.length);
        Arrays.fill(secret, (byte) 0);
        return key;
    }

    /**
     * Makes the keys of a new vault, durable before it returns.
     *
     * @throws CommandFailure when there are some
     */
    static VaultKeys create(Path folder, SecureRandom random) throws IOException {
        OpeningKey made = OpeningKey.generate(random);
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path file = folder.resolve(FILE);
        JournalFiles files = JournalFiles.real();
        Path draft = Files.createTempFile(folder, FILE, ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        try {
            try (JournalFiles.OpenFile open = files.open(draft, true)) {
                open.write(ByteBuffer.wrap(made.toPem().getBytes(StandardCharsets.US_ASCII)), 0);
                open.force(true);
            }
            // A link, not a move: whoever was faster keeps its key.
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(
                    "there is a vault in " + folder, "hub-bridge vault key show; with another key its riders are lost");
        } finally {
            Files.deleteIfExists(draft);
        }
        files.forceDirectory(folder);
        return new VaultKeys(List.of(made), random);
    }

    /**
     * Reads the keys, if there are some.
     *
     * @throws SettingsException when others may read the file, or it holds no key
     */
    static Optional<VaultKeys> read(Path folder, SecureRandom random) throws IOException {
        Path file = folder.resolve(FILE);
        String pem;
        try {
            if (Files.getPosixFilePermissions(file).stream().anyMatch(TOO_WIDE::contains)) {
                throw refused(file, "must be readable by its owner only: chmod 600 " + file);
            }
            pem = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            List<OpeningKey> keys = new ArrayList<>();
            keys.add(OpeningKey.fromPem(pem));
            for (int at = pem.indexOf(BEGIN, pem.indexOf(BEGIN) + 1); at >= 0; at = pem.indexOf(BEGIN, at + 1)) {
                keys.add(OpeningKey.fromPem(pem.substring(at)));
            }
            return Optional.of(new VaultKeys(keys, random));
        } catch (IllegalArgumentException e) {
            throw refused(
                    file,
                    "must hold X25519 private keys in PKCS#8 PEM (" + e.getMessage()
                            + "): put the vault's own key back; with another one its riders are lost");
        }
    }

    private static SettingsException refused(Path file, String rule) {
        return new SettingsException(List.of(new Problem(file.toString(), 0, "", "", rule)));
    }

    /** What units seal to. */
    SealingKey sealingKey() {
        return keys.get(keys.size() - 1).sealingKey();
    }

    /** The block of a sealed card, for the caller to wipe; empty when none of the keys opens it. */
    Optional<byte[]> open(Bytes sealed, Id16 unit, Id8 ride) {
        return keys.stream()
                .map(key -> key.open(sealed, unit, ride))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** What the database knows a card by: HMAC-SHA256 of its block. */
    byte[] digest(byte[] block) {
        return hmac(digests, block);
    }

    /** What a rider is called in one ride. */
    byte[] handle(byte[] rider, Id16 unit, Id8 ride) {
        byte[] sum = hmac(
                handles,
                ByteBuffer.allocate(rider.length + Id16.LENGTH + Id8.LENGTH)
                        .put(rider)
                        .put(unit.bytes())
                        .put(ride.bytes())
                        .array());
        return Arrays.copyOf(sum, HANDLE_BYTES);
    }

    /** Whom a line of a ledger is about, for that line: rider and handle, sealed under the rider's own key, base64. */
    String person(byte[] rider, RiderKey key, Id16 unit, Id8 ride) {
        byte[] handle = handle(rider, unit, ride);
        byte[] plain = ByteBuffer.allocate(rider.length + handle.length)
                .put(rider)
                .put(handle)
                .array();
        return Base64.getEncoder().encodeToString(key.seal(RiderKey.LEDGER, plain));
    }

    private static byte[] hmac(byte[] key, byte[] content) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(HMAC + " is in every Java runtime", e);
        }
    }

    RiderKey newRiderKey() {
        return RiderKey.generate(random);
    }

    /** A rider's key as it is stored: under the vault's, for this rider only. */
    byte[] wrap(byte[] rider, RiderKey key) {
        byte[] plain = key.bytes();
        byte[] wrapped = RiderKey.seal(contacts, rider, plain, random);
        Arrays.fill(plain, (byte) 0);
        return wrapped;
    }

    RiderKey unwrap(byte[] rider, byte[] wrapped) throws IOException {
        return RiderKey.of(RiderKey.unseal(contacts, rider, wrapped), random);
    }

    /** A rider's contacts as version 1 of the database has them: under the vault's own key. */
    byte[] unsealOfVersion1(byte[] rider, byte[] sealed) throws IOException {
        return RiderKey.unseal(contacts, rider, sealed);
    }

    /** For a test of {@link #unsealOfVersion1}. */
    byte[] sealOfVersion1(byte[] rider, byte[] plain) {
        return RiderKey.seal(contacts, rider, plain, random);
    }

    /** What a message to a guardian is called wherever it goes: the same at every repeat, and nobody else can tell what it is about. */
    byte[] noticeId(String event, byte[] guardian) {
        byte[] name = event.getBytes(StandardCharsets.UTF_8);
        byte[] sum = hmac(
                notices,
                ByteBuffer.allocate(guardian.length + name.length)
                        .put(guardian)
                        .put(name)
                        .array());
        return Arrays.copyOf(sum, HANDLE_BYTES);
    }

    /** What the database knows a user of the city's app by. */
    byte[] subscriber(String address) {
        return hmac(subscribers, address.getBytes(StandardCharsets.UTF_8));
    }
}
