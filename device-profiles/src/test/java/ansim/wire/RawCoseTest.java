package ansim.wire;

import static ansim.wire.GoldenTest.assertReason;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.WireException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RawCoseTest {
    private static final String PEM = Seal.UNIT.verifyKey().toPem();

    /** "EdDSA-01: EdDSA - 25519 - sign0" of the COSE working group's examples; its key is RFC 8032's first. */
    private static final String EDDSA = "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e5840"
            + "7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb87"
            + "11497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d";

    /** RFC 9052 appendix C.2.1, with the key "11" of appendix C.7.1. */
    private static final String ES256 = "d28443a10126a10442313154546869732069732074686520636f6e74656e742e5840"
            + "8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e"
            + "2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36";

    private static final String ES256_PEM = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEusWxHK2PmfnHKwXPS54m0kTcGJ90
            UiglWiGahtagnv8gE4v4LcG21WK+D6VKt4BKOmS21yzP7Wtvtu0ou/wRfg==
            -----END PUBLIC KEY-----
            """;

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    private static RawCose.Verified verify(byte[] message) throws WireException {
        return RawCose.verify(message, PEM, new byte[0]);
    }

    /** A COSE_Sign1 of these parts, in hex but for the payload's content, signed as RFC 9052 section 4.4 says. */
    private static byte[] sealed(String headerContent, String unprotectedMap, String aad) {
        byte[] header = hex(headerContent);
        byte[] payload = {1, 2, 3};
        byte[] signature = Seal.UNIT.sign(Diag.join(
                hex("84 6a 5369676e617475726531"),
                Seal.bstr(header.length == 1 ? new byte[0] : header),
                Seal.bstr(hex(aad)),
                Seal.bstr(payload)));
        return Diag.join(hex("84"), Seal.bstr(header), hex(unprotectedMap), Seal.bstr(payload), Seal.bstr(signature));
    }

    @Test
    void theExampleOfTheWorkingGroupVerifies() throws WireException {
        RawCose.Verified verified = verify(hex(EDDSA));
        assertEquals(-8, verified.algorithm());
        assertArrayEquals(
                "This is the content.".getBytes(StandardCharsets.US_ASCII),
                verified.payload().toByteArray());
        assertEquals("a201270300", verified.protectedHeader().hex());
    }

    @Test
    void theTagMayBeMissingButNotAnother() throws WireException {
        verify(hex(EDDSA.substring(2)));
        assertReason(Reason.ENCODING, () -> verify(hex("d1" + EDDSA.substring(2))));
        assertReason(Reason.ENCODING, () -> verify(hex("d903e6" + EDDSA.substring(2))));
        assertReason(Reason.ENCODING, () -> verify(hex("d2" + EDDSA)));
    }

    @Test
    void ourOwnMessagesAreCoseOfTheOrdinaryKind() throws WireException {
        assertEquals(-8, verify(Vectors.hex("panic")).algorithm());
        assertArrayEquals(
                CoseSign1.parse(Vectors.hex("panic"), UpMessage.TYP).payload(),
                verify(Vectors.hex("panic")).payload().toByteArray());
    }

    @Test
    void ecdsaVerifiesWithItsOwnKindOfKey() throws WireException {
        assertEquals(-7, RawCose.verify(hex(ES256), ES256_PEM, new byte[0]).algorithm());
        byte[] flipped = hex(ES256);
        flipped[flipped.length - 1] ^= 1;
        assertReason(Reason.SIGNATURE, () -> RawCose.verify(flipped, ES256_PEM, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> RawCose.verify(hex(ES256), PEM, new byte[0]));
        assertThrows(IllegalArgumentException.class, () -> RawCose.verify(hex(EDDSA), ES256_PEM, new byte[0]));
    }

    @Test
    void externalDataIsPartOfWhatWasSigned() throws WireException {
        byte[] message = sealed("a10127", "a0", "11aa22bb33cc44dd55006699");
        RawCose.verify(message, PEM, hex("11aa22bb33cc44dd55006699"));
        assertReason(Reason.SIGNATURE, () -> verify(message));
        assertReason(Reason.SIGNATURE, () -> RawCose.verify(message, PEM, hex("11aa22bb33cc44dd55006698")));
    }

    @Test
    void anEmptyProtectedHeaderCountsAsNoneHoweverItIsWritten() throws WireException {
        verify(sealed("a0", "a10127", ""));
        byte[] asString = sealed("", "a10127", "");
        verify(asString);
    }

    @Test
    void lengthsMayBeIndefiniteAndLongerThanNeeded() throws WireException {
        byte[] payload = {1, 2, 3};
        byte[] signature = Seal.sign(hex("a10127"), payload, Seal.UNIT);
        byte[] message = Diag.join(
                hex("d812 9f 5f 42a101 4127 ff bf 1804 420000 ff 5803 010203 5f"), Seal.bstr(signature), hex("ff ff"));
        verify(message);
        assertReason(Reason.ENCODING, () -> verify(Arrays.copyOf(message, message.length - 1)));
        assertReason(Reason.ENCODING, () -> verify(Arrays.copyOf(message, message.length + 1)));
    }

    @Test
    void theFullySpecifiedNameOfTheAlgorithmCountsToo() throws WireException {
        assertEquals(-19, verify(sealed("a10132", "a0", "")).algorithm());
    }

    @Test
    void aHeaderThatCannotBeHonouredIsRefused() {
        List<byte[]> messages = List.of(
                sealed("a1182a00", "a0", ""), // no algorithm at all
                sealed("a1013903e6", "a0", ""), // -999
                sealed("a1016131", "a0", ""), // "1"
                sealed("a101391e4a", "a0", ""), // far away
                sealed("a1013bffffffffffffffff", "a0", ""), // farther
                sealed("a10127", "a10127", ""), // algorithm in both
                sealed("a20127 0281 182a", "a0", ""), // critical and unknown
                sealed("a30127 0281 182a 182a00", "a0", ""), // the same, present
                sealed("a20127 0281 10", "a0", ""), // critical and missing
                sealed("a20127 0280", "a0", ""), // critical and empty
                sealed("a10127", "a1028104", "")); // critical and unprotected
        for (byte[] message : messages) {
            assertReason(Reason.HEADER, () -> verify(message));
        }
    }

    @Test
    void aCriticalHeaderThatIsUnderstoodPasses() throws WireException {
        verify(sealed("a30127 028104 044131", "a0", ""));
    }

    @Test
    void whatIsNoCoseSign1IsRefused() {
        for (String other : List.of(
                "",
                "00",
                "a0",
                "80",
                "83",
                "8340a040",
                "8540a0404000",
                "d280",
                "d284a0a04040",
                "84f6a04040",
                "844000404040",
                "844040a0",
                "8440a04000",
                "8440a00040",
                "8441a0a04040ff",
                "844100a04040",
                "8443a1012740a04040",
                "ff",
                "9fff",
                "8440a24131004131004040",
                "1c",
                "5f6100ff",
                "f800")) {
            assertReason(Reason.ENCODING, () -> verify(hex(other)));
        }
        assertReason(Reason.CONTENT, () -> verify(hex("8443a10127a0f640")));
        assertReason(Reason.ENCODING, () -> verify(hex("81".repeat(10_000) + "80")));
    }

    @Test
    void whateverIsGarbledIsRefusedInAnOrderlyWay() throws WireException {
        Random random = new Random(7);
        byte[] good = hex(EDDSA);
        int verified = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                verify(bytes);
                verified++;
            } catch (WireException refused) {
                assertTrue(!String.valueOf(refused.getMessage()).isEmpty());
            } catch (IllegalArgumentException keyOfAnotherKind) {
                assertTrue(String.valueOf(keyOfAnotherKind.getMessage()).contains("elliptic"));
            }
        }
        // Only the unprotected kid is not covered by the signature.
        assertTrue(verified < 500, verified + " verified");
    }
}
