package ansim.hub.vault;

import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A vault in another process, by its {@link VaultSocket}. Connects when it is asked; a question that has no answer within
 * {@value #ANSWER_MS} ms, or fails, is to be asked again.
 */
public final class RemoteVault implements RiderVault, GuardianPost, RiderBook {
    static final long ANSWER_MS = 10_000;
    static final int HANDLES_A_LINE = 128;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private @Nullable Connection connection;

    private record Connection(SocketChannel channel, Selector readable) {}

    public RemoteVault(Path path) {
        this.path = path;
    }

    @Override
    public synchronized Optional<Rider> open(Bytes sealed, Id16 unit, Id8 ride, Began began, String why)
            throws IOException {
        ObjectNode question = JSON.createObjectNode();
        question.put("unit", unit.hex())
                .put("ride", ride.hex())
                .put("card", sealed.hex())
                .put("from", began.fromMs())
                .put("to", began.toMs())
                .put("why", why);
        JsonNode answer = ask(question);
        return answer.has("handle")
                ? Optional.of(new Rider(
                        answer.path("handle").asText(),
                        answer.path("home").asText(),
                        answer.path("language").asText()))
                : Optional.empty();
    }

    @Override
    public synchronized void hand(List<RideNotice> notices) throws IOException {
        ObjectNode line = JSON.createObjectNode();
        ArrayNode all = line.putArray("notices");
        notices.forEach(each -> all.add(NoticeJson.of(each)));
        if (notices.size() > 1 && JSON.writeValueAsBytes(line).length >= VaultSocket.MAX_LINE_BYTES) {
            hand(notices.subList(0, notices.size() / 2));
            hand(notices.subList(notices.size() / 2, notices.size()));
        } else if (!notices.isEmpty()) {
            var unused = ask(line);
        }
    }

    @Override
    public synchronized void forget(List<String> handles) throws IOException {
        for (int from = 0; from < handles.size(); from += HANDLES_A_LINE) {
            ObjectNode line = JSON.createObjectNode();
            ArrayNode all = line.putArray("forget");
            handles.subList(from, Math.min(from + HANDLES_A_LINE, handles.size()))
                    .forEach(all::add);
            var unused = ask(line);
        }
    }

    @Override
    public synchronized List<Riders.Listed> list(String after, int most) throws IOException {
        List<Riders.Listed> all = new ArrayList<>();
        String last = after;
        while (all.size() < most) {
            ObjectNode line = JSON.createObjectNode();
            line.putObject(RiderCalls.LIST).put("after", last).put("most", most - all.size());
            JsonNode some = ask(line).path(RiderCalls.RIDERS);
            if (some.isEmpty()) {
                break;
            }
            some.forEach(each -> all.add(RiderJson.listed(each)));
            last = all.get(all.size() - 1).id();
        }
        return List.copyOf(all.subList(0, Math.min(most, all.size())));
    }

    /** @throws IllegalArgumentException when cards and addresses are too long for one line */
    @Override
    public synchronized Riders.Added add(String id, Riders.NewRider rider, String by) throws IOException {
        ObjectNode line = JSON.createObjectNode().put(RiderCalls.BY, by);
        line.set(RiderCalls.ADD, RiderJson.of(rider).put("id", id));
        if (JSON.writeValueAsBytes(line).length > VaultSocket.MAX_LINE_BYTES) {
            throw new IllegalArgumentException("a rider's cards and guardians must have at most "
                    + VaultSocket.MAX_LINE_BYTES + " bytes on their way to this hub's vault");
        }
        String added = ask(line).path(RiderCalls.ADDED).asText();
        return Arrays.stream(Riders.Added.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(added))
                .findFirst()
                .orElseThrow(() -> new IOException("the vault at " + path + " has not said whether it added a rider"));
    }

    @Override
    public synchronized boolean suspend(String id, boolean suspended, String by) throws IOException {
        return ask(JSON.createObjectNode()
                        .put(suspended ? RiderCalls.SUSPEND : RiderCalls.RESUME, id)
                        .put(RiderCalls.BY, by))
                .path(RiderCalls.THERE)
                .asBoolean();
    }

    private JsonNode ask(ObjectNode question) throws IOException {
        boolean answered = false;
        try {
            Connection open = connected();
            VaultSocket.write(open.channel(), question);
            JsonNode answer = JSON.readTree(line(open));
            answered = true;
            if (answer.has("error")) {
                throw new IOException(answer.path("error").asText());
            }
            if (answer.has(RiderCalls.NOT_ALLOWED)) {
                throw new NotAllowed();
            }
            return answer;
        } finally {
            if (!answered) {
                close();
            }
        }
    }

    private byte[] line(Connection from) throws IOException {
        long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ANSWER_MS);
        ByteBuffer line = ByteBuffer.allocate(VaultSocket.MAX_LINE_BYTES);
        while (line.position() == 0 || line.get(line.position() - 1) != '\n') {
            long leftMs = TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime());
            if (leftMs <= 0 || !line.hasRemaining()) {
                throw new IOException("the vault at " + path + " gave no answer within " + ANSWER_MS + " ms");
            }
            from.readable().select(leftMs);
            from.readable().selectedKeys().clear();
            if (from.channel().read(line) < 0) {
                throw new IOException("the vault at " + path + " has hung up");
            }
        }
        return Arrays.copyOf(line.array(), line.position());
    }

    private Connection connected() throws IOException {
        Connection open = connection;
        if (open == null) {
            SocketChannel channel;
            try {
                channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                throw new IOException("no vault answers at " + path + " (" + e.getMessage() + ")", e);
            }
            open = new Connection(channel, Selector.open());
            connection = open;
            channel.configureBlocking(false);
            channel.register(open.readable(), SelectionKey.OP_READ);
        }
        return open;
    }

    @Override
    public synchronized void close() throws IOException {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.channel().close();
            open.readable().close();
        }
    }
}
