package ansim.profile;

import java.nio.charset.StandardCharsets;

/** The head of a reply of RTSP 1.0 or HTTP/1.x: from its status line to the empty line. What follows it is noise. */
final class ReplyHead implements LengthFramer.Layout {
    private static final byte[] RTSP = "RTSP/".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] HTTP = "HTTP/".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 2_048;
    /** {@code RTSP/1.0 200}. */
    private static final int SHORTEST = 12;

    @Override
    public int whole(byte[] held, int length) {
        if (!begins(RTSP, held, length) && !begins(HTTP, held, length)) {
            return 0;
        }
        boolean bare = length > SHORTEST && held[length - 1] == '\n' && held[length - 2] == '\n';
        boolean full = length > SHORTEST && held[length - 1] == '\n' && held[length - 3] == '\n';
        return bare || full ? length : UNKNOWN;
    }

    @Override
    public int longest() {
        return LONGEST;
    }

    private static boolean begins(byte[] with, byte[] held, int length) {
        for (int i = 0; i < with.length && i < length; i++) {
            if (held[i] != with[i]) {
                return false;
            }
        }
        return true;
    }
}
