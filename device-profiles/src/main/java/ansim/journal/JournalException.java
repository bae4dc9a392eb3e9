package ansim.journal;

import java.io.IOException;
import java.util.Objects;

/**
 * The journal could not do what was asked. After one from {@link Journal#append}, {@link Journal#write} or
 * {@link Journal#force} nothing of what was not yet durable counts as stored; the journal stays usable, and the next
 * append tries again, on another segment where the old one may have lost something.
 */
public final class JournalException extends IOException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** The disk or the quota is full; the next append tries again. */
        NO_SPACE,
        /** The file system is mounted read-only; the next append tries again. */
        READ_ONLY,
        /** A read, a write or an fsync failed. */
        IO,
        /** Another process, named in the message, has this directory open. */
        LOCKED,
        /** The journal was closed. */
        CLOSED
    }

    private final Reason reason;

    JournalException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    private JournalException(Reason reason, String message, IOException cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Java knows the cause only by the operating system's words. */
    public static JournalException of(String what, IOException cause) {
        if (cause instanceof JournalException known) {
            return known;
        }
        String words = Objects.requireNonNullElse(cause.getMessage(), cause.toString());
        Reason reason = Reason.IO;
        if (words.contains("No space left") || words.contains("quota exceeded")) {
            reason = Reason.NO_SPACE;
        } else if (words.contains("Read-only file system")) {
            reason = Reason.READ_ONLY;
        }
        return new JournalException(reason, what + ": " + words, cause);
    }

    public Reason reason() {
        return reason;
    }
}
