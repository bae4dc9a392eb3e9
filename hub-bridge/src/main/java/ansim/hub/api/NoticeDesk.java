package ansim.hub.api;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What waits for the users of the city's app: guardians and riders whose channel it is. Any thread. */
public interface NoticeDesk {
    /** Notices at one reading. */
    int MOST = 100;

    /**
     * One of them.
     *
     * @param id 32 hexadecimal digits, the same at every reading
     * @param user what the app calls who is to have it
     * @param since when it was handed in
     * @param language in which it is written
     * @param kind boarded, alighted, emergency, lost or provided
     * @param fields vehicle, company, time and district by name; empty for provided
     */
    record Notice(
            String id,
            String user,
            Instant since,
            String language,
            String kind,
            String title,
            String text,
            Map<String, String> fields) {}

    /**
     * What was not taken, alarms first, then in the order of handing in.
     *
     * @param after the notice behind which to go on, also one that was taken since
     */
    List<Notice> waiting(Optional<String> after, int most) throws IOException;

    /** The app has it, and it is given no more; again it changes nothing. False when there is no such notice. */
    boolean taken(String id) throws IOException;
}
