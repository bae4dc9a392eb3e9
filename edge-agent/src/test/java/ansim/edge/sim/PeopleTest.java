package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.OutputLine;
import ansim.edge.port.PortConfig;
import ansim.edge.port.PortConfigs;
import ansim.edge.port.PortReading;
import ansim.edge.port.Ports;
import ansim.profile.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The people before a unit whose *stored* light a test switches: real ports, no agent. */
@Timeout(120)
class PeopleTest {
    private static final People.Pace QUICK = new People.Pace(20, 50, 50);
    private static final Route ROUTE = new Route(List.of(new Route.Point(37.5, 127), new Route.Point(37.6, 127)));

    @TempDir
    private Path folder = Path.of("");

    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Reading> readings = new CopyOnWriteArrayList<>();

    /** What the unit does with a reading. */
    private interface Unit {
        void take(Reading reading, OutputLine stored);
    }

    @Test
    void aRiderTapsAgainUntilStoredIsSeen() throws Exception {
        List<Map.Entry<String, Integer>> did = rides(1, (reading, stored) -> {
            boolean tap = reading.type() == Reading.Type.TAP;
            boolean known = !tap || readings.stream().filter(reading::equals).count() >= 2;
            if (known && (tap || change(reading))) {
                pulse(stored);
            }
        });
        assertEquals(List.of(Map.entry("boarded", 2), Map.entry("alighted", 1)), did);
    }

    @Test
    void threeRidesPayInThreeWaysAndInTheSecondSomebodyCallsForHelp() throws Exception {
        List<Map.Entry<String, Integer>> did = rides(3, (reading, stored) -> {
            if (reading.type() == Reading.Type.TAP || change(reading) || reading.type() == Reading.Type.PANIC) {
                pulse(stored);
            }
        });
        assertEquals(
                List.of("boarded", "alighted", "boarded", "panic", "named", "alighted", "boarded", "named", "alighted"),
                did.stream().map(Map.Entry::getKey).toList());
        assertTrue(did.stream().allMatch(deed -> deed.getValue() == 1), did.toString());
        assertEquals(
                3,
                readings.stream()
                        .filter(r -> r.type() == Reading.Type.TAP)
                        .distinct()
                        .count());
    }

    @Test
    void peopleWhoAreToldToStopLeaveNothingPressedAndLogWhatTheyHadBegun() throws Exception {
        Bench bench = new Bench(folder, Bench.Kind.POLE);
        try (bench;
                DidLog log = new DidLog(folder.resolve("did.jsonl"))) {
            stop.countDown();
            People people = new People(scene(bench, log), new Random(1), QUICK);
            assertThrows(InterruptedException.class, () -> people.visitPole(1));
        }
        List<String> lines = Files.readAllLines(folder.resolve("did.jsonl"));
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("\"did\":\"contact\""), lines.get(0));
        assertTrue(lines.get(0).contains("\"stored\":false"), lines.get(0));
        assertEquals("0\n", Files.readString(folder.resolve("bell")));
    }

    /**
     * The disk rig once found a boarding that was noted as stored and that no unit had recorded: the light had answered the card, and the
     * simulator was stopped before the lamp was lit.
     */
    @Test
    void whoWasStoppedBetweenCardAndLampHasNotBoarded() throws Exception {
        List<String> lines = ridesUntilStopped((reading, stored) -> {
            if (reading.type() == Reading.Type.TAP) {
                pulse(stored);
                stop.countDown();
            }
        });
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).contains("\"did\":\"boarded\""), lines.get(0));
        assertTrue(lines.get(0).contains("\"stored\":false"), lines.get(0));
    }

    /** Soon after a ride the unit only keeps the card: what it answers to the lamp is the boarding. */
    @Test
    void theAnswerToACardIsNoBoardingWhenARideHasJustEnded() throws Exception {
        List<String> lines = ridesUntilStopped((reading, stored) -> {
            boolean fourthRide = readings.stream()
                            .filter(r -> r.type() == Reading.Type.TAP)
                            .distinct()
                            .count()
                    == 4;
            if (fourthRide && change(reading)) {
                stop.countDown();
            } else if (reading.type() == Reading.Type.TAP || change(reading) || reading.type() == Reading.Type.PANIC) {
                pulse(stored);
            }
        });
        String last = lines.get(lines.size() - 1);
        assertTrue(last.contains("\"did\":\"boarded\""), last);
        assertTrue(last.contains("\"ride\":4"), last);
        assertTrue(last.contains("\"stored\":false"), last);
    }

    @Test
    void anAgentIsThereOnceItHasOpenedTheLight() throws Exception {
        try (Bench bench = new Bench(folder, Bench.Kind.POLE)) {
            assertFalse(bench.storedSeen().isPresent());
            try (OutputLine stored = new OutputLine("sim:" + folder.resolve("stored"))) {
                assertEquals(0, bench.storedSeen().orElseThrow());
                pulse(stored);
                pulse(stored);
                assertEquals(2, bench.storedSeen().orElseThrow());
            }
        }
    }

    private List<Map.Entry<String, Integer>> rides(int count, Unit unit) throws Exception {
        play(count, unit);
        return Files.readAllLines(folder.resolve("did.jsonl")).stream()
                .map(line -> Map.entry(
                        line.replaceAll(".*\"did\":\"([^\"]*)\".*", "$1"),
                        Integer.valueOf(line.replaceAll(".*\"tries\":(\\d+),\"stored\":true.*", "$1"))))
                .toList();
    }

    private List<String> ridesUntilStopped(Unit unit) throws Exception {
        assertThrows(InterruptedException.class, () -> play(Integer.MAX_VALUE, unit));
        return Files.readAllLines(folder.resolve("did.jsonl"));
    }

    private void play(int count, Unit unit) throws Exception {
        try (Bench bench = new Bench(folder, Bench.Kind.TAXI);
                DidLog log = new DidLog(folder.resolve("did.jsonl"));
                OutputLine stored = new OutputLine("sim:" + folder.resolve("stored"));
                Ports ports = Ports.open(configs(), reading -> take(reading, unit, stored), PeopleTest::monoMs)) {
            assertEquals(3, ports.states().size());
            People people = new People(scene(bench, log), new Random(1), QUICK);
            people.agentHere();
            untilTheLampIsKnown();
            for (int i = 0; i < count; i++) {
                people.ride(1_000);
            }
        }
    }

    /** Whoever moves a line before the port has looked at it once finds it so. */
    private void untilTheLampIsKnown() {
        while (readings.stream().noneMatch(reading -> reading instanceof Reading.Lamp lamp && lamp.initial())) {
            LockSupport.parkNanos(10_000_000);
        }
    }

    private synchronized void take(PortReading reading, Unit unit, OutputLine stored) {
        readings.add(reading.reading());
        unit.take(reading.reading(), stored);
    }

    private People.Scene scene(Bench bench, DidLog log) {
        return new People.Scene(bench, new Drive(ROUTE, 10), log, stop);
    }

    private List<PortConfig> configs() {
        return List.of(
                PortConfigs.serial("reader", "reader-em4100", folder.resolve("reader")),
                PortConfigs.gpio("lamp", "meter-lamp", line("lamp")),
                PortConfigs.gpio("panic", "panic-button", line("panic")));
    }

    private String line(String name) {
        return "sim:" + folder.resolve(name);
    }

    private static boolean change(Reading reading) {
        return reading instanceof Reading.Lamp lamp && !lamp.initial();
    }

    private static void pulse(OutputLine stored) {
        stored.set(true);
        stored.set(false);
    }

    private static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }
}
