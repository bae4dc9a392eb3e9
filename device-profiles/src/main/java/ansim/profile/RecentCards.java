package ansim.profile;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The cards read just now, for one rule of all readers: a card that stays at the reader, or is read again within {@code same-card}
 * of the last time, is one tap; so is one that alternates with up to {@value #RECENT} - 1 others. A number is forgotten once it is
 * no longer needed.
 */
final class RecentCards {
    private static final int RECENT = 4;

    private final long sameCardMs;
    private final @Nullable String[] cards = new @Nullable String[RECENT];
    private final long[] lastReadMs = new long[RECENT];

    /** With 0 ms each read is a tap. */
    RecentCards(long sameCardMs) {
        this.sameCardMs = sameCardMs;
    }

    /** Is this read a tap? */
    boolean tap(String card, long monoMs) {
        forget(monoMs);
        int slot = slot(card);
        boolean again = card.equals(cards[slot]);
        cards[slot] = card;
        lastReadMs[slot] = monoMs;
        return !again || sameCardMs == 0;
    }

    /** Forgets what is no longer recent. */
    void forget(long monoMs) {
        for (int i = 0; i < RECENT; i++) {
            if (cards[i] != null && monoMs - lastReadMs[i] > sameCardMs) {
                cards[i] = null;
            }
        }
    }

    /** The card's own slot, else a free one, else the one read longest ago. */
    private int slot(String card) {
        int own = Arrays.asList(cards).indexOf(card);
        if (own >= 0) {
            return own;
        }
        int best = 0;
        for (int i = 0; i < RECENT; i++) {
            if (cards[best] != null && (cards[i] == null || lastReadMs[i] < lastReadMs[best])) {
                best = i;
            }
        }
        return best;
    }
}
