package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as an operating system sees it: processes, signals, exit codes. */
class AgentProcessTest {
    private static final long DEADLINE_S = 60;
    /** 128 + SIGTERM: how a JVM that ended in order after a signal says so. */
    private static final int TERMINATED = 143;

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    /** Something that becomes true. */
    private interface Condition {
        boolean met() throws IOException;
    }

    @BeforeEach
    void configure() throws IOException {
        assertEquals(
                0,
                EdgeAgent.commandLine()
                        .setOut(new PrintWriter(Writer.nullWriter()))
                        .execute("keygen", "--out", at("key.pem"), "--public", at("key.pub.pem")));
        SigningKey hub = SigningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve("hub.pub.pem"), hub.verifyKey().toPem());
        Files.writeString(folder.resolve("agent.yaml"), """
                unit: 0f6b3a52-7a4e-4c7b-9d12-5f0c8a1e2b34
                kind: cctv-pole
                key: key.pem
                hub: {key: hub.pub.pem, uplinks: [{mqtt: "tcp://127.0.0.1:1"}]}
                ports:
                  - {name: door, profile: contact, gpio: "sim:%1$s/door", options: {name: door}}
                outputs:
                  - {name: siren, gpio: "sim:%1$s/siren"}
                  - {name: beacon, gpio: "sim:%1$s/beacon", options: {active: low}}
                signals: {stored: "sim:%1$s/stored"}
                """.formatted(folder));
        Files.writeString(folder.resolve("door"), "0\n");
    }

    @AfterEach
    void endAll() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void aTermSignalEndsTheAgentInOrderAndItsStatusWithIt() throws IOException, InterruptedException {
        Process agent = running("agent");
        assertEquals(0, end(start("status", "status", "--config", at("agent.yaml"))));
        assertTrue(log("status").contains("process " + agent.pid()), log("status"));
        await(
                "the hub to be missed",
                () -> log("agent").contains("tcp://127.0.0.1:1: cannot connect, tried again and"));
        agent.destroy();
        assertEquals(TERMINATED, end(agent));
        assertTrue(log("agent").contains("stopped in order"), log("agent"));
        assertFalse(Files.exists(folder.resolve("data/status.json")));
    }

    @Test
    void aSecondAgentOnTheSameFolderIsAnErrorThatNamesTheFirstAndLeavesItsLightAlone()
            throws IOException, InterruptedException {
        Process first = running("first");
        Path stored = folder.resolve("stored");
        Files.writeString(stored, "1 41\n");
        assertEquals(1, end(start("second", "run", "--config", at("agent.yaml"))));
        assertTrue(log("second").contains("Error: the journal in " + at("data") + " does not open: "), log("second"));
        assertTrue(log("second").contains("in use by the process " + first.pid()), log("second"));
        assertTrue(log("second").contains("Try: another data folder"), log("second"));
        assertEquals("1 41\n", Files.readString(stored));
        assertTrue(first.isAlive());
    }

    @Test
    void anOutputIsOffAfterATermSignalAndAtTheStartAfterAKill() throws IOException, InterruptedException {
        Files.writeString(folder.resolve("siren"), "1 3\n");
        Process agent = running("agent");
        assertEquals("0 3\n", Files.readString(folder.resolve("siren")), "a killed agent had left it on");
        assertEquals("1 0\n", Files.readString(folder.resolve("beacon")));
        Files.writeString(folder.resolve("siren"), "1 4\n");
        agent.destroy();
        assertEquals(TERMINATED, end(agent));
        assertEquals("0 3\n", Files.readString(folder.resolve("siren")));
    }

    @Test
    void theStatusOfAKilledAgentIsAnError() throws IOException, InterruptedException {
        Process killed = running("killed");
        killed.destroyForcibly();
        end(killed);
        assertEquals(1, end(start("status", "status", "--config", at("agent.yaml"))));
        assertTrue(log("status").startsWith("Error: the agent is not running: its last figures were written"));
    }

    @Test
    void aSimulationThatIsToldToStopPutsItsDevicesAway() throws IOException, InterruptedException {
        Process simulation = start("simulation", "simulate", "--dir", at("sim"));
        await("its devices", () -> log("simulation").contains("Devices are in"));
        assertTrue(Files.exists(folder.resolve("sim/gnss")));
        simulation.destroy();
        assertEquals(TERMINATED, end(simulation));
        assertFalse(Files.exists(folder.resolve("sim/gnss")));
        assertFalse(log("simulation").contains("WARN"), log("simulation"));
    }

    /** An agent whose ports are read and whose figures are written. */
    private Process running(String name) throws IOException {
        Process agent = start(name, "run", "--config", at("agent.yaml"));
        await(name + " to run", () -> log(name).contains("port door: open"));
        await("its figures", () -> {
            Path status = folder.resolve("data/status.json");
            return Files.exists(status) && Files.readString(status).contains("\"pid\":" + agent.pid() + ",");
        });
        return agent;
    }

    private Process start(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                EdgeAgent.class.getName()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        started.add(process);
        return process;
    }

    private static int end(Process process) throws InterruptedException {
        assertTrue(process.waitFor(DEADLINE_S, TimeUnit.SECONDS), "a process that does not end");
        return process.exitValue();
    }

    private String log(String name) throws IOException {
        return Files.readString(folder.resolve(name + ".log"));
    }

    private String at(String name) {
        return folder.resolve(name).toString();
    }

    private static void await(String what, Condition condition) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.met()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within " + DEADLINE_S + " s: " + what);
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void aDoorThatClosedWhileTheAgentWasDeadIsStoredOnceItRunsAgain() throws IOException, InterruptedException {
        Process killed = running("killed");
        Files.writeString(folder.resolve("door"), "1\n");
        await("the open door is stored", () -> timesStored() == 1);
        killed.destroyForcibly();
        end(killed);
        Files.writeString(folder.resolve("door"), "0\n");
        running("again");
        await("the closed door is stored", () -> timesStored() == 2);
    }

    /** How often the light has shown *stored*: the second word of its file. */
    private long timesStored() throws IOException {
        String light = Files.readString(folder.resolve("stored")).strip();
        return Long.parseLong(light.substring(light.indexOf(' ') + 1));
    }
}
