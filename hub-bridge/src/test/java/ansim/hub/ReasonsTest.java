package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    /** The first start without permission said the folder's path and nothing else. */
    @Test
    void ofAFileItIsSaidWhatIsWrongWithItAndNotItsPathAlone() {
        IOException denied = new AccessDeniedException("/srv/hub");
        assertEquals(
                "/srv/hub: this user (" + System.getProperty("user.name") + ") may not use it", Reasons.of(denied));
        assertTrue(Reasons.advice(denied).startsWith("giving the hub's user that right"));
        assertEquals("/srv/hub is not there", Reasons.of(new NoSuchFileException("/srv/hub")));
        assertEquals(
                "/srv/hub: Read-only file system",
                Reasons.of(new FileSystemException("/srv/hub", null, "Read-only file system")));
    }

    @Test
    void aCauseIsSaidOnceAndOnlyIfItAddsSomething() {
        IOException inside = new IOException("no room", new IOException("disk full"));
        assertEquals("no room: disk full", Reasons.of(inside));
        assertEquals(
                "no room: disk full", Reasons.of(new IOException("no room: disk full", new IOException("disk full"))));
        assertEquals("IOException", Reasons.of(new IOException()));
    }

    @Test
    void ofAnAddressInUseItIsSaidHowToFindWhoHasIt() {
        IOException taken = new IOException("cannot listen", new BindException("Address already in use"));
        assertTrue(Reasons.advice(taken).contains("ss -ltnp"));
    }
}
