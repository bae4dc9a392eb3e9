package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.intake.Intake;
import ansim.hub.view.Registry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.SigningKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of changes of the registry when something stands in their way. */
final class RegistryFeedTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int WAIT_S = 60;

    @TempDir
    private Path folder = Path.of("");

    private volatile boolean broken;

    /** As a key file whose rights somebody opened: no IOException. */
    private void keep() {
        if (broken) {
            throw new CommandFailure("hub.key may be read by others", "chmod 600 hub.key");
        }
    }

    @Test
    void aFailureBeforeTheLogIsToldToWhoWaitsAndKeepsTheHubFromReadyUntilItIsMended() throws Exception {
        UnitRecord unit = new UnitRecord(
                new Id16(1, 2),
                SigningKey.generate(RANDOM).verifyKey(),
                "test 1",
                "test company",
                "taxi",
                Optional.empty(),
                false);
        try (Registry registry = Registry.open(folder.resolve("registry.db"));
                Journal log = Journal.open(folder.resolve("log"), JournalOptions.hub(), JournalFiles.real());
                Intake intake = Intake.start(
                        log,
                        folder.resolve("snapshots"),
                        SigningKey.generate(RANDOM),
                        new CompletableFuture<Throwable>()::complete);
                RegistryFeed feed = new RegistryFeed(registry, intake, same -> keep())) {
            feed.start();
            broken = true;
            registry.add(unit, 1);
            assertEquals(CommandFailure.class, failure(feed).getClass());
            assertTrue(feed.trouble().orElseThrow().contains("hub.key may be read by others"));
            broken = false;
            feed.bringNow().get(WAIT_S, TimeUnit.SECONDS);
            assertTrue(intake.holds(unit));
            feed.bringNow().get(WAIT_S, TimeUnit.SECONDS);
            assertEquals(Optional.empty(), feed.trouble());
        }
    }

    private static Throwable failure(RegistryFeed feed) {
        var failed =
                assertThrows(ExecutionException.class, () -> feed.bringNow().get(WAIT_S, TimeUnit.SECONDS));
        return Objects.requireNonNull(failed.getCause());
    }
}
