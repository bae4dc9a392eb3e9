package ansim.profile;

import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cards read just now, for one rule of all readers: a card that stays at the reader, or is read again within {@code same-card}
 * of the last time, is one tap; so is one that alternates with up to {@value #RECENT} - 1 others.
 *
 * <p>No number is kept, only HMAC-SHA256 of it under a key of this object, and that only as long as it is needed.
 */
final class RecentCards {
    private static final int RECENT = 4;
    private static final String HMAC = "HmacSHA256";
    private static final int KEY_BYTES = 16;
    private static final byte[] FREE = {};
    /** The one randomness here that nobody can see: which digests stand for which cards. */
    private static final SecureRandom KEYS = new SecureRandom();

    private final long sameCardMs;
    private final Mac mac;
    /** {@link #FREE} where no card is known. */
    private final byte[][] digests;

    private final long[] lastReadMs;

    /** With 0 ms each read is a tap. */
    RecentCards(long sameCardMs) {
        this(sameCardMs, RECENT);
    }

    /** Knows the last {@code kept} cards. */
    RecentCards(long sameCardMs, int kept) {
        this.sameCardMs = sameCardMs;
        digests = new byte[kept][];
        Arrays.fill(digests, FREE);
        lastReadMs = new long[kept];
        byte[] key = new byte[KEY_BYTES];
        KEYS.nextBytes(key);
        try {
            mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(HMAC + " is in every Java runtime", e);
        }
    }

    /** Gives the tap if this read is one; the number of another read of the same tap is wiped. */
    void read(CardNumber card, long monoMs, Consumer<Reading> sink) {
        if (isTap(card, monoMs)) {
            sink.accept(new Reading.Tap(card));
        } else {
            card.wipe();
        }
    }

    private boolean isTap(CardNumber card, long monoMs) {
        forget(monoMs);
        byte[] digest = mac.doFinal(card.characters());
        int slot = slot(digest);
        boolean again = Arrays.equals(digest, digests[slot]);
        digests[slot] = digest;
        lastReadMs[slot] = monoMs;
        return !again || sameCardMs == 0;
    }

    /** Forgets what is no longer recent. */
    void forget(long monoMs) {
        for (int i = 0; i < digests.length; i++) {
            if (monoMs - lastReadMs[i] > sameCardMs) {
                Arrays.fill(digests[i], (byte) 0);
                digests[i] = FREE;
            }
        }
    }

    /** The card's own slot, else a free one, else the one read longest ago. */
    private int slot(byte[] own) {
        int best = 0;
        for (int i = 0; i < digests.length; i++) {
            if (Arrays.equals(own, digests[i])) {
                return i;
            }
            boolean older = digests[i].length == 0 || lastReadMs[i] < lastReadMs[best];
            if (digests[best].length > 0 && older) {
                best = i;
            }
        }
        return best;
    }
}
