package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.port.PortStatus;
import ansim.profile.Counters;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a person sees of a running agent. */
class StatusCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeEach
    void configure() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("agent.yaml"), """
                unit: 00112233-4455-6677-8899-aabbccddeeff
                key: unit-key.pem
                hub: {key: hub.pem, uplinks: [{mqtt: "tcp://127.0.0.1:1"}]}
                """);
    }

    private int status(String... options) {
        CommandLine line = EdgeAgent.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
        String[] args = new String[options.length + 3];
        args[0] = "status";
        args[1] = "--config";
        args[2] = folder.resolve("agent.yaml").toString();
        System.arraycopy(options, 0, args, 3, options.length);
        return line.execute(args);
    }

    private void write(long pid, long writtenMonoMs) throws IOException {
        write(pid, writtenMonoMs, "");
    }

    private void write(long pid, long writtenMonoMs, String more) throws IOException {
        Files.writeString(folder.resolve("data").resolve(StatusReport.FILE), """
                {"unit":"00112233445566778899aabbccddeeff","pid":%d,"boot":"%s","writtenMonoMs":%d,"uptimeS":5,\
                "timeQuality":"GNSS","hired":true,"alarm":false,"ports":{"gnss":"up","lamp":"absent: no such file"},"measures":{"supply":"13.200 V"},\
                "waiting":[1,2,3,4],"dropped":[0,0,7,0],"links":[{"name":"tcp://h:1","connected":false,"error":"refused"},{"name":"tcp://h:2","connected":true},\
                {"name":"tcp://h:3","connected":true,"error":"no receipt for 95 s"}]%s}""".formatted(
                        pid, SystemClock.boot().hex(), writtenMonoMs, more));
    }

    @Test
    void anAgentThatNeverRanIsSaidSo() {
        assertEquals(1, status());
        assertTrue(err.toString().startsWith("Error: the agent is not running"), err.toString());
        assertTrue(err.toString().contains("Try: edge-agent run"), err.toString());
    }

    @Test
    void aRunningAgentIsShownAsATable() throws IOException {
        write(ProcessHandle.current().pid(), SystemClock.monoMs());
        assertEquals(0, status(), err.toString());
        String shown = out.toString();
        assertTrue(shown.contains("track              3         7"), shown);
        assertTrue(shown.contains("absent: no such file"), shown);
        assertTrue(shown.contains("supply              13.200 V"), shown);
        assertTrue(shown.contains("down: refused"), shown);
        assertTrue(shown.contains("connected\n"), shown);
        assertTrue(shown.contains("connected, but no receipt for 95 s"), shown);
        assertTrue(shown.contains("ride on, alarm none"), shown);
        assertTrue(shown.contains("last fix none since the start"), shown);
    }

    @Test
    void commissioningIsShownWithWhatIsLeftOfIt() throws IOException {
        write(ProcessHandle.current().pid(), SystemClock.monoMs(), ",\"commissioningLeftS\":1265");
        assertEquals(0, status(), err.toString());
        assertTrue(out.toString().contains("COMMISSIONING, 21 min 5 s left"), out.toString());
    }

    @Test
    void jsonIsTheFileItself() throws IOException {
        write(ProcessHandle.current().pid(), SystemClock.monoMs());
        assertEquals(0, status("--json"));
        assertTrue(out.toString().startsWith("{\"unit\":\"00112233445566778899aabbccddeeff\""), out.toString());
    }

    @Test
    void figuresThatHaveGrownOldAreNotShownAsNew() throws IOException {
        write(ProcessHandle.current().pid(), SystemClock.monoMs() - StatusCommand.STALE_MS - 1_000);
        assertEquals(1, status());
        assertTrue(err.toString().contains("has written no figures since 11 s ago"), err.toString());
    }

    @Test
    void anAgentThatWasKilledIsNotRunning() throws IOException {
        Process gone = new ProcessBuilder("true").start();
        long pid = gone.pid();
        gone.onExit().join();
        write(pid, SystemClock.monoMs());
        assertEquals(1, status());
        assertTrue(err.toString().contains("its last figures were written 0 s ago"), err.toString());
    }

    @Test
    void aPortSaysWhatItsDeviceSaysAndWhyItIsNotUnderstood() {
        assertEquals("up, 12 read, 3 checksum", described(12, 40, Map.of("checksum", 3L, "refused", 0L)));
        assertEquals("up, 0 read, 40 bytes of noise", described(0, 40, Map.of()), "a wrong baud rate");
        assertEquals(
                "absent: no such device",
                StatusReport.describe(new PortStatus(
                        PortStatus.State.ABSENT,
                        Optional.of("no such device"),
                        Optional.of(counted(12, 0, Map.of())),
                        1)));
    }

    private static String described(long accepted, long noise, Map<String, Long> rejected) {
        return StatusReport.describe(new PortStatus(
                PortStatus.State.UP, Optional.empty(), Optional.of(counted(accepted, noise, rejected)), 1));
    }

    private static Counters counted(long accepted, long noise, Map<String, Long> rejected) {
        return new Counters(100, noise, accepted, accepted, rejected, 0);
    }
}
