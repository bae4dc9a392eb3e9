package ansim.trust;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClaimCodeTest {
    private final ClaimCode code = ClaimCode.parse("7K3MQ2XA9RTD");

    /** Computed by Python's hashlib and hmac. */
    @Test
    void bothSidesDeriveTheSame() {
        assertEquals("734798b7c69e86db", code.locator());
        assertEquals("qqEcSTda2hmLmidW7jfSy1jYEytXARl6", code.secret());
        assertEquals("7cf58c1c9d2ff4dd453be577f43a89a7", HexFormat.of().formatHex(code.pinKey()));
        assertEquals(
                "170ae1c5d69d3b4208d11436ba8b10dcb3e7cd192b320843a14a6f4054389fb8",
                HexFormat.of().formatHex(code.secretHash()));
        assertArrayEquals(code.secretHash(), ClaimCode.secretHash(code.secret()));

        byte[] nonce = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] keyHash = new byte[32];
        Arrays.fill(keyHash, (byte) 0xaa);
        assertEquals(
                "39b4a1d2083e2f6b70ddcb0e544ad0d3ac41f48bae3b9f8ffb5782fe2c6b14ba",
                HexFormat.of().formatHex(ClaimCode.pin(code.pinKey(), nonce, keyHash)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"7K3M-Q2XA-9RTD", "7k3m q2xa 9rtd", " 7K3MQ2XA9RTD\n", "7-K-3-M-Q-2-X-A-9-R-T-D"})
    void itIsReadAsPeopleTypeIt(String typed) {
        assertEquals("7K3MQ2XA9RTD", ClaimCode.parse(typed).digits());
    }

    @Test
    void whatLooksLikeADigitIsOne() {
        assertEquals("110011001100", ClaimCode.parse("il0Oi-L0oI-lO0").digits());
        assertEquals("1100-1100-1100", ClaimCode.parse("110011001100").grouped());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "7K3M-Q2XA-9RT", "7K3M-Q2XA-9RTDD", "7K3M-Q2XA-9RTU", "7K3M-Q2XA-9RT!", "7K3M_Q2XA_9RTD"})
    void anythingElseIsRefusedAndNotRepeated(String typed) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> ClaimCode.parse(typed))
                .getMessage());
        assertFalse(message.contains("7K3M"), message);
    }

    @Test
    void aLongTextIsRefusedUnread() {
        assertThrows(IllegalArgumentException.class, () -> ClaimCode.parse("-".repeat(100) + "7K3MQ2XA9RTD"));
    }

    @Test
    void anotherSecretLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> ClaimCode.secretHash("AAAA"));
        assertThrows(IllegalArgumentException.class, () -> ClaimCode.secretHash("not base64url!"));
    }

    @Test
    void aRandomCodeComesBackAndIsNotShownByChance() {
        ClaimCode random = ClaimCode.random(new SecureRandom());
        assertEquals(random.locator(), ClaimCode.parse(random.grouped()).locator());
        assertFalse(random.toString().contains(random.digits()));
    }
}
