package ansim.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealFilesTest {
    @TempDir
    private Path folder;

    /** The files of a lane were forced and its folder's own name was not: a power cut soon after the first start took all of it. */
    @Test
    void theNamesOfNewDirectoriesAreForcedAndThoseOfOldOnesAreNot() throws IOException {
        Set<Path> forced = new HashSet<>();
        JournalFiles files = new RealFiles() {
            @Override
            public void forceDirectory(Path directory) throws IOException {
                super.forceDirectory(directory);
                forced.add(directory);
            }
        };
        files.createDirectories(folder.resolve("data/lane-1"));
        assertEquals(Set.of(folder, folder.resolve("data")), forced);
        forced.clear();
        files.createDirectories(folder.resolve("data/lane-2"));
        assertEquals(Set.of(folder.resolve("data")), forced);
        forced.clear();
        files.createDirectories(folder.resolve("data/lane-2"));
        assertEquals(Set.of(), forced);
    }
}
