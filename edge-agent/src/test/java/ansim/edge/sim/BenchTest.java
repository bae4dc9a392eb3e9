package ansim.edge.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.OutputLine;
import ansim.edge.port.PortConfig;
import ansim.edge.port.PortConfigs;
import ansim.edge.port.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchTest {
    private static final Drive.Place PLACE = new Drive.Place(37.5663, 126.9919, 0, 0);
    private static final long DEADLINE_MS = 30_000;
    private static final long POLL_NS = 1_000_000;

    @TempDir
    private Path folder = Path.of("");

    /** The light is written once at the agent's start: a simulation that deleted it waited for ever. */
    @Test
    void anAgentThatStartedFirstIsSeen() throws IOException {
        try (OutputLine stored = new OutputLine("sim:" + folder.resolve("stored"));
                Bench bench = new Bench(folder, Bench.Kind.POLE)) {
            assertTrue(bench.read());
            stored.set(true);
            assertEquals(1, bench.storedSeen().orElseThrow());
        }
    }

    @Test
    void aLightLeftFromAnEarlierRunIsNoAgent() throws IOException {
        Files.writeString(folder.resolve("stored"), "0 7\n");
        try (Bench bench = new Bench(folder, Bench.Kind.TAXI)) {
            bench.fix(Frames.fix(Instant.EPOCH, PLACE));
            assertFalse(bench.read());
            PortConfig gnss = PortConfigs.serial("gnss", "gnss-nmea0183", folder.resolve("gnss"));
            try (Ports ports = Ports.open(List.of(gnss), reading -> {}, () -> System.nanoTime() / 1_000_000)) {
                long deadline = System.nanoTime() + DEADLINE_MS * 1_000_000;
                while (!bench.read()) {
                    assertTrue(System.nanoTime() < deadline, () -> "not read: " + ports.states());
                    LockSupport.parkNanos(POLL_NS);
                }
            }
            bench.fix(Frames.fix(Instant.EPOCH, PLACE));
            assertFalse(bench.read(), "the agent is gone");
        }
    }

    @Test
    void whatWasDoneIsOneLineEachAndSummedUp() throws IOException {
        Path file = folder.resolve("did.jsonl");
        try (DidLog log = new DidLog(file)) {
            assertEquals("nothing was done", log.summary());
            Instant half = Instant.parse("2026-11-23T08:30:00.500Z");
            Moment at = new Moment(half, 7_000);
            Moment seen = new Moment(half.plusMillis(40), 7_040);
            log.write(new DidLog.Deed("boarded", at, PLACE, 1, 2, Optional.of(seen)));
            assertEquals(
                    "{\"did\":\"boarded\",\"at\":\"2026-11-23T08:30:00.500Z\",\"monoMs\":7000,\"lat\":37.5663000,\"lon\":126.9919000,"
                            + "\"ride\":1,\"tries\":2,\"stored\":true,\"storedAt\":\"2026-11-23T08:30:00.540Z\",\"storedMonoMs\":7040}\n",
                    Files.readString(file),
                    "each line is there at once");
            log.write(new DidLog.Deed("boarded", at, PLACE, 2, 1, Optional.of(at)));
            assertEquals("boarded 2; each was seen stored", log.summary());
            log.write(new DidLog.Deed("panic", at, PLACE, 2, 20, Optional.empty()));
            assertEquals("boarded 2, panic 1; 1 of them never seen stored", log.summary());
        }
    }
}
