package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.vault.RideNotice.Kind;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider on a real socket that answers for some receivers and hangs for the others. */
@SuppressWarnings("try") // who runs beside is closed, not called
class HangingReceiversTest {
    private static final List<String> CARDS = List.of("62E3086CED", "62E3086CEE", "62E3086CEF");

    @TempDir
    private Path folder = Path.of("");

    /** Two hung receivers let the whole channel wait, up to five minutes: a new emergency to somebody else waited with it. */
    @Test
    void aNewEmergencyArrivesWhileTheChannelWaitsForReceiversThatHang() throws Exception {
        StringBuilder riders = new StringBuilder(MailCity.HEADER);
        for (int i = 0; i < CARDS.size(); i++) {
            riders.append(i + 1).append(',').append(CARDS.get(i)).append(",11680,ko,mail,");
            riders.append(i < 2 ? "hung" : "well").append(i).append("@example.org,Name,");
            riders.append(MailCity.EVERYTHING).append(",2026-11-26,desk 3\n");
        }
        CountDownLatch over = new CountDownLatch(1);
        ExecutorService threads = Executors.newCachedThreadPool();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            if (body.contains("hung")) {
                try {
                    over.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        server.start();
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
        try (MailCity city = new MailCity(folder.resolve("vault"), riders.toString());
                Posting posting =
                        city.posting(() -> new WebhookWay(url, "secret", city.clock, Duration.ofMillis(300)))) {
            for (int i = 0; i < 2; i++) {
                city.hand(city.notice("h" + i, Kind.EMERGENCY, city.handle(CARDS.get(i), i + 1)));
            }
            MailCity.await("both were tried", () -> tried(city) == 2);
            city.hand(city.notice("w", Kind.EMERGENCY, city.handle(CARDS.get(2), 3)));
            // The clock stands: the pause does not end.
            city.awaitCount("sent", 1);
            assertEquals(2, city.count("waiting"));
        } finally {
            over.countDown();
            server.stop(0);
            threads.shutdownNow();
        }
    }

    private static long tried(MailCity city) {
        try {
            return city.outbox().list(10).stream()
                    .filter(each -> each.tries() > 0)
                    .count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
