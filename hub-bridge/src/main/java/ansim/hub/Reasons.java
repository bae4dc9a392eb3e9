package ansim.hub;

import java.io.IOException;
import java.net.BindException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Why something could not be done, in words for an operator: what Java says of a file is often its path alone. */
final class Reasons {
    /** What also those say that are no BindException: Netty's of the kernel's own calls. */
    private static final String IN_USE = "Address already in use";

    private Reasons() {}

    /** What happened, and what lay behind it unless that says the same. */
    static String of(IOException failure) {
        String words = failure instanceof FileSystemException file ? ofFile(file) : message(failure);
        Throwable cause = failure.getCause();
        String why = cause == null ? "" : message(cause);
        return why.isEmpty() || words.contains(why) ? words : words + ": " + why;
    }

    /** What to do about it. */
    static String advice(IOException failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof BindException || message(each).endsWith(IN_USE)) {
                return "another port there, or stopping what has it (ss -ltnp shows it; -lunp for coap)";
            }
        }
        return failure instanceof AccessDeniedException
                ? "giving the hub's user that right, or starting the hub as the user whose files these are"
                : "mending that, then start again";
    }

    private static String ofFile(FileSystemException failure) {
        if (failure instanceof NoSuchFileException) {
            return failure.getFile() + " is not there";
        }
        if (failure instanceof AccessDeniedException) {
            return failure.getFile() + ": this user (" + System.getProperty("user.name") + ") may not use it";
        }
        String reason = failure.getReason();
        return failure.getFile() + ": " + (reason == null ? failure.getClass().getSimpleName() : reason);
    }

    private static String message(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
