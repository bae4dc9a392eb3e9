import ansim.wire.Id8;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;

/** COSE_Sign1 by hand, also what our own code would never write. */
final class Seals {
    static final int EDDSA = -8;
    static final int ES256 = -7;
    private static final BigInteger ORDER =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);
    private static final int HALF = 32;
    /** Tag, array of four, header of 26 bytes with its head, empty map: what stands before the payload's head. */
    private static final int BEFORE_PAYLOAD = 31;
    /** The signature with its head. */
    private static final int AFTER_PAYLOAD = 66;

    private Seals() {}

    /** alg, kid, typ. */
    static byte[] header(int algorithm, Id8 kid, String typ) {
        byte[] text = typ.getBytes(StandardCharsets.US_ASCII);
        return join(
                new byte[] {(byte) 0xa3, 1, (byte) (0x1f - algorithm), 4, 0x48},
                kid.bytes(),
                new byte[] {0x10, (byte) (0x60 | text.length)},
                text);
    }

    /** The payload of a message that our own code has signed. */
    static byte[] payload(UpMessage message) {
        byte[] whole = message.bytes();
        byte[] withHead = Arrays.copyOfRange(whole, BEFORE_PAYLOAD, whole.length - AFTER_PAYLOAD);
        int head = withHead[0] == 0x58 ? 2 : withHead[0] == 0x59 ? 3 : 1;
        return Arrays.copyOfRange(withHead, head, withHead.length);
    }

    static byte[] toBeSigned(byte[] header, byte[] payload) {
        byte[] context = "Signature1".getBytes(StandardCharsets.US_ASCII);
        return join(new byte[] {(byte) 0x84, 0x6a}, context, bstr(header), new byte[] {0x40}, bstr(payload));
    }

    static byte[] message(byte[] header, byte[] payload, byte[] signature) {
        return join(
                new byte[] {(byte) 0xd2, (byte) 0x84},
                bstr(header),
                new byte[] {(byte) 0xa0},
                bstr(payload),
                bstr(signature));
    }

    private static byte[] bstr(byte[] content) {
        int length = content.length;
        byte[] head = length < 24
                ? new byte[] {(byte) (0x40 | length)}
                : length < 256
                        ? new byte[] {0x58, (byte) length}
                        : new byte[] {0x59, (byte) (length >> 8), (byte) length};
        return join(head, content);
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** A key on P-256 as a secure element has one. */
    static final class Element {
        private final KeyPair pair;

        Element() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            pair = generator.generateKeyPair();
        }

        VerifyKey verifyKey() {
            return VerifyKey.fromSpki(pair.getPublic().getEncoded());
        }

        /** By ES256, with s in the half that is asked for. */
        byte[] seal(byte[] payload, boolean highS) throws GeneralSecurityException {
            byte[] header = header(ES256, verifyKey().kid(), UpMessage.TYP);
            Signature signing = Signature.getInstance("SHA256withECDSAinP1363Format");
            signing.initSign(pair.getPrivate());
            signing.update(toBeSigned(header, payload));
            byte[] signature = signing.sign();
            BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, HALF, 2 * HALF));
            if (s.compareTo(ORDER.shiftRight(1)) > 0 != highS) {
                byte[] other = ORDER.subtract(s).toByteArray();
                Arrays.fill(signature, HALF, 2 * HALF, (byte) 0);
                int length = Math.min(HALF, other.length);
                System.arraycopy(other, other.length - length, signature, 2 * HALF - length, length);
            }
            return message(header, payload, signature);
        }
    }
}
