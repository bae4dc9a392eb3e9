package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Card numbers of Wiegand readers. The first bit makes the ones of the first half even, the last bit those of the second half odd;
 * the data bits between them are a facility code and a card number, most significant bit first:
 *
 * <table>
 * <caption>The formats (HID H10301, H10306, H10304; bits counted from 0)</caption>
 * <tr><th>bits</th><th>even over</th><th>odd over</th><th>facility</th><th>card</th><th>hex digits</th></tr>
 * <tr><td>26</td><td>1..12</td><td>13..24</td><td>8</td><td>16</td><td>6</td></tr>
 * <tr><td>34</td><td>1..16</td><td>17..32</td><td>16</td><td>16</td><td>8</td></tr>
 * <tr><td>37</td><td>1..18</td><td>18..35</td><td>16</td><td>19</td><td>9</td></tr>
 * </table>
 *
 * <p>A tap carries the data bits as they were read, in upper-case hex: facility 31 card 337 is {@code 1F0151}. They are not cut
 * into facility and card, because the reader's maker decides where that cut is (H10302 has 35 bits of card), and because so a
 * 125 kHz reader that sends the end of an EM4100 number gives the end of what {@code reader-em4100} gives: of
 * {@code 62E3086CED} a 26-bit reader sends {@code 086CED}, a 34-bit one {@code E3086CED}.
 *
 * <p>Not guaranteed: that a frame is a card's. Two parity bits let one of four random frames of a right length pass, and 24 bits
 * do not name a card alone in the world.
 */
final class Wiegand implements Decoder {
    private static final List<Integer> FORMATS = List.of(26, 34, 37);

    /**
     * Options.
     *
     * @param bits the frames' lengths that are taken; every other one is noise
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     */
    record Options(
            @Default("[26, 34, 37]") List<Integer> bits,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard) {
        Options {
            if (bits.isEmpty() || !FORMATS.containsAll(bits)) {
                throw new IllegalArgumentException("bits must be some of 26, 34 and 37 (got " + bits + ")");
            }
        }
    }

    private final List<Integer> lengths;
    private final RecentCards sameCard;

    Wiegand(Options options) {
        lengths = options.bits();
        sameCard = new RecentCards(options.sameCard().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        if (!lengths.contains(length)) {
            return lengths.stream().allMatch(good -> length > good) ? Reject.TOO_LONG : Reject.TOO_SHORT;
        }
        int data = length - 2;
        // With an odd number of data bits the middle one is in both halves.
        int half = (data + 1) / 2;
        boolean first = ones(frame, 0, 1 + half) % 2 == 0;
        boolean second = ones(frame, 1 + data - half, length) % 2 == 1;
        return first && second ? Reject.NONE : Reject.CHECKSUM;
    }

    private static int ones(byte[] frame, int from, int to) {
        int ones = 0;
        for (int i = from; i < to; i++) {
            ones += frame[i];
        }
        return ones;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        long number = 0;
        for (int i = 1; i < length - 1; i++) {
            number = number << 1 | frame[i];
        }
        int digits = (length - 2 + 3) / 4;
        sameCard.read(CardNumber.ofBits(number, digits), monoMs, sink);
        return Reject.NONE;
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        sameCard.forget(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.TOO_SHORT, Reject.TOO_LONG, Reject.CHECKSUM);
    }
}
