package ansim.profile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a device's reader has counted. They add up: {@code frames = accepted + the sum of rejected}, and every byte is part of a
 * frame, of {@link #noiseBytes}, or of the frame still being read.
 *
 * @param bytes bytes taken; for GPIO lines, levels taken
 * @param noiseBytes bytes skipped outside any frame
 * @param frames frames ended, well or badly; for GPIO lines, changes of level
 * @param accepted frames that passed every check; not each gives a reading
 * @param rejected the others, by reason; every reason of the decoder is there, also at 0
 * @param readings readings given
 */
public record Counters(
        long bytes, long noiseBytes, long frames, long accepted, Map<String, Long> rejected, long readings) {
    /** Keeps the order of the reasons. */
    public Counters {
        rejected = Collections.unmodifiableMap(new LinkedHashMap<>(rejected));
    }
}
