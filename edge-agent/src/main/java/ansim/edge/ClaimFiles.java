package ansim.edge;

import ansim.edge.keys.Claim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tinylog.Logger;

/** Finds claims on USB sticks: at the top of what is mounted, and not deeper. */
final class ClaimFiles {
    /** Sticks are mounted at /mnt, /media/LABEL or /run/media/USER/LABEL. */
    private static final int DEPTH = 2;
    /** Folders looked into, and claims found, at most. */
    private static final int MOST = 64;

    private ClaimFiles() {}

    static List<Path> find(List<Path> roots) {
        List<Path> found = new ArrayList<>();
        roots.forEach(root -> find(root, DEPTH, found));
        return found;
    }

    private static void find(Path folder, int deeper, List<Path> found) {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) || found.size() >= MOST) {
            return;
        }
        Path claim = folder.resolve(Claim.FILE);
        if (Files.isRegularFile(claim)) {
            found.add(claim);
        }
        if (deeper == 0) {
            return;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder)) {
            int looked = 0;
            for (Path each : folders) {
                if (looked++ >= MOST) {
                    return;
                }
                find(each, deeper - 1, found);
            }
        } catch (IOException | UncheckedIOException e) {
            Logger.debug("{} cannot be looked into: {}", folder, e.getMessage());
        }
    }
}
