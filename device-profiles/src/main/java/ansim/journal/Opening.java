package ansim.journal;

import ansim.journal.JournalFiles.OpenFile;
import ansim.journal.Recovery.Lost;
import ansim.journal.SegmentHeader.Verdict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what a directory holds: reads each segment's header, moves aside what is not a segment of this journal, checks the
 * tail. Older segments are checked when they are read.
 */
final class Opening {
    static final String ASIDE = "aside";
    private static final int REWRITE_BYTES = 64 * 1024;
    /** More than all right names together: see {@link #identify}. */
    private static final long ONE_FILE = 1L << 32;

    /** The segment that is written on. */
    record Active(Segment segment, OpenFile file) {}

    /** What a new journal is to be called. */
    record Identity(long journalId, long createdS) {}

    /** A file with a segment's name; {@code header} is null when neither copy reads. */
    private record Candidate(
            Path path, long named, long size, @Nullable SegmentHeader header, boolean sound) {}

    private final Path directory;
    private final JournalOptions options;
    private final JournalFiles files;
    private final Damage damage;
    private final List<Segment> segments = new ArrayList<>();
    private Optional<Path> spare = Optional.empty();
    private Optional<Active> active = Optional.empty();
    private long journalId;
    private long journalCreatedS;
    private long nextNumber = 1;
    private long lastIndex;
    private long removedThrough;
    private byte @Nullable [] state;
    private List<Lost> tailHoles = List.of();
    private long spareNumber;

    private Opening(Path directory, JournalOptions options, JournalFiles files, Damage damage) {
        this.directory = directory;
        this.options = options;
        this.files = files;
        this.damage = damage;
    }

    static Opening of(
            Path directory, JournalOptions options, JournalFiles files, Damage damage, @Nullable Identity ifNew)
            throws IOException {
        Opening opening = new Opening(directory, options, files, damage);
        List<Candidate> candidates = opening.candidates();
        opening.identify(candidates, ifNew);
        opening.arrange(candidates);
        opening.readTail();
        opening.checkJoints();
        opening.rememberAside();
        return opening;
    }

    private List<Candidate> candidates() throws IOException {
        List<Candidate> found = new ArrayList<>();
        for (String name : files.list(directory)) {
            Path path = directory.resolve(name);
            OptionalLong spareNumber = Segments.number(name, Segments.SPARE_SUFFIX);
            OptionalLong number = Segments.number(name, Segments.SEGMENT_SUFFIX);
            if (spareNumber.isPresent()) {
                takeSpare(path, spareNumber.getAsLong());
            } else if (number.isPresent()) {
                nextNumber = Math.max(nextNumber, number.getAsLong() + 1);
                candidate(path, number.getAsLong()).ifPresent(found::add);
            }
        }
        return found;
    }

    private void takeSpare(Path path, long number) throws IOException {
        nextNumber = Math.max(nextNumber, number);
        spareNumber = Math.max(spareNumber, number);
        boolean whole;
        try (OpenFile file = files.open(path, false)) {
            whole = file.size() == options.segmentBytes();
        }
        if (whole && spare.isEmpty()) {
            spare = Optional.of(path);
        } else {
            files.delete(path);
        }
    }

    private Optional<Candidate> candidate(Path path, long named) throws IOException {
        try (OpenFile file = files.open(path, false)) {
            long size = file.size();
            ByteBuffer head = Segment.read(file, 0, SegmentHeader.BYTES);
            Verdict verdict = SegmentHeader.verdict(head);
            boolean sound = verdict == Verdict.GOOD;
            // Behind the length that our segments have may be what was appended to the file since.
            for (long end : new long[] {size, Math.min(size, options.segmentBytes())}) {
                if (verdict == Verdict.DAMAGED && size >= 2 * SegmentHeader.BYTES) {
                    head = Segment.read(file, end - SegmentHeader.BYTES, SegmentHeader.BYTES);
                    verdict = SegmentHeader.verdict(head);
                }
            }
            if (verdict != Verdict.OTHER_VERSION) {
                SegmentHeader header = verdict == Verdict.GOOD ? SegmentHeader.decode(head) : null;
                return Optional.of(new Candidate(path, named, size, header, sound));
            }
        }
        moveAside(path);
        return Optional.empty();
    }

    /**
     * The journal's id is the one that most segments carry: a stray file cannot disown the others. Of as many the one with more files
     * under their own number, since a stray one seldom stands so; where that does not tell either, the newest.
     */
    private void identify(List<Candidate> candidates, @Nullable Identity ifNew) throws IOException {
        Map<Long, Long> votes = new HashMap<>();
        long most = 0;
        candidates.sort(Comparator.comparingLong(Candidate::named));
        for (Candidate candidate : candidates) {
            SegmentHeader header = candidate.header;
            if (header == null) {
                continue;
            }
            long vote = ONE_FILE + (header.number() == candidate.named ? 1 : 0);
            long sum = votes.merge(header.journalId(), vote, Long::sum);
            if (sum >= most) {
                most = sum;
                journalId = header.journalId();
                journalCreatedS = header.journalCreatedS();
            }
        }
        if (most == 0) {
            journalId = ifNew == null ? withoutHeader(candidates) : ifNew.journalId();
            journalCreatedS = ifNew == null ? files.nowS() : ifNew.createdS();
        }
    }

    /** As good as the lost id for every frame of the first file whose frames agree on one; else a new one. */
    private long withoutHeader(List<Candidate> candidates) throws IOException {
        for (Candidate candidate : candidates) {
            try (OpenFile file = files.open(candidate.path, false)) {
                OptionalLong found = LostId.of(file, candidate.size, candidate.named, files.randomLong());
                if (found.isPresent()) {
                    return found.getAsLong();
                }
            }
        }
        return files.randomLong();
    }

    private void arrange(List<Candidate> candidates) throws IOException {
        Map<Long, Candidate> byNumber = new HashMap<>();
        for (Candidate candidate : candidates) {
            Optional<Candidate> usable = usable(candidate);
            if (usable.isEmpty()) {
                moveAside(candidate.path);
                continue;
            }
            Candidate mine = usable.get();
            Candidate other = byNumber.putIfAbsent(header(mine).number(), mine);
            if (other != null) {
                boolean rightName = mine.named == header(mine).number();
                byNumber.put(header(mine).number(), rightName ? mine : other);
                moveAside(rightName ? other.path : mine.path);
            }
        }
        List<Candidate> ordered = new ArrayList<>(byNumber.values());
        ordered.sort(Comparator.comparingLong(c -> header(c).number()));
        for (Candidate candidate : ordered) {
            SegmentHeader header = header(candidate);
            nextNumber = Math.max(nextNumber, header.number() + 1);
            if (!segments.isEmpty()
                    && header.firstIndex() < segments.get(segments.size() - 1).firstIndex()) {
                moveAside(candidate.path);
                continue;
            }
            long whole = header.fileBytes() - (long) SegmentHeader.BYTES;
            if (!candidate.sound) {
                damage.uncleanTail();
            }
            boolean sound = candidate.sound && candidate.size >= whole;
            segments.add(new Segment(header, candidate.path, Math.min(candidate.size, whole), sound, false));
        }
    }

    private static SegmentHeader header(Candidate candidate) {
        return Objects.requireNonNull(candidate.header);
    }

    /** Without a header the entries themselves can still prove whose they are. */
    private Optional<Candidate> usable(Candidate candidate) throws IOException {
        if (candidate.header != null) {
            return candidate.header.journalId() == journalId ? Optional.of(candidate) : Optional.empty();
        }
        SegmentHeader guess =
                new SegmentHeader(journalId, candidate.named, 1, 0, journalCreatedS, 0, (int) candidate.size, false);
        try (OpenFile file = files.open(candidate.path, false)) {
            Scan scan = new Scan(file, guess, SegmentHeader.BYTES);
            if (!scan.next(candidate.size)) {
                return Optional.empty();
            }
            long first = scan.type == Frame.MESSAGE ? scan.index : scan.index + 1;
            int bytes = (int) Math.max(options.segmentBytes(), candidate.size);
            SegmentHeader rebuilt =
                    new SegmentHeader(journalId, candidate.named, first, 0, journalCreatedS, 0, bytes, true);
            return Optional.of(new Candidate(candidate.path, candidate.named, candidate.size, rebuilt, false));
        }
    }

    private void moveAside(Path path) throws IOException {
        Path folder = directory.resolve(ASIDE);
        files.createDirectories(folder);
        List<String> taken = files.list(folder);
        String name = path.getFileName().toString();
        String free = name;
        for (int i = 1; taken.contains(free); i++) {
            free = name + "." + i;
        }
        files.rename(path, folder.resolve(free));
        damage.uncleanTail();
        damage.movedAside(free);
    }

    /** Reads the newest segment, and older ones only while the newest state is not found where it should be. */
    private void readTail() throws IOException {
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            boolean newest = i == segments.size() - 1;
            try (OpenFile file = files.open(segment.path, false)) {
                Tail tail = Tail.of(file, segment, options.tornTail());
                removedThrough = Math.max(removedThrough, tail.removed());
                state = state == null ? tail.state() : state;
                if (newest) {
                    lastIndex = tail.lastIndex();
                    tailHoles = tail.holes();
                    segment.end = tail.end();
                    writeOn(segment, tail);
                } else if (tail.damaged()) {
                    damage.uncleanTail();
                }
            }
            if (state != null || !segment.header.startsWithState()) {
                break;
            }
        }
    }

    /**
     * A segment that is damaged, or on a disk that cannot be written, is written no more; nor is one that lacks the copy of the state
     * that it should begin with, because the active segment must hold the newest state before an older one may go.
     */
    private void writeOn(Segment segment, Tail tail) throws IOException {
        if (!segment.sound || tail.damaged()) {
            damage.uncleanTail();
        }
        boolean hasState = tail.state() != null || !segment.header.startsWithState();
        boolean good = segment.sound && !tail.damaged() && hasState;
        Optional<OpenFile> proved = prove(segment, tail);
        if (proved.isPresent() && good) {
            active = Optional.of(new Active(segment, proved.get()));
        } else if (proved.isPresent()) {
            proved.get().close();
        }
    }

    /**
     * What was recovered must be on the device before anybody hears of it. After a crash of the process alone the last write may
     * be in the page cache only, and after a failed fsync even there as if it were clean: so it is written once more, then forced.
     */
    private Optional<OpenFile> prove(Segment segment, Tail tail) throws IOException {
        OpenFile file;
        try {
            file = files.open(segment.path, true);
        } catch (IOException notWritable) {
            return Optional.empty();
        }
        try {
            for (long at = tail.lastWrite(); at < tail.end(); at += REWRITE_BYTES) {
                file.write(Segment.read(file, at, (int) Math.min(REWRITE_BYTES, tail.end() - at)), at);
            }
            file.force(false);
            return Optional.of(file);
        } catch (IOException failedDisk) {
            file.close();
            return Optional.empty();
        }
    }

    /** Indexes that no segment holds any more. */
    private void checkJoints() throws IOException {
        if (removedThrough > lastIndex) {
            damage.uncleanTail();
            lastIndex = removedThrough;
            closeActive();
        }
        for (Lost hole : tailHoles) {
            lost(hole.first(), hole.last());
        }
        long before = removedThrough;
        long numberBefore = segments.isEmpty() ? 0 : segments.get(0).header.number() - 1;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            if (i == 0 || segment.header.number() != numberBefore + 1) {
                lost(i == 0 ? before + 1 : lastIn(segments.get(i - 1)) + 1, segment.firstIndex() - 1);
            }
            numberBefore = segment.header.number();
        }
        if (spareNumber > numberBefore + 1) {
            damage.uncleanTail();
        }
    }

    private long lastIn(Segment segment) throws IOException {
        try (OpenFile file = files.open(segment.path, false)) {
            return Tail.of(file, segment, JournalOptions.TornTail.SALVAGE).lastIndex();
        }
    }

    /**
     * A file behind all others that an earlier opening moved aside: until a newer segment exists, the end of the journal is as unproved as
     * it was then, though the process may have died before anybody acted on it.
     */
    private void rememberAside() throws IOException {
        long newest = segments.isEmpty()
                ? 0
                : segments.get(segments.size() - 1).header.number();
        for (String name : asideNames()) {
            int suffix = name.indexOf(Segments.SEGMENT_SUFFIX);
            OptionalLong number = suffix < 0
                    ? OptionalLong.empty()
                    : Segments.number(
                            name.substring(0, suffix + Segments.SEGMENT_SUFFIX.length()), Segments.SEGMENT_SUFFIX);
            if (number.isPresent() && number.getAsLong() > newest) {
                nextNumber = Math.max(nextNumber, number.getAsLong() + 1);
                damage.uncleanTail();
                damage.movedAside(name);
                closeActive();
            }
        }
    }

    private List<String> asideNames() throws IOException {
        try {
            return files.list(directory.resolve(ASIDE));
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    private void lost(long first, long last) {
        damage.lost(Math.max(first, removedThrough + 1), last);
    }

    private void closeActive() throws IOException {
        if (active.isPresent()) {
            active.get().file().close();
            active = Optional.empty();
        }
    }

    Path directory() {
        return directory;
    }

    int segmentBytes() {
        return options.segmentBytes();
    }

    List<Segment> segments() {
        return segments;
    }

    Optional<Path> spare() {
        return spare;
    }

    Optional<Active> active() {
        return active;
    }

    long journalId() {
        return journalId;
    }

    long journalCreatedS() {
        return journalCreatedS;
    }

    long nextNumber() {
        return nextNumber;
    }

    long lastIndex() {
        return lastIndex;
    }

    long removedThrough() {
        return removedThrough;
    }

    byte @Nullable [] state() {
        return state;
    }
}
