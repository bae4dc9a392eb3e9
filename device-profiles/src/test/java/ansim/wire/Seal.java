package ansim.wire;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;

/** Makes messages by hand, also wrong ones, by code that shares nothing with the encoder under test but the signature itself. */
final class Seal {
    /** The unit's and the hub's key of all tests: the seeds of RFC 8032 section 7.1, tests 1 and 2. */
    static final SigningKey UNIT = key("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");

    static final SigningKey HUB = key("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");

    static final String UP_HEADER = header(UNIT, UpMessage.TYP);
    static final String DOWN_HEADER = header(HUB, DownMessage.TYP);
    static final String REGISTRATION_HEADER = header(UNIT, KeyRegistration.TYP);
    static final String CONFIRMATION_HEADER = header(HUB, KeyRegistration.TYP);
    static final String EVIDENCE_HEADER = header(HUB, EvidenceSeal.TYP);
    static final String STATEMENT_HEADER = header(HUB, HubStatement.TYP);

    private Seal() {}

    private static SigningKey key(String seed) {
        return SigningKey.fromSeed(HexFormat.of().parseHex(seed));
    }

    private static String header(SigningKey key, String typ) {
        return "{1: -8, 4: h'" + key.verifyKey().kid().hex() + "', 16: \"" + typ + "\"}";
    }

    static byte[] up(byte[] payload) {
        return message(Diag.encode(UP_HEADER), payload, UNIT);
    }

    static byte[] down(byte[] payload) {
        return message(Diag.encode(DOWN_HEADER), payload, HUB);
    }

    static byte[] message(byte[] header, byte[] payload, SigningKey key) {
        return assemble(18, header, new byte[] {(byte) 0xa0}, payload, sign(header, payload, key));
    }

    static byte[] sign(byte[] header, byte[] payload, SigningKey key) {
        return key.sign(Diag.join(
                new byte[] {(byte) 0x84},
                Diag.encode("\"Signature1\""),
                bstr(header),
                new byte[] {0x40},
                bstr(payload)));
    }

    static byte[] assemble(int tag, byte[] header, byte[] unprotectedMap, byte[] payload, byte[] signature) {
        return Diag.join(
                Diag.head(6, BigInteger.valueOf(tag)),
                new byte[] {(byte) 0x84},
                bstr(header),
                unprotectedMap,
                bstr(payload),
                bstr(signature));
    }

    static byte[] bstr(byte[] content) {
        return Diag.join(Diag.head(2, BigInteger.valueOf(content.length)), content);
    }

    static byte[] resized(byte[] bytes, int length) {
        return Arrays.copyOf(bytes, length);
    }
}
