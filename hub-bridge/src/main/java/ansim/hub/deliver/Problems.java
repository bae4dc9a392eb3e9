package ansim.hub.deliver;

import java.util.concurrent.CompletionException;

/** Exceptions as a person reads them. */
final class Problems {
    private Problems() {}

    /** The cause's own words, or its name when it has none. */
    static String words(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        String message = cause.getMessage();
        return message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
    }
}
