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
        assertEquals("ded05fad56f1bb83", code.locator());
        assertEquals("m4Yn8TJKH_omdkHd3p0JTXnl-nGtmloS", code.secret());
        assertEquals("31d4a4e897fc4c6b97c684f70a838555", HexFormat.of().formatHex(code.pinKey()));
        assertEquals(
                "2260d00385ea9f749c6e9450389a4fa2173e46305e43b1eda66eecff0ee02dec",
                HexFormat.of().formatHex(code.secretHash()));
        assertArrayEquals(code.secretHash(), ClaimCode.secretHash(code.secret()));

        byte[] nonce = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f");
        byte[] keyHash = new byte[32];
        Arrays.fill(keyHash, (byte) 0xaa);
        assertEquals(
                "41608e22be2e5a1b39b59f8cf84f698638c10d570e03c73f1ba6000dde0ac012",
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
