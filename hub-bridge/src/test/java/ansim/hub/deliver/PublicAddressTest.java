package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What others than the operator see of where events go. */
class PublicAddressTest {
    /** Once user and query were taken off, and the secret of such an address, which is its path, was a metric's label. */
    @Test
    void ofAnAddressSchemeHostAndPortAreShownAndNothingElse() {
        for (String secret : List.of(
                "webhook https://hooks.example:8443/T0/B0/SECRET",
                "webhook https://hooks.example:8443/bot12:SECRET/send",
                "webhook https://name:SECRET@hooks.example:8443/x?key=SECRET",
                "webhook https://hooks.example:8443?SECRET",
                "webhook https://hooks.example:8443#SECRET",
                "https://hooks.example:8443/SECRET: HTTP 503",
                "two: https://hooks.example:8443/SECRET, https://hooks.example:8443/b/SECRET.")) {
            String shown = PublicAddress.of(secret);
            assertFalse(shown.contains("SECRET"), shown);
            assertTrue(shown.contains("https://hooks.example:8443/~"), shown);
        }
        assertTrue(PublicAddress.of("https://h/SECRET: HTTP 503").endsWith(": HTTP 503"));
    }

    @Test
    void twoSinksAtOneHostAreTwoAndOneStaysWhatItIs() {
        assertNotEquals(PublicAddress.of("webhook https://h/a"), PublicAddress.of("webhook https://h/b"));
        assertEquals(PublicAddress.of("webhook https://h/a"), PublicAddress.of("webhook https://h/a"));
    }

    @Test
    void whatHoldsNothingMoreStaysAsItIs() {
        for (String plain : List.of(
                "mqtt tcp://centre.example:1883",
                "webhook https://h/",
                "file /var/lib/events",
                "kafka a.example:9092,b.example:9092 rides",
                "")) {
            assertEquals(plain, PublicAddress.of(plain));
        }
    }
}
