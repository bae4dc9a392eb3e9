package ansim.hub.deliver;

import ansim.hub.deliver.Destination.Format;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One district's alarms, or its other events, for a centre that comes to the hub and reads (server-sent events, WHATWG HTML 9.2). An event's
 * id is {@code JOURNAL.GENERATION-INDEX-PART}: where it stands in the hub's log. An event is delivered when the centre says its id or a later one,
 * by an acknowledgement or as {@code Last-Event-ID} when it connects again. After a restore the log goes on with other entries under numbers that
 * were used: an id of another generation says nothing of them, and the stream begins at the cursor.
 *
 * <p>Bounded: at most {@value #WINDOW} events are not acknowledged. When that many have waited for {@link #FULL}, or one for {@link #LATEST},
 * the stream is ended: a client that never acknowledges, such as a browser's EventSource, connects again, and says by that what it has.
 *
 * <p>When one fails, whatever else comes of the same attempt fails too: an id that a centre says covers all before it, so nothing may reach
 * it past a gap.
 *
 * <p>What a centre says it has beyond what was ever on its way ({@link #AHEAD} events) is sent all the same; what it has acknowledged does
 * not come again because it says an older id: {@code deliveries replay} does that.
 *
 * <p>Thread-safe.
 */
final class StreamSink implements Sink {
    static final int WINDOW = 64;
    /** Events behind the cursor that a centre may have after a crash of the hub: on their way, or not written down. */
    static final int AHEAD = WINDOW + Settlement.BOOKING;

    static final Duration FULL = Duration.ofSeconds(2);
    static final Duration LATEST = Duration.ofSeconds(30);

    /** One connection of a centre. Any thread. */
    interface Reader {
        void write(String frame);

        /** Lets what was written arrive. */
        void end();
    }

    private record Sent(
            Place place, boolean again, long attempt, String id, long atMs, CompletableFuture<Outcome> taken) {}

    /** Journal and generation. */
    private final String prefix;

    private final byte[] tokenHash;
    private final InstantSource clock;
    private final ArrayDeque<Sent> sent = new ArrayDeque<>();
    private @Nullable Reader reader;
    private @Nullable Place already;
    private int passedOver;
    private @Nullable Place acknowledged;
    /** The newest attempt of which something has failed. */
    private long broken = -1;

    private Runnable ready = () -> {};
    private boolean closed;

    /** @param prefix of its ids, from {@link #prefix} */
    StreamSink(String prefix, byte[] token, InstantSource clock) {
        this.prefix = prefix;
        this.tokenHash = hash(token);
        this.clock = clock;
    }

    /** What the ids begin with as long as the log's entries keep their numbers. */
    static String prefix(long journalId, long generation) {
        return HexFormat.of().toHexDigits(journalId) + "." + generation;
    }

    private static byte[] hash(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    boolean opensTo(String token) {
        return MessageDigest.isEqual(tokenHash, hash(token.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Override
    public synchronized void onReady(Runnable again) {
        ready = again;
    }

    @Override
    public synchronized CompletableFuture<Outcome> send(Parcel parcel) {
        Reader now = reader;
        if (closed || now == null || parcel.attempt() <= broken) {
            broken = Math.max(broken, parcel.attempt());
            String why = closed ? "closed" : now == null ? "no centre is connected" : "one before it has failed";
            return CompletableFuture.completedFuture(new Outcome(Verdict.FAILED, why));
        }
        Place has = already;
        if (has != null && !parcel.again()) {
            if (parcel.place().compareTo(has) <= 0 && passedOver < AHEAD) {
                passedOver++;
                return CompletableFuture.completedFuture(Outcome.TAKEN);
            }
            already = null;
        }
        String id =
                prefix + "-" + parcel.place().logIndex() + "-" + parcel.place().part();
        Body body = parcel.body();
        String data = body.format() == Format.COSE
                ? Base64.getEncoder().encodeToString(body.bytes())
                : new String(body.bytes(), StandardCharsets.UTF_8);
        CompletableFuture<Outcome> taken = new CompletableFuture<>();
        sent.add(new Sent(parcel.place(), parcel.again(), parcel.attempt(), id, clock.millis(), taken));
        now.write("id: " + id + "\nevent: " + body.attributes().get("type") + "\ndata: " + data + "\n\n");
        return taken;
    }

    /** A centre has connected; one that was connected before is let go. */
    void join(Reader next, String lastEventId) {
        Reader before;
        Runnable go;
        synchronized (this) {
            before = reader;
            Optional<Place> has = place(lastEventId);
            has.ifPresent(this::takenThrough);
            failAll("another connection of the centre took over");
            reader = next;
            already = has.orElse(null);
            passedOver = 0;
            go = ready;
        }
        if (before != null) {
            before.end();
        }
        go.run();
    }

    void leave(Reader gone) {
        synchronized (this) {
            if (reader != gone) {
                return;
            }
            reader = null;
            failAll("the centre went away");
        }
    }

    /** Returns whether that event was sent on this connection, or one behind it was acknowledged. */
    synchronized boolean acknowledge(String id) {
        Optional<Place> said = place(id);
        if (said.isEmpty()) {
            return false;
        }
        Place old = acknowledged;
        if (sent.stream().noneMatch(each -> each.id.equals(id))) {
            return old != null && said.get().compareTo(old) <= 0;
        }
        boolean more = true;
        while (more) {
            Sent first = sent.remove();
            more = !first.id.equals(id);
            first.taken.complete(Outcome.TAKEN);
        }
        acknowledged = old == null || said.get().compareTo(old) > 0 ? said.get() : old;
        return true;
    }

    /**
     * What is on its way is taken in the order in which it went, up to that event. When that one is not among it, only of what is new its place tells:
     * what goes again stands before it in the log and may have come after it.
     */
    private void takenThrough(Place has) {
        if (sent.stream().anyMatch(each -> each.place.equals(has))) {
            boolean more = true;
            while (more) {
                Sent first = sent.remove();
                more = !first.place.equals(has);
                first.taken.complete(Outcome.TAKEN);
            }
            return;
        }
        while (!sent.isEmpty() && !sent.element().again && sent.element().place.compareTo(has) <= 0) {
            sent.remove().taken.complete(Outcome.TAKEN);
        }
    }

    private void failAll(String why) {
        while (!sent.isEmpty()) {
            Sent each = sent.remove();
            broken = Math.max(broken, each.attempt);
            each.taken.complete(new Outcome(Verdict.FAILED, why));
        }
    }

    /** An event's place; empty when it is of another log or none. */
    private Optional<Place> place(String id) {
        String[] parts = id.split("-", -1);
        if (parts.length != 3 || !parts[0].equals(prefix)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Place(Long.parseLong(parts[1]), Integer.parseInt(parts[2])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Once a second: a sign of life; and the end of a stream whose reader does not acknowledge. */
    void beat() {
        Reader now;
        boolean late;
        synchronized (this) {
            now = reader;
            long nowMs = clock.millis();
            late = !sent.isEmpty()
                    && (nowMs - sent.element().atMs >= LATEST.toMillis()
                            || (sent.size() >= WINDOW && nowMs - sent.getLast().atMs >= FULL.toMillis()));
        }
        if (now != null && late) {
            now.end();
        } else if (now != null) {
            now.write(": beat\n\n");
        }
    }

    @Override
    public int window() {
        return WINDOW;
    }

    @Override
    public void close() {
        Reader now;
        synchronized (this) {
            closed = true;
            now = reader;
            reader = null;
            failAll("closed");
        }
        if (now != null) {
            now.end();
        }
    }
}
