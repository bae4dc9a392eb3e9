package ansim.hub.ledger;

import ansim.hub.core.UnitRide;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Who read which ride by a command on the hub's machine, when and why: the class {@value #CLASS} of the ledger's folder, a {@link Book} of its own,
 * for a chain has one writer and the hub, which runs beside the command, is that of the others.
 *
 * <pre>
 * {"n":1,"at":"2026-11-27T03:04:05.678Z","who":"kim as ansim","role":"console","command":"rides show","reason":"..","key":3,"sealed":"..","hash":".."}
 * </pre>
 *
 * <p>Unit and ride are sealed as {@link LedgerKeys} does it, in a file of its own, {@value #KEYS}: when the ride is erased on request the line stays, of
 * nobody. Guarantee: a line is on disk when {@link #write} returns. Not guaranteed: who it was, against whoever is root on that machine. Any process.
 */
public final class ConsoleReads {
    /** The class of the ledger's lines. */
    public static final String CLASS = "console";

    /** In the data folder. */
    public static final String KEYS = "consolekeys.db";

    /** Characters of a reason. */
    public static final int MAX_REASON = 200;

    /** Other commands are done by then. */
    private static final int TRIES = 40;

    private static final long BETWEEN_MS = 250;

    /** Who, by what command, and why. */
    public record Reader(String who, String command, String reason) {
        public Reader {
            if (reason.length() > MAX_REASON) {
                throw new IllegalArgumentException(
                        "a reason must have at most " + MAX_REASON + " characters (got " + reason.length() + ")");
            }
        }
    }

    /** How the keys are opened, once nobody else makes any. */
    public interface Keys {
        LedgerKeys open() throws IOException;
    }

    private ConsoleReads() {}

    /**
     * Writes down what is about to be shown.
     *
     * @param folder of the ledger
     * @param keys opens the keys, {@value #KEYS} on every disk that has them
     * @param kept how long a line is kept
     * @throws IOException when it could not: then nothing may be shown
     */
    public static void write(Path folder, Keys keys, Reader reader, List<UnitRide> rides, Instant now, Duration kept)
            throws IOException {
        if (rides.isEmpty()) {
            return;
        }
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // The book first: who has it open is the only one who makes keys.
        try (Book book = open(folder);
                LedgerKeys sealing = keys.open()) {
            List<ChainedFile.Line> lines = new ArrayList<>();
            for (UnitRide each : rides) {
                lines.add(ChainedFile.line(line(sealing, reader, each, now)));
            }
            sealing.commit();
            book.append(lines, now);
            if (book.drop(now.minus(kept), now, "kept for " + kept.toDays() + " days") > 0) {
                sealing.drop(now.minus(kept), now);
            }
        }
    }

    private static ObjectNode line(LedgerKeys keys, Reader reader, UnitRide of, Instant now) throws IOException {
        String unit = of.unit().hex();
        String ride = of.ride().hex();
        ObjectNode line = JsonNodeFactory.instance
                .objectNode()
                .put("at", now.toString())
                .put("who", reader.who())
                .put("role", CLASS)
                .put("command", reader.command())
                .put("reason", reader.reason());
        ObjectNode personal =
                JsonNodeFactory.instance.objectNode().put("unit", unit).put("ride", ride);
        keys.seal(line, unit, ride, personal, now);
        return line;
    }

    private static Book open(Path folder) throws IOException {
        for (int tries = 1; ; tries++) {
            try {
                return new Book(folder, CLASS);
            } catch (ChainedFile.InUse e) {
                if (tries == TRIES) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(BETWEEN_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
