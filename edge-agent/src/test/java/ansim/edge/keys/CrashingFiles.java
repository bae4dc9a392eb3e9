package ansim.edge.keys;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory on which the process ends before any chosen operation. A file's content is durable when it is written, its name only
 * when the folder is forced: after a power cut any number of the latest changes of names is gone.
 */
final class CrashingFiles implements TrustFiles {
    /** The process ends. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A name gets a content or loses it; a rename takes away the old name in the same moment. */
    private record Change(String name, byte @Nullable [] content, String oldName) {
        Change(String name, byte @Nullable [] content) {
            this(name, content, "");
        }
    }

    private final Map<String, byte[]> durable = new LinkedHashMap<>();
    private final List<Change> pending = new ArrayList<>();
    /** Operations until the process ends. */
    int left = Integer.MAX_VALUE;

    int done;

    private Map<String, byte[]> after(int changes) {
        Map<String, byte[]> names = new LinkedHashMap<>(durable);
        pending.subList(0, changes).forEach(change -> {
            if (change.content() == null) {
                names.remove(change.name());
            } else {
                names.put(change.name(), change.content());
            }
            names.remove(change.oldName());
        });
        return names;
    }

    int pending() {
        return pending.size();
    }

    /** The disk as the next start finds it: all changes after a kill, the first of them after a power cut. */
    CrashingFiles restarted(int changes) {
        CrashingFiles next = new CrashingFiles();
        next.durable.putAll(after(changes));
        return next;
    }

    private void operation() {
        done++;
        if (left-- <= 0) {
            throw new Crash();
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    @Override
    public List<String> list(Path folder) {
        return List.copyOf(after(pending.size()).keySet());
    }

    @Override
    public Optional<byte[]> read(Path file) {
        return Optional.ofNullable(after(pending.size()).get(name(file)));
    }

    @Override
    public Set<PosixFilePermission> permissions(Path file) {
        return PosixFilePermissions.fromString("rw-------");
    }

    @Override
    public void createFolder(Path folder) {}

    @Override
    public void write(Path file, byte[] content) {
        try {
            operation();
        } catch (Crash e) {
            pending.add(new Change(name(file), Arrays.copyOf(content, content.length / 2)));
            throw e;
        }
        pending.add(new Change(name(file), content.clone()));
    }

    @Override
    public void rename(Path from, Path to) {
        operation();
        byte[] content = after(pending.size()).get(name(from));
        if (content == null) {
            throw new AssertionError("there is no " + from);
        }
        pending.add(new Change(name(to), content, name(from)));
    }

    @Override
    public void delete(Path file) {
        operation();
        pending.add(new Change(name(file), null));
    }

    @Override
    public void forceFolder(Path folder) {
        operation();
        Map<String, byte[]> all = after(pending.size());
        durable.clear();
        durable.putAll(all);
        pending.clear();
    }
}
