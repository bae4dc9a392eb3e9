package ansim.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.hpke.HPKE;
import org.bouncycastle.crypto.hpke.HPKEContext;
import org.bouncycastle.crypto.hpke.HPKEContextWithEncapsulation;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealedCardTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final OpeningKey VAULT = OpeningKey.generate(RANDOM);
    private static final Id16 UNIT = Vectors.UNIT;
    private static final Id8 RIDE = Vectors.RIDE;

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static byte[] card(String number) {
        return number.getBytes(StandardCharsets.US_ASCII);
    }

    private static Bytes seal(String number) {
        return VAULT.sealingKey().seal(card(number), UNIT, RIDE, RANDOM);
    }

    private static void opens(String number, Bytes sealed) {
        assertArrayEquals(
                SealedCard.block(card(number)), VAULT.open(sealed, UNIT, RIDE).orElseThrow());
    }

    /** RFC 9180 appendix A.1.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM, base mode; sequence numbers 0 to 2. */
    @Test
    void theSuiteIsThatOfRfc9180AppendixA1() throws Exception {
        HPKE suite = SealedCard.suite();
        byte[] info = hex("4f6465206f6e2061204772656369616e2055726e");
        AsymmetricCipherKeyPair receiver = suite.deserializePrivateKey(
                hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"),
                hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"));
        AsymmetricCipherKeyPair once = suite.deserializePrivateKey(
                hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736"),
                hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"));
        HPKEContextWithEncapsulation sender = suite.setupBaseS(receiver.getPublic(), info, once);
        assertArrayEquals(
                hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"), sender.getEncapsulation());
        HPKEContext opener = suite.setupBaseR(sender.getEncapsulation(), receiver, info);
        byte[] plain = hex("4265617574792069732074727574682c20747275746820626561757479");
        String[] ciphertexts = {
            "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
            "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
            "498dfcabd92e8acedc281e85af1cb4e3e31c7dc394a1ca20e173cb72516491588d96a19ad4a683518973dcc180"
        };
        for (int i = 0; i < ciphertexts.length; i++) {
            byte[] aad = ("Count-" + i).getBytes(StandardCharsets.US_ASCII);
            assertEquals(ciphertexts[i], HexFormat.of().formatHex(sender.seal(aad, plain)));
            assertArrayEquals(plain, opener.open(aad, hex(ciphertexts[i])));
        }
        assertEquals(
                "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
                HexFormat.of().formatHex(sender.export(new byte[0], 32)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "62E3086CED",
                "1010030000163931",
                "1234567890123456789012345678901",
                "12345678901234567890123456789012",
                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ01"
            })
    void aCardOfAnyLengthComesBackAndIsEightyOneBytesOnTheWay(String number) {
        Bytes sealed = seal(number);
        assertEquals(SealedCard.BYTES, sealed.length());
        opens(number, sealed);
    }

    @Test
    void twoLongCardsThatBeginAlikeAreTwoCards() {
        String one = "12345678901234567890123456789012";
        String other = one + "3";
        assertFalse(Arrays.equals(SealedCard.block(card(one)), SealedCard.block(card(other))));
        assertFalse(Arrays.equals(SealedCard.block(card("1")), SealedCard.block(card("10"))));
    }

    @Test
    void twoSealingsOfOneCardHaveNoByteRunInCommon() {
        byte[] one = seal("62E3086CED").toByteArray();
        byte[] other = seal("62E3086CED").toByteArray();
        int same = 0;
        for (int i = 1; i < one.length; i++) {
            same += one[i] == other[i] ? 1 : 0;
        }
        // 80 bytes that agree by chance in 8 or more places: less than once in 10^8 runs.
        assertTrue(same < 8, same + " bytes are the same");
    }

    @Test
    void aSealedCardMovedToAnotherRideOrUnitDoesNotOpen() {
        Bytes sealed = seal("62E3086CED");
        assertEquals(Optional.empty(), VAULT.open(sealed, UNIT, new Id8(RIDE.bits() + 1)));
        assertEquals(Optional.empty(), VAULT.open(sealed, new Id16(UNIT.hi(), UNIT.lo() + 1), RIDE));
        opens("62E3086CED", sealed);
    }

    @Test
    void anotherKeyDoesNotOpenIt() {
        Bytes sealed = seal("62E3086CED");
        OpeningKey other = OpeningKey.generate(RANDOM);
        byte[] forged = sealed.toByteArray();
        forged[0] = other.sealingKey().kid().bytes()[0];
        assertEquals(Optional.empty(), other.open(sealed, UNIT, RIDE));
        assertEquals(Optional.empty(), other.open(Bytes.of(forged), UNIT, RIDE));
    }

    @Test
    void everyChangedBitAndEveryOtherLengthIsRefused() {
        byte[] sealed = seal("62E3086CED").toByteArray();
        for (int bit = 0; bit < sealed.length * Byte.SIZE; bit++) {
            byte[] changed = sealed.clone();
            // X25519 ignores the top bit of a public value (RFC 7748 section 5); the key schedule does not.
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertEquals(Optional.empty(), VAULT.open(Bytes.of(changed), UNIT, RIDE), "bit " + bit);
        }
        for (int length = 0; length <= sealed.length + 1; length++) {
            Bytes other = Bytes.of(Arrays.copyOf(sealed, length));
            assertEquals(length == sealed.length, VAULT.open(other, UNIT, RIDE).isPresent(), "length " + length);
        }
    }

    @Test
    void anEncapsulatedKeyOfSmallOrderIsRefused() {
        byte[] sealed = seal("62E3086CED").toByteArray();
        Arrays.fill(sealed, 1, 1 + SealedCard.ENCAPSULATED_BYTES, (byte) 0);
        assertEquals(Optional.empty(), VAULT.open(Bytes.of(sealed), UNIT, RIDE));
    }

    /** Sealed to such a point, everybody could open every card. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0000000000000000000000000000000000000000000000000000000000000000",
                "0100000000000000000000000000000000000000000000000000000000000000",
                "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
            })
    void aVaultKeyOfSmallOrderIsRefused(String raw) {
        assertThrows(IllegalArgumentException.class, () -> new SealingKey(hex(raw)));
    }

    @Test
    void anEmptyCardIsNone() {
        assertThrows(IllegalArgumentException.class, () -> SealedCard.block(new byte[0]));
    }

    @Test
    void keysComeBackFromPemAndSayWhoseTheyAre() {
        assertEquals(VAULT.sealingKey(), OpeningKey.fromPem(VAULT.toPem()).sealingKey());
        assertEquals(VAULT.sealingKey(), SealingKey.fromPem(VAULT.sealingKey().toPem()));
        assertNotEquals(
                VAULT.sealingKey().kid(),
                OpeningKey.generate(RANDOM).sealingKey().kid());
        assertEquals("private half of vault key " + VAULT.sealingKey().kid().hex(), VAULT.toString());
    }

    @Test
    void aSigningKeyIsNoVaultKeyNorTheOtherWayRound() {
        String signing = Seal.UNIT.verifyKey().toPem();
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> SealingKey.fromPem(signing));
        assertEquals("not an X25519 public key", refused.getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> VerifyKey.fromPem(VAULT.sealingKey().toPem()));
        assertThrows(IllegalArgumentException.class, () -> OpeningKey.fromPem(Seal.UNIT.toPem()));
    }

    @Test
    void opensslReadsTheKeysAndMakesOnesThatAreRead(@TempDir Path folder) throws Exception {
        Path key = folder.resolve("key.pem");
        Files.writeString(key, VAULT.toPem());
        assertEquals(VAULT.sealingKey().toPem(), openssl("pkey", "-in", key.toString(), "-pubout"));
        OpeningKey made = OpeningKey.fromPem(openssl("genpkey", "-algorithm", "X25519"));
        Bytes sealed = made.sealingKey().seal(card("62E3086CED"), UNIT, RIDE, RANDOM);
        assertTrue(made.open(sealed, UNIT, RIDE).isPresent());
    }

    private static String openssl(String... arguments) throws Exception {
        String[] command = new String[arguments.length + 1];
        command[0] = "openssl";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process;
        try {
            process = new ProcessBuilder(command).start();
        } catch (IOException e) {
            Assumptions.abort("there is no openssl here");
            throw e;
        }
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        assertTrue(process.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        return out;
    }

    @Test
    void aBoardingWithASealedCardFitsInto310Bytes() throws Exception {
        RideChange change = new RideChange(
                Optional.of(new Pos(-375_665_000, -1_269_780_000, OptionalInt.of(250))),
                RIDE,
                Optional.of(seal("1010030000163931")),
                RideChange.Source.CARD,
                OptionalInt.of(3),
                OptionalInt.of(1));
        Batch batch = Vectors.plain(Lane.EVENT, 1_000_000, Optional.of(new Id16(1, 2)), new Boarded(change));
        byte[] signed = UpMessage.sign(batch, Seal.UNIT).bytes();
        assertTrue(signed.length <= 310, signed.length + " bytes");
        Boarded read =
                (Boarded) UpMessage.parse(signed).batch().records().get(0).body();
        opens("1010030000163931", read.change().sealedCard().orElseThrow());
    }
}
