package ansim.hub.console;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What every answer says to the browser, and who may ask. */
final class Guard {
    /** Nothing but our own files; no inline script or style; in nobody's frame. */
    static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

    private Guard() {}

    /** Lets a request on, or answers it: only this machine can connect, so a request by another name is another page's trick. */
    static void check(RoutingContext context) {
        HttpServerResponse response = context.response();
        response.putHeader("Content-Security-Policy", POLICY)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Cross-Origin-Resource-Policy", "same-origin")
                .putHeader("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
                .putHeader("Cache-Control", "no-store");
        HttpServerRequest request = context.request();
        if (!named(request.authority())) {
            response.setStatusCode(421).end("this page answers to localhost only\n");
            return;
        }
        context.next();
    }

    private static boolean named(@Nullable HostAndPort authority) {
        return authority != null && THIS_MACHINE.contains(authority.host());
    }
}
