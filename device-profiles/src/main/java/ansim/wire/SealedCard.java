package ansim.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.bouncycastle.crypto.hpke.HPKE;

/**
 * A rider's card as it travels: sealed to the rider vault's key (HPKE, RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
 * AES-128-GCM), 81 bytes whatever the card:
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><th>bytes</th><th>what</th></tr>
 * <tr><td>1</td><td>which key: the first byte of its {@link SealingKey#kid}. A hint; a vault tries its keys that fit</td></tr>
 * <tr><td>32</td><td>encapsulated key</td></tr>
 * <tr><td>48</td><td>the {@link #block} and the tag of 16 bytes</td></tr>
 * </table>
 *
 * <p>Info is {@code ansim.card.v1}, the additional data is unit id and ride id: a sealed card that is moved to another ride or unit does
 * not open. Guarantee: two sealings of one card have nothing in common that anybody without the vault's key could see, nor does the
 * length tell anything of the number. Not guaranteed: that the sealer is the unit; that says the message's signature.
 */
public final class SealedCard {
    /** Bytes of every sealed card. */
    public static final int BYTES = 81;

    static final int ENCAPSULATED_BYTES = 32;
    static final byte[] INFO = "ansim.card.v1".getBytes(StandardCharsets.US_ASCII);

    private static final int BLOCK_BYTES = 32;
    private static final int LONGEST_VERBATIM = BLOCK_BYTES - 1;
    /** In place of a length: a card too long for the block stands in it as the first 31 bytes of its SHA-256. */
    private static final byte HASHED = (byte) 0xFF;

    private SealedCard() {}

    /**
     * What is sealed of a card, and what a vault knows it by: its length (one byte), its characters, zeros up to 32 bytes. The caller
     * wipes it.
     *
     * @param card the characters of its number, ASCII as {@code Reading.Tap} gives them, at least one
     */
    public static byte[] block(byte[] card) {
        if (card.length == 0) {
            throw new IllegalArgumentException("a card must have at least one character");
        }
        byte[] block = new byte[BLOCK_BYTES];
        boolean verbatim = card.length <= LONGEST_VERBATIM;
        byte[] content = verbatim ? card : Sha256.of(card);
        block[0] = verbatim ? (byte) card.length : HASHED;
        System.arraycopy(content, 0, block, 1, Math.min(content.length, LONGEST_VERBATIM));
        return block;
    }

    /** The additional data: whose ride it is. */
    static byte[] aad(Id16 unit, Id8 ride) {
        return ByteBuffer.allocate(Id16.LENGTH + Id8.LENGTH)
                .put(unit.bytes())
                .put(ride.bytes())
                .array();
    }

    /** Not shared: it has a state of its own. */
    static HPKE suite() {
        return new HPKE(HPKE.mode_base, HPKE.kem_X25519_SHA256, HPKE.kdf_HKDF_SHA256, HPKE.aead_AES_GCM128);
    }

    static void wipe(byte[] secret) {
        Arrays.fill(secret, (byte) 0);
    }
}
