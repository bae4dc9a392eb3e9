package ansim.hub.enrol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.enrol.Denied.Reason;
import ansim.hub.view.Claims;
import ansim.hub.view.Registry;
import ansim.trust.ClaimCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The page behind a box's QR code: who may see plates, how many, and what picking one does. */
final class ClaimPageTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String PIN = "123456789012";

    private final Registry registry;
    private final ClaimPage page;
    private Instant now = Instant.parse("2026-11-27T00:00:00Z");

    ClaimPageTest(@TempDir Path folder) throws IOException {
        registry = Registry.open(folder.resolve("registry.db"));
        page = new ClaimPage(registry, new PinTries(() -> now), () -> now, RANDOM);
        List<Claims.Wish> wishes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            wishes.add(new Claims.Wish(
                    new UnitRecord.Service("서울 31바 12" + (10 + i), "한빛", "taxi", Optional.empty()),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    now.plus(Claims.LIFE).toEpochMilli()));
        }
        registry.claims().take(wishes, Map.of(), now.toEpochMilli());
        registry.fitters()
                .addPin(PIN, now.toEpochMilli(), now.plus(Duration.ofHours(8)).toEpochMilli());
    }

    @AfterEach
    void close() throws IOException {
        registry.close();
    }

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private String signIn(String pin) throws Denied, IOException {
        return signIn(pin, "192.0.2.1");
    }

    private String signIn(String pin, String address) throws Denied, IOException {
        return page.signIn(json("{'pin': '" + pin + "'}"), address);
    }

    private static void assertDenied(Reason reason, Executable asked) {
        assertEquals(reason, assertThrows(Denied.class, asked).reason());
    }

    @Test
    void nobodySeesAPlateWithoutAPinThatIsForOnePhoneAndOneShift() throws Exception {
        assertDenied(Reason.FITTER, () -> page.open("", "서울"));
        assertDenied(Reason.FITTER, () -> page.open(PIN, "서울"));
        String token = signIn(PIN);
        assertDenied(Reason.PIN, () -> signIn(PIN));
        assertEquals(
                ClaimPage.MOST, page.open(token, "31바12").size(), "blanks do not matter, and no more than so many");
        assertEquals(1, page.open(token, "1215").size());
        for (String nothing : List.of("", "서", "%", "__", "x".repeat(100))) {
            assertEquals(0, page.open(token, nothing).size(), nothing);
        }
        now = now.plus(Duration.ofHours(8)).plusMillis(1);
        assertDenied(Reason.FITTER, () -> page.open(token, "서울"));
    }

    @Test
    void fiveWrongPinsCloseAnAddress() throws Exception {
        for (int i = 0; i < Tries.MOST; i++) {
            assertDenied(Reason.PIN, () -> signIn("000000000000"));
        }
        assertDenied(Reason.CLOSED, () -> signIn(PIN));
        now = now.plus(Tries.CLOSED);
        signIn(PIN);
    }

    /** Once only addresses were counted: a network of IPv6 has 65,536 of what was counted as one. */
    @Test
    void manyWrongPinsFromManyAddressesAreLookedAtSlowlyAndAFitterComesInAllTheSame() throws Exception {
        for (int i = 0; i < PinTries.MOST_IN_AN_HOUR; i++) {
            String from = "2001:db8:0:" + i + "::/64";
            assertDenied(Reason.PIN, () -> signIn("000000000000", from));
        }
        int looked = 0;
        for (int i = 0; i < 1_000; i++) {
            String from = "2001:db8:1:" + i + "::/64";
            Reason reason = assertThrows(Denied.class, () -> signIn("000000000000", from))
                    .reason();
            looked += reason == Reason.PIN ? 1 : 0;
            now = now.plusMillis(10);
        }
        assertTrue(looked <= 10 * PinTries.A_SECOND + PinTries.A_SECOND, "in ten seconds " + looked);
        now = now.plusSeconds(1);
        signIn(PIN);
        now = now.plus(Duration.ofHours(1));
        for (int i = 0; i < 2 * PinTries.A_SECOND; i++) {
            String from = "2001:db8:2:" + i + "::/64";
            assertDenied(Reason.PIN, () -> signIn("000000000000", from));
        }
    }

    @Test
    void aPinFromBeforeTheUpdateStillSignsIn() throws Exception {
        registry.fitters()
                .addPin("12345678", now.toEpochMilli(), now.plusSeconds(60).toEpochMilli());
        signIn("12345678");
    }

    @Test
    void aPickedClaimHasAFreshCodeThatIsThisBoxsAloneAndTheOneBeforeIsVoid() throws Exception {
        String token = signIn(PIN);
        long id = page.open(token, "1215").get(0).path("claim").asLong();
        byte[] pick = json("{'claim': " + id + ", 'serial': 'BOX-1'}");
        ClaimCode first = ClaimCode.parse(page.pick(token, pick).path("code").asText());
        ClaimCode second = ClaimCode.parse(page.pick(token, pick).path("code").asText());
        assertTrue(registry.claims().find(first.locator()).isEmpty());
        assertEquals(
                Optional.of("BOX-1"),
                registry.claims().find(second.locator()).orElseThrow().serial());
        assertDenied(Reason.PICK, () -> page.pick(token, json("{'claim': " + id + ", 'serial': 'BOX-2'}")));
        assertDenied(Reason.PICK, () -> page.pick(token, json("{'claim': 999, 'serial': 'BOX-2'}")));
        assertDenied(Reason.REQUEST, () -> page.pick(token, json("{'claim': 1, 'serial': 'a b'}")));
        assertDenied(Reason.REQUEST, () -> page.pick(token, json("{")));
    }
}
