import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Short runs of the system's own tools. */
final class Tool {
    private Tool() {}

    /** Runs a tool to its end and gives its output; throws when it fails. */
    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.waitFor();
        if (code != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + code + ": " + out.strip());
        }
        return out;
    }
}
