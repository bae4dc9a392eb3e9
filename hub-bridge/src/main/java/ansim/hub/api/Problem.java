package ansim.hub.api;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;

/** Why something was not done, as RFC 9457 has it; {@code type} is {@code urn:ansim:problem:} and a word that stays. */
final class Problem extends Exception {
    private static final long serialVersionUID = 1L;

    /** What can be wrong; in the answer in lower case with dashes. */
    enum Kind {
        BAD_REQUEST(400, "The request is not understood"),
        SIGN_IN(401, "A token is needed"),
        WRONG_PASSWORD(401, "No account has this name and password"),
        FORBIDDEN(403, "This account may not do that"),
        NOT_FOUND(404, "There is nothing here for this account"),
        METHOD(405, "This cannot be done here"),
        CONFLICT(409, "The same request is under way"),
        TAKEN(409, "That belongs to somebody already"),
        GONE(410, "It is over"),
        TOO_LARGE(413, "The request is too large"),
        OTHER_REQUEST(422, "This key was used for another request"),
        TOO_MANY(429, "Too many tries"),
        BROKEN(500, "The hub has failed"),
        NOT_HERE(501, "This hub cannot do that"),
        UNAVAILABLE(503, "Not now");

        private final int status;
        private final String title;

        Kind(int status, String title) {
            this.status = status;
            this.title = title;
        }

        int status() {
            return status;
        }
    }

    private final Kind kind;
    private final OptionalInt retryAfterS;

    Problem(Kind kind, String detail) {
        this(kind, detail, OptionalInt.empty());
    }

    /** Says when to come again. */
    Problem(Kind kind, String detail, OptionalInt retryAfterS) {
        super(detail, null, false, false);
        this.kind = kind;
        this.retryAfterS = retryAfterS;
    }

    Kind kind() {
        return kind;
    }

    OptionalInt retryAfterS() {
        return retryAfterS;
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put(
                        "type",
                        "urn:ansim:problem:"
                                + kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'))
                .put("title", kind.title)
                .put("status", kind.status)
                .put("detail", String.valueOf(getMessage()));
    }
}
