package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ansim.profile.Reading.Fault;
import ansim.profile.Reading.Tap;
import ansim.settings.Section;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real pcscd with the reader of vsmartcard-vpcd, into which these tests put cards. */
class PcscPeerTest {
    private static final long DEADLINE_S = 60;
    private static final String SERIAL = "1010030000163931";
    private static final Fault SILENT = new Fault(Fault.What.SILENT, true);
    private static final Fault HEARD = new Fault(Fault.What.SILENT, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<PortReading> readings = new CopyOnWriteArrayList<>();
    private Optional<PcscService> started = Optional.empty();

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    @BeforeEach
    void startPcscd() throws IOException {
        PcscService service = PcscService.start(folder);
        started = Optional.of(service);
        await("pcscd waits for a card", () -> isThereACardSlot(service));
    }

    /** A pcscd that may not write to /run ends at once. */
    private static boolean isThereACardSlot(PcscService service) throws IOException {
        assumeFalse(
                !service.runs() && !Files.isWritable(Path.of("/run")),
                () -> "pcscd runs for root only: " + service.output());
        assertTrue(service.runs(), service::output);
        try (VirtualCard card = VirtualCard.plain(service.port(), "00000000")) {
            return card.asked().isEmpty();
        } catch (IOException notYet) {
            return false;
        }
    }

    @AfterEach
    void stopPcscd() throws IOException {
        if (started.isPresent()) {
            started.get().close();
        }
    }

    @Test
    void aVirtualCardBehindARealServiceIsATap() throws IOException {
        try (Ports ports = open(Map.of());
                VirtualCard card = VirtualCard.plain(port(), "DEADBEEF")) {
            await("the tap; " + ports.states(), () -> taps("DEADBEEF") == 1);
            assertEquals(List.of("FFCA000000"), card.asked(), "no purse is looked for unless told to");
        }
    }

    @Test
    void thePurseOfATransitCardIsReadAndNothingElseOfIt() throws IOException {
        try (Ports ports = open(Map.of("purse", "only"))) {
            try (VirtualCard card = VirtualCard.tMoney(port(), SERIAL)) {
                await("T-money; " + ports.states(), () -> taps(SERIAL) == 1);
                assertEquals(List.of("FFCA000000", "00A4040007D410000003000100"), card.asked());
            }
            try (VirtualCard card = VirtualCard.cashbee(port(), "2010030000163932")) {
                await("Cashbee", () -> taps("2010030000163932") == 1);
                assertEquals("00A4040007D410000014000100", card.asked().get(2));
                assertEquals(3, card.asked().size());
            }
        }
        assertEquals(2, readings.size());
    }

    @Test
    void aCardThatIsTakenOutAndPutInAgainIsReadEachTime() throws IOException {
        try (Ports ports = open(Map.of("purse", "prefer", "same-card", "0s"))) {
            for (int time = 1; time <= 5; time++) {
                int taps = time;
                try (VirtualCard card = VirtualCard.tMoney(port(), SERIAL)) {
                    await("tap " + taps, () -> taps(SERIAL) == taps);
                    assertEquals(2, card.asked().size());
                }
            }
            assertEquals(PortStatus.State.UP, status(ports).state());
            assertEquals(1, status(ports).openings(), "a card is not the reader");
        }
    }

    /** The JDK's own smart-card classes never recover from this. */
    @Test
    void aServiceThatIsKilledAndStartedAgainIsReadOn() throws IOException, InterruptedException {
        PcscService service = started.orElseThrow();
        try (Ports ports = open(Map.of("purse", "only", "same-card", "0s", "silent-after", "3s"))) {
            try (VirtualCard card = VirtualCard.tMoney(port(), SERIAL)) {
                await("a tap", () -> taps(SERIAL) == 1);
                service.kill();
                assertEquals(2, card.asked().size());
            }
            await("its absence", () -> status(ports).state() == PortStatus.State.ABSENT);
            assertTrue(status(ports).error().orElse("").contains("PC/SC"), () -> String.valueOf(status(ports)));
            await("the fault", () -> gave(SILENT));
            service.startAgain();
            await("the reader", () -> status(ports).state() == PortStatus.State.UP);
            await("the fault's end", () -> gave(HEARD));
            await("a slot", () -> isThereACardSlot(service));
            try (VirtualCard card = VirtualCard.tMoney(port(), SERIAL)) {
                await("a tap again", () -> taps(SERIAL) == 2);
                assertFalse(card.asked().isEmpty());
            }
            assertEquals(2, status(ports).openings());
        }
    }

    @Test
    void aReaderOfAnotherNameIsSaidNotToBeThereAndWhichThereAre() throws IOException {
        PortConfig config = PortConfigs.pcsc("reader", "reader-pcsc", "ACS ACR122U");
        try (Ports ports = Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000)) {
            await(
                    "the reason",
                    () -> status(ports)
                            .error()
                            .orElse("")
                            .startsWith("no such PC/SC reader: ACS ACR122U; there are " + PcscService.READER));
        }
    }

    // ---- how these tests say it

    private Ports open(Map<String, String> options) {
        PortConfig config = new PortConfig(
                "reader",
                "reader-pcsc",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(PcscService.READER),
                Section.of("test", options));
        return Ports.open(List.of(config), readings::add, () -> System.nanoTime() / 1_000_000);
    }

    private int port() {
        return started.orElseThrow().port();
    }

    private static PortStatus status(Ports ports) {
        return Optional.ofNullable(ports.states().get("reader")).orElseThrow();
    }

    private long taps(String card) {
        return readings.stream()
                .filter(each -> each.reading().equals(new Tap(card)))
                .count();
    }

    private boolean gave(Fault fault) {
        return readings.stream().anyMatch(each -> each.reading().equals(fault));
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
