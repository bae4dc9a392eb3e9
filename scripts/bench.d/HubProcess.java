import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The hub that is measured: a process of its own with a real log, in a folder that knows its units. One at a time. */
final class HubProcess {
    private static final int START_S = 300;
    private static final int END_S = 60;

    /** What a row asks of its hub; door is the number of units that have a connection each, by mutual TLS. */
    record Kind(int units, String provider, boolean centre, int door) {
        /** With a connection each the memory has a limit, otherwise it is shown. */
        String heap() {
            return door > 0 ? "-Xmx700m" : units > 50_000 ? "-Xmx2g" : "-Xmx800m";
        }
    }

    private final Path dir;
    private final String java;
    private final String jar;
    private final List<String> options;
    private Kind kind;
    private int[] ports;
    private Process process;

    HubProcess(Path dir, String java, String jar, List<String> options) {
        this.dir = dir;
        this.java = java;
        this.jar = jar;
        this.options = options;
    }

    boolean runs(Kind wanted) {
        return process != null && process.isAlive() && wanted.equals(kind);
    }

    /** With a new log, beside no other. */
    void start(Kind wanted) throws Exception {
        end();
        delete(folder());
        Files.createDirectories(folder());
        copy(base(wanted.units), folder().resolve("data"));
        kind = wanted;
        ports = ports(5);
        process = start(folder(), settings(folder(), ports, wanted), List.of(wanted.heap(), "-Dansim.signatures=" + wanted.provider));
    }

    private Path folder() {
        return dir.resolve("hub");
    }

    Path config() {
        return folder().resolve("hub.yaml");
    }

    Path log() {
        return folder().resolve("hub.log");
    }

    long pid() {
        return process.pid();
    }

    int sinkPort() {
        return ports[2];
    }

    void end() {
        Process running = process;
        if (running == null || !running.isAlive()) {
            return;
        }
        running.destroy();
        try {
            if (!running.waitFor(END_S, TimeUnit.SECONDS)) {
                running.destroyForcibly();
            }
        } catch (InterruptedException e) {
            running.destroyForcibly();
        }
    }

    /** A hub's folder that knows so many units, made once. */
    private Path base(int units) throws Exception {
        Path made = dir.resolve("base-" + units);
        Path stamp = made.resolve(".made-by");
        String by = Files.getLastModifiedTime(Path.of(jar)).toString();
        if (Files.exists(stamp) && Files.readString(stamp).equals(by)) {
            return made.resolve("data");
        }
        System.err.printf("registering %,d units, once%n", units);
        delete(made);
        Files.createDirectories(made);
        Path config = settings(made, ports(5), new Kind(units, "", false, 0));
        Process registering = new ProcessBuilder(java, "-jar", jar, "load", "--config", config.toString(), "--units", Integer.toString(units), "--register")
                .redirectErrorStream(true).redirectOutput(made.resolve("register.log").toFile()).start();
        if (registering.waitFor() != 0) {
            throw new IOException("the units were not registered, see " + made.resolve("register.log"));
        }
        process = start(made, config, List.of());
        end();
        Files.writeString(stamp, by);
        return made.resolve("data");
    }

    private static int[] ports(int count) throws IOException {
        int[] found = new int[count];
        List<ServerSocket> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            found[i] = open.get(i).getLocalPort();
        }
        for (ServerSocket each : open) {
            each.close();
        }
        return found;
    }

    private static Path settings(Path folder, int[] ports, Kind kind) throws IOException {
        String text = "data: " + folder.resolve("data") + "\n"
                + "broker: {url: \"tcp://127.0.0.1:" + ports[0] + "\", insecure-plaintext: true, beside-door: " + (kind.door > 0) + "}\n"
                + "console: {listen: \"127.0.0.1:" + ports[1] + "\"}\n";
        if (kind.door > 0) {
            text += "door: {listen: \"127.0.0.1:" + ports[3] + "\"}\nenrolment: {listen: \"127.0.0.1:" + ports[4] + "\"}\n";
        }
        if (kind.centre) {
            text += "centres: [{district: \"*\", sinks: [{webhook: \"http://127.0.0.1:" + ports[2] + "/\", batch: 64}]}]\nrouting: {every-ride: \"measuring\"}\n";
        }
        return Files.writeString(folder.resolve("hub.yaml"), text);
    }

    private Process start(Path folder, Path config, List<String> more) throws Exception {
        List<String> command = new ArrayList<>(List.of(java));
        command.addAll(more);
        command.addAll(options);
        command.addAll(List.of("-jar", jar, "run", "--config", config.toString()));
        Path log = folder.resolve("hub.log");
        Process started = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        for (int i = 0; i < START_S * 10; i++) {
            if (Files.readString(log).contains("log entries")) {
                return started;
            }
            if (!started.isAlive()) {
                break;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        started.destroyForcibly();
        throw new IOException("the hub did not start, see " + log);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, IOException problem) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
