package ansim.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Reads points line by line in constant memory. A line longer than {@link #MAX_LINE} is no point. */
final class PointLines {
    private static final int MAX_LINE = 200;

    private final InputStream in;
    private final Runnable beforeWaiting;
    private final byte[] buffer = new byte[1 << 16];
    private final byte[] line = new byte[MAX_LINE];
    private int at;
    private int end;
    private int length;

    /** {@code beforeWaiting} runs before a read that may wait: whoever asks line by line gets each answer at once. */
    PointLines(InputStream in, Runnable beforeWaiting) {
        this.in = in;
        this.beforeWaiting = beforeWaiting;
    }

    /** Goes to the next line; false at the end. */
    boolean next() throws IOException {
        length = 0;
        boolean any = false;
        while (true) {
            if (at == end && !fill()) {
                return any;
            }
            any = true;
            byte next = buffer[at++];
            if (next == '\n') {
                return true;
            }
            if (length < MAX_LINE) {
                line[length] = next;
            }
            length++;
        }
    }

    private boolean fill() throws IOException {
        if (in.available() == 0) {
            beforeWaiting.run();
        }
        int read = in.read(buffer);
        at = 0;
        end = Math.max(read, 0);
        return read > 0;
    }

    Optional<PointLine> point() {
        return length > MAX_LINE
                ? Optional.empty()
                : PointLine.parse(new String(line, 0, length, StandardCharsets.ISO_8859_1));
    }
}
