package ansim.hub.vault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerTest {
    @TempDir
    private Path folder = Path.of("");

    private Path file() {
        return folder.resolve(Ledger.FILE);
    }

    private void append(int count) throws IOException {
        try (Ledger ledger = Ledger.open(folder)) {
            for (int i = 0; i < count; i++) {
                ledger.append(
                        TestVault.CLOCK.instant(),
                        new Ledger.Opening("hub", "boarded", "aa", "bb", Optional.of("r" + i)));
            }
        }
    }

    private long verified() throws IOException {
        return LedgerFile.VAULT.verify(folder).lines();
    }

    @Test
    void itGoesOnAfterARestartAlsoWhenItIsLongerThanWhatIsReadOfIt() throws IOException {
        append(1);
        append(200);
        append(1);
        assertEquals(202, verified());
    }

    @Test
    void anEmptyLedgerIsWhole() throws IOException {
        assertEquals(0, verified());
        append(0);
        assertEquals(0, verified());
    }

    @Test
    void cutAnywhereInItsLastLineItGoesOnBehindTheOneBefore() throws IOException {
        append(2);
        byte[] whole = Files.readAllBytes(file());
        int first = new String(whole, StandardCharsets.UTF_8).indexOf('\n') + 1;
        for (int length = first; length < whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            append(1);
            assertEquals(2, verified(), "cut at " + length);
        }
    }

    @Test
    void aLineThatIsChangedTakenOutOrPutInIsFoundByItsNumber() throws IOException {
        append(5);
        List<String> lines = Files.readAllLines(file());
        broken(3, lines, changed -> changed.set(2, changed.get(2).replace("boarded", "nothing")));
        broken(3, lines, changed -> changed.remove(2));
        broken(4, lines, changed -> changed.add(3, changed.get(2)));
        broken(2, lines, changed -> Collections.swap(changed, 1, 2));
        broken(5, lines, changed -> changed.set(4, "hello"));
        broken(1, lines, changed -> changed.set(0, ""));
        Files.write(file(), lines);
        assertEquals(5, verified());
    }

    private interface Change {
        void to(List<String> lines);
    }

    private void broken(int line, List<String> lines, Change change) throws IOException {
        List<String> changed = new ArrayList<>(lines);
        change.to(changed);
        Files.write(file(), changed);
        IOException found = assertThrows(IOException.class, this::verified);
        assertTrue(
                String.valueOf(found.getMessage()).startsWith(Ledger.FILE + ": line " + line + " of the ledger"),
                found::toString);
    }

    @Test
    void anEndThatWasTouchedIsNotWrittenOnTo() throws IOException {
        append(3);
        Files.writeString(file(), Files.readString(file()).replace("\"n\":3", "\"n\":4"));
        assertThrows(IOException.class, () -> append(1));
    }
}
