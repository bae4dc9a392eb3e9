package ansim.hub.intake;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPubReplyMessageVariableHeader;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubAckMessage;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * One connection to a broker as an MQTT 5 client, from its CONNECT to its end; never used again. Its session is clean, and it acknowledges when
 * its owner says so: only what is needed to subscribe, to hear with QoS 1, and to publish.
 *
 * <p>Netty's codec and not the Paho client: that reads each packet byte by byte, twice, on locks (1.2.5, CountingInputStream), which was a
 * fifth of what the hub needs for a message that it hears.
 *
 * <p>Guarantee: the owner hears everything in its order on {@link #loop}, and of the end once, with a reason; every PUBLISH with QoS 1 is told once
 * whether the broker has taken it, at the latest at the end. A broker that says nothing for {@link Limits#BROKER_SILENCE} though it is asked, sends
 * more than Receive Maximum, longer packets than allowed, or what is no MQTT, ends it. Any thread may call.
 */
final class BrokerClient implements AutoCloseable {
    private static final int DEFAULT_RECEIVE = 65_535;
    private static final int LAST_PACKET_ID = 65_535;
    private static final int SUBSCRIBE_ID = 1;
    private static final int KEEP_ALIVE_S = Math.toIntExact(Limits.BROKER_SILENCE.toSeconds());
    private static final int CLOSE_MS = 1_000;
    /** What is there together is written in one go. */
    private static final int MAX_UNFLUSHED = 64;

    /** Who it is for, from the subscription on. On {@link #loop}. */
    interface Owner {
        /** Something was published. */
        void heard(Published published);

        /** It is over, and nothing else comes. */
        void ended(String why);
    }

    /**
     * As it came.
     *
     * @param packetId what {@link #acknowledge} is to name; nothing with QoS 0
     */
    record Published(String topic, MqttQoS qos, boolean retained, int packetId, byte[] payload) {}

    private final MultiThreadIoEventLoopGroup group;
    private final Channel channel;
    private final Promise<MqttConnAckMessage> connected;
    private final Promise<List<Integer>> subscribed;
    /** By packet id; on the loop. */
    private final Map<Integer, Consumer<Boolean>> unacknowledged = new HashMap<>();

    private int lastPacketId = SUBSCRIBE_ID;
    private int receiveMaximum = DEFAULT_RECEIVE;
    private boolean isConnected;
    private boolean isAsked;
    private @Nullable Owner owner;
    private @Nullable String end;

    private BrokerClient(MultiThreadIoEventLoopGroup group, Channel channel) {
        this.group = group;
        this.channel = channel;
        this.connected = channel.eventLoop().newPromise();
        this.subscribed = channel.eventLoop().newPromise();
    }

    /**
     * Connects, and waits until the broker has accepted it.
     *
     * @param name of its thread, and the name with which TLS is asked for
     * @throws IOException when a step takes longer than {@link Limits#BROKER_STEP} or fails, and why
     */
    static BrokerClient connect(CityBroker.Site site, String name, String clientId)
            throws IOException, InterruptedException {
        var io = Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        var group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory(name + "-mqtt", true), io);
        try {
            BrokerClient client = new BrokerClient(group, reach(site, name, group));
            client.introduce(clientId);
            return client;
        } catch (IOException | InterruptedException | RuntimeException e) {
            shutDown(group);
            throw e;
        }
    }

    /** A way on which nothing was said yet, but for the handshake of TLS. */
    private static Channel reach(CityBroker.Site site, String name, MultiThreadIoEventLoopGroup group)
            throws IOException, InterruptedException {
        URI url = URI.create(site.url());
        ChannelFuture opening = new Bootstrap()
                .group(group)
                .channel(Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(Limits.BROKER_STEP.toMillis()))
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel made) {
                        if (site.isEncrypted()) {
                            made.pipeline().addLast(tls(site, name, url));
                        }
                    }
                })
                .connect(url.getHost(), url.getPort());
        result(opening, "connecting");
        SslHandler tls = opening.channel().pipeline().get(SslHandler.class);
        if (tls != null) {
            result(tls.handshakeFuture(), "the TLS handshake");
        }
        return opening.channel();
    }

    /** The name in the certificate must be that of the URL (RFC 6125). */
    private static SslHandler tls(CityBroker.Site site, String name, URI url) {
        SSLEngine engine = site.tls().apply(name).createSSLEngine(url.getHost(), url.getPort());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return new SslHandler(engine);
    }

    private void introduce(String clientId) throws IOException, InterruptedException {
        channel.pipeline()
                .addLast(new FlushConsolidationHandler(MAX_UNFLUSHED, true))
                .addLast(new MqttDecoder(Limits.PACKET_BYTES))
                .addLast(MqttEncoder.INSTANCE)
                .addLast(new Hearing());
        channel.closeFuture().addListener(closed -> end("the broker has closed it"));
        write(Packets.connect(clientId, KEEP_ALIVE_S));
        MqttConnAckMessage answer = result(connected, "CONNECT");
        MqttConnectReturnCode code = answer.variableHeader().connectReturnCode();
        if (code != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
            throw new IOException("the broker refuses the connection: " + words(code.name(), code.byteValue()));
        }
        MqttProperties properties = answer.variableHeader().properties();
        int most = number(properties, MqttProperties.RECEIVE_MAXIMUM, DEFAULT_RECEIVE);
        int wishS = number(properties, MqttProperties.SERVER_KEEP_ALIVE, KEEP_ALIVE_S);
        // Twice in that time: what is not answered by the next one is not answered.
        long everyMs = TimeUnit.SECONDS.toMillis(wishS > 0 ? Math.min(wishS, KEEP_ALIVE_S) : KEEP_ALIVE_S) / 2;
        execute(() -> {
            receiveMaximum = most;
            isConnected = true;
            var unused =
                    channel.eventLoop().scheduleWithFixedDelay(this::ping, everyMs, everyMs, TimeUnit.MILLISECONDS);
        });
    }

    private static int number(MqttProperties properties, int id, int otherwise) {
        return Optional.ofNullable(properties.getProperty(id))
                .map(each -> (Integer) each.value())
                .orElse(otherwise);
    }

    private static String words(String name, byte code) {
        return String.format("%s (0x%02x)", name, code);
    }

    private void ping() {
        if (isAsked) {
            end("the broker says nothing any more");
        } else if (channel.isActive()) {
            isAsked = true;
            write(Packets.PING_REQUEST);
        }
    }

    /**
     * Subscribes with QoS 1 and without what is retained, and waits until that is granted.
     *
     * @param hears is told of everything from now on, unless this throws
     */
    void subscribe(List<String> filters, Owner hears) throws IOException, InterruptedException {
        execute(() -> {
            owner = hears;
            write(Packets.subscribe(SUBSCRIBE_ID, filters));
        });
        for (int code : result(subscribed, "SUBSCRIBE")) {
            if (code != MqttQoS.AT_LEAST_ONCE.value()) {
                throw new IOException(
                        "the broker does not grant QoS 1 for all of " + filters + String.format(" (0x%02x)", code));
            }
        }
    }

    /** Waits for as long as one step may take; the end of the connection ends the wait, too. */
    private static <T> T result(Future<T> step, String what) throws IOException, InterruptedException {
        if (!step.await(Limits.BROKER_STEP.toMillis())) {
            throw new IOException(what + ": no answer within " + Limits.BROKER_STEP.toSeconds() + " s");
        }
        if (!step.isSuccess()) {
            throw new IOException(what + ": " + step.cause().getMessage(), step.cause());
        }
        return step.getNow();
    }

    /** Where the owner is called, one thing after the other. */
    EventLoop loop() {
        return channel.eventLoop();
    }

    /** On the loop. */
    void acknowledge(int packetId) {
        var unused = channel.write(Packets.published(packetId, (byte) 0));
    }

    /** On the loop: what was acknowledged goes now. */
    void flush() {
        channel.flush();
    }

    /**
     * Publishes with QoS 0.
     *
     * @param written told once whether it went out, on the loop
     */
    void publish(String topic, byte[] payload, Consumer<Boolean> written) {
        boolean queued = execute(() -> {
            ChannelFuture writing = channel.writeAndFlush(Packets.publish(topic, payload, Packets.NO_PACKET_ID));
            writing.addListener(done -> written.accept(done.isSuccess()));
        });
        if (!queued) {
            written.accept(false);
        }
    }

    /**
     * Publishes with QoS 1; as many as the broker's Receive Maximum may be on the way, a further one is not taken.
     *
     * @param taken told once whether the broker has it, on the loop
     */
    void publishAcknowledged(String topic, byte[] payload, Consumer<Boolean> taken) {
        boolean queued = execute(() -> {
            if (end != null || unacknowledged.size() >= receiveMaximum) {
                taken.accept(false);
                return;
            }
            int id = nextPacketId();
            unacknowledged.put(id, taken);
            write(Packets.publish(topic, payload, id));
        });
        if (!queued) {
            taken.accept(false);
        }
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId % LAST_PACKET_ID + 1;
        } while (unacknowledged.containsKey(lastPacketId));
        return lastPacketId;
    }

    private void write(MqttMessage message) {
        var unused = channel.writeAndFlush(message);
    }

    private boolean execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            Logger.debug("the connection to the broker is closed: {}", e.toString());
            return false;
        }
    }

    /** Gives it up; only the first reason counts. On the loop. */
    void end(String why) {
        if (end != null) {
            return;
        }
        end = why;
        IOException over = new IOException(why);
        connected.tryFailure(over);
        subscribed.tryFailure(over);
        unacknowledged.values().forEach(taken -> taken.accept(false));
        unacknowledged.clear();
        var unused = channel.close();
        if (owner != null) {
            owner.ended(why);
        }
    }

    /** What the broker sends. */
    private final class Hearing extends SimpleChannelInboundHandler<MqttMessage> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
            if (end != null) {
                // Was read together with what ended it.
                return;
            }
            isAsked = false;
            if (!message.decoderResult().isSuccess()) {
                end("what the broker sends cannot be read: "
                        + message.decoderResult().cause().getMessage());
                return;
            }
            switch (message.fixedHeader().messageType()) {
                case PUBLISH -> publish((MqttPublishMessage) message);
                case PUBACK -> puback((MqttMessageIdVariableHeader) message.variableHeader());
                case CONNACK -> connected.trySuccess((MqttConnAckMessage) message);
                case SUBACK ->
                    subscribed.trySuccess(
                            ((MqttSubAckMessage) message).payload().reasonCodes());
                case PINGRESP -> Logger.trace("the broker is there");
                case DISCONNECT -> {
                    byte code = ((MqttReasonCodeAndPropertiesVariableHeader) message.variableHeader()).reasonCode();
                    end("the broker has ended it: " + words("DISCONNECT", code));
                }
                default -> end("the broker sends " + message.fixedHeader().messageType());
            }
        }

        private void publish(MqttPublishMessage message) {
            if (owner == null) {
                end("the broker sends what nobody has subscribed to");
                return;
            }
            owner.heard(new Published(
                    message.variableHeader().topicName(),
                    message.fixedHeader().qosLevel(),
                    message.fixedHeader().isRetain(),
                    message.variableHeader().packetId(),
                    ByteBufUtil.getBytes(message.payload())));
        }

        /** A refusal means not taken; both let the number go (MQTT 5 section 4.3.2). */
        private void puback(MqttMessageIdVariableHeader header) {
            Consumer<Boolean> taken = unacknowledged.remove(header.messageId());
            if (taken != null) {
                boolean refused = header instanceof MqttPubReplyMessageVariableHeader reply
                        && !Packets.isGranted(Byte.toUnsignedInt(reply.reasonCode()));
                taken.accept(!refused);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (!(cause instanceof IOException) && !(cause.getCause() instanceof IOException)) {
                Logger.error(cause, "a connection to the broker");
            }
            end(String.valueOf(cause.getMessage()));
        }
    }

    /** Says goodbye where that is possible. Not to be called on the loop. */
    @Override
    public void close() {
        execute(() -> {
            if (isConnected && end == null) {
                write(Packets.goodbye());
            }
            end("closed by the hub");
        });
        // A group that shuts down closes its channels before it does what waits.
        channel.closeFuture().awaitUninterruptibly(CLOSE_MS);
        shutDown(group);
    }

    private static void shutDown(MultiThreadIoEventLoopGroup group) {
        group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(CLOSE_MS);
    }
}
