package ansim.hub;

import ansim.hub.core.UnitRide;
import ansim.hub.ledger.ConsoleReads;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Who reads rides or opens cards at the console, for {@code @Mixin}: before anything is shown or opened the ledger has it. */
final class WhoReads {
    /** Where no settings say how long. */
    private static final Duration KEPT = Duration.ofDays(1_095);

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Why. Who does this, and why, is written into the ledger.")
    private String reason = "";

    /** As the ledger has it. */
    ConsoleReads.Reader reader(CommandSpec spec) {
        if (reason.length() > ConsoleReads.MAX_REASON || reason.chars().anyMatch(Character::isISOControl)) {
            throw new ParameterException(
                    spec.commandLine(), "--reason must have at most " + ConsoleReads.MAX_REASON + " characters");
        }
        String command = spec.qualifiedName(" ");
        return new ConsoleReads.Reader(who(), command.substring(command.indexOf(' ') + 1), reason);
    }

    /** Before they are shown. */
    void writeDown(CommandSpec spec, HubFolder hub, List<UnitRide> rides) {
        ConsoleReads.Reader reader = reader(spec);
        Duration kept = hub.configIfAny()
                .map(config -> config.deliveries().ledger().longest())
                .orElse(KEPT);
        try {
            ConsoleReads.write(
                    hub.file(HubFolder.LEDGER),
                    () -> HubFolder.consoleKeys(hub.data(), hub.mirrorIfThere()),
                    reader,
                    rides,
                    Instant.now().truncatedTo(ChronoUnit.MILLIS),
                    kept);
        } catch (IOException e) {
            throw new CommandFailure(
                    "it cannot be written down who reads this, so nothing is shown: " + e.getMessage(),
                    "as the hub's own user, who may write in " + hub.file(HubFolder.LEDGER));
        }
    }

    /** The user, and who became that user. */
    private static String who() {
        String user = System.getProperty("user.name", "");
        String before = System.getenv("SUDO_USER");
        return before == null || before.isEmpty() ? user : before + " as " + user;
    }
}
