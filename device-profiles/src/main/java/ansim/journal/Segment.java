package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/** One file of the journal. Readers take {@link #end} as it stands; only the writer moves it. */
final class Segment {
    final SegmentHeader header;
    final Path path;
    /** Where entries must end: the second header lies behind, unless the file was cut. */
    final long limit;
    /** The header reads and the file is as long as it should be. */
    final boolean sound;
    /** Nothing but zeros ever stood behind {@link #end}: the file was made for this segment, by this process. */
    final boolean zeros;
    /** Everything before this offset is durable; in a segment that is not the newest it may be the limit. */
    volatile long end;

    Segment(SegmentHeader header, Path path, long limit, boolean sound, boolean zeros) {
        this.header = header;
        this.path = path;
        this.limit = limit;
        this.sound = sound;
        this.zeros = zeros;
        this.end = limit;
    }

    long firstIndex() {
        return header.firstIndex();
    }

    static int capacity(int segmentBytes) {
        return segmentBytes - 2 * SegmentHeader.BYTES;
    }

    /** As much as there is; nothing where the device cannot read for good. */
    static ByteBuffer read(OpenFile file, long position, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        try {
            while (into.hasRemaining()) {
                if (file.read(into, position + into.position()) < 0) {
                    break;
                }
            }
        } catch (ClosedChannelException | NotNowException e) {
            throw e;
        } catch (IOException badSector) {
            into.clear();
        }
        return into.flip();
    }
}
