package ansim.edge.port;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/** A card reader that is a keyboard, of the kernel's own making. One thread. */
public final class TypingReader implements AutoCloseable {
    private static final short EV_KEY = 1;
    private static final short KEY_ENTER = 28;
    private static final short KEY_0 = 11;
    /** {@code struct input_event} where a long has 64 bits. */
    private static final int RECORD_BYTES = 24;

    private static final int TYPE = 16;

    private final UinputKeyboard keyboard = new UinputKeyboard();

    /** Its name below /dev/input. */
    public Path device() throws IOException {
        return keyboard.device().orElseThrow(() -> new IOException("the kernel has made no input device: is evdev loaded?"));
    }

    /** Types a number and ENTER. */
    public void type(String digits) {
        ByteBuffer records =
                ByteBuffer.allocate((digits.length() + 1) * 4 * RECORD_BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            press(records, (short) (digit == 0 ? KEY_0 : digit + 1));
        }
        press(records, KEY_ENTER);
        keyboard.write(records.array());
    }

    /** Down and up, each with the record that ends a report. */
    private static void press(ByteBuffer records, short key) {
        for (int down = 1; down >= 0; down--) {
            int at = records.position();
            records.putShort(at + TYPE, EV_KEY).putShort(at + TYPE + 2, key).putInt(at + TYPE + 4, down);
            records.position(at + 2 * RECORD_BYTES);
        }
    }

    @Override
    public void close() {
        keyboard.close();
    }
}
