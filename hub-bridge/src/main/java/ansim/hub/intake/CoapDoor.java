package ansim.hub.intake;

import ansim.hub.core.UnitRecord;
import ansim.trust.Certificates;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.wire.Id16;
import ansim.wire.Lane;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.config.CoapConfig.MatcherMode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.observe.ObserveRelation;
import org.eclipse.californium.core.server.ServerMessageDeliverer;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.auth.X509CertPath;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.DTLSContext;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.SessionListener;
import org.tinylog.Logger;

/**
 * The CoAP door: POST to {@code /u/1} .. {@code /u/4}, GET with Observe of {@code /d}, over DTLS 1.2 with Connection ID and the unit's
 * certificate (RFC 7252, 7641, 7959, 9146).
 *
 * <p>Guarantees what the MQTT door does: 2.04 only after the fsync that holds the message, and with the receipt in it. A unit is whom its
 * certificate names, whatever address it comes from; it reaches no other's commands, since {@code /d} has no name in it. One that is
 * unknown, revoked or whose certificate has ended gets 4.01, one that observes within a second; at a limit it gets 5.03 with Max-Age. A newer association of a unit
 * takes the place of the older.
 *
 * <p>Threads: {@code coap-door} (as many as processors, at most {@value #MAX_THREADS}) for DTLS, CoAP and timers, and Scandium's
 * {@code DTLS-Receiver}.
 */
public final class CoapDoor implements AutoCloseable {
    private static final int MAX_THREADS = 4;
    private static final int CLOSE_S = 5;
    private static final int SWEEP_S = 60;
    private static final Pattern UNIT = Pattern.compile("[0-9a-f]{32}");
    private static final int NO_FORMAT = -1;

    private final Rooms rooms;
    private final int maxConnections;
    private final Map<Id16, CoapSession> sessions = new ConcurrentHashMap<>();
    private final LongAdder handshakes = new LongAdder();
    private final ScheduledThreadPoolExecutor threads;
    private final CidConnector connector;
    private final CoapEndpoint endpoint;
    private final OrderBook.Listener ordered;

    /**
     * Where it is and who.
     *
     * @param identity asked at each handshake
     * @param trust whom it lets in
     * @param maxConnections DTLS associations at once; one more takes the place of one that was silent for {@link Limits#DTLS_STALE}, or
     *     is not answered
     */
    public record Site(
            InetSocketAddress address, Supplier<TlsIdentity> identity, PeerTrust trust, int maxConnections) {}

    private CoapDoor(Site site, Rooms rooms) throws IOException {
        this.rooms = rooms;
        this.maxConnections = site.maxConnections();
        int processors = Runtime.getRuntime().availableProcessors();
        AtomicInteger number = new AtomicInteger();
        this.threads = new ScheduledThreadPoolExecutor(Math.max(2, Math.min(MAX_THREADS, processors)), task -> {
            Thread thread = new Thread(task, "coap-door-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        threads.setRemoveOnCancelPolicy(true);
        // The committer may have an answer when the door is closed already; Californium, too, does not stop at once.
        threads.setRejectedExecutionHandler((task, closing) -> Logger.debug("the CoAP door is closed"));
        Configuration settings = settings(site.maxConnections());
        DtlsTrust trust = new DtlsTrust(site.identity(), site.trust());
        this.connector = new CidConnector(DtlsConnectorConfig.builder(settings)
                .setAddress(site.address())
                .setCertificateIdentityProvider(trust)
                .setAdvancedCertificateVerifier(trust)
                .setSessionListener(new Handshakes())
                .build());
        connector.setExecutor(threads);
        this.endpoint = CoapEndpoint.builder()
                .setConfiguration(settings)
                .setConnector(connector)
                .build();
        endpoint.setExecutors(threads, threads);
        endpoint.setMessageDeliverer(new ServerMessageDeliverer(resources(), settings));
        try {
            endpoint.start();
        } catch (IOException e) {
            threads.shutdownNow();
            InetSocketAddress at = site.address();
            throw new IOException("cannot listen on " + at.getHostString() + ":" + at.getPort() + " (coap.listen)", e);
        }
        this.ordered = rooms.orders().listen(unit -> {
            CoapSession session = sessions.get(unit);
            if (session != null) {
                session.ordersChanged();
            }
        });
        var unused = threads.scheduleWithFixedDelay(this::sweep, SWEEP_S, SWEEP_S, TimeUnit.SECONDS);
        long everyMs = Limits.STILL_ALLOWED_EVERY.toMillis();
        var unusedToo = threads.scheduleWithFixedDelay(
                () -> sessions.values().forEach(CoapSession::checkAllowed), everyMs, everyMs, TimeUnit.MILLISECONDS);
    }

    /** Listens from now on. */
    static CoapDoor open(Site site, Rooms rooms) throws IOException {
        return new CoapDoor(site, rooms);
    }

    private static Configuration settings(int maxConnections) {
        CoapConfig.register();
        DtlsConfig.register();
        return Configuration.createStandardWithoutFile()
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, Limits.BODY_BYTES)
                .set(CoapConfig.MAX_MESSAGE_SIZE, Limits.BLOCK_BYTES)
                .set(CoapConfig.PREFERRED_BLOCK_SIZE, Limits.BLOCK_BYTES)
                .set(CoapConfig.MAX_ACTIVE_PEERS, maxConnections)
                .set(CoapConfig.MAX_SERVER_OBSERVES, maxConnections)
                // A unit keeps its exchanges and its observation when its address changes.
                .set(CoapConfig.RESPONSE_MATCHING, MatcherMode.PRINCIPAL_IDENTITY)
                .set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP)
                .set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, Limits.IN_FLIGHT)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.SERVER_ONLY)
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, Limits.CONNECTION_ID_BYTES)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, maxConnections)
                .set(DtlsConfig.DTLS_STALE_CONNECTION_THRESHOLD, Limits.DTLS_STALE.toSeconds(), TimeUnit.SECONDS)
                .set(DtlsConfig.DTLS_REMOVE_STALE_DOUBLE_PRINCIPALS, true)
                .set(DtlsConfig.DTLS_MAX_TRANSMISSION_UNIT, Limits.DATAGRAM_BYTES)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
    }

    private CoapResource resources() {
        CoapResource root = new CoapResource("");
        CoapResource up = new CoapResource("u");
        for (Lane lane : Lane.values()) {
            up.add(new Up(lane));
        }
        root.add(up, new Down());
        return root;
    }

    /** {@code /u/LANE}: a message of the unit. */
    private final class Up extends CoapResource {
        private final Lane lane;

        Up(Lane lane) {
            super(Integer.toString(lane.number()));
            this.lane = lane;
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            int format = exchange.getRequestOptions().getContentFormat();
            if (format != MediaTypeRegistry.APPLICATION_COSE_SIGN1 && format != NO_FORMAT) {
                rooms.tally().count(Refusal.REQUEST, source(exchange), "content format " + format);
                exchange.respond(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);
                return;
            }
            enter(exchange).ifPresent(session -> session.post(exchange, lane));
        }
    }

    /** {@code /d}: what there is for the unit that asks. */
    private final class Down extends CoapResource {
        Down() {
            super("d");
            setObservable(true);
            setObserveType(CoAP.Type.CON);
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            enter(exchange).ifPresent(session -> session.get(exchange));
        }

        @Override
        public void removeObserveRelation(ObserveRelation relation) {
            super.removeObserveRelation(relation);
            Principal peer =
                    relation.getExchange().getRequest().getSourceContext().getPeerIdentity();
            unit(peer).map(sessions::get).ifPresent(session -> session.unobserved(relation.getExchange()));
        }
    }

    /** The session of the unit that asks, unless it may not; then it is answered. */
    private Optional<CoapSession> enter(CoapExchange exchange) {
        Principal peer = exchange.advanced().getRequest().getSourceContext().getPeerIdentity();
        Optional<Id16> unit = unit(peer);
        Optional<Refusal> refusal = unit.isEmpty() ? Optional.of(Refusal.CERTIFICATE) : shut(unit.get(), peer);
        if (refusal.isPresent()) {
            rooms.tally().count(refusal.get(), source(exchange), "");
            exchange.respond(ResponseCode.UNAUTHORIZED);
            return Optional.empty();
        }
        CoapSession known = sessions.get(unit.get());
        if (known == null && sessions.size() >= maxConnections) {
            rooms.tally().count(Refusal.TOO_MANY_CONNECTIONS, "door", "the limit is " + maxConnections);
            exchange.respondOverload(Limits.COME_BACK_S);
            return Optional.empty();
        }
        return Optional.of(sessions.computeIfAbsent(unit.get(), id -> new CoapSession(this, id, threads)));
    }

    /** Why this unit may not be heard now: by its certificate, then by what the log says of it. */
    private Optional<Refusal> shut(Id16 unit, Principal peer) {
        if (certificate(peer)
                .filter(each -> each.getNotAfter().toInstant().toEpochMilli() >= rooms.nowMs())
                .isEmpty()) {
            return Optional.of(Refusal.CERTIFICATE_EXPIRED);
        }
        Optional<UnitRecord> registered = rooms.verification().registered(unit);
        if (registered.isEmpty()) {
            return Optional.of(Refusal.NOT_REGISTERED);
        }
        return rooms.isAllowed(unit) ? Optional.empty() : Optional.of(Refusal.SHUT_OUT);
    }

    private static Optional<X509Certificate> certificate(Principal peer) {
        return peer instanceof X509CertPath path ? Optional.of(path.getTarget()) : Optional.empty();
    }

    private static Optional<Id16> unit(Principal peer) {
        return certificate(peer)
                .flatMap(Certificates::commonName)
                .filter(name -> UNIT.matcher(name).matches())
                .map(Id16::parse);
    }

    private static String source(CoapExchange exchange) {
        return exchange.getSourceAddress().getHostAddress();
    }

    /** Sends a signed message to a unit that observes; false when it is not known here. */
    boolean down(Id16 unit, byte[] signed) {
        CoapSession session = sessions.get(unit);
        if (session != null) {
            session.down(signed);
        }
        return session != null;
    }

    private void sweep() {
        long now = System.nanoTime();
        sessions.values().removeIf(session -> session.isIdle(now));
    }

    private final class Handshakes implements SessionListener {
        @Override
        public void handshakeStarted(Handshaker handshaker) {
            // Counted when it is over.
        }

        @Override
        public void contextEstablished(Handshaker handshaker, DTLSContext established) {
            // As above.
        }

        @Override
        public void handshakeCompleted(Handshaker handshaker) {
            handshakes.increment();
        }

        @Override
        public void handshakeFailed(Handshaker handshaker, Throwable error) {
            rooms.tally()
                    .count(
                            DtlsTrust.refusal(error),
                            handshaker.getPeerAddress().getAddress().getHostAddress(),
                            String.valueOf(error.getMessage()));
        }

        @Override
        public void handshakeFlightRetransmitted(Handshaker handshaker, int flight) {
            // The network's business.
        }
    }

    Rooms rooms() {
        return rooms;
    }

    /** Where it listens, with the port that was given for 0. */
    public InetSocketAddress address() {
        return connector.getAddress();
    }

    /** Handshakes that were completed, full ones and resumptions. */
    public long handshakes() {
        return handshakes.sum();
    }

    /** Listens no more. What has not been answered is not answered; the units send it again. */
    @Override
    public void close() {
        ordered.close();
        endpoint.destroy();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.warn("the CoAP door did not close within {} s", CLOSE_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
