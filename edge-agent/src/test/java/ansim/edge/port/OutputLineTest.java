package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputLineTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void eachPulseIsCountedOnceSoThatAPollMissesNone() throws IOException {
        try (OutputLine line = line()) {
            assertEquals("0 0\n", text());
            line.set(true);
            line.set(true);
            assertEquals("1 1\n", text());
            line.set(false);
            line.set(true);
            assertEquals("1 2\n", text());
        }
        assertEquals("0 2\n", text());
    }

    @Test
    void theCountGoesOnAfterARestartAlsoWhenTheLineWasLeftOn() throws IOException {
        OutputLine killed = line();
        killed.set(true);
        try (OutputLine next = line()) {
            assertEquals("0 1\n", text());
            next.set(true);
            assertEquals("1 2\n", text());
        }
    }

    @Test
    void aFileThatIsNoLineBeginsAnew() throws IOException {
        Files.writeString(folder.resolve("stored"), "rubbish");
        try (OutputLine line = line()) {
            line.set(true);
            assertEquals("1 1\n", text());
        }
    }

    @Test
    void aLineThatCannotBeSetIsReportedAndTriedAgainWithTheNextChange() throws IOException {
        Path there = folder.resolve("later");
        try (OutputLine line = new OutputLine("sim:" + there.resolve("stored"))) {
            assertTrue(line.error().isPresent());
            Files.createDirectory(there);
            line.set(true);
            assertEquals(Optional.empty(), line.error());
            assertEquals("1 1\n", Files.readString(there.resolve("stored")));
        }
    }

    @Test
    void anActiveLowLineIsHighWhileItIsOff() throws IOException {
        try (OutputLine line = new OutputLine("sim:" + folder.resolve("stored"), false)) {
            assertEquals("1 0\n", text());
            line.set(true);
            assertEquals("0 1\n", text());
        }
        assertEquals("1 1\n", text());
    }

    @Test
    void theCountIsRightAlsoAfterAnError() throws IOException {
        try (OutputLine line = line()) {
            line.set(true);
            Files.delete(folder.resolve("stored"));
            Files.createDirectories(folder.resolve("stored/in the way"));
            line.set(false);
            assertTrue(line.error().isPresent());
            Files.delete(folder.resolve("stored/in the way"));
            Files.delete(folder.resolve("stored"));
            line.retry();
            assertEquals("0 1\n", text());
        }
    }

    @Test
    void aNameThatNoLineCanHaveIsRefused() {
        assertEquals(
                "a line must be gpiochipN/LINE, LABEL/LINE, the number of a line of the board's header, or sim:PATH, a simulated "
                        + "line (got gpio17)",
                assertThrows(IllegalArgumentException.class, () -> new OutputLine("gpio17"))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new OutputLine("sim:"));
    }

    private OutputLine line() {
        return new OutputLine("sim:" + folder.resolve("stored"));
    }

    private String text() throws IOException {
        return Files.readString(folder.resolve("stored"));
    }
}
