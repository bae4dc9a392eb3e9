package ansim.hub.deliver;

import java.security.cert.CertificateException;
import java.util.concurrent.CompletionException;
import javax.net.ssl.SSLException;

/** Exceptions as a person reads them. */
final class Problems {
    private static final int DEEPEST = 8;

    private Problems() {}

    /** The cause's own words, or its name when it has none. */
    static String words(Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        String message = cause.getMessage();
        String words = message == null || message.isBlank() ? cause.getClass().getSimpleName() : message;
        if (cause instanceof SSLException) {
            return (isOfCertificate(cause) ? "the server's certificate is not believed: " : "TLS: ") + words;
        }
        return words;
    }

    private static boolean isOfCertificate(Throwable failure) {
        Throwable each = failure;
        for (int depth = 0; each != null && depth < DEEPEST; depth++) {
            if (each instanceof CertificateException) {
                return true;
            }
            each = each.getCause();
        }
        return false;
    }
}
