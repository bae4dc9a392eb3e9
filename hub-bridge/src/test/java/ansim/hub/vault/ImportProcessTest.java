package ansim.hub.vault;

import static ansim.hub.vault.TestVault.RIDE;
import static ansim.hub.vault.TestVault.UNIT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.HubBridge;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports of sealed cards as an operating system sees them: processes, locks, a file that can grow no more. */
class ImportProcessTest {
    private static final long DEADLINE_S = 120;
    /** Of {@code ulimit -f}, as POSIX has it. */
    private static final int BLOCK_BYTES = 512;

    /** What else a process writes is less. */
    private static final int FULL_BYTES = 8 * 1024 * 1024;

    private static final int TRIES = 20;

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();
    private Path vault = Path.of("");
    private SealingKey key;

    @BeforeEach
    void create() throws IOException {
        vault = folder.resolve("vault");
        key = TestVault.create(vault);
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    private Path csv(String name, int riders) throws IOException {
        StringBuilder csv = new StringBuilder(RiderFile.HEADER + "\n");
        for (int i = 0; i < riders; i++) {
            csv.append(i).append(",sealed:").append(UNIT.hex()).append(':').append(RIDE.hex());
            csv.append(':').append(TestVault.seal(key, name + i, RIDE).hex()).append(",11500,ko,,\n");
        }
        return Files.writeString(folder.resolve(name + ".csv"), csv);
    }

    /** @param before words of a shell's command in front of the program */
    private Process start(String before, Path csv) throws IOException {
        List<String> command = List.of(
                "sh",
                "-c",
                before + "exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HubBridge.class.getName(),
                "vault",
                "riders",
                "import",
                csv.toString(),
                "--vault",
                vault.toString());
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(csv).toFile())
                .start();
        started.add(process);
        return process;
    }

    private static Path log(Path csv) {
        return csv.resolveSibling(csv.getFileName() + ".log");
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "the program did not end");
        return process.exitValue();
    }

    private long count() throws IOException {
        try (Riders riders = Riders.open(vault)) {
            return riders.count();
        }
    }

    /** As on a disk that is full: some bytes of the lines fit, the rest does not. */
    @Test
    void aFileThatCanGrowNoMoreOpensNothingAndWithRoomAgainTheChainGoesOn() throws Exception {
        Path console = vault.resolve(ConsoleLedger.FILE);
        long before;
        try (ConsoleLedger ledger = ConsoleLedger.open(vault, TestVault.BY)) {
            ConsoleLedger.Opening big = new ConsoleLedger.Opening(
                    new byte[16], new Riders.Sealed(UNIT, RIDE, TestVault.seal(key, "AA", RIDE)), "x".repeat(3_000));
            while (Files.size(console) < FULL_BYTES) {
                ledger.write(TestVault.CLOCK.instant(), Collections.nCopies(500, big));
            }
            before = ledger.write(TestVault.CLOCK.instant(), List.of(big));
        }
        long size = Files.size(console);
        Path csv = csv("AB", 3);
        long blocks = (size + BLOCK_BYTES - 1) / BLOCK_BYTES;
        assertEquals(1, end(start("ulimit -f " + blocks + "; ", csv)), Files.readString(log(csv)));
        String told = Files.readString(log(csv));
        assertTrue(told.contains("Error: it cannot be written down who opens sealed cards"), told);
        assertTrue(Files.size(console) >= size && Files.size(console) <= blocks * BLOCK_BYTES);
        assertEquals(2, count(), "nobody was added");

        assertEquals(0, end(start("", csv)), Files.readString(log(csv)));
        assertEquals(2 + 3, count());
        assertEquals(before + 3, LedgerFile.CONSOLE.verify(vault).lines());
    }

    @Test
    void ofImportsInTwoProcessesEachLeavesItsLinesAndTheChainHolds() throws Exception {
        List<Path> due = new ArrayList<>(List.of(csv("AB", 600), csv("CD", 600)));
        for (int tries = 0; tries < TRIES && !due.isEmpty(); tries++) {
            List<Process> running = new ArrayList<>();
            for (Path each : due) {
                running.add(start("", each));
            }
            List<Path> again = new ArrayList<>();
            for (int i = 0; i < running.size(); i++) {
                if (end(running.get(i)) != 0) {
                    String told = Files.readString(log(due.get(i)));
                    assertTrue(told.contains("Error: another import of riders is at work"), told);
                    again.add(due.get(i));
                }
            }
            due = again;
        }
        assertEquals(List.of(), due);
        assertEquals(1_200, LedgerFile.CONSOLE.verify(vault).lines());
        assertEquals(2 + 1_200, count());
    }
}
