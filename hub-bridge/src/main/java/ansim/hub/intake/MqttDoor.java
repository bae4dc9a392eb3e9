package ansim.hub.intake;

import ansim.wire.Id16;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.tinylog.Logger;

/**
 * The MQTT door: 3.1.1 and 5, and only what a unit needs. Not a broker: nothing is kept for anybody, sessions are always clean, and a
 * PUBACK never means stored.
 *
 * <p>With TLS a unit can only be who its certificate says, and is closed within a second when it is revoked or its certificate ends.
 * Epoll where it loads, NIO elsewhere. One connection per unit: a newer one closes the older.
 */
public final class MqttDoor implements AutoCloseable {
    private static final int RECEIVE_BYTES = 8 * 1024;
    private static final int BACKLOG = 1024;
    private static final int MAX_THREADS = 4;
    private static final int CLOSE_S = 5;
    private static final int HANDSHAKE_THREADS = 2;

    /** Where it listens, how many it takes, and how it speaks. */
    record Site(InetSocketAddress address, int maxConnections, Optional<DoorTls> tls) {}

    private final Rooms rooms;
    private final int maxConnections;
    private final Optional<DoorTls> tls;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger handshakes = new AtomicInteger();
    /** Bounded by {@link Limits#HANDSHAKES}: each has one piece of arithmetic at a time. */
    private final ExecutorService arithmetic =
            Executors.newFixedThreadPool(HANDSHAKE_THREADS, new DefaultThreadFactory("door-handshake", true));

    private final Map<Id16, MqttSession> sessions = new ConcurrentHashMap<>();
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final MultiThreadIoEventLoopGroup loops;
    private final Channel listening;
    private final OrderBook.Listener ordered;

    private MqttDoor(Site site, Rooms rooms) throws IOException {
        this.rooms = rooms;
        this.maxConnections = site.maxConnections();
        this.tls = site.tls();
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> type = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        int threads = Math.max(1, Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
        this.loops = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("door", true), io);
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                // One buffer per turn: what was read and not yet taken stays bounded when reading stops.
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new FixedRecvByteBufAllocator(RECEIVE_BYTES).maxMessagesPerRead(1))
                .childOption(
                        ChannelOption.WRITE_BUFFER_WATER_MARK,
                        new WriteBufferWaterMark(Limits.UNSENT_LOW_BYTES, Limits.UNSENT_HIGH_BYTES))
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        welcome(channel);
                    }
                })
                .bind(site.address())
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            shutDown();
            InetSocketAddress at = site.address();
            throw new IOException(
                    "cannot listen on " + at.getHostString() + ":" + at.getPort() + " (door.listen)", binding.cause());
        }
        this.listening = binding.channel();
        this.ordered = rooms.orders().listen(unit -> {
            MqttSession session = sessions.get(unit);
            if (session != null) {
                session.ordersChanged();
            }
        });
        long everyMs = Limits.STILL_ALLOWED_EVERY.toMillis();
        var unused = loops.next()
                .scheduleWithFixedDelay(
                        () -> sessions.values().forEach(MqttSession::checkAllowed),
                        everyMs,
                        everyMs,
                        TimeUnit.MILLISECONDS);
    }

    /** Listens from now on. */
    static MqttDoor open(Site site, Rooms rooms) throws IOException {
        return new MqttDoor(site, rooms);
    }

    /** Whether units show certificates. */
    boolean isEncrypted() {
        return tls.isPresent();
    }

    /** Where it listens, with the port that was given for 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    /** How it waits for bytes. */
    static String transport() {
        return Epoll.isAvailable() ? "epoll" : "NIO";
    }

    private void welcome(SocketChannel channel) {
        channel.closeFuture().addListener(closed -> connections.decrementAndGet());
        if (connections.incrementAndGet() > maxConnections) {
            rooms.tally().count(Refusal.TOO_MANY_CONNECTIONS, "door", "the limit is " + maxConnections);
            var unused = channel.close();
            return;
        }
        channels.add(channel);
        if (tls.isPresent() && !encrypt(channel, tls.get())) {
            return;
        }
        channel.pipeline()
                // The second limit is for client ids of MQTT 3.1, which is to be told that it is the version.
                .addLast(new MqttDecoder(Limits.PACKET_BYTES, Limits.PACKET_BYTES))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new FlowControlHandler())
                .addLast(new MqttSession(this, channel));
    }

    private boolean encrypt(SocketChannel channel, DoorTls with) {
        SslHandler handler;
        try {
            if (handshakes.incrementAndGet() > Limits.HANDSHAKES) {
                rooms.tally().count(Refusal.TOO_MANY_HANDSHAKES, "door", "the limit is " + Limits.HANDSHAKES);
                handshakes.decrementAndGet();
                var unused = channel.close();
                return false;
            }
            handler = with.handler(channel, arithmetic);
        } catch (SSLException | RuntimeException e) {
            Logger.error(e, "no TLS can be spoken");
            rooms.tally().count(Refusal.DEFECT);
            handshakes.decrementAndGet();
            var unused = channel.close();
            return false;
        }
        handler.handshakeFuture().addListener(done -> handshakes.decrementAndGet());
        channel.pipeline().addLast(handler);
        return true;
    }

    Rooms rooms() {
        return rooms;
    }

    /** One for each unit that is connected now. */
    Collection<MqttSession> sessions() {
        return List.copyOf(sessions.values());
    }

    int connections() {
        return connections.get();
    }

    void entered(MqttSession session) {
        MqttSession older = sessions.put(session.unit(), session);
        if (older != null) {
            older.takenOver();
        }
    }

    void left(MqttSession session) {
        sessions.remove(session.unit(), session);
    }

    /** Listens no more and closes every connection. What has not been answered is not answered; the units send it again. */
    @Override
    public void close() {
        ordered.close();
        listening.close().awaitUninterruptibly(TimeUnit.SECONDS.toMillis(CLOSE_S));
        if (!channels.close().awaitUninterruptibly(TimeUnit.SECONDS.toMillis(CLOSE_S))) {
            Logger.warn("some connections did not close within {} s", CLOSE_S);
        }
        shutDown();
    }

    private void shutDown() {
        arithmetic.shutdown();
        loops.shutdownGracefully(0, CLOSE_S, TimeUnit.SECONDS).awaitUninterruptibly(TimeUnit.SECONDS.toMillis(CLOSE_S));
    }
}
