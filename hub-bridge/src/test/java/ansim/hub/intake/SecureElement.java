package ansim.hub.intake;

import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;

/** Signs by ES256 what a test's unit has signed by Ed25519, as a unit with a secure element would. */
final class SecureElement {
    private static final BigInteger ORDER =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final int HALF = 32;
    /** Tag, array of four, header of 26 bytes with its head, empty map: what stands before the payload. */
    private static final int BEFORE_PAYLOAD = 31;
    /** The signature with its head. */
    private static final int AFTER_PAYLOAD = 66;

    private final KeyPair pair;

    SecureElement() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        pair = generator.generateKeyPair();
    }

    VerifyKey verifyKey() {
        return VerifyKey.fromSpki(pair.getPublic().getEncoded());
    }

    UpMessage sign(UpMessage message) throws GeneralSecurityException, WireException {
        return UpMessage.parse(sign(message, false));
    }

    byte[] sign(UpMessage message, boolean highS) throws GeneralSecurityException {
        byte[] whole = message.bytes();
        byte[] payload = Arrays.copyOfRange(whole, BEFORE_PAYLOAD, whole.length - AFTER_PAYLOAD);
        byte[] header = join(
                new byte[] {0x58, 0x1a, (byte) 0xa3, 1, 0x26, 4, 0x48},
                verifyKey().kid().bytes(),
                new byte[] {0x10, 0x6b},
                ascii(UpMessage.TYP));
        Signature signing = Signature.getInstance("SHA256withECDSAinP1363Format");
        signing.initSign(pair.getPrivate());
        signing.update(join(new byte[] {(byte) 0x84, 0x6a}, ascii("Signature1"), header, new byte[] {0x40}, payload));
        byte[] signature = withS(signing.sign(), highS);
        return join(
                new byte[] {(byte) 0xd2, (byte) 0x84},
                header,
                new byte[] {(byte) 0xa0},
                payload,
                new byte[] {0x58, 0x40},
                signature);
    }

    private static byte[] withS(byte[] signature, boolean high) {
        BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, HALF, 2 * HALF));
        if (s.compareTo(ORDER.shiftRight(1)) > 0 == high) {
            return signature;
        }
        byte[] other = ORDER.subtract(s).toByteArray();
        byte[] turned = Arrays.copyOf(signature, HALF * 2);
        Arrays.fill(turned, HALF, HALF * 2, (byte) 0);
        int length = Math.min(HALF, other.length);
        System.arraycopy(other, other.length - length, turned, HALF * 2 - length, length);
        return turned;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
