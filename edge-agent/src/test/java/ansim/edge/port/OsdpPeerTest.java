package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.profile.Counters;
import ansim.profile.Reading;
import ansim.profile.Reading.ContactChange;
import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Tap;
import ansim.settings.Section;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole conversation with an OSDP reader over a real serial port, on a line that loses and spoils. */
class OsdpPeerTest {
    private static final long DEADLINE_S = 60;
    private static final int CARDS = 40;
    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private final List<String> held = new ArrayList<>();

    @Test
    void everyCardIsReadOnceInItsOrderOnALineThatLosesAndSpoilsAnswers() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("reader"));
                OsdpReader reader = new OsdpReader(line, 5, 20_261_127);
                Ports ports = open("address", "5", "misses", "20")) {
            await("polls", () -> reader.polls.get() > 3);
            reader.lostPercent = 10;
            reader.spoiltPercent = 10;
            reader.noisyPercent = 10;
            reader.busyPercent = 10;
            for (int i = 0; i < CARDS; i++) {
                hold(reader, i);
                if (i % 4 == 3) {
                    await("cards taken", reader::allRead);
                }
            }
            await("every card", () -> taps().size() >= CARDS);
            assertEquals(held, taps());
            assertTrue(reader.repeated.get() > 3, "some answers were asked for again: " + reader.repeated);
            assertTrue(
                    counters(ports).rejected().getOrDefault("checksum", 0L) > 0,
                    () -> ports.states().toString());
            assertTrue(readings.stream().noneMatch(each -> each.reading().equals(SILENT)), readings::toString);
        }
        assertEquals(held, taps(), "and none twice");
    }

    @Test
    void aReaderThatGoesOfflineIsAFaultAndBeginsAnewWhenItComesBack() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("reader"));
                OsdpReader reader = new OsdpReader(line, 0, 1);
                Ports ports = open("misses", "3")) {
            hold(reader, 1);
            await("a card", () -> taps().size() == 1);
            reader.offline = true;
            await("the fault", () -> gave(SILENT));
            reader.loseMemory();
            hold(reader, 2);
            reader.offline = false;
            await("its end", () -> gave(HEARD));
            await("the card that was held meanwhile", () -> taps().equals(held));
            assertEquals(1, status(ports).openings(), "the line itself was never gone");
        }
    }

    /** Faster than the silence is noticed: the reader knows no conversation, and says so by NAK 4. */
    @Test
    void aReaderThatLostItsPowerForAMomentIsSpokenToAnew() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("reader"));
                OsdpReader reader = new OsdpReader(line, 0, 2);
                Ports ports = open("misses", "3")) {
            for (int i = 1; i <= 3; i++) {
                hold(reader, i);
                await("card " + i, () -> taps().equals(held));
                int refused = reader.refusedNumbers.get();
                reader.loseMemory();
                await("a refused number", () -> reader.refusedNumbers.get() > refused);
            }
            reader.openCover();
            await("the open cover", () -> gave(new ContactChange("reader-cover", false, true, false)));
            assertTrue(status(ports).counters().isPresent());
        }
        assertTrue(!gave(SILENT), readings::toString);
    }

    @Test
    void aReaderThatIsUnpluggedAndPluggedInIsReadOn() throws IOException {
        try (Ports ports = open("misses", "3")) {
            for (int i = 1; i <= 3; i++) {
                int taps = i;
                try (PseudoTerminal line = new PseudoTerminal(folder.resolve("reader"));
                        OsdpReader reader = new OsdpReader(line, 0, i)) {
                    hold(reader, i);
                    await("card " + i, () -> taps().size() == taps);
                }
                await("its absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            }
            assertEquals(held, taps());
            assertEquals(3, status(ports).openings());
        }
    }

    // ---- how these tests say it

    private void hold(OsdpReader reader, int number) {
        // 26 bits, so that the last six of the fourth byte are nobody's.
        String card = String.format("8F80%02X80", number);
        held.add(card);
        reader.hold(card);
    }

    private Ports open(String... options) {
        Map<String, String> all =
                new java.util.HashMap<>(Map.of("interval", "50ms", "timeout", "200ms", "same-card", "0s"));
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        PortConfig config =
                PortConfigs.serial("reader", "reader-osdp", folder.resolve("reader"), Section.of("test", all));
        return Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000);
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("reader")).orElseThrow();
    }

    private static Counters counters(Ports ports) {
        return status(ports).counters().orElseThrow();
    }

    private List<String> taps() {
        return readings.stream()
                .map(PortReading::reading)
                .filter(Tap.class::isInstance)
                .map(tap -> ((Tap) tap).card().text())
                .toList();
    }

    private boolean gave(Reading reading) {
        return readings.stream().anyMatch(each -> each.reading().equals(reading));
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
