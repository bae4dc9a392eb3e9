package ansim.hub.deliver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/**
 * How far a sink has got: the log index of the last entry that is done with, and what became of all of them, in two slots of
 * {@value #SLOT} bytes (journal id, sequence, log index, {@link Account}, CRC32C) that are written in turn, so that a torn write leaves the
 * one before: position and account never part. Not forced: after a power cut some deliveries are repeated.
 */
final class CursorFile implements Closeable {
    private static final int VALUES = 10;
    private static final int SLOT = (VALUES + 1) * Long.BYTES;
    /** Before there were accounts: journal id, log index, CRC32C. */
    private static final int OLD_SLOT = 24;

    /**
     * What became of the entries before a cursor.
     *
     * @param epoch which making of the index they were counted against; 0 for none yet
     * @param base what to add to a slot of that index to have the number of entries ever settled
     * @param delivered entries that the centre took
     * @param refused entries that it refused for good
     * @param dropped entries that were dropped at the limit
     * @param skipped entries that an operator skipped
     * @param erased entries that were erased before their turn came
     */
    record Account(long epoch, long base, long delivered, long refused, long dropped, long skipped, long erased) {
        static final Account NONE = new Account(0, 0, 0, 0, 0, 0, 0);

        long settled() {
            return delivered + refused + dropped + skipped + erased;
        }

        Account plus(long taken, long no, long let, long passed, long gone) {
            return new Account(
                    epoch, base, delivered + taken, refused + no, dropped + let, skipped + passed, erased + gone);
        }

        /** Counted against another making of the index, in which the given slot is the first that is not settled. */
        Account in(long newEpoch, long slot) {
            return new Account(newEpoch, settled() - slot, delivered, refused, dropped, skipped, erased);
        }
    }

    private final FileChannel file;
    private final long journalId;
    private final boolean isNew;
    private long sequence;
    private long position;
    private Account account = Account.NONE;

    CursorFile(Path path, long journalId) throws IOException {
        this.journalId = journalId;
        file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        isNew = file.size() == 0;
        if (file.size() == 2 * OLD_SLOT) {
            readOld();
            return;
        }
        for (int slot = 0; slot < 2; slot++) {
            ByteBuffer read = read((long) slot * SLOT, SLOT);
            if (read.limit() == SLOT && read.getLong(0) == journalId && read.getLong(8) > sequence) {
                sequence = read.getLong(8);
                position = read.getLong(16);
                account = new Account(
                        read.getLong(24),
                        read.getLong(32),
                        read.getLong(40),
                        read.getLong(48),
                        read.getLong(56),
                        read.getLong(64),
                        read.getLong(72));
            }
        }
    }

    private void readOld() throws IOException {
        for (int slot = 0; slot < 2; slot++) {
            ByteBuffer read = read((long) slot * OLD_SLOT, OLD_SLOT);
            if (read.limit() == OLD_SLOT && read.getLong(0) == journalId) {
                position = Math.max(position, read.getLong(8));
            }
        }
    }

    /** A slot; an empty one when it is not whole. */
    private ByteBuffer read(long at, int length) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(length);
        boolean whole = file.read(read, at) == length;
        return whole && read.getLong(length - 8) == crc(read) ? read.flip() : read.limit(0);
    }

    /** Whether there was none before. */
    boolean isNew() {
        return isNew;
    }

    long position() {
        return position;
    }

    Account account() {
        return account;
    }

    void moveTo(long logIndex) throws IOException {
        moveTo(logIndex, account);
    }

    void moveTo(long logIndex, Account now) throws IOException {
        sequence++;
        ByteBuffer slot = ByteBuffer.allocate(SLOT);
        slot.putLong(journalId).putLong(sequence).putLong(logIndex);
        slot.putLong(now.epoch).putLong(now.base).putLong(now.delivered).putLong(now.refused);
        slot.putLong(now.dropped).putLong(now.skipped).putLong(now.erased);
        slot.putLong(crc(slot)).flip();
        file.write(slot, sequence % 2 * SLOT);
        position = logIndex;
        account = now;
    }

    private static long crc(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().position(0).limit(slot.capacity() - 8));
        return crc.getValue();
    }

    @Override
    public void close() throws IOException {
        file.force(false);
        file.close();
    }
}
