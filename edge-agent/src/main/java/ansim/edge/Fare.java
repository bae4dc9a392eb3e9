package ansim.edge;

import ansim.profile.CardNumber;
import ansim.wire.Id8;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One ride and what is needed to know its cards again without keeping them: of each card only the first 16 bits of
 * HMAC-SHA256(random key of this ride, card). One in 65,536 other cards is taken for the same one; that is the price of
 * keeping nothing that could be turned back into a card. Not thread-safe.
 */
final class Fare {
    static final int KEY_BYTES = 16;
    /** Riders beyond this are no longer counted: no car holds them, a child with two cards does. */
    static final int RIDERS_COUNTED = 255;

    final Id8 id;
    private final byte[] key;
    /** CLOCK_MONOTONIC ms of the boarding; after a new boot the moment of the restart. */
    long boardedMs;
    /** CLOCK_MONOTONIC ms of the end, -1 while the ride is on. */
    long endedMs = -1;
    /** Whether the lamp has said hired for this ride: then the lamp ends it, no card does. */
    boolean underLamp;
    /** Riders counted, at least the number of cards known. */
    int riders;
    /** The cards known again, the one that named the ride first. */
    private short[] cards = {};

    private Fare(Id8 id, byte[] key) {
        this.id = id;
        this.key = key;
    }

    static Fare begin(RandomGenerator random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return new Fare(new Id8(random.nextLong()), key);
    }

    boolean named() {
        return cards.length > 0;
    }

    boolean knows(CardNumber card) {
        short digest = digest(card);
        for (short known : cards) {
            if (known == digest) {
                return true;
            }
        }
        return false;
    }

    boolean namedBy(CardNumber card) {
        return cards.length > 0 && cards[0] == digest(card);
    }

    /** Counts one more rider, known again by this digest while there is room for it. */
    void add(short digest) {
        riders = Math.min(riders + 1, RIDERS_COUNTED);
        if (cards.length < RideRules.RIDERS_MAX) {
            cards = Arrays.copyOf(cards, cards.length + 1);
            cards[cards.length - 1] = digest;
        }
    }

    /** The first 16 bits of HMAC-SHA256(key of this ride, card). */
    short digest(CardNumber card) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            byte[] sum = mac.doFinal(card.characters());
            return (short) (sum[0] << 8 | (sum[1] & 0xff));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is in every Java runtime", e);
        }
    }

    void write(DataOutputStream out) throws IOException {
        out.writeLong(id.bits());
        out.write(key);
        out.writeLong(boardedMs);
        out.writeLong(endedMs);
        out.writeBoolean(underLamp);
        out.writeInt(riders);
        out.writeByte(cards.length);
        for (short card : cards) {
            out.writeShort(card);
        }
    }

    static Fare read(DataInputStream in) throws IOException {
        Fare fare = new Fare(new Id8(in.readLong()), in.readNBytes(KEY_BYTES));
        fare.boardedMs = in.readLong();
        fare.endedMs = in.readLong();
        fare.underLamp = in.readBoolean();
        fare.riders = in.readInt();
        fare.cards = new short[in.readUnsignedByte()];
        for (int i = 0; i < fare.cards.length; i++) {
            fare.cards[i] = in.readShort();
        }
        return fare;
    }
}
