package ansim.profile;

import ansim.settings.Default;

/**
 * How the GPIO input lines of a profile are set.
 *
 * @param pull the resistor inside the chip; {@code as-is} leaves what the board has set
 */
public record GpioLine(@Default("as-is") Pull pull) {
    /** The resistor inside the chip. */
    public enum Pull {
        AS_IS,
        NONE,
        UP,
        DOWN
    }

    /**
     * Which changes of the level matter. Where it is one of them the line carries pulses: too short to be read as levels, and of
     * both edges of a pulse of 50 us a kernel that is late reports the level that it finds, not the one that was.
     */
    public enum Edges {
        BOTH,
        RISING,
        FALLING
    }
}
