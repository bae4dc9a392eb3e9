package ansim.hub.vault;

import ansim.settings.CommandFailure;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import jdk.net.ExtendedSocketOptions;
import org.tinylog.Logger;

/**
 * A vault behind a Unix-domain socket, so that keys and riders can belong to a user of their own: one JSON object a line each way.
 *
 * <pre>
 * -> {"unit":hex,"ride":hex,"card":hex,"from":ms,"to":ms,"why":text}     when the ride began; now if it is not said
 * <- {"handle":hex,"home":code,"language":tag} or {} or {"error":text}
 * -> {"notices":[{"event":id,"kind":word,"handles":[hex...],...}...]}     what happened on rides, see {@link RideNotice}
 * -> {"forget":[hex...]}                                                  handles of rides that were erased
 * <- {} when it is on disk, or {"error":text}
 * -> {"list":{"after":hex or "","most":n}}                                riders behind an id, in the order of their ids
 * <- {"riders":[{"id":hex,"home":code,...}...]}                           as many as a line takes; none at the end
 * -> {"add":{"id":hex,"home":code,"cards":[{"unit":hex,"ride":hex,"card":hex}...],"guardians":[...]},"by":text}
 * <- {"added":"done" or "card_taken" or "card_sealed"}
 * -> {"suspend":hex,"by":text} or {"resume":hex,"by":text}
 * <- {"there":false when there is no such rider}
 * <- {"notAllowed":true} to these, unless the vault was opened for them
 * </pre>
 *
 * <p>No contact of a guardian ever comes out of it.
 *
 * <p>Who asks is what the kernel says of the other end (SO_PEERCRED), and stands in the ledger. The socket is for the vault's user and
 * its group ({@code rw-rw----}). At most {@value #MAX_CALLERS} callers at once; one more is hung up on. A line that is none ends the
 * conversation. One thread a caller, named {@code vault-caller}.
 */
public final class VaultSocket implements AutoCloseable {
    static final int MAX_CALLERS = 8;
    static final int MAX_LINE_BYTES = 16 * 1024;
    private static final String MODE = "rw-rw----";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vault vault;
    private final RiderCalls riders;
    private final Path path;
    private final ServerSocketChannel server;
    private final Semaphore room = new Semaphore(MAX_CALLERS);
    private final Set<SocketChannel> callers = ConcurrentHashMap.newKeySet();
    private final Thread thread = new Thread(this::listen, "vault-door");

    private VaultSocket(Vault vault, RiderCalls riders, Path path, ServerSocketChannel server) {
        this.vault = vault;
        this.riders = riders;
        this.path = path;
        this.server = server;
        thread.setDaemon(true);
    }

    /** Opens the socket for boardings and notices alone. */
    public static VaultSocket open(Vault vault, Path path) throws IOException {
        return open(vault, Optional.empty(), path);
    }

    /**
     * Opens the socket; one that nobody listens at any more is replaced.
     *
     * @param riders what callers may also list, add to, suspend in and resume in; empty when they may not
     * @throws CommandFailure when another vault listens there
     */
    public static VaultSocket open(Vault vault, Optional<RiderBook> riders, Path path) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(path);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            try {
                server.bind(address);
            } catch (BindException e) {
                refuseIfAnswered(address);
                Files.delete(path);
                server.bind(address);
            }
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(MODE));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        VaultSocket socket = new VaultSocket(vault, new RiderCalls(riders), path, server);
        socket.thread.start();
        return socket;
    }

    private static void refuseIfAnswered(UnixDomainSocketAddress address) {
        try (SocketChannel other = SocketChannel.open(address)) {
            throw new CommandFailure(
                    "another vault answers at " + address + " (" + other + ")", "one socket each, or stop that one");
        } catch (IOException nobody) {
            Logger.debug("{} was left by a vault that is gone", address);
        }
    }

    private void listen() {
        try {
            while (true) {
                SocketChannel caller = server.accept();
                if (!room.tryAcquire()) {
                    caller.close();
                    continue;
                }
                callers.add(caller);
                Thread answering = new Thread(() -> answer(caller), "vault-caller");
                answering.setDaemon(true);
                answering.start();
            }
        } catch (ClosedChannelException closed) {
            Logger.debug("the vault's socket is closed");
        } catch (IOException e) {
            Logger.error("the vault's socket has failed: {}", e.toString());
        }
    }

    private void answer(SocketChannel caller) {
        try (caller;
                InputStream in = new BufferedInputStream(Channels.newInputStream(caller))) {
            String who =
                    caller.getOption(ExtendedSocketOptions.SO_PEERCRED).user().getName();
            for (Optional<byte[]> line = line(in); line.isPresent(); line = line(in)) {
                write(caller, answer(line.get(), who));
            }
        } catch (AsynchronousCloseException closed) {
            Logger.debug("a caller of the vault was hung up on");
        } catch (IOException | IllegalArgumentException e) {
            Logger.warn(
                    "a caller of the vault said what it does not understand: {}",
                    e.getClass().getSimpleName());
        } finally {
            callers.remove(caller);
            room.release();
        }
    }

    private ObjectNode answer(byte[] line, String who) throws IOException {
        JsonNode asked = JSON.readTree(line);
        ObjectNode answer = JSON.createObjectNode();
        try {
            if (asked.has("notices")) {
                vault.hand(notices(asked.path("notices")));
            } else if (asked.has("forget")) {
                vault.forget(handles(asked.path("forget")));
            } else if (RiderCalls.isOne(asked)) {
                riders.answer(asked, who, answer);
            } else {
                open(asked, who, answer);
            }
        } catch (IOException e) {
            Logger.error("the vault cannot answer: {}", e.toString());
            answer.removeAll().put("error", "the vault cannot answer, see its own log");
        }
        return answer;
    }

    private void open(JsonNode asked, String who, ObjectNode answer) throws IOException {
        Id16 unit = Id16.parse(asked.path("unit").asText());
        Id8 ride = Id8.parse(asked.path("ride").asText());
        Bytes card = Bytes.of(HexFormat.of().parseHex(asked.path("card").asText()));
        Began began = asked.has("from") && asked.has("to")
                ? new Began(asked.path("from").asLong(), asked.path("to").asLong())
                : vault.now();
        vault.open(card, unit, ride, began, who, asked.path("why").asText())
                .ifPresent(rider -> answer.put("handle", rider.handle())
                        .put("home", rider.home())
                        .put("language", rider.language()));
    }

    private static List<RideNotice> notices(JsonNode all) {
        List<RideNotice> notices = new ArrayList<>();
        all.forEach(each -> notices.add(NoticeJson.notice(each)));
        return notices;
    }

    private static List<String> handles(JsonNode all) {
        List<String> handles = new ArrayList<>();
        all.forEach(each -> handles.add(each.asText()));
        return handles;
    }

    /** A line without its end; empty at the end of the stream. */
    static Optional<byte[]> line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return Optional.of(line.toByteArray());
            }
            line.write(next);
            if (line.size() > MAX_LINE_BYTES) {
                throw new IOException("a line must have at most " + MAX_LINE_BYTES + " bytes");
            }
        }
        return Optional.empty();
    }

    static void write(SocketChannel to, ObjectNode line) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((text(line) + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    private static String text(ObjectNode line) {
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts can always be written", e);
        }
    }

    public Path path() {
        return path;
    }

    /** Hangs up on everybody. */
    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel caller : callers) {
            caller.close();
        }
        Files.deleteIfExists(path);
    }
}
