package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/** EM4100 card numbers: five bytes and a check byte, as 12 hex digits. The same card is one tap by {@link RecentCards}. */
final class Em4100 implements Decoder {
    /** How the sixth byte follows from the five. */
    enum Checksum {
        XOR,
        SUM
    }

    /**
     * Options.
     *
     * @param checksum XOR of the five bytes, or their sum modulo 256
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     */
    record Options(
            @Default("xor") Checksum checksum,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard) {}

    private static final int BYTES = 5;

    private final Checksum checksum;
    private final RecentCards recent;

    Em4100(Options options) {
        checksum = options.checksum();
        recent = new RecentCards(options.sameCard().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        int xor = 0;
        int sum = 0;
        for (int i = 0; i < 2 * BYTES; i += 2) {
            int octet = Hex.octet(frame[i], frame[i + 1]);
            xor ^= octet;
            sum += octet;
        }
        int expected = checksum == Checksum.XOR ? xor : sum & 0xFF;
        return Hex.octet(frame[2 * BYTES], frame[2 * BYTES + 1]) == expected ? Reject.NONE : Reject.CHECKSUM;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        recent.read(CardNumber.ofAscii(frame, 0, 2 * BYTES), monoMs, sink);
        return Reject.NONE;
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        recent.forget(monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM);
    }
}
