package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;

/**
 * How a serial line is set.
 *
 * @param baud bits per second
 * @param dataBits per character
 * @param parity of each character
 * @param stopBits per character
 */
public record SerialLine(
        @Range(min = 300, max = 4_000_000) int baud,
        @Default("8") @Range(min = 5, max = 8) int dataBits,
        @Default("none") Parity parity,
        @Default("1") @Range(min = 1, max = 2) int stopBits) {
    /** The parity bit. */
    public enum Parity {
        NONE,
        ODD,
        EVEN,
        MARK,
        SPACE
    }

    /** How long one character takes on the line, in ns: start bit, data, parity, stop bits. */
    public long characterNs() {
        int bits = 1 + dataBits + (parity == Parity.NONE ? 0 : 1) + stopBits;
        return bits * 1_000_000_000L / baud;
    }
}
