package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.journal.JournalException;
import ansim.journal.MemoryFiles;
import ansim.wire.Contact;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A unit whose store was damaged behind its back: it starts, everything undamaged arrives, every lost number is told, and the hub
 * hears that the store was damaged.
 */
class LanesDamageTest {
    private static final int SEGMENT = TestUnit.SEGMENT;
    private static final long LAST = 26;
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
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk)) {
            for (int i = 0; i < LAST; i++) {
                assertTrue(unit.bulky(lane, i));
            }
            Id8 chain = unit.chain(lane);
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
        TestUnit unit = new TestUnit(data, hub, filled.disk());
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
        assertEquals(filled.place(LAST).file(), place.file(), "both in the newest segment");
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

    /**
     * Found by scripts/rig/mutate: the older segment ends early, in zeros, as an older copy of it would; of the newest one only its header
     * and the copy of the state are left. Nothing names the messages between, but the state stands behind them and knows no newer chain.
     */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STATUS")
    void messagesThatOnlyTheNextSegmentProvesAreToldAsTheChainsOwn(Lane lane) throws JournalException {
        Filled filled = filled(lane);
        Path newest = filled.place(LAST).file();
        long firstInIt = new TreeSet<>(filled.in(newest)).first();
        assertTrue(firstInIt > 3, "first " + firstInIt);
        filled.disk()
                .replace(
                        newest,
                        Arrays.copyOf(
                                filled.disk().content(newest),
                                filled.place(firstInIt).at() - FRAME));
        Place cut = filled.place(firstInIt - 2);
        byte[] content = filled.disk().content(cut.file());
        Arrays.fill(content, cut.at() - FRAME, content.length - HEADER, (byte) 0);
        filled.disk().replace(cut.file(), content);
        Set<Long> lost = new TreeSet<>();
        for (long n = firstInIt - 2; n <= LAST; n++) {
            lost.add(n);
        }
        expect(filled, Cost.andTheEnd(lost, firstInIt));
    }

    /**
     * Found by scripts/rig/mutate: the first page of a lane's only segment is gone, and every stored state with it. The messages behind it
     * say in which chain they stand and how many came before: these the hub waits for, until it hears that they are lost.
     */
    @Test
    void aChainWhoseBeginningAndStateAreGoneTellsTheNumbersBeforeItsFirst() throws JournalException {
        MemoryFiles disk = new MemoryFiles(11);
        TestHub hub = TestUnit.hub();
        Id8 chain;
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk)) {
            for (int i = 0; i < LAST; i++) {
                assertTrue(unit.alarm());
            }
            chain = unit.chain(Lane.ALARM);
        }
        Path file = data.resolve("lane-1/000000000001.seg");
        byte[] content = disk.content(file);
        Arrays.fill(content, 0, PAGE, (byte) 0);
        disk.replace(file, content);
        try (TestUnit unit = new TestUnit(data, hub, disk)) {
            unit.link.connect();
            unit.exchange();
            Set<Long> there = EvictionTest.stored(hub, chain);
            assertTrue(there.size() >= 3 && there.size() < LAST, there.toString());
            Set<Long> told = EvictionTest.named(hub.gaps().stream()
                    .filter(gap -> gap.chain().equals(chain) && gap.reason() == Gap.Reason.DAMAGED)
                    .toList());
            Set<Long> all = new TreeSet<>(there);
            all.addAll(told);
            assertEquals(LAST, all.size(), "there " + there + ", told " + told);
            assertEquals(LAST, there.size() + told.size(), "there " + there + ", told " + told);
            assertEquals(0, hub.holes);
            assertEquals(0, unit.waiting(Lane.ALARM));
        }
    }

    /**
     * Found by scripts/rig/mutate: of another lane only the newest segment was copied over a lane's only one. The state in it names a chain
     * whose last known message is not there; going on in it put new messages where nobody looked for them.
     */
    @Test
    void anotherLanesNewestSegmentIsNotWrittenOnAsOnesOwn() throws JournalException {
        MemoryFiles disk = new MemoryFiles(11);
        TestHub hub = TestUnit.hub();
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk)) {
            assertTrue(unit.event(1));
            while (!disk.paths().contains(data.resolve("lane-3/000000000002.seg"))) {
                assertTrue(unit.bulky(Lane.TRACK, 1));
            }
            assertTrue(unit.bulky(Lane.TRACK, 2));
        }
        disk.replace(data.resolve("lane-2/000000000001.seg"), disk.content(data.resolve("lane-3/000000000002.seg")));
        TestUnit unit = new TestUnit(data, hub, disk);
        try {
            assertTrue(unit.event(2));
            unit = unit.restart();
            assertTrue(unit.event(3));
            unit.link.connect();
            unit.exchange();
            assertEquals(
                    List.of("door-2", "door-3"),
                    hub.bodies(Lane.EVENT).stream()
                            .map(body -> ((Contact) body).name())
                            .toList());
            assertEquals(
                    List.of(),
                    hub.gaps().stream().filter(gap -> gap.lane() == Lane.EVENT).toList());
            assertTrue(hub.bodies(Lane.ALARM).contains(Tamper.of(Tamper.What.STORE_DAMAGED, Phase.RAISED)));
            assertEquals(0, unit.waiting(Lane.EVENT));
        } finally {
            unit.close();
        }
    }

    /** The state that came with the chain's first message is gone with it, and the state before knows only the chain before. */
    @Test
    void theLostFirstMessageOfAChainThatNoStateNamesIsTold() throws JournalException {
        MemoryFiles disk = new MemoryFiles(11);
        Path first = data.resolve("lane-2/000000000001.seg");
        Path second = data.resolve("lane-2/000000000002.seg");
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk)) {
            for (int i = 1; i <= 3; i++) {
                assertTrue(unit.event(i));
            }
        }
        disk.replace(first, tornWrite(disk.content(first)));
        Id8 chain;
        Place kept;
        try (TestUnit unit = new TestUnit(data, TestUnit.hub(), disk)) {
            for (int i = 4; i <= 9; i++) {
                assertTrue(unit.event(i));
            }
            chain = unit.lanes.store(Lane.EVENT).chains().get(1).id;
            HeldMessage message = unit.outgoing.next(Lane.EVENT, chain, 1).orElseThrow();
            kept = find(disk, Lane.EVENT, message.bytes());
        }
        byte[] content = disk.content(second);
        Arrays.fill(content, HEADER, kept.at() - FRAME, (byte) 0);
        disk.replace(second, content);
        TestHub hub = TestUnit.hub();
        try (TestUnit unit = new TestUnit(data, hub, disk)) {
            unit.link.connect();
            unit.exchange();
            assertEquals(Set.of(2L, 3L, 4L, 5L, 6L), EvictionTest.stored(hub, chain));
            assertTrue(
                    hub.gaps().contains(new Gap(Lane.EVENT, chain, 1, 1, Gap.Reason.DAMAGED)),
                    hub.gaps().toString());
            assertEquals(8, hub.bodies(Lane.EVENT).size());
            assertEquals(0, unit.waiting(Lane.EVENT));
        }
    }

    /** A segment with the beginning of one more frame behind its last, as a power cut leaves it. */
    private static byte[] tornWrite(byte[] segment) {
        byte[] torn = segment.clone();
        int end = torn.length - HEADER;
        while (torn[end - 1] == 0) {
            end--;
        }
        Arrays.fill(torn, (end + 7) & -8, ((end + 7) & -8) + FRAME, (byte) 0xa5);
        return torn;
    }
}
