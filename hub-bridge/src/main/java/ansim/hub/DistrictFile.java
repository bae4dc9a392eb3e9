package ansim.hub;

import ansim.hub.core.DistrictMap;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** Fetches a file of districts from the disk or the web, whole and bounded. */
final class DistrictFile {
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final int HTTP_OK = 200;
    private static final String LIMIT = "at most " + DistrictMap.MAX_BYTES / (1024 * 1024) + " MiB are read";

    private DistrictFile() {}

    static boolean isAddress(String source) {
        String lower = source.toLowerCase(Locale.ROOT);
        return lower.startsWith("http://") || lower.startsWith("https://");
    }

    static byte[] read(String source) {
        return isAddress(source) ? download(source) : read(Path.of(source));
    }

    static byte[] read(Path file) {
        if (Files.isDirectory(file)) {
            throw new CommandFailure(file + " is a folder", "give one GeoJSON file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return bounded(in, file.toString());
        } catch (NoSuchFileException e) {
            throw new CommandFailure("there is no file " + file, "give the path or the address of a GeoJSON file");
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + file + ": " + e.getMessage(), "check the file and its permissions");
        }
    }

    private static byte[] download(String address) {
        try {
            HttpClient client = HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NORMAL)
                    .build();
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create(address)).timeout(TIMEOUT).build();
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream in = response.body()) {
                if (response.statusCode() != HTTP_OK) {
                    throw new CommandFailure(
                            address + " answers with status " + response.statusCode(), "download it with a browser");
                }
                return bounded(in, address);
            }
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(address + " is not an address: " + e.getMessage(), "check it");
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot download " + address + ": " + e.getMessage(),
                    "check the address and the network, or download the file and give its path");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while downloading " + address, "run it again");
        }
    }

    private static byte[] bounded(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(DistrictMap.MAX_BYTES + 1);
        if (bytes.length > DistrictMap.MAX_BYTES) {
            throw new CommandFailure(name + " is too long: " + LIMIT, "simplify the boundaries");
        }
        return bytes;
    }
}
