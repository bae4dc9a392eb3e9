package ansim.edge.link;

import ansim.edge.keys.CoapIdentity;
import ansim.wire.Lane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.DtlsEndpointContext;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.MapBasedEndpointContext;
import org.jspecify.annotations.Nullable;

/**
 * The socket and the DTLS session to the hub, and the three requests that go over them: observe, post, ping. When which is due, and
 * whether the link is down, is for {@link CoapUplink} to say.
 *
 * <p>All on one thread, {@code link-coap}; answers come as tasks of it.
 */
final class CoapSession {
    private final String host;
    private final int port;
    private final ScheduledThreadPoolExecutor thread;
    private final Executor tasks;
    private final Consumer<Response> onNotification;

    private @Nullable CoapEndpoint endpoint;
    private @Nullable CoapIdentity identity;
    private @Nullable InetSocketAddress hub;
    private @Nullable Token observation;
    private boolean stood;

    /** What comes of a request: one of the two. */
    interface Answer {
        void answered(Response response);

        default void failed(String why) {}
    }

    /**
     * Creates the session; {@link #open} opens its socket.
     *
     * @param thread of Californium's and Scandium's own tasks
     * @param tasks runs ours on that thread
     * @param onNotification takes what the observation brings after its first answer
     */
    CoapSession(URI address, ScheduledThreadPoolExecutor thread, Executor tasks, Consumer<Response> onNotification) {
        this.host = address.getHost().replaceAll("[\\[\\]]", "");
        this.port = address.getPort();
        this.thread = thread;
        this.tasks = tasks;
        this.onNotification = onNotification;
    }

    /** Takes a fresh socket and session if there is none or it is another identity's. */
    void open(CoapIdentity now) throws IOException {
        if (endpoint != null && now.equals(identity)) {
            return;
        }
        discard();
        hub = new InetSocketAddress(InetAddress.getByName(host), port);
        CoapEndpoint open = CoapSettings.endpoint(now, host, thread);
        open.addNotificationListener((request, response) -> tasks.execute(() -> onNotification.accept(response)));
        open.start();
        identity = now;
        endpoint = open;
    }

    boolean isOpen() {
        return endpoint != null;
    }

    /** Lets socket and session go. */
    void discard() {
        CoapEndpoint old = endpoint;
        endpoint = null;
        observation = null;
        stood = false;
        if (old != null) {
            old.destroy();
        }
    }

    /** Observes {@code /d} over a connection to be made: a session that stood is resumed first, for the hub may have forgotten it. */
    void observeAnew(Answer answer) {
        observe(stood, answer);
    }

    /** Observes {@code /d} once more over the connection that stands. */
    void observeAgain(Answer answer) {
        observe(false, answer);
    }

    private void observe(boolean resume, Answer answer) {
        Request request = to(Request.newGet().setObserve(), resume);
        request.getOptions().setUriPath("d");
        CoapEndpoint open = endpoint();
        Token token = observation;
        if (token != null) {
            open.cancelObservation(token);
            observation = null;
        }
        send(open, request, answer);
    }

    /** The hub has taken the observation. */
    void observed(Response response) {
        observation = response.getToken();
        stood = true;
    }

    void post(Lane lane, byte[] message, Answer answer) {
        Request request = to(Request.newPost(), false);
        request.getOptions()
                .addUriPath("u")
                .addUriPath(Integer.toString(lane.number()))
                .setContentFormat(MediaTypeRegistry.APPLICATION_COSE_SIGN1);
        request.setPayload(message);
        send(endpoint(), request, answer);
    }

    /** RFC 7252 section 4.3: an empty confirmable message is answered with a reset. */
    void ping(Runnable onReset) {
        Request ping = to(Request.newPing(), false);
        ping.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onReject() {
                tasks.execute(onReset);
            }
        });
        ping.send(endpoint());
    }

    private void send(CoapEndpoint open, Request request, Answer answer) {
        request.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onResponse(Response response) {
                tasks.execute(() -> answer.answered(response));
            }

            @Override
            protected void failed() {
                String why = reason(request);
                tasks.execute(() -> answer.failed(why));
            }
        });
        request.send(open);
    }

    private static String reason(Request request) {
        Throwable error = request.getSendError();
        return error != null ? Complaints.words(error) : request.isRejected() ? "rejected" : "no answer";
    }

    private Request to(Request request, boolean resume) {
        InetSocketAddress to = hub;
        if (to == null) {
            throw new IllegalStateException("not open");
        }
        EndpointContext peer = resume
                ? new MapBasedEndpointContext(to, null, DtlsEndpointContext.ATTRIBUTE_HANDSHAKE_MODE_FORCE)
                : new AddressEndpointContext(to);
        request.setDestinationContext(peer);
        request.setScheme(CoAP.COAP_SECURE_URI_SCHEME);
        return request;
    }

    private CoapEndpoint endpoint() {
        CoapEndpoint open = endpoint;
        if (open == null) {
            throw new IllegalStateException("not open");
        }
        return open;
    }
}
