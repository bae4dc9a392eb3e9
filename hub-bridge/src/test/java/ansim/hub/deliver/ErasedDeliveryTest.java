package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.core.EntryReader;
import ansim.hub.core.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was erased before its turn came is passed over and counted; nothing waits for it. */
final class ErasedDeliveryTest {
    private static final long HEADER = 16;
    private static final long ONE = HEADER + 8;

    @TempDir
    private Path folder = Path.of("");

    private final Set<Long> erased = ConcurrentHashMap.newKeySet();

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** As if the key of those entries were destroyed. */
    private EntryReader reader() {
        return (index, keyId, payload) -> {
            LogEntry whole = LogEntry.decode(payload);
            return erased.contains(index) ? LogEntry.decodeErased(whole.encodeClear(true)) : whole;
        };
    }

    @Test
    void whatIsErasedWhileACentreIsDownIsCountedNotSentAndNotADeadLetter() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"));
                TestCentre centre = new TestCentre(log, folder.resolve("centre.jsonl"))) {
            Destination district = new Destination("11680", List.of(Targets.webhook(centre.url())));
            String first = log.add(false, "11680");
            log.add(false, "11680");
            log.add(true, "11680");
            log.addAnswer("11680");
            String last = log.add(false, "11680");
            Path index = folder.resolve("index");
            // Indexed before the erasure, delivered after it.
            try (Delivery nobody = Delivery.start(log.journal, reader(), index, List.of())) {
                TestCentre.await("the alarm's index", () -> size(index.resolve("d-11680.alarm.idx")) == ONE);
                TestCentre.await("the other index", () -> size(index.resolve("d-11680.normal.idx")) == ONE + 24);
                assertEquals(List.of(), nobody.status());
            }
            erased.addAll(List.of(2L, 3L, 4L));
            try (Delivery delivery = Delivery.start(log.journal, reader(), index, List.of(district))) {
                TestCentre.await(
                        "nothing to wait", () -> delivery.status().stream().allMatch(each -> each.waiting() == 0));
                assertEquals(List.of(first, last), centre.ids());
                assertEquals(
                        3,
                        delivery.status().stream()
                                .mapToLong(CursorStatus::erased)
                                .sum());
                assertEquals(
                        0,
                        delivery.status().stream()
                                .mapToLong(CursorStatus::refused)
                                .sum());
            }
            // Entry 3, the only alarm, is not even indexed any more.
            Path again = folder.resolve("again");
            try (Delivery delivery = Delivery.start(log.journal, reader(), again, List.of(district))) {
                TestCentre.await(
                        "the rest",
                        () -> centre.ids().size() >= 2
                                && delivery.status().stream()
                                                .mapToLong(CursorStatus::delivered)
                                                .sum()
                                        == 2);
            }
            assertEquals(HEADER, size(again.resolve("d-11680.alarm.idx")));
        }
    }
}
