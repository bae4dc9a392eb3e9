package ansim.wire;

import java.io.IOException;
import java.util.List;

/**
 * A COSE_Sign1 (RFC 9052 section 4.2) as the contract narrows it: tag 18, a protected header of exactly alg, kid and typ, an empty
 * unprotected map (every bit that is not signed is fixed), an embedded payload and an Ed25519 signature.
 */
final class CoseSign1 {
    /** EdDSA, RFC 9053 section 2.2. */
    static final int ALG_EDDSA = -8;

    private static final int TAG = 18;
    private static final int HEADER_ALG = 1;
    private static final int HEADER_KID = 4;
    private static final int HEADER_TYP = 16;
    private static final int SIGNATURE_BYTES = 64;

    private final byte[] header;
    private final byte[] payload;
    private final byte[] signature;
    private final Id8 kid;

    private CoseSign1(byte[] header, byte[] payload, byte[] signature, Id8 kid) {
        this.header = header;
        this.payload = payload;
        this.signature = signature;
        this.kid = kid;
    }

    Id8 kid() {
        return kid;
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
            return new CoseSign1(header, payload, signature, kid(header, typ));
        } catch (WireException e) {
            // Inside COSE a wrong type is a broken envelope, not a broken field.
            throw e.reason() == WireException.Reason.CONTENT
                    ? WireException.encoding(String.valueOf(e.getMessage()))
                    : e;
        }
    }

    private static Id8 kid(byte[] header, String typ) throws WireException {
        Fields fields = Fields.of(StrictCbor.item(header, 0), "the protected header");
        fields.refuseNegative();
        if (fields.size() != 3) {
            throw headerFlaw("the protected header must hold exactly alg, kid and typ");
        }
        try {
            if (fields.integer(HEADER_ALG, Long.MIN_VALUE, Long.MAX_VALUE) != ALG_EDDSA) {
                throw new WireException(
                        WireException.Reason.VERSION, "alg must be " + ALG_EDDSA + ", EdDSA, in this version");
            }
            Id8 kid = fields.id8(HEADER_KID);
            String found = fields.get(HEADER_TYP).text("typ");
            if (!found.equals(typ)) {
                if (found.startsWith(typ.substring(0, typ.length() - 1))) {
                    throw new WireException(WireException.Reason.VERSION, "typ must be " + typ + " in this version");
                }
                throw headerFlaw("typ must be " + typ);
            }
            return kid;
        } catch (WireException e) {
            throw e.reason() == WireException.Reason.CONTENT ? headerFlaw(String.valueOf(e.getMessage())) : e;
        }
    }

    private static WireException headerFlaw(String message) {
        return new WireException(WireException.Reason.HEADER, message);
    }

    /** The protected header that {@link #sign} writes for a key. */
    static byte[] header(Id8 kid, String typ) {
        return CborOut.encode(
                new MapOut().put(HEADER_ALG, ALG_EDDSA).put(HEADER_KID, kid).put(HEADER_TYP, typ));
    }

    static byte[] sign(byte[] payload, String typ, SigningKey key) {
        byte[] header = header(key.verifyKey().kid(), typ);
        byte[] signature = key.sign(toBeSigned(header, new byte[0], payload));
        return CborOut.encode(out -> write(out, header, payload, signature));
    }

    private static void write(CborOut out, byte[] header, byte[] payload, byte[] signature) throws IOException {
        out.tag(TAG);
        out.startArray(4);
        out.bytes(header);
        out.startMap(0);
        out.endMap();
        out.bytes(payload);
        out.bytes(signature);
        out.endArray();
    }

    boolean verify(Verifier verifier, VerifyKey key) {
        return key.kid().equals(kid) && verifier.verify(key, toBeSigned(header, new byte[0], payload), signature);
    }

    /** The Sig_structure of RFC 9052 section 4.4, from the bytes as received. */
    static byte[] toBeSigned(byte[] header, byte[] externalAad, byte[] payload) {
        return CborOut.encode(out -> {
            out.startArray(4);
            out.text("Signature1");
            out.bytes(header);
            out.bytes(externalAad);
            out.bytes(payload);
            out.endArray();
        });
    }
}
