package ansim.hub.enrol;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.vertx.core.http.Cookie;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * {@link ClaimPage} over HTTPS, for fitters' phones: a page, and a cookie for who has signed in. It stands at the same door as the boxes' steps and
 * shares nothing with them but that: boxes show certificates, and never this cookie.
 */
final class ClaimRoutes {
    private static final String COOKIE = "__Secure-fitter";

    private final ClaimPage page;
    private final Refused counts;

    /** How the door answers: on a thread that may wait for the disk, with its limits and its headers. */
    interface Door {
        void answer(RoutingContext context, Callable<Answer> asked);
    }

    ClaimRoutes(ClaimPage page, Refused counts) {
        this.page = page;
        this.counts = counts;
    }

    void addTo(Router router, Door door) {
        for (String path : ClaimPage.files()) {
            router.get(path)
                    .handler(context ->
                            door.answer(context, () -> new Answer(ClaimPage.type(path), false, ClaimPage.file(path))));
        }
        router.post("/claim/session").handler(context -> door.answer(context, () -> signIn(context)));
        router.get("/claim/open")
                .handler(context -> door.answer(
                        context,
                        () -> Answer.json(page.open(token(context), EnrolmentDoor.parameter(context, "part")))));
        router.post("/claim/pick")
                .handler(context -> door.answer(
                        context, () -> Answer.json(page.pick(token(context), EnrolmentDoor.bytes(context)))));
    }

    /** A cookie that no script reads and no other page sends. */
    private Answer signIn(RoutingContext context) throws Denied, IOException {
        String token = page.signIn(EnrolmentDoor.bytes(context), EnrolmentDoor.address(context));
        counts.count("fitters-signed-in");
        context.response()
                .putHeader("Set-Cookie", COOKIE + "=" + token + "; Path=/claim; Secure; HttpOnly; SameSite=Strict");
        return Answer.json(JsonNodeFactory.instance.objectNode());
    }

    private static String token(RoutingContext context) {
        return Optional.ofNullable(context.request().getCookie(COOKIE))
                .map(Cookie::getValue)
                .orElse("");
    }
}
