package ansim.edge;

import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.UpMessage;

/**
 * A message that the unit still holds.
 *
 * @param n its number
 * @param bytes as they were signed
 * @param hash first 8 bytes of SHA-256 over the payload: what a receipt names
 * @param messageHash first 16 bytes of SHA-256 over the whole message: what a refusal names
 */
record HeldMessage(long n, byte[] bytes, Id8 hash, Id16 messageHash) {
    static HeldMessage of(UpMessage message) {
        return new HeldMessage(message.batch().n(), message.bytes(), message.payloadHash8(), message.messageHash());
    }
}
