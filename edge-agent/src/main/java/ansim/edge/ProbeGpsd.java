package ansim.edge;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Is there a gpsd, and which receivers has it? It greets with VERSION; {@code ?DEVICES} lists its receivers and wakes none of them
 * (gpsd_json(5)). Not guaranteed: that a receiver in the list works.
 *
 * @param release gpsd's version
 * @param devices the paths of its receivers
 */
record ProbeGpsd(String release, List<String> devices) {
    private static final int TIMEOUT_MS = 1_000;
    /** VERSION and DEVICES; others may come between. */
    private static final int MOST_LINES = 8;

    private static final int LONGEST_LINE = 16_384;

    /** Empty when nobody answers there as gpsd does. */
    static Optional<ProbeGpsd> at(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), TIMEOUT_MS);
            socket.setSoTimeout(TIMEOUT_MS);
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            Map<String, String> greeting = StatusCommand.flatten(line(in));
            if (!"VERSION".equals(greeting.get("class"))) {
                return Optional.empty();
            }
            socket.getOutputStream().write("?DEVICES;\n".getBytes(StandardCharsets.US_ASCII));
            String release = greeting.getOrDefault("release", "unknown");
            for (int i = 0; i < MOST_LINES; i++) {
                Map<String, String> answer = StatusCommand.flatten(line(in));
                if ("DEVICES".equals(answer.get("class"))) {
                    return Optional.of(new ProbeGpsd(release, devices(answer)));
                }
            }
            return Optional.of(new ProbeGpsd(release, List.of()));
        } catch (IOException nobody) {
            return Optional.empty();
        }
    }

    private static List<String> devices(Map<String, String> answer) {
        List<String> devices = new ArrayList<>();
        for (int i = 0; answer.containsKey("devices[" + i + "].path"); i++) {
            devices.add(answer.getOrDefault("devices[" + i + "].path", ""));
        }
        return devices;
    }

    private static String line(BufferedReader in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0 || line.length() == LONGEST_LINE) {
                throw new IOException("not a line of gpsd");
            }
            line.append((char) c);
        }
        return line.toString();
    }
}
