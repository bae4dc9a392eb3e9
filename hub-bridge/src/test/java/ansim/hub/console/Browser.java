package ansim.hub.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A real browser, driven by its DevTools protocol: Debian's chromium. Its {@code --dump-dom} is of no use here, because a page with
 * server-sent events never has nothing left to load.
 */
public final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(45);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();
    private final WebSocket socket;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();

    /** What the page complained of: exceptions, refused loads, console errors. */
    public final List<String> complaints = new CopyOnWriteArrayList<>();

    /** Every address that the page asked for. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    /** The program, if it is installed. */
    public static Optional<Path> program() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    public Browser(Path profile, int width, int height, String language) throws Exception {
        process = new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-dev-shm-usage",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--window-size=" + width + "," + height,
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        socket = connect(page(profile.resolve("DevToolsActivePort")));
        command("Runtime.enable", Map.of());
        command("Log.enable", Map.of());
        command("Network.enable", Map.of());
        command(
                "Emulation.setUserAgentOverride",
                Map.of("userAgent", evaluate("navigator.userAgent").asText(), "acceptLanguage", language));
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Chromium writes its port into a file of its profile. */
    private URI page(Path portFile) throws Exception {
        until(
                "chromium opens its port",
                () -> Files.exists(portFile) && !Files.readAllLines(portFile).isEmpty());
        String port = Files.readAllLines(portFile).get(0);
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
                .build();
        List<URI> pages = new ArrayList<>();
        until("chromium opens a page", () -> {
            for (JsonNode each : MAPPER.readTree(
                    http.send(list, HttpResponse.BodyHandlers.ofString()).body())) {
                if (each.path("type").asText().equals("page")) {
                    pages.add(URI.create(each.path("webSocketDebuggerUrl").asText()));
                }
            }
            return !pages.isEmpty();
        });
        return pages.get(0);
    }

    private WebSocket connect(URI page) throws Exception {
        StringBuilder text = new StringBuilder();
        return http.newWebSocketBuilder()
                .buildAsync(page, new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                        text.append(part);
                        if (last) {
                            heard(text.toString());
                            text.setLength(0);
                        }
                        from.request(1);
                        return CompletableFuture.completedStage(null);
                    }
                })
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void heard(String json) {
        try {
            JsonNode message = MAPPER.readTree(json);
            CompletableFuture<JsonNode> waiting =
                    answers.remove(message.path("id").asInt(-1));
            if (waiting != null) {
                waiting.complete(message);
                return;
            }
            JsonNode said = message.path("params");
            switch (message.path("method").asText()) {
                case "Network.requestWillBeSent" ->
                    requests.add(said.path("request").path("url").asText());
                case "Runtime.exceptionThrown" ->
                    complaints.add(said.path("exceptionDetails").toString());
                case "Log.entryAdded" -> {
                    if (said.path("entry").path("level").asText().equals("error")) {
                        complaints.add(said.path("entry").toString());
                    }
                }
                default -> {
                    // Nothing that a test looks at.
                }
            }
        } catch (IOException e) {
            complaints.add(e.toString());
        }
    }

    private JsonNode command(String method, Map<String, ?> parameters) throws Exception {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode command = MAPPER.createObjectNode().put("id", id).put("method", method);
        command.set("params", MAPPER.valueToTree(parameters));
        socket.sendText(command.toString(), true).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        JsonNode got = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (got.has("error")) {
            throw new AssertionError(method + ": " + got);
        }
        return got.path("result");
    }

    public void open(String address) throws Exception {
        command("Page.navigate", Map.of("url", address));
    }

    /** The value of an expression in the page. */
    public JsonNode evaluate(String expression) throws Exception {
        JsonNode result = command(
                "Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /** Waits until an expression in the page is true. */
    public void await(String expression) throws Exception {
        // While the page loads, what is asked for may not be there yet.
        String whole = "(() => { try { return Boolean(" + expression + "); } catch { return false; } })()";
        until(expression + " in the page", () -> evaluate(whole).asBoolean());
    }

    public void screenshot(Path file) throws Exception {
        Files.write(
                file,
                Base64.getDecoder()
                        .decode(command("Page.captureScreenshot", Map.of("format", "png"))
                                .path("data")
                                .asText()));
    }

    /** Asks again until it is so, with a deadline. */
    interface Question {
        boolean ask() throws Exception;
    }

    static void until(String what, Question question) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!question.ask()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    @Override
    public void close() {
        // Asked politely it takes its temporary files with it.
        try {
            socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true).join();
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException late) {
            process.destroyForcibly().onExit().join();
        }
    }
}
