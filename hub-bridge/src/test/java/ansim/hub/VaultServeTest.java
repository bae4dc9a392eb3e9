package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The riders of a vault that {@code hub-bridge vault serve} has in a process of its own, from the hub's. */
final class VaultServeTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Id16 UNIT = new Id16(1, 2);
    private static final Id8 RIDE = new Id8(3);
    private static final String ID = "ab".repeat(16);
    private static final long DEADLINE_S = 120;

    @TempDir
    private Path folder = Path.of("");

    private SealingKey sealing;
    private Optional<Process> serving = Optional.empty();
    private Optional<VaultDesk> desk = Optional.empty();

    @BeforeEach
    void create() throws IOException {
        sealing = Vault.create(folder.resolve("vault"), RANDOM);
    }

    @AfterEach
    void end() throws IOException {
        if (desk.isPresent()) {
            desk.get().close();
        }
        serving.ifPresent(Process::destroyForcibly);
    }

    private RiderDesk.NewRider rider(String number) {
        Bytes sealed = sealing.seal(number.getBytes(StandardCharsets.US_ASCII), UNIT, RIDE, RANDOM);
        RiderDesk.Contact mother = new RiderDesk.Contact("api", "user-7", "Mother", "", Optional.of(Instant.EPOCH));
        return new RiderDesk.NewRider("11680", "ko", List.of(new RiderDesk.Card(UNIT, RIDE, sealed)), List.of(mother));
    }

    /** {@code vault serve} in a process of its own. */
    private VaultDesk served(String name, String... options) throws IOException {
        Path at = folder.resolve(name);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                HubBridge.class.getName(),
                "vault",
                "serve",
                "--vault",
                folder.resolve("vault").toString(),
                "--socket",
                at.toString()));
        command.addAll(List.of(options));
        Path log = folder.resolve(name + ".log");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        serving = Optional.of(process);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!Files.readString(log).contains("answers at")) {
            assertTrue(process.isAlive() && System.nanoTime() < deadline, Files.readString(log));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        return VaultDesk.at(at);
    }

    @Test
    void aVaultInAProcessOfItsOwnAddsListsAndSuspendsWhenItIsStartedWithRiders() throws Exception {
        desk = Optional.of(served("r", "--riders"));
        RiderDesk remote = desk.get();
        assertEquals(RiderDesk.Added.DONE, remote.add(ID, rider("77"), "app"));
        assertEquals(RiderDesk.Added.CARD_TAKEN, remote.add("cd".repeat(16), rider("77"), "app"));
        assertEquals(
                List.of(ID),
                remote.list("", 10).stream().map(RiderDesk.Rider::id).toList());
        assertTrue(remote.suspend(ID, "kim"));
        assertFalse(remote.suspend("cd".repeat(16), "kim"));
        try (Riders riders = Riders.open(folder.resolve("vault"))) {
            Riders.Export all = riders.export(ID, Clock.systemUTC()).orElseThrow();
            assertTrue(all.rider().suspended());
            assertEquals(
                    System.getProperty("user.name") + " for the API: kim",
                    all.consents().get(1).by());
        }
    }

    @Test
    void aVaultInAProcessOfItsOwnIsNotOpenForRidersUnlessItIsSaid() throws Exception {
        desk = Optional.of(served("n"));
        RiderDesk remote = desk.get();
        RiderDesk.NotHere refused = assertThrows(RiderDesk.NotHere.class, () -> remote.add(ID, rider("77"), "app"));
        assertTrue(String.valueOf(refused.getMessage()).contains("vault serve --riders"), refused::toString);
        assertThrows(RiderDesk.NotHere.class, () -> remote.list("", 10));
        assertThrows(RiderDesk.NotHere.class, () -> remote.suspend(ID, "kim"));
        try (Riders riders = Riders.open(folder.resolve("vault"))) {
            assertEquals(0, riders.count());
        }
    }
}
