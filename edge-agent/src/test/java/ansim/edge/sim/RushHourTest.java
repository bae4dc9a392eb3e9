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
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** People in a hurry before a unit whose *stored* light a test switches: real ports, no agent. */
@Timeout(120)
class RushHourTest {
    private static final Route ROUTE = new Route(List.of(new Route.Point(37.5, 127), new Route.Point(37.6, 127)));
    private static final Map<Reading.Type, String> DEEDS = Map.of(
            Reading.Type.LAMP, "boarded or alighted",
            Reading.Type.TAP, "named",
            Reading.Type.PANIC, "press",
            Reading.Type.CONTACT, "contact");

    private static final int STARTS = 10;
    private static final long POLL_NS = 20_000_000;

    @TempDir
    private Path folder = Path.of("");

    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<PortReading> readings = new CopyOnWriteArrayList<>();

    /** A line of did.jsonl. */
    private record Line(String did, long monoMs, boolean stored, long storedMonoMs) {
        static Line parse(String json) {
            Map<String, String> fields = new HashMap<>();
            try (JsonParser in = new JsonFactory().createParser(json)) {
                while (in.nextToken() != null) {
                    if (in.currentToken() == JsonToken.FIELD_NAME) {
                        in.nextToken();
                        fields.put(in.currentName(), in.getText());
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return new Line(
                    fields.getOrDefault("did", ""),
                    Long.parseLong(fields.getOrDefault("monoMs", "-1")),
                    fields.getOrDefault("stored", "").equals("true"),
                    Long.parseLong(fields.getOrDefault("storedMonoMs", "-1")));
        }
    }

    @Test
    void inATaxiEachThingDoneIsOneReadingBetweenItAndItsAnswer() throws Exception {
        eachThingDoneIsOneReadingBetweenItAndItsAnswer(Bench.Kind.TAXI, 12);
    }

    @Test
    void atAPoleEachThingDoneIsOneReadingBetweenItAndItsAnswer() throws Exception {
        eachThingDoneIsOneReadingBetweenItAndItsAnswer(Bench.Kind.POLE, 15);
    }

    private void eachThingDoneIsOneReadingBetweenItAndItsAnswer(Bench.Kind kind, int things) throws Exception {
        try (OutputLine stored = new OutputLine("sim:" + folder.resolve("stored"))) {
            rush(kind, reading -> {
                stored.set(true);
                stored.set(false);
                if (readings.size() == things) {
                    stop.countDown();
                }
            });
        }
        List<Line> did = did();
        List<Line> answered = did.stream().filter(Line::stored).toList();
        assertTrue(answered.size() >= things - 1, did.toString());
        for (int i = 0; i < answered.size(); i++) {
            Line line = answered.get(i);
            PortReading reading = readings.get(i);
            assertTrue(DEEDS.getOrDefault(reading.reading().type(), "").contains(line.did()), line + " and " + reading);
            assertTrue(line.monoMs() <= reading.monoMs(), line + " and " + reading);
            assertTrue(reading.monoMs() <= line.storedMonoMs(), line + " and " + reading);
        }
        assertEquals(
                kind == Bench.Kind.TAXI,
                answered.stream().map(Line::did).collect(Collectors.toSet()).contains("named"));
    }

    @Test
    void aCardThatAKilledAgentTookWithItGetsNoAnswerAndTheNextThingIsDone() throws Exception {
        Path light = folder.resolve("stored");
        OutputLine stored = new OutputLine("sim:" + light);
        AtomicBoolean took = new AtomicBoolean();
        Thread starts = new Thread(() -> startAgainUntil(light, took, () -> unanswered() > 0), "starts");
        starts.start();
        rush(Bench.Kind.TAXI, reading -> {
            if (reading.type() == Reading.Type.TAP) {
                // Read, not stored, killed: the next agent begins with a light that is off.
                took.set(true);
            } else {
                stored.set(true);
                stored.set(false);
                if (took.get() && reading.type() == Reading.Type.LAMP) {
                    stop.countDown();
                }
            }
        });
        starts.join();
        List<Line> did = did();
        assertEquals(
                List.of("boarded", "named", "alighted"),
                did.stream()
                        .map(Line::did)
                        .filter(what -> !what.equals("press"))
                        .toList());
        assertTrue(did.get(0).stored(), did.toString());
        assertFalse(did.get(1).stored(), did.toString());
    }

    @Test
    void aLevelOutlivesAnyNumberOfStarts() throws Exception {
        Path light = folder.resolve("stored");
        AtomicInteger started = new AtomicInteger();
        List<OutputLine> lights = new CopyOnWriteArrayList<>(List.of(new OutputLine("sim:" + light)));
        Thread starts = new Thread(
                () -> {
                    while (started.incrementAndGet() < STARTS) {
                        lights.add(new OutputLine("sim:" + light));
                        LockSupport.parkNanos(POLL_NS);
                    }
                    lights.get(lights.size() - 1).set(true);
                    stop.countDown();
                },
                "starts");
        rush(Bench.Kind.POLE, reading -> {
            if (readings.size() == 1) {
                starts.start();
            }
        });
        starts.join();
        assertEquals(STARTS, started.get());
        assertEquals(1, did().size(), "nothing else is begun before the answer");
    }

    private static void startAgainUntil(Path light, AtomicBoolean from, BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            if (from.get()) {
                new OutputLine("sim:" + light);
            }
            LockSupport.parkNanos(POLL_NS);
        }
    }

    private long unanswered() {
        try {
            return did().stream().filter(line -> !line.stored()).count();
        } catch (IOException notYet) {
            return 0;
        }
    }

    private void rush(Bench.Kind kind, Consumer<Reading> unit) throws Exception {
        try (Bench bench = new Bench(folder, kind);
                DidLog log = new DidLog(folder.resolve("did.jsonl"));
                Ports ports = Ports.open(configs(kind), reading -> take(reading, unit), RushHourTest::monoMs)) {
            assertFalse(ports.states().isEmpty());
            RushHour rush = new RushHour(
                    new People.Scene(bench, new Drive(ROUTE, 10), log, stop), kind, new Random(3), RushHour.PATIENCE);
            assertThrows(InterruptedException.class, () -> rush.work(Instant.MAX));
        }
    }

    private synchronized void take(PortReading reading, Consumer<Reading> unit) {
        // How a line is found at first is nobody's doing, unless somebody was quicker than the first look.
        boolean lampOff = reading.reading() instanceof Reading.Lamp lamp && lamp.initial() && !lamp.hired();
        boolean doorOpen =
                reading.reading() instanceof Reading.ContactChange contact && contact.initial() && !contact.closed();
        if (!lampOff && !doorOpen) {
            readings.add(reading);
            unit.accept(reading.reading());
        }
    }

    private List<Line> did() throws IOException {
        return Files.readAllLines(folder.resolve("did.jsonl")).stream()
                .map(Line::parse)
                .toList();
    }

    private List<PortConfig> configs(Bench.Kind kind) {
        return kind == Bench.Kind.TAXI
                ? List.of(
                        PortConfigs.serial("reader", "reader-em4100", folder.resolve("reader")),
                        line("lamp", "meter-lamp"),
                        line("panic", "panic-button"))
                : List.of(line("bell", "panic-button"), line("door", "contact"));
    }

    private PortConfig line(String name, String profile) {
        return PortConfigs.gpio(name, profile, "sim:" + folder.resolve(name));
    }

    private static long monoMs() {
        return System.nanoTime() / 1_000_000;
    }
}
