package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.wire.Gap;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Tamper;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A unit whose store was damaged behind its back: it starts, everything undamaged arrives, every lost number is told, and the hub
 * hears that the store was damaged.
 */
class LanesDamageTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final Quota QUOTA = new Quota(64L * SEGMENT, 64L * SEGMENT, SEGMENT);
    private static final long LAST = 25;
    private static final int PAGE = 4096;
    private static final int HEADER = 128;
    /** Of a frame, before its payload. */
    private static final int FRAME = 20;

    @TempDir
    private Path data;

    /** Where a message lies. */
    private record Place(Path file, int at, int length) {
        boolean touches(Path other, int from, int to) {
            return file.equals(other) && at - FRAME < to && from < at + length;
        }
    }

    /** A lane with messages 1 to {@link #LAST} on a few segments. */
    private record Filled(Lane lane, MemoryFiles disk, Id8 chain, Map<Long, Place> places) {
        Place place(long n) {
            return Objects.requireNonNull(places.get(n));
        }

        Set<Long> in(Path file) {
            return touched(file, 0, Integer.MAX_VALUE);
        }

        Set<Long> touched(Path file, int from, int to) {
            Set<Long> numbers = new TreeSet<>();
            places.forEach((n, place) -> {
                if (place.touches(file, from, to)) {
                    numbers.add(n);
                }
            });
            return numbers;
        }
    }

    /**
     * What a damage is to have cost.
     *
     * @param goesOn the next message stands in the same chain
     * @param end the number that the chain's end is told with, 0 when it is not told
     */
    private record Cost(Set<Long> lost, boolean goesOn, long end) {
        /** A gap about lane 1 itself begins a new chain. */
        static Cost foundAtTheStart(Lane lane, Set<Long> lost) {
            return new Cost(lost, lane != Lane.ALARM, 0);
        }

        static Cost andTheEnd(Set<Long> lost, long end) {
            return new Cost(lost, false, end);
        }
    }

    private Filled filled(Lane lane) throws JournalException {
        MemoryFiles disk = new MemoryFiles(11);
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk, QUOTA)) {
            for (int i = 0; i < LAST; i++) {
                assertTrue(unit.bulky(lane, i));
            }
            Id8 chain = unit.lanes.store(lane).chains().get(0).id;
            Map<Long, Place> places = new TreeMap<>();
            for (long n = 1; n <= LAST; n++) {
                byte[] message =
                        unit.outgoing.next(lane, chain, n - 1).orElseThrow().bytes();
                places.put(n, find(disk, lane, message));
            }
            return new Filled(lane, disk, chain, places);
        }
    }

    private static Place find(MemoryFiles disk, Lane lane, byte[] message) {
        for (Path path : disk.paths()) {
            byte[] content = disk.content(path);
            boolean segment = path.toString().contains("lane-" + lane.number())
                    && path.toString().endsWith(".seg");
            for (int at = HEADER; segment && at + message.length <= content.length; at++) {
                if (Arrays.equals(content, at, at + message.length, message, 0, message.length)) {
                    return new Place(path, at, message.length);
                }
            }
        }
        throw new AssertionError("the message must be in a segment");
    }

    /** Starts on the damaged disk, goes on, sends all; then once more, to see that nothing is told twice. */
    private void expect(Filled filled, Cost cost) throws JournalException {
        TestHub hub = TestUnit.hub();
        Lane lane = filled.lane();
        TestUnit unit = new TestUnit(data, hub, filled.disk(), QUOTA);
        try {
            unit = unit.restart();
            assertTrue(unit.bulky(lane, 99));
            unit.link.connect();
            unit.exchange();
            Set<Long> there = new TreeSet<>();
            for (long n = 1; n <= LAST + (cost.goesOn() ? 1 : 0); n++) {
                there.add(n);
            }
            there.removeAll(cost.lost());
            assertEquals(there, EvictionTest.stored(hub, filled.chain()));
            Set<Long> told = told(hub, filled, Gap.Reason.DAMAGED);
            Set<Long> ends = told(hub, filled, Gap.Reason.CHAIN_CLOSED);
            told.addAll(ends);
            Set<Long> expected = new TreeSet<>(cost.lost());
            assertEquals(cost.end() == 0 ? Set.of() : Set.of(cost.end()), ends);
            expected.removeIf(n -> cost.end() != 0 && n > cost.end());
            expected.addAll(ends);
            assertEquals(expected, told);
            assertTrue(hub.bodies(Lane.ALARM).contains(Tamper.of(Tamper.What.STORE_DAMAGED, Phase.RAISED)));
            assertEquals(0, hub.holes);
            assertEquals(0, unit.waiting(lane));
            assertEquals(0, unit.waiting(Lane.ALARM));
            int gaps = hub.gaps().size();
            unit = unit.restart();
            unit.link.connect();
            unit.exchange();
            assertEquals(gaps, hub.gaps().size(), "told once");
        } finally {
            unit.close();
        }
    }

    private static Set<Long> told(TestHub hub, Filled filled, Gap.Reason reason) {
        return EvictionTest.named(hub.gaps().stream()
                .filter(gap ->
                        gap.chain().equals(filled.chain()) && gap.lane() == filled.lane() && gap.reason() == reason)
                .toList());
    }

    private static void assertAside(Filled filled, byte[] content) {
        List<Path> aside = filled.disk().paths().stream()
                .filter(path -> path.toString().contains("aside"))
                .toList();
        assertEquals(1, aside.size());
        assertArrayEquals(content, filled.disk().content(aside.get(0)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aFlippedBitCostsItsMessage(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Place place = filled.place(3);
        byte[] content = filled.disk().content(place.file());
        content[place.at() + 1_000] ^= 0x10;
        filled.disk().replace(place.file(), content);
        // Behind the newest stored state everything is read at the start.
        expect(filled, Cost.foundAtTheStart(lane, Set.of(3L)));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aFlippedBitInTheNewestSegmentCostsItsMessageAndEndsTheChain(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Place place = filled.place(LAST - 1);
        byte[] content = filled.disk().content(place.file());
        content[place.at() + 1_000] ^= 0x10;
        filled.disk().replace(place.file(), content);
        expect(filled, Cost.andTheEnd(Set.of(LAST - 1), LAST + 1));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aZeroedPageCostsWhatLayInIt(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(15).file();
        byte[] content = filled.disk().content(file);
        Arrays.fill(content, 2 * PAGE, 3 * PAGE, (byte) 0);
        filled.disk().replace(file, content);
        Set<Long> lost = filled.touched(file, 2 * PAGE, 3 * PAGE);
        assertTrue(!lost.isEmpty() && lost.size() <= 2, lost.toString());
        expect(filled, Cost.foundAtTheStart(lane, lost));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aTornTailCostsTheLastMessageWhoseNumberIsToldAsTheEnd(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Place place = filled.place(LAST);
        byte[] content = filled.disk().content(place.file());
        Arrays.fill(content, place.at() + place.length() / 2, content.length - HEADER, (byte) 0);
        filled.disk().replace(place.file(), content);
        expect(filled, Cost.andTheEnd(Set.of(LAST), LAST));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aFileCutShortCostsWhatLayBehindTheCut(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Place place = filled.place(LAST);
        filled.disk().replace(place.file(), Arrays.copyOf(filled.disk().content(place.file()), place.at() + 50));
        expect(filled, Cost.andTheEnd(Set.of(LAST), LAST));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aDuplicatedSegmentIsMovedAsideAndCostsNothing(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(15).file();
        byte[] content = filled.disk().content(file);
        filled.disk().replace(file.resolveSibling("000000000041.seg"), content);
        expect(filled, Cost.andTheEnd(Set.of(), LAST + 1));
        assertAside(filled, content);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aMissingSegmentCostsItsMessages(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(15).file();
        Set<Long> lost = filled.in(file);
        filled.disk().lose(file);
        expect(filled, Cost.foundAtTheStart(lane, lost));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aMissingFirstSegmentCostsItsMessages(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(1).file();
        Set<Long> lost = filled.in(file);
        filled.disk().lose(file);
        expect(filled, Cost.foundAtTheStart(lane, lost));
    }

    /** How many messages it held nobody knows any more: the chain's end is told where it begins to be unknown. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aMissingNewestSegmentEndsTheChainBeforeItsMessages(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(LAST).file();
        TreeSet<Long> lost = new TreeSet<>(filled.in(file));
        Path spare = file.resolveSibling(String.format(
                "%012d.spare", Integer.parseInt(file.getFileName().toString().substring(0, 12)) + 1));
        filled.disk().replace(spare, new byte[SEGMENT]);
        filled.disk().lose(file);
        expect(filled, Cost.andTheEnd(lost, lost.first()));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void aSegmentOfAnotherVersionIsMovedAsideAndItsMessagesAreTold(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path file = filled.place(15).file();
        Set<Long> lost = filled.in(file);
        byte[] content = filled.disk().content(file);
        for (int at : new int[] {0, content.length - HEADER}) {
            content[at + 9] = 2;
            CRC32C crc = new CRC32C();
            crc.update(content, at, HEADER - 4);
            ByteBuffer.wrap(content).putInt(at + HEADER - 4, (int) crc.getValue());
        }
        filled.disk().replace(file, content);
        expect(filled, Cost.andTheEnd(lost, LAST + 1));
        assertAside(filled, content);
    }
}
