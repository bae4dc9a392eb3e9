package ansim.profile;

/** How a device is wired to the unit. */
public enum Wire {
    /** A serial line: bytes both ways. */
    SERIAL,
    /** One or more GPIO input lines: levels. */
    GPIO,
    /** A TCP connection that the unit opens: bytes both ways. */
    TCP,
    /** A Linux input device: records of {@code struct input_event}, one way. */
    EVDEV,
    /** A smart-card reader behind the PC/SC service: events and APDUs, see {@link DeviceReader}. */
    PCSC
}
