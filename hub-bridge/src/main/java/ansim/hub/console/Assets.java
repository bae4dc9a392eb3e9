package ansim.hub.console;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The page's files, read once from the jar. Only what is named here can be asked for: there is no path to climb. Leaflet comes from its
 * WebJar as the ES module that it is built as.
 */
final class Assets {
    private static final String LEAFLET = "/META-INF/resources/webjars/leaflet/1.9.4/dist/";
    private static final List<String> OURS = List.of(
            "index.html",
            "style.css",
            "main.js",
            "text.js",
            "city.js",
            "live.js",
            "map.js",
            "lists.js",
            "dom.js",
            "sound.js",
            "icon.svg");

    private record Asset(Buffer bytes, String type, String tag) {}

    private final Map<String, Asset> byPath = new LinkedHashMap<>();

    Assets() {
        for (String name : OURS) {
            byPath.put("/" + name, read(name, name));
        }
        byPath.put("/", read("index.html", "index.html"));
        byPath.put("/leaflet.js", read(LEAFLET + "leaflet-src.esm.js", "leaflet.js"));
        byPath.put("/leaflet.css", read(LEAFLET + "leaflet.css", "leaflet.css"));
    }

    Iterable<String> paths() {
        return byPath.keySet();
    }

    void serve(RoutingContext context) {
        Asset asset = byPath.get(context.normalizedPath());
        if (asset == null) {
            context.next();
            return;
        }
        HttpServerResponse response = context.response();
        response.putHeader(HttpHeaders.CACHE_CONTROL, "no-cache").putHeader(HttpHeaders.ETAG, asset.tag);
        if (asset.tag.equals(context.request().getHeader(HttpHeaders.IF_NONE_MATCH))) {
            response.setStatusCode(304).end();
            return;
        }
        response.putHeader(HttpHeaders.CONTENT_TYPE, asset.type).end(asset.bytes);
    }

    private static Asset read(String resource, String name) {
        try (InputStream in = Assets.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + resource);
            }
            byte[] bytes = in.readAllBytes();
            CRC32C sum = new CRC32C();
            sum.update(bytes);
            return new Asset(Buffer.buffer(bytes), type(name), '"' + Long.toHexString(sum.getValue()) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + resource + " from the jar", e);
        }
    }

    private static String type(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "js" -> "text/javascript; charset=utf-8";
            case "svg" -> "image/svg+xml";
            default -> throw new IllegalArgumentException("no type for " + name);
        };
    }
}
