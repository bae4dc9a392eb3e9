package ansim.hub.console;

import ansim.hub.view.Picture;
import ansim.hub.view.ViewTail;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Server-sent events (WHATWG HTML 9.2): every change of the views to every open page. The event's id is the log's id and the log index
 * after it, so that a page goes on where it was.
 *
 * <p>Bounded: {@value #KEPT} changes of {@value #KEPT_BYTES} bytes in all are kept for pages that come back; who was away for longer is
 * told {@code reset} and asks for the whole state. A page that does not read is dropped once {@value #CLIENT_BYTES} bytes wait for it.
 * At most {@value #CLIENTS} pages.
 *
 * <p>{@link #changed} from any thread; everything else on the server's event loop.
 */
final class Feed implements ViewTail.Screen {
    static final int KEPT = 256;
    static final int KEPT_BYTES = 4 * 1024 * 1024;
    static final int CLIENT_BYTES = 256 * 1024;
    static final int CLIENTS = 64;
    /** Beats without any page after which nothing is made or kept for pages: who comes then asks for the whole state. */
    static final int QUIET_BEATS = 6;

    private record Frame(long index, Buffer text) {}

    private final Context context;
    private final String log;
    private final ArrayDeque<Frame> kept = new ArrayDeque<>();
    private final Set<HttpServerResponse> clients = new LinkedHashSet<>();
    private int keptBytes;
    /** A page that is at this index or after it can go on from what is kept. It only grows. */
    private long base;

    /** Beats since there was a page; written by the server's thread. */
    private volatile int quietBeats;

    private final AtomicLong slowClients = new AtomicLong();

    /**
     * Creates a feed without pages.
     *
     * @param context the server's
     * @param log the log's id
     */
    Feed(Context context, long log) {
        this.context = context;
        this.log = HexFormat.of().toHexDigits(log);
    }

    /**
     * Says that every change after an index of the log has been published or will be; to be said before pages join. From any thread.
     *
     * @param index where a page must be, or further, to go on without asking for the whole state
     */
    void knowsAfter(long index) {
        context.runOnContext(now -> base = Math.max(base, index));
    }

    String log() {
        return log;
    }

    /** After an erasure nothing that was sent before is sent again, and every page asks for the whole state. */
    @Override
    public void changed(Picture changed) {
        if (changed.rowsGone()) {
            context.runOnContext(now -> {
                kept.clear();
                keptBytes = 0;
                base = Math.max(base, changed.index());
                send(Buffer.buffer("event: reset\ndata: {}\n\n"));
            });
            return;
        }
        Frame frame = new Frame(changed.index(), frame(changed));
        context.runOnContext(now -> {
            keep(frame);
            send(frame.text);
        });
    }

    /** Whether there is a page, or was lately. Any thread. */
    @Override
    public boolean looks() {
        return quietBeats < QUIET_BEATS;
    }

    /** Changes up to an index of the log were not published, for nobody looked. */
    @Override
    public void passed(long index) {
        context.runOnContext(now -> {
            kept.clear();
            keptBytes = 0;
            base = Math.max(base, index);
            // Who joined after nobody was seen looking and before this ran has missed it.
            send(Buffer.buffer("event: reset\ndata: {}\n\n"));
        });
    }

    private Buffer frame(Picture changed) {
        return Buffer.buffer(
                "id: " + log + "-" + changed.index() + "\nevent: change\ndata: " + PictureJson.of(changed) + "\n\n");
    }

    private void keep(Frame frame) {
        kept.addLast(frame);
        keptBytes += frame.text.length();
        while (kept.size() > KEPT || keptBytes > KEPT_BYTES) {
            Frame oldest = kept.removeFirst();
            keptBytes -= oldest.text.length();
            base = Math.max(base, oldest.index);
        }
    }

    /** Sends every page a sign of life with the hub's clock: a page that hears none for a while knows that it is cut off. */
    void beat(Supplier<String> json) {
        quietBeats = clients.isEmpty() ? Math.min(quietBeats + 1, QUIET_BEATS) : 0;
        if (!clients.isEmpty()) {
            send(Buffer.buffer("event: beat\ndata: " + json.get() + "\n\n"));
        }
    }

    private void send(Buffer text) {
        for (HttpServerResponse client : new ArrayList<>(clients)) {
            if (client.writeQueueFull()) {
                slowClients.incrementAndGet();
                clients.remove(client);
                client.reset();
            } else {
                client.write(text);
            }
        }
    }

    /**
     * Adds a page.
     *
     * @param response with nothing written yet
     * @param lastEventId where it was, {@code log-index}; empty or of another log: it must ask for the state
     */
    void join(HttpServerResponse response, String lastEventId) {
        // Before it is told to ask for the state: what changes behind that state is published again.
        quietBeats = 0;
        if (clients.size() >= CLIENTS) {
            response.setStatusCode(503).putHeader("Retry-After", "5").end("too many pages\n");
            return;
        }
        response.setChunked(true)
                .setWriteQueueMaxSize(CLIENT_BYTES)
                .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                .write("retry: 1000\n\n");
        long after = index(lastEventId);
        if (after < base) {
            response.end("event: reset\ndata: {}\n\n");
            return;
        }
        clients.add(response);
        response.closeHandler(closed -> clients.remove(response));
        response.exceptionHandler(failed -> clients.remove(response));
        kept.stream().filter(frame -> frame.index > after).forEach(frame -> response.write(frame.text));
    }

    private long index(String lastEventId) {
        if (!lastEventId.startsWith(log + "-")) {
            return -1;
        }
        try {
            return Long.parseLong(lastEventId.substring(log.length() + 1));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    int pages() {
        return clients.size();
    }

    long slowClients() {
        return slowClients.get();
    }
}
