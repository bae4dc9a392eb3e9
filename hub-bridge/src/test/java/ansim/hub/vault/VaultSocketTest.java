package ansim.hub.vault;

import static ansim.hub.vault.TestVault.RIDE;
import static ansim.hub.vault.TestVault.UNIT;
import static ansim.hub.vault.TestVault.seal;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.CommandFailure;
import ansim.wire.Bytes;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault from another process's side of its socket. */
class VaultSocketTest {
    @TempDir
    private Path folder = Path.of("");

    private Path path = Path.of("");
    private SealingKey key;
    private Vault vault;
    private VaultSocket socket;

    @BeforeEach
    void open() throws IOException {
        path = folder.resolve("s");
        key = TestVault.create(folder.resolve("vault"));
        vault = Vault.open(folder.resolve("vault"), "vault", TestVault.CLOCK);
        socket = VaultSocket.open(vault, path);
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        vault.close();
    }

    @Test
    void theAnswersAreThoseOfTheVaultAndTheLedgerNamesTheUserWhoAsked() throws IOException {
        Bytes ann = seal(key, TestVault.ANN, RIDE);
        try (RemoteVault remote = new RemoteVault(path)) {
            assertEquals(
                    vault.open(ann, UNIT, RIDE, TestVault.NOW, "test"),
                    remote.open(ann, UNIT, RIDE, TestVault.NOW, "boarded"));
            assertEquals(Optional.empty(), remote.open(seal(key, "77", RIDE), UNIT, RIDE, TestVault.NOW, "boarded"));
        }
        List<String> ledger = new ArrayList<>();
        LedgerFile.VAULT.read(folder.resolve("vault"), ledger::add);
        assertTrue(ledger.get(0).contains("\"who\":\"vault\""), ledger.get(0));
        String me = "\"who\":\"" + System.getProperty("user.name") + "\"";
        assertTrue(ledger.get(1).contains(me), ledger.get(1));
        assertTrue(ledger.get(2).contains(me), ledger.get(2));
    }

    @Test
    void whenTheRideBeganGoesOverItAndAnOlderHubThatDoesNotSayItMeansNow() throws IOException {
        try (Riders riders = Riders.open(folder.resolve("vault"));
                RemoteVault remote = new RemoteVault(path)) {
            List<String> all = new ArrayList<>();
            riders.forEach(TestVault.CLOCK, each -> all.add(each.id()));
            for (String each : all) {
                riders.suspend(each, true, "desk 3", TestVault.CLOCK);
                riders.suspend(
                        each, false, "desk 3", () -> TestVault.CLOCK.instant().plusMillis(1));
            }
            Bytes ann = seal(key, TestVault.ANN, RIDE);
            Began before = Began.at(TestVault.CLOCK.millis() - 1);
            assertTrue(remote.open(ann, UNIT, RIDE, before, "boarded").isPresent());
            assertEquals(Optional.empty(), remote.open(ann, UNIT, RIDE, TestVault.NOW, "boarded"));
            try (SocketChannel old = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                write(
                        old,
                        "{\"unit\":\"" + UNIT.hex() + "\",\"ride\":\"" + RIDE.hex() + "\",\"card\":\"" + ann.hex()
                                + "\",\"why\":\"boarded\"}\n");
                ByteBuffer answer = ByteBuffer.allocate(3);
                old.read(answer);
                assertEquals("{}\n", new String(answer.array(), StandardCharsets.US_ASCII));
            }
        }
    }

    /** Names of the greatest length, more than one line holds: handed in twice, in the outbox once. */
    @Test
    void noticesGoOverItHoweverManyAndLeaveNoContactOnIt() throws IOException {
        try (RemoteVault remote = new RemoteVault(path)) {
            String handle = remote.open(seal(key, TestVault.ANN, RIDE), UNIT, RIDE, TestVault.NOW, "boarded")
                    .orElseThrow()
                    .handle();
            RideNotice.Place longest = new RideNotice.Place("구".repeat(100), "x".repeat(100));
            List<RideNotice> notices = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                notices.add(new RideNotice(
                        "event" + i,
                        RideNotice.Kind.BOARDED,
                        List.of(handle),
                        "바".repeat(120),
                        "택".repeat(120),
                        i,
                        longest,
                        Collections.nCopies(RideNotice.MAX_CENTRES, longest)));
            }
            remote.hand(notices);
            remote.hand(notices);
            remote.hand(List.of());
            assertEquals(80, vault.letters().list(1_000).size(), "each to Ann's two guardians, once");
            remote.forget(List.of(handle));
            assertEquals(80L, vault.letters().counts().get("forgotten"));
        }
    }

    @Test
    void theSocketIsForItsUserAndGroup() throws IOException {
        assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void aVaultThatIsGoneIsAFailureAndOneThatIsBackAnswersAgain() throws IOException {
        Bytes ann = seal(key, TestVault.ANN, RIDE);
        try (RemoteVault remote = new RemoteVault(path)) {
            remote.open(ann, UNIT, RIDE, TestVault.NOW, "boarded");
            socket.close();
            assertThrows(IOException.class, () -> remote.open(ann, UNIT, RIDE, TestVault.NOW, "boarded"));
            socket = VaultSocket.open(vault, path);
            assertEquals(
                    "11680",
                    remote.open(ann, UNIT, RIDE, TestVault.NOW, "boarded")
                            .orElseThrow()
                            .home());
        }
    }

    @Test
    void aSocketThatIsInUseIsRefusedAndOneLeftByACrashIsReplaced() throws IOException {
        assertThrows(CommandFailure.class, () -> VaultSocket.open(vault, path));
        Path left = folder.resolve("left");
        try (SocketChannel none = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            assertTrue(none.isConnected());
        }
        ServerSocketChannel crashed = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        crashed.bind(UnixDomainSocketAddress.of(left));
        crashed.close();
        assertTrue(Files.exists(left));
        try (VaultSocket again = VaultSocket.open(vault, left);
                RemoteVault remote = new RemoteVault(again.path())) {
            assertEquals(Optional.empty(), remote.open(seal(key, "77", RIDE), UNIT, RIDE, TestVault.NOW, "boarded"));
        }
    }

    @Test
    void aCallerThatTalksNonsenseIsHungUpOnAndTheOthersAreAnswered() throws IOException {
        for (String nonsense : List.of(
                "hello\n",
                "{}\n",
                "[1]\n",
                "{\"unit\":\"x\"}\n",
                "{\"notices\":[{}]}\n",
                "{\"forget\":[\"x\"]}\n",
                "a".repeat(20_000))) {
            try (SocketChannel caller = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                write(caller, nonsense);
                assertEquals(-1, end(caller), nonsense.substring(0, 3));
            }
        }
        try (RemoteVault remote = new RemoteVault(path)) {
            assertTrue(remote.open(seal(key, TestVault.BEN, RIDE), UNIT, RIDE, TestVault.NOW, "boarded")
                    .isPresent());
        }
    }

    /** A line that is too long is hung up on before all of it is taken. */
    private static void write(SocketChannel to, String text) {
        try {
            to.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        } catch (IOException hungUp) {
            assertTrue(text.length() > VaultSocket.MAX_LINE_BYTES, hungUp::toString);
        }
    }

    private static int end(SocketChannel caller) {
        try {
            return caller.read(ByteBuffer.allocate(1));
        } catch (IOException reset) {
            return -1;
        }
    }

    @Test
    void oneCallerTooManyIsHungUpOn() throws IOException {
        List<SocketChannel> callers = new ArrayList<>();
        try {
            Bytes ben = seal(key, TestVault.BEN, RIDE);
            List<RemoteVault> remotes = new ArrayList<>();
            for (int i = 0; i < VaultSocket.MAX_CALLERS; i++) {
                remotes.add(new RemoteVault(path));
                assertTrue(remotes.get(i)
                        .open(ben, UNIT, RIDE, TestVault.NOW, "boarded")
                        .isPresent());
            }
            SocketChannel more = SocketChannel.open(UnixDomainSocketAddress.of(path));
            callers.add(more);
            assertEquals(-1, end(more));
            for (RemoteVault remote : remotes) {
                remote.close();
            }
        } finally {
            for (SocketChannel caller : callers) {
                caller.close();
            }
        }
    }
}
