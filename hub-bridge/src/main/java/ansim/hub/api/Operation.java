package ansim.hub.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * Something that can be asked of the API.
 *
 * @param method GET, POST or DELETE
 * @param path as in the OpenAPI document, {@code /v1/units/{id}}
 * @param access who may
 * @param parameters names of the query's; any other is refused
 * @param room where it runs
 * @param work what it does
 */
record Operation(String method, String path, Access access, Set<String> parameters, Room room, Work work) {
    /** What runs where, so that nobody waits behind something slower. */
    enum Room {
        /** Reads from disk. */
        READ(4),
        /** What the city's app says, behind nobody's list. */
        APP(2),
        /** Takes memory and a processor for each password. */
        SIGN_IN(2),
        /** Emergencies, behind nothing else. */
        ALARM(2);

        private final int threads;

        Room(int threads) {
            this.threads = threads;
        }

        int threads() {
            return threads;
        }
    }

    /**
     * Who may.
     *
     * @param signedIn whether a token is needed
     * @param roles whose
     */
    record Access(boolean signedIn, Set<Role> roles) {
        static final Access ANYBODY = new Access(false, Set.of());

        static Access of(Role... roles) {
            return new Access(true, Set.of(roles));
        }
    }

    /**
     * What goes back.
     *
     * @param body empty for none
     */
    record Answer(int status, Optional<JsonNode> body) {
        static final Answer NOTHING = new Answer(204, Optional.empty());

        static Answer ok(JsonNode body) {
            return new Answer(200, Optional.of(body));
        }
    }

    /** Does it, on a thread that may wait. */
    interface Work {
        Answer run(Asked asked) throws IOException, Problem;
    }
}
