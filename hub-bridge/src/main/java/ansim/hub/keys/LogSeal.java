package ansim.hub.keys;

import ansim.hub.core.Belonging;
import ansim.hub.core.EntryParts;
import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import ansim.hub.core.SealedPayload;
import ansim.journal.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals log entries under the keys of their rides and days, and opens them: AES-256-GCM (NIST SP 800-38D) with a random nonce of 12 bytes.
 * Authenticated with it are the log's id, the key's id, the entry's index and all that stays readable: an entry opens only where it was written.
 *
 * <p>The nonce is random and not the index: an index is given again when what a crash left unanswered is cut off, or a backup restored.
 *
 * <p>Any thread.
 */
public final class LogSeal implements EntryReader {
    private static final int NONCE = Nonces.BYTES;
    private static final int TAG_BITS = 128;
    private static final int TAG_BYTES = TAG_BITS / Byte.SIZE;

    private final RideKeys keys;
    private final long log;
    private final ThreadLocal<Tools> tools;

    /** Of one thread: making them costs more than sealing an entry. */
    private static final class Tools {
        final Cipher cipher = SealCipher.fastest();
        final EntryParts parts = new EntryParts();
        final Nonces nonces;

        Tools(SecureRandom random) {
            nonces = new Nonces(random);
        }
    }

    /**
     * Of one log.
     *
     * @param log its id
     */
    public LogSeal(RideKeys keys, long log, SecureRandom random) {
        this.keys = keys;
        this.log = log;
        this.tools = ThreadLocal.withInitial(() -> new Tools(random));
    }

    public RideKeys keys() {
        return keys;
    }

    /**
     * For the journal.
     *
     * @param index that it will have
     * @param belonging to whom its content belongs; its key must be durable before the entry is written: {@link RideKeys#commit}
     */
    public Entry seal(long index, LogEntry entry, Belonging belonging) throws IOException {
        RideKeys.Kept key = keys.of(belonging, entry.arrivedMs());
        Tools mine = tools.get();
        EntryParts parts = mine.parts;
        parts.encode(entry, belonging.whole());
        int sealedBytes = NONCE + parts.secretBytes() + TAG_BYTES;
        byte[] payload = SealedPayload.begin(parts.shared(), parts.clearBytes(), sealedBytes)
                .array();
        int nonceAt = payload.length - sealedBytes;
        mine.nonces.put(payload, nonceAt);
        try {
            Cipher cipher = mine.cipher;
            init(cipher, Cipher.ENCRYPT_MODE, key.key(), payload, nonceAt);
            bind(cipher, key.id(), index, parts.shared(), parts.clearBytes());
            cipher.doFinal(parts.shared(), parts.clearBytes(), parts.secretBytes(), payload, nonceAt + NONCE);
            return Entry.message(payload, key.id());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("sealing failed", e);
        }
    }

    private static void init(Cipher cipher, int mode, byte[] key, byte[] nonce, int nonceAt)
            throws GeneralSecurityException {
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, nonce, nonceAt, NONCE));
    }

    private void bind(Cipher cipher, long keyId, long index, byte[] clear, int clearBytes) {
        ByteBuffer bound =
                ByteBuffer.allocate(3 * Long.BYTES).putLong(log).putLong(keyId).putLong(index);
        cipher.updateAAD(bound.array());
        cipher.updateAAD(clear, 0, clearBytes);
    }

    @Override
    public LogEntry read(long index, OptionalLong keyId, byte[] payload) throws LogEntry.Unreadable {
        if (keyId.isEmpty()) {
            return LogEntry.decode(payload);
        }
        SealedPayload parts = SealedPayload.of(payload);
        Optional<byte[]> key = key(keyId.getAsLong());
        return key.isPresent()
                ? LogEntry.decode(parts.clear(), open(index, keyId.getAsLong(), parts, key.get()))
                : LogEntry.decodeErased(parts.clear());
    }

    private Optional<byte[]> key(long id) throws LogEntry.Unreadable {
        try {
            Optional<byte[]> key = keys.find(id);
            if (key.isEmpty() && id > keys.last()) {
                throw new LogEntry.Unreadable(
                        "it is sealed under ride key " + id + ", and the ride keys end at " + keys.last()
                                + ": they are older than the log",
                        LogSeal.PUT_BACK);
            }
            return key;
        } catch (LogEntry.Unreadable e) {
            throw e;
        } catch (IOException e) {
            throw LogEntry.Unreadable.passing(
                    new IOException("the ride keys do not read: " + e.getMessage(), e), PUT_BACK);
        }
    }

    /** What to do when keys are missing. */
    public static final String PUT_BACK =
            "putting the hub's newest ridekeys.db back into the data folder (the mirror has one); if it is lost for good:"
                    + " hub-bridge rides give-up, after which what was sealed so far reads as erased";

    private byte[] open(long index, long keyId, SealedPayload parts, byte[] key) throws LogEntry.Unreadable {
        byte[] sealed = parts.sealed();
        if (sealed.length < NONCE + TAG_BYTES) {
            throw new LogEntry.Unreadable("what is sealed under ride key " + keyId + " ends too early", "");
        }
        try {
            Cipher cipher = tools.get().cipher;
            init(cipher, Cipher.DECRYPT_MODE, key, sealed, 0);
            bind(cipher, keyId, index, parts.clear(), parts.clear().length);
            return cipher.doFinal(sealed, NONCE, sealed.length - NONCE);
        } catch (GeneralSecurityException e) {
            throw new LogEntry.Unreadable(
                    "it does not open under ride key " + keyId + ": the key is not the one that it was sealed under",
                    PUT_BACK);
        }
    }
}
