package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import ansim.hub.vault.Outbox;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What waits for users of the city's app: guardians and riders of the channel {@code api}, whose address is what the app calls its user. The hub's API
 * serves it; the queue itself is the vault's outbox, so that it is on disk, erasable, and asks for consent when it is read.
 *
 * <p>A notice comes at every reading until it is {@link #taken}, emergencies first, and for a day at most.
 */
public final class AppNotices {
    /**
     * One of them.
     *
     * @param id 32 hexadecimal digits, the same at every reading
     * @param user what the app calls its user
     * @param since when it was handed in
     */
    public record AppNotice(String id, String user, Instant since, String language, Text text) {}

    private final Outbox outbox;
    private final Texts texts;

    public AppNotices(Outbox outbox, Texts texts) {
        this.outbox = outbox;
        this.texts = texts;
    }

    /**
     * What waits.
     *
     * @param after the notice behind which to go on, taken since or not; one that is not known is passed over
     */
    public List<AppNotice> waiting(Optional<String> after, int most) throws IOException {
        return outbox.waitingForApp(after, most).stream().map(this::notice).toList();
    }

    private AppNotice notice(Letter letter) {
        return new AppNotice(
                letter.id(),
                letter.address(),
                Instant.ofEpochMilli(letter.handedMs()),
                letter.language(),
                texts.of(letter));
    }

    /** The app has it, now or since before; false when there is none of this id. */
    public boolean taken(String id) throws IOException {
        return outbox.taken(id);
    }
}
