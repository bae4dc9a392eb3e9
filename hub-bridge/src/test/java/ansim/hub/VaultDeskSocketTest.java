package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.api.RiderDesk;
import ansim.hub.vault.Riders;
import ansim.hub.vault.VaultSocket;
import ansim.settings.Settings;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All of {@link VaultDeskTest} over the socket of a vault, and what only that has; {@link VaultServeTest} has it between processes. */
class VaultDeskSocketTest extends VaultDeskTest {
    private static final String ID = "ab".repeat(16);

    @TempDir
    private Path place = Path.of("");

    private Optional<VaultSocket> socket = Optional.empty();

    @Override
    RiderDesk desk() throws IOException {
        socket = Optional.of(VaultSocket.open(vault, Optional.of(vault), path()));
        return VaultDesk.at(path());
    }

    @Override
    String by(String account) {
        return System.getProperty("user.name") + " for " + super.by(account);
    }

    private Path path() {
        return place.resolve("s");
    }

    @AfterEach
    void closeSocket() throws IOException {
        if (desk instanceof VaultDesk open) {
            open.close();
        }
        if (socket.isPresent()) {
            socket.get().close();
        }
    }

    private long count() throws IOException {
        try (Riders riders = Riders.open(folder)) {
            return riders.count();
        }
    }

    private List<RiderDesk.NotHere> refusals(RiderDesk refusing) {
        return List.of(
                assertThrows(RiderDesk.NotHere.class, () -> refusing.list("", 10)),
                assertThrows(RiderDesk.NotHere.class, () -> refusing.add(ID, rider(card("77")), "app")),
                assertThrows(RiderDesk.NotHere.class, () -> refusing.suspend(ID, "app")),
                assertThrows(RiderDesk.NotHere.class, () -> refusing.resume(ID, "app")));
    }

    @Test
    void aVaultThatIsNotStartedForItDoesNoneOfItAndTheRefusalSaysHowToStartIt() throws Exception {
        Path closed = place.resolve("closed");
        try (VaultSocket other = VaultSocket.open(vault, closed);
                VaultDesk refusing = VaultDesk.at(other.path())) {
            for (RiderDesk.NotHere each : refusals(refusing)) {
                assertTrue(
                        String.valueOf(each.getMessage()).contains("hub-bridge vault serve --riders"), each::toString);
            }
        }
        assertEquals(0, count());
    }

    @Test
    void aVaultThatIsGoneIsAFailureAndOneThatIsBackAnswersAgain() throws Exception {
        desk.add(ID, rider(card("77")), "app");
        socket.orElseThrow().close();
        IOException gone = assertThrows(IOException.class, () -> desk.list("", 10));
        assertFalse(gone instanceof RiderDesk.NotHere, gone::toString);
        socket = Optional.of(VaultSocket.open(vault, Optional.of(vault), path()));
        assertEquals(1, desk.list("", 10).size());
    }

    /** The API lets a rider through whose line would be longer than the vault takes. */
    @Test
    void aRiderOfMoreThanALineIsRefusedInWordsAndTheNextOneIsTaken() throws Exception {
        Bytes long300 = Bytes.of(new byte[300]);
        RiderDesk.Card big = new RiderDesk.Card(new Id16(1, 2), new Id8(3), long300);
        RiderDesk.Contact contact =
                new RiderDesk.Contact("mail", "바".repeat(200), "택".repeat(60), "", Optional.empty());
        RiderDesk.NewRider all =
                new RiderDesk.NewRider("11680", "ko", Collections.nCopies(16, big), Collections.nCopies(8, contact));
        IllegalArgumentException told = assertThrows(IllegalArgumentException.class, () -> desk.add(ID, all, "app"));
        assertTrue(String.valueOf(told.getMessage()).contains("16384 bytes"), told::toString);
        assertEquals(RiderDesk.Added.DONE, desk.add(ID, rider(card("77")), "app"));
    }

    @Test
    void aCallerThatAsksForRidersInNonsenseIsHungUpOnAndNothingIsDone() throws Exception {
        desk.add(ID, rider(card("77")), "app");
        for (String nonsense : List.of(
                "{\"list\":{\"after\":\"x\",\"most\":1}}",
                "{\"suspend\":\"" + ID + "\"}",
                "{\"suspend\":\"" + ID + "\",\"by\":\"" + "x".repeat(201) + "\"}",
                "{\"suspend\":\"' OR 1\",\"by\":\"kim\"}",
                "{\"add\":{\"id\":\"" + ID + "\"},\"by\":\"kim\"}",
                "{\"add\":{\"id\":\"" + ID + "\",\"home\":\"11680\",\"language\":\"ko\",\"cards\":[{\"unit\":\"1\"}]},"
                        + "\"by\":\"kim\"}")) {
            try (SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(path()))) {
                caller.write(ByteBuffer.wrap((nonsense + "\n").getBytes(StandardCharsets.US_ASCII)));
                assertEquals(-1, caller.read(ByteBuffer.allocate(1)), nonsense);
            }
        }
        try (Riders riders = Riders.open(folder)) {
            assertEquals(1, riders.count());
            assertFalse(
                    riders.export(ID, Clock.systemUTC()).orElseThrow().rider().suspended());
        }
    }

    @Test
    void withoutAnyVaultItIsSaidHowToMakeOne() throws Exception {
        Files.writeString(place.resolve("hub.yaml"), "data: hub\n");
        HubConfig none = Settings.load(place.resolve("hub.yaml"), HubConfig.class);
        try (VaultDesk without = VaultDesk.of(none, Optional.empty())) {
            for (RiderDesk.NotHere each : refusals(without)) {
                assertTrue(String.valueOf(each.getMessage()).contains("hub-bridge vault init"), each::toString);
            }
        }
    }
}
