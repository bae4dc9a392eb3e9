package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * What waits for users of the city's app: guardians and riders of the channel {@code api}, whose address is what the app calls its user. For
 * the hub's API to serve; the queue itself is the vault's outbox, so that it is on disk, erasable, and asks for consent when it is read.
 *
 * <p>A notice comes at every reading until it is {@link #taken}, emergencies first, and for a day at most.
 */
public final class AppNotices {
    /** At one reading. */
    public static final int MOST = 100;

    /**
     * One of them.
     *
     * @param id 32 hexadecimal digits, the same at every reading
     * @param since when it was handed in
     */
    public record AppNotice(String id, Instant since, String language, Text text) {}

    private final Outbox outbox;
    private final Texts texts;

    public AppNotices(Outbox outbox, Texts texts) {
        this.outbox = outbox;
        this.texts = texts;
    }

    /** What waits for a user, at most {@value #MOST}. */
    public List<AppNotice> waiting(String subscriber) throws IOException {
        return outbox.waitingFor(subscriber, MOST).stream().map(this::notice).toList();
    }

    private AppNotice notice(Letter letter) {
        return new AppNotice(letter.id(), Instant.ofEpochMilli(letter.handedMs()), letter.language(), texts.of(letter));
    }

    /** The user has it; false when nothing of this id waits for that user. */
    public boolean taken(String subscriber, String id) throws IOException {
        return id.matches("[0-9a-f]{32}") && outbox.taken(subscriber, id);
    }
}
