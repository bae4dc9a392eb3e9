package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    private static final Verifier ED25519 = Ed25519Verifier.INSTANCE;

    /** The order of the group, RFC 8032 section 5.1. */
    private static final BigInteger L =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    @ParameterizedTest
    @CsvSource({
        // RFC 8032 section 7.1, tests 1 to 3: seed, public key, message, signature
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a,'',"
                + "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
                + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c,72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
                + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025,af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
    })
    void signaturesAreThoseOfRfc8032(String seed, String publicKey, String message, String signature) {
        SigningKey key = SigningKey.fromSeed(hex(seed));
        assertArrayEquals(hex(publicKey), key.verifyKey().raw());
        assertArrayEquals(hex(signature), key.sign(hex(message)));
        assertTrue(ED25519.verify(VerifyKey.fromRaw(hex(publicKey)), hex(message), hex(signature)));
    }

    @Test
    void pemIsThatOfRfc8410() {
        String privatePem = """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
                -----END PRIVATE KEY-----
                """;
        String publicPem = """
                -----BEGIN PUBLIC KEY-----
                MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
                -----END PUBLIC KEY-----
                """;
        SigningKey key = SigningKey.fromPem(privatePem);
        assertEquals(privatePem, key.toPem());
        assertEquals(publicPem, key.verifyKey().toPem());
        assertEquals(key.verifyKey(), VerifyKey.fromPem("unit 7\r\n" + publicPem.replace("\n", "\r\n")));
        assertEquals(key.verifyKey(), VerifyKey.fromSpki(key.verifyKey().spki()));
    }

    @Test
    void theKidIsTheBeginningOfTheHashOfTheWholeKeyInfo() throws Exception {
        VerifyKey key = Seal.UNIT.verifyKey();
        byte[] spki = Diag.join(hex("302a300506032b6570032100"), key.raw());
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(spki);
        assertArrayEquals(Arrays.copyOf(digest, 8), key.kid().bytes());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hello",
                "-----BEGIN PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
                "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----",
                // a P-384 key
                "-----BEGIN PUBLIC KEY-----\nMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEwt90QUWN4uzc5KyX2npWqzt4jUKJkesm\n"
                        + "dAOBnWlnGphLxATw3TJ/wwR+J2jn/CSEpUlIChuPctolxYZI9HgidSn1ajyglEaU\nUgY0NODkoYB3A+WnaZMZPRt3ZrDtz9GG\n-----END PUBLIC KEY-----",
                "-----BEGIN PRIVATE KEY-----\n"
                        + "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----"
            })
    void whatIsNoPublicKeyIsRefused(String pem) {
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.fromPem(pem));
    }

    /** Points of order 1, 2, 4 and 8, and encodings beyond the prime: with them a signature fits many messages. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0100000000000000000000000000000000000000000000000000000000000000",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0000000000000000000000000000000000000000000000000000000000000080",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
                "0100000000000000000000000000000000000000000000000000000000000080",
                "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
                // not on the curve
                "0200000000000000000000000000000000000000000000000000000000000000"
            })
    void keysThatFitMoreThanTheirOwnerAreRefused(String raw) {
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.fromRaw(hex(raw)));
    }

    @Test
    void theSecondFormOfASignatureIsRefused() {
        byte[] message = hex("72");
        byte[] signature = Seal.UNIT.sign(message);
        byte[] other = signature.clone();
        BigInteger s = new BigInteger(1, reversed(Arrays.copyOfRange(signature, 32, 64))).add(L);
        byte[] sum = s.toByteArray();
        for (int i = 0; i < 32; i++) {
            other[32 + i] = i < sum.length ? sum[sum.length - 1 - i] : 0;
        }
        assertTrue(ED25519.verify(Seal.UNIT.verifyKey(), message, signature));
        assertFalse(ED25519.verify(Seal.UNIT.verifyKey(), message, other));
    }

    private static byte[] reversed(byte[] bytes) {
        byte[] turned = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            turned[i] = bytes[bytes.length - 1 - i];
        }
        return turned;
    }

    @Test
    void aSignatureOfAnotherLengthIsRefused() {
        byte[] signature = Seal.UNIT.sign(new byte[0]);
        for (int length : new int[] {0, 32, 63, 65, 128}) {
            assertFalse(ED25519.verify(Seal.UNIT.verifyKey(), new byte[0], Arrays.copyOf(signature, length)));
        }
        assertFalse(ED25519.verify(Seal.UNIT.verifyKey(), new byte[0], new byte[64]));
    }

    @Test
    void aKeyOfAnotherLengthIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> SigningKey.fromSeed(new byte[31]));
        assertThrows(IllegalArgumentException.class, () -> VerifyKey.fromRaw(new byte[33]));
    }

    @Test
    void generatedKeysDifferAndTheirPrivateHalfIsNeverPrinted() {
        SigningKey one = SigningKey.generate(new SecureRandom());
        SigningKey other = SigningKey.generate(new SecureRandom());
        assertNotEquals(one.verifyKey(), other.verifyKey());
        assertEquals("private half of key " + one.verifyKey().kid(), one.toString());
    }
}
