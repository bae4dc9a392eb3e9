package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Reading.ContactChange;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class ContactsTest {
    private final Contacts contacts = new Contacts();

    private static ContactChange door(boolean closed, boolean alarm, boolean initial) {
        return new ContactChange("door", closed, alarm, initial);
    }

    private Contacts restarted() throws IOException {
        Contacts next = new Contacts();
        next.restore(contacts.state());
        return next;
    }

    @Test
    void theFirstLookEverIsNoNewsUnlessItIsAnAlarm() {
        assertFalse(contacts.news(door(true, false, true)));
        assertTrue(contacts.news(new ContactChange("loop", false, true, true)));
    }

    @Test
    void aDoorThatClosedWhileTheAgentWasDeadIsNewsAtTheNextStart() throws IOException {
        contacts.news(door(false, false, true));
        assertTrue(restarted().news(door(true, false, true)));
    }

    @Test
    void aCutLoopThatWasToldBeforeTheRestartIsNotToldAgain() throws IOException {
        assertTrue(contacts.news(door(false, true, true)));
        assertFalse(restarted().news(door(false, true, true)));
    }

    @Test
    void everyChangeIsNewsAndARepeatIsNot() {
        contacts.news(door(true, false, true));
        assertTrue(contacts.news(door(false, false, false)));
        assertFalse(contacts.news(door(false, false, false)));
        assertTrue(contacts.news(door(true, false, false)));
    }

    @Test
    void beyondTheLimitTheOldestContactIsForgotten() throws IOException {
        for (int i = 0; i <= Contacts.MAX; i++) {
            contacts.news(new ContactChange("contact-" + i, true, false, true));
        }
        assertFalse(restarted().knows("contact-0"));
        assertTrue(restarted().knows("contact-" + Contacts.MAX));
    }

    @Test
    void aStateOfAnotherVersionIsRefusedByName() {
        assertEquals(
                "contacts of version 9",
                assertThrows(IOException.class, () -> contacts.restore(new byte[] {9}))
                        .getMessage());
    }
}
