package ansim.hub.deliver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * How far a sink has got: the log index of the last event that it took, in two slots of 24 bytes (journal id, log index, CRC32C)
 * that are written in turn, so that a torn write leaves the one before. Not forced: after a power cut some deliveries are repeated.
 */
final class CursorFile implements Closeable {
    private static final int SLOT = 24;

    private final FileChannel file;
    private final long journalId;
    private int turn;
    private long position;

    CursorFile(Path path, long journalId) throws IOException {
        this.journalId = journalId;
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        for (int slot = 0; slot < 2; slot++) {
            ByteBuffer read = ByteBuffer.allocate(SLOT);
            boolean whole = file.read(read, (long) slot * SLOT) == SLOT;
            if (whole && read.getLong(0) == journalId && read.getLong(16) == crc(read) && read.getLong(8) > position) {
                position = read.getLong(8);
                turn = 1 - slot;
            }
        }
    }

    long position() {
        return position;
    }

    /** Going back writes both slots, or the other one would win at the next start. */
    void moveTo(long logIndex) throws IOException {
        boolean back = logIndex < position;
        put(logIndex);
        if (back) {
            put(logIndex);
        }
    }

    private void put(long logIndex) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(journalId).putLong(logIndex);
        slot.putLong(crc(slot)).flip();
        file.write(slot, (long) turn * SLOT);
        turn = 1 - turn;
        position = logIndex;
    }

    private static long crc(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().position(0).limit(16));
        return crc.getValue();
    }

    @Override
    public void close() throws IOException {
        file.force(false);
        file.close();
    }
}
