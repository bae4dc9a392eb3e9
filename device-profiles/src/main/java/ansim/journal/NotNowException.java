package ansim.journal;

import java.io.IOException;
import java.nio.file.Path;

/** The machine cannot read this now. That says nothing about what is stored: it is to be tried again, and is not to be called damaged. */
public final class NotNowException extends IOException {
    private static final long serialVersionUID = 1;

    NotNowException(Path file, IOException cause) {
        super(file.getFileName() + " cannot be read now: " + cause.getMessage(), cause);
    }
}
