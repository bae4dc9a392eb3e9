package ansim.hub.intake;

import ansim.hub.core.HubState;
import ansim.journal.JournalFiles;
import ansim.journal.JournalFiles.OpenFile;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.tinylog.Logger;

/**
 * The state of the hub as it was at some entries of its log: {@code NNNNNNNNNNNN.snap} by log index, so that a start need not read the
 * whole log. The log itself is kept whole all the same: old messages are looked up in it, however old they are.
 *
 * <p>Guarantees that a file with such a name is complete or does not read: written under another name, forced, then renamed. The two
 * newest are kept; an older one goes only after the newer is durable. What does not read (damage, another log, another version, ahead of
 * the log, or not what is promised of the log) is told once and moved to {@code NNNNNNNNNNNN.snap.unread-1} beside it, where nothing deletes it: left where it is, one that
 * is ahead of a log which lost its end would be believed when the log has got so far again by another way. There it still proves that loss, see {@link #ahead}.
 *
 * <p>Not thread-safe.
 *
 * <pre>
 * 0    8   "AnsimSnp"
 * 8    4   version, 1
 * 12   4   zero (room)
 * 16   8   journal id
 * 24   8   index of the last entry applied
 * 32   8   generation
 * 40   ..  the state, see HubState.write
 * -32  32  SHA-256 over all before
 * </pre>
 */
public final class Snapshots {
    static final int KEPT = 2;
    private static final long MAGIC = 0x416e73696d536e70L;
    private static final int VERSION = 1;
    private static final int HASH = 32;
    private static final int PIECE = 1 << 16;
    private static final String SUFFIX = ".snap";
    private static final String UNREAD = ".unread-";
    private static final String DRAFT = "new.part";
    private static final Pattern NAME = Pattern.compile("([0-9]{12,19})\\.snap");
    private static final Pattern NAME_OR_ASIDE = Pattern.compile(NAME + "(\\.unread-[0-9]+)?");

    private final Path directory;
    private final JournalFiles files;
    private final long journalId;
    private long newestIndex;

    /**
     * Of a folder, which is made when the first is written.
     *
     * @param journalId of the log that they must be of
     */
    public Snapshots(Path directory, JournalFiles files, long journalId) {
        this.directory = directory;
        this.files = files;
        this.journalId = journalId;
    }

    /**
     * The newest state that reads.
     *
     * @param last newer ones are left alone
     * @param durableIndex of the log: what is ahead of it cannot be true
     */
    Optional<HubState> newest(long last, long durableIndex) throws IOException {
        newestIndex = 0;
        for (String name : names(directory)) {
            if (index(name) > last && index(name) <= durableIndex) {
                continue;
            }
            Path file = directory.resolve(name);
            try {
                HubState state = read(file, durableIndex);
                newestIndex = state.applied();
                return Optional.of(state);
            } catch (IOException e) {
                setAside(file, HubLog.words(e));
            }
        }
        return Optional.empty();
    }

    /**
     * A whole snapshot that is ahead of the log. It was made of entries that were durable, so that such entries were lost.
     *
     * @param index of its last entry
     * @param generation of the hub then
     */
    record Ahead(long index, long generation) {}

    /** Of those that are ahead of the log, whether moved aside already or not, that of the highest generation. */
    Optional<Ahead> ahead(long durableIndex) throws IOException {
        Optional<Ahead> highest = Optional.empty();
        for (String name : names(directory, NAME_OR_ASIDE)) {
            if (index(name) > durableIndex) {
                Optional<Ahead> found = whole(directory.resolve(name), index(name));
                if (found.isPresent() && (highest.isEmpty() || found.get().generation > highest.get().generation)) {
                    highest = found;
                }
            }
        }
        return highest;
    }

    /** Of another version, too: only its head is read. */
    private Optional<Ahead> whole(Path file, long index) throws IOException {
        try {
            checkHash(file);
            try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
                checkHeader(in);
                Ahead found = new Ahead(in.readLong(), in.readLong());
                return Optional.of(found).filter(each -> each.index == index);
            }
        } catch (IOException damagedOrForeign) {
            return Optional.empty();
        }
    }

    /** What {@link #newest} found last reads, and is found to be untrue: it goes aside as well. */
    public void disown(String why) {
        setAside(directory.resolve(String.format("%012d%s", newestIndex, SUFFIX)), why);
        newestIndex = 0;
    }

    private void setAside(Path file, String why) {
        Path aside = file;
        for (int i = 1; Files.exists(aside); i++) {
            aside = file.resolveSibling(file.getFileName() + UNREAD + i);
        }
        try {
            files.rename(file, aside);
            Logger.warn("the snapshot {} is of no use ({}): moved to {}, the log is read instead", file, why, aside);
        } catch (IOException e) {
            Logger.warn("the snapshot {} is of no use ({}) and cannot be moved aside: {}", file, why, HubLog.words(e));
        }
    }

    /** The index of what {@link #newest} found last, 0 for nothing. */
    public long newestIndex() {
        return newestIndex;
    }

    /**
     * Copies the snapshots of a folder that another one lacks, and lets go there what the first has no more: something may have been erased that
     * they hold. Of a folder without snapshots nothing is copied and nothing let go. What the owner of the
     * first folder replaces meanwhile is left out. Nothing is read of them: that is for whoever uses the copy.
     */
    public static void copy(Path from, Path to) throws IOException {
        for (String name : names(from)) {
            Path kept = to.resolve(name);
            if (Files.exists(kept)) {
                continue;
            }
            Path draft = Files.createDirectories(to).resolve(DRAFT);
            try {
                Files.copy(from.resolve(name), draft, StandardCopyOption.REPLACE_EXISTING);
            } catch (NoSuchFileException replaced) {
                continue;
            }
            try (OpenFile copied = JournalFiles.real().open(draft, true)) {
                copied.force(true);
            }
            Files.move(draft, kept, StandardCopyOption.ATOMIC_MOVE);
        }
        List<String> now = names(from);
        if (now.isEmpty() || !Files.isDirectory(to)) {
            return;
        }
        for (String name : JournalFiles.real().list(to)) {
            if (name.contains(SUFFIX) && !now.contains(name)) {
                Files.delete(to.resolve(name));
            }
        }
    }

    /** Newest first. */
    private static List<String> names(Path folder) throws IOException {
        return names(folder, NAME);
    }

    private static List<String> names(Path folder, Pattern pattern) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        return JournalFiles.real().list(folder).stream()
                .filter(name -> pattern.matcher(name).matches())
                .sorted(Comparator.comparingLong(Snapshots::index).reversed())
                .toList();
    }

    private static long index(String name) {
        return Long.parseLong(name.substring(0, name.indexOf('.')));
    }

    /** The hash first: what is damaged never reaches the decoder. */
    private HubState read(Path file, long durableIndex) throws IOException {
        checkHash(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            checkHeader(in);
            long index = in.readLong();
            if (index > durableIndex) {
                throw new IOException("it is of entry " + index + ", the log ends at " + durableIndex);
            }
            long generation = in.readLong();
            HubState state = HubState.read(in);
            in.skipNBytes(HASH);
            if (in.read() >= 0
                    || state.applied() != index
                    || state.generation() != generation
                    || index != index(String.valueOf(file.getFileName()))) {
                throw new IOException("its name or its head does not fit its state");
            }
            return state;
        }
    }

    private void checkHeader(DataInputStream in) throws IOException {
        if (in.readLong() != MAGIC) {
            throw new IOException("it is no snapshot");
        }
        int version = in.readInt();
        if (version != VERSION) {
            throw new IOException("it is of version " + version + ", this program reads " + VERSION);
        }
        in.readInt();
        if (in.readLong() != journalId) {
            throw new IOException("it is of another log");
        }
    }

    private static void checkHash(Path file) throws IOException {
        long left = Files.size(file) - HASH;
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(new BufferedInputStream(Files.newInputStream(file)), digest)) {
            if (left < 0) {
                throw new IOException("it is damaged (too short)");
            }
            // Not skipped: only what is read is hashed.
            for (long rest = left; rest > 0; ) {
                int read = in.readNBytes((int) Math.min(rest, PIECE)).length;
                if (read == 0) {
                    throw new IOException("it ends too early");
                }
                rest -= read;
            }
            byte[] computed = digest.digest();
            if (!MessageDigest.isEqual(computed, in.readNBytes(HASH))) {
                throw new IOException("it is damaged (its hash differs)");
            }
        }
    }

    /** Writes a state whose entries are durable in the log, then lets go what is older than the two newest. */
    public void write(HubState state) throws IOException {
        write(state.applied(), state.generation(), state::write);
    }

    /** A state as bytes, see {@link HubState#write}. */
    interface Body {
        void write(DataOutput out) throws IOException;
    }

    /** The same of a state as it was at an entry. */
    void write(long applied, long generation, Body state) throws IOException {
        files.createDirectories(directory);
        Path draft = directory.resolve(DRAFT);
        files.delete(draft);
        try (OpenFile file = files.open(draft, true)) {
            DigestOutputStream digesting = new DigestOutputStream(new Positional(file), sha256());
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(digesting, PIECE));
            out.writeLong(MAGIC);
            out.writeInt(VERSION);
            out.writeInt(0);
            out.writeLong(journalId);
            out.writeLong(applied);
            out.writeLong(generation);
            state.write(out);
            out.flush();
            byte[] hash = digesting.getMessageDigest().digest();
            digesting.on(false);
            digesting.write(hash);
            file.force(true);
        }
        Path named = directory.resolve(String.format("%012d%s", applied, SUFFIX));
        files.delete(named);
        files.rename(draft, named);
        files.forceDirectory(directory);
        for (String old : names(directory).stream().skip(KEPT).toList()) {
            files.delete(directory.resolve(old));
        }
    }

    /** Lets go all but the newest, also what was moved aside: what was erased since may be in them. */
    public void keepNewest() throws IOException {
        String newest = names(directory).stream().findFirst().orElse("");
        for (String name : files.list(directory)) {
            if (!name.equals(newest)) {
                files.delete(directory.resolve(name));
            }
        }
        files.forceDirectory(directory);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** One after the other into a file of the journal's kind. */
    private static final class Positional extends OutputStream {
        private final OpenFile file;
        private long position;

        Positional(OpenFile file) {
            this.file = file;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            file.write(ByteBuffer.wrap(bytes, from, length).slice(), position);
            position += length;
        }
    }
}
