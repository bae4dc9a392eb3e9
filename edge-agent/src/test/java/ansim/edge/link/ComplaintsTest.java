package ansim.edge.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

/** What a log says of a hub that is not reached. */
class ComplaintsTest {
    private final Complaints complaints = new Complaints();

    @Test
    void aReasonIsToldOnceAndANewOneAtMostOnceAMinute() {
        assertTrue(complaints.due("refused", 0));
        assertFalse(complaints.due("refused", 200_000));
        assertTrue(complaints.due("timed out", 200_000));
        assertFalse(complaints.due("no route", 200_000 + Complaints.EVERY_MS - 1));
        assertTrue(complaints.due("no route", 200_000 + Complaints.EVERY_MS));
    }

    @Test
    void afterALinkThatWasUpTheSameReasonIsNew() {
        assertTrue(complaints.due("refused", 0));
        complaints.forget();
        assertFalse(complaints.due("refused", Complaints.EVERY_MS - 1));
        assertTrue(complaints.due("refused", Complaints.EVERY_MS));
    }

    /** A mistyped address was answered with itself. */
    @Test
    void aNameThatNobodyKnowsIsCalledSo() {
        String told = "no such name, or no DNS: hub.exampel";
        assertEquals(told, Complaints.words(new UnknownHostException("hub.exampel")));
        assertEquals(told, Complaints.words(new UnknownHostException("hub.exampel: Name or service not known")));
        assertEquals("Connection refused", Complaints.words(new IOException("Connection refused")));
        assertEquals("java.io.IOException", Complaints.words(new IOException()));
    }
}
