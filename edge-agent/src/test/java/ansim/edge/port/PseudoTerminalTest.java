package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PseudoTerminalTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatNobodyReadsIsLostAndTheNewestIsThere() throws IOException {
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("gnss"))) {
            for (int second = 0; second < 3_600; second++) {
                line.write(String.format("$FIX,%04d,%s\r\n", second, "x".repeat(100))
                        .getBytes(StandardCharsets.US_ASCII));
            }
            String left = waiting(line);
            assertTrue(left.length() <= 1_024, () -> left.length() + " bytes waited");
            assertTrue(left.contains("$FIX,3599,"), left);
            assertFalse(left.contains("$FIX,3500,"), left);
        }
    }

    @Test
    void moreThanALineHoldsIsCutAndDoesNotBlock() throws IOException {
        byte[] much = new byte[1 << 20];
        Arrays.fill(much, (byte) 'x');
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("gnss"))) {
            line.write(much);
            line.write("end".getBytes(StandardCharsets.US_ASCII));
            assertEquals("end", waiting(line));
        }
    }

    @Test
    void bytesPassUnchanged() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        try (PseudoTerminal line = new PseudoTerminal(folder.resolve("gnss"))) {
            line.write(all);
            assertEquals(new String(all, StandardCharsets.ISO_8859_1), waiting(line));
        }
    }

    @Test
    void anUnpluggedLineIsGoneAndTakesNothing() throws IOException {
        Path link = folder.resolve("gnss");
        PseudoTerminal line = new PseudoTerminal(link);
        line.close();
        line.close();
        assertFalse(Files.exists(link));
        assertEquals(
                link + " is unplugged",
                assertThrows(IOException.class, () -> line.write(new byte[1])).getMessage());
    }

    @Test
    void aLinkThatAKilledSimulatorLeftBehindIsReplaced() throws IOException {
        Path link = folder.resolve("gnss");
        Files.createSymbolicLink(link, Path.of("/dev/pts/999999"));
        try (PseudoTerminal line = new PseudoTerminal(link)) {
            line.write(new byte[] {'x'});
            assertEquals("x", waiting(line));
        }
    }

    /** Until nothing is left: the kernel hands bytes over piece by piece. */
    private static String waiting(PseudoTerminal line) throws IOException {
        StringBuilder all = new StringBuilder();
        try (InputStream in = new FileInputStream(line.link().toFile())) {
            byte[] some = new byte[64 * 1024];
            do {
                int length = in.read(some);
                all.append(new String(some, 0, length, StandardCharsets.ISO_8859_1));
            } while (!line.drained());
        }
        return all.toString();
    }
}
