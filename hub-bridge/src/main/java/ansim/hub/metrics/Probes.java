package ansim.hub.metrics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * {@code /metrics} for Prometheus, and {@code /readyz}: 200 while the hub does all of its work, 503 with what is missing while it does not.
 *
 * @param metrics in text format 0.0.4
 * @param missing what keeps the hub from its work now; nothing when it is ready
 */
public record Probes(Supplier<String> metrics, Supplier<List<String>> missing) {
    /** Puts both on a server. */
    public void on(Router router, Vertx vertx) {
        router.get("/metrics")
                .handler(context -> vertx.executeBlocking(metrics::get, false)
                        .onSuccess(text -> context.response()
                                .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                                .end(text))
                        .onFailure(failure -> {
                            Logger.error(failure, "the metrics cannot be read");
                            context.response().setStatusCode(503).end();
                        }));
        router.get("/readyz").handler(context -> ready(context.response()));
    }

    private void ready(HttpServerResponse response) {
        List<String> reasons = missing.get();
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("status", reasons.isEmpty() ? "ready" : "not ready");
        reasons.forEach(out.putArray("missing")::add);
        response.setStatusCode(reasons.isEmpty() ? 200 : 503)
                .putHeader("Content-Type", "application/json")
                .end(out.toString());
    }
}
