package ansim.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A COSE_Sign1 (RFC 9052 section 4.2) as the contract narrows it: tag 18, a protected header of exactly alg, kid and typ, an empty
 * unprotected map (every bit that is not signed is fixed), an embedded payload and a signature by
 * EdDSA or, from a unit, by ES256 with low s.
 */
final class CoseSign1 {
    private static final int TAG = 18;
    private static final int HEADER_ALG = 1;
    private static final int HEADER_KID = 4;
    private static final int HEADER_TYP = 16;
    private static final int SIGNATURE_BYTES = 64;
    private static final int BYTE_STRING = 2 << 5;
    private static final int HEAD_BYTES = 5;

    /** An array of four that begins with "Signature1". */
    private static final byte[] CONTEXT = "\u0084jSignature1".getBytes(StandardCharsets.ISO_8859_1);

    /** All of the protected header of what units send by EdDSA but the kid: the encoding leaves no choice. */
    private static final byte[] UP_BEFORE_KID = {(byte) 0xa3, HEADER_ALG, 0x27, HEADER_KID, 0x48};

    private static final byte[] UP_BEHIND_KID = ("\u0010k" + UpMessage.TYP).getBytes(StandardCharsets.ISO_8859_1);
    private static final int UP_BYTES = UP_BEFORE_KID.length + Id8.LENGTH + UP_BEHIND_KID.length;

    private final byte[] header;
    private final byte[] payload;
    private final byte[] signature;
    private final Signer signer;

    /** As the protected header names it. */
    private record Signer(VerifyKey.Kind kind, Id8 kid) {}

    private CoseSign1(byte[] header, byte[] payload, byte[] signature, Signer signer) {
        this.header = header;
        this.payload = payload;
        this.signature = signature;
        this.signer = signer;
    }

    Id8 kid() {
        return signer.kid();
    }

    byte[] payload() {
        return payload;
    }

    static CoseSign1 parse(byte[] message, String typ) throws WireException {
        if (message.length > UpMessage.MAX_BYTES) {
            throw new WireException(
                    WireException.Reason.TOO_LONG,
                    "at most " + UpMessage.MAX_BYTES + " bytes are allowed (got " + message.length + ")");
        }
        if (message.length == 0 || message[0] != (byte) (0xc0 | TAG)) {
            throw WireException.encoding("does not begin with tag " + TAG + ", COSE_Sign1");
        }
        Item body = StrictCbor.item(message, 1);
        try {
            List<Item> parts = body.array(4, 4, "COSE_Sign1");
            byte[] header = parts.get(0).byteString("the protected header");
            if (!parts.get(1).map("the unprotected header").isEmpty()) {
                throw WireException.encoding("the unprotected header must be empty");
            }
            byte[] payload = parts.get(2).byteString("the payload");
            byte[] signature = parts.get(3).byteString(SIGNATURE_BYTES, "the signature");
            return new CoseSign1(header, payload, signature, signer(header, typ));
        } catch (WireException e) {
            // Inside COSE a wrong type is a broken envelope, not a broken field.
            throw e.reason() == WireException.Reason.CONTENT
                    ? WireException.encoding(String.valueOf(e.getMessage()))
                    : e;
        }
    }

    private static Signer signer(byte[] header, String typ) throws WireException {
        if (typ.equals(UpMessage.TYP) && isUsual(header)) {
            return new Signer(
                    VerifyKey.Kind.ED25519, new Id8(ByteBuffer.wrap(header).getLong(UP_BEFORE_KID.length)));
        }
        return read(header, typ);
    }

    /** Whether it is what nearly every unit sends, which need not be taken apart to be known. */
    private static boolean isUsual(byte[] header) {
        int kidEnd = UP_BEFORE_KID.length + Id8.LENGTH;
        return header.length == UP_BYTES
                && Arrays.equals(header, 0, UP_BEFORE_KID.length, UP_BEFORE_KID, 0, UP_BEFORE_KID.length)
                && Arrays.equals(header, kidEnd, UP_BYTES, UP_BEHIND_KID, 0, UP_BEHIND_KID.length);
    }

    private static Signer read(byte[] header, String typ) throws WireException {
        Fields fields = Fields.of(StrictCbor.item(header, 0), "the protected header");
        fields.refuseNegative();
        if (fields.size() != 3) {
            throw headerFlaw("the protected header must hold exactly alg, kid and typ");
        }
        try {
            VerifyKey.Kind kind = kind(fields.integer(HEADER_ALG, Long.MIN_VALUE, Long.MAX_VALUE), typ);
            Id8 kid = fields.id8(HEADER_KID);
            String found = fields.get(HEADER_TYP).text("typ");
            if (!found.equals(typ)) {
                if (found.startsWith(typ.substring(0, typ.length() - 1))) {
                    throw new WireException(WireException.Reason.VERSION, "typ must be " + typ + " in this version");
                }
                throw headerFlaw("typ must be " + typ);
            }
            return new Signer(kind, kid);
        } catch (WireException e) {
            throw e.reason() == WireException.Reason.CONTENT ? headerFlaw(String.valueOf(e.getMessage())) : e;
        }
    }

    private static VerifyKey.Kind kind(long algorithm, String typ) throws WireException {
        for (VerifyKey.Kind kind : VerifyKey.Kind.values()) {
            // The hub has no secure element, and a key in one is not registered by a message: only what units tell may
            // be ES256.
            boolean may = kind == VerifyKey.Kind.ED25519 || typ.equals(UpMessage.TYP);
            if (kind.algorithm() == algorithm && may) {
                return kind;
            }
        }
        throw new WireException(
                WireException.Reason.VERSION, "alg must be -8, EdDSA, or from a unit -7, ES256, in this version");
    }

    private static WireException headerFlaw(String message) {
        return new WireException(WireException.Reason.HEADER, message);
    }

    /** The protected header that {@link #sign} writes for a key. */
    static byte[] header(VerifyKey key, String typ) {
        return CborOut.encode(new MapOut()
                .put(HEADER_ALG, key.kind().algorithm())
                .put(HEADER_KID, key.kid())
                .put(HEADER_TYP, typ));
    }

    static byte[] sign(byte[] payload, String typ, SigningKey key) {
        return sign(payload, typ, key.verifyKey(), key::sign);
    }

    static byte[] sign(byte[] payload, String typ, VerifyKey key, MessageSigner signer) {
        byte[] header = header(key, typ);
        byte[] signature = signer.sign(toBeSigned(header, new byte[0], payload));
        return CborOut.encode(out -> write(out, header, payload, signature));
    }

    private static void write(CborOut out, byte[] header, byte[] payload, byte[] signature) {
        out.tag(TAG);
        out.array(4);
        out.bytes(header);
        out.map(0);
        out.bytes(payload);
        out.bytes(signature);
    }

    boolean verify(Verifier verifier, VerifyKey key) {
        return key.kid().equals(signer.kid())
                && key.kind() == signer.kind()
                && !hasHighS()
                && verifier.verify(key, toBeSigned(header, new byte[0], payload), signature);
    }

    /** Whether it has the form of an ES256 signature that is never taken, see {@link Es256Verifier#isHighS}. */
    boolean hasHighS() {
        return signer.kind() == VerifyKey.Kind.P256 && Es256Verifier.isHighS(signature);
    }

    /** The Sig_structure of RFC 9052 section 4.4, from the bytes as received. */
    static byte[] toBeSigned(byte[] header, byte[] externalAad, byte[] payload) {
        ByteBuffer out = ByteBuffer.allocate(
                CONTEXT.length + 3 * HEAD_BYTES + header.length + externalAad.length + payload.length);
        out.put(CONTEXT);
        putBytes(out, header);
        putBytes(out, externalAad);
        putBytes(out, payload);
        return Arrays.copyOf(out.array(), out.position());
    }

    /** A byte string, RFC 8949 section 3.1, with the shortest head. */
    private static void putBytes(ByteBuffer out, byte[] bytes) {
        int length = bytes.length;
        if (length < 24) {
            out.put((byte) (BYTE_STRING | length));
        } else if (length < 1 << 8) {
            out.put((byte) (BYTE_STRING | 24)).put((byte) length);
        } else if (length < 1 << 16) {
            out.put((byte) (BYTE_STRING | 25)).putShort((short) length);
        } else {
            out.put((byte) (BYTE_STRING | 26)).putInt(length);
        }
        out.put(bytes);
    }
}
