package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.Topics;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnAckMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttVersion;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/** Each unit on a connection of its own to the hub's door, as in the field. At most {@value #WINDOW} messages of a unit wait for their PUBACK. */
final class DoorLink implements Link {
    static final int WINDOW = 8;
    private static final int MAX_PACKET = 16 * 1024;
    private static final int CONNECTING = 128;
    private static final int CONNECT_MS = 20_000;

    /** Speaks TLS as a unit. */
    interface Tls {
        SSLEngine engine(int unit);
    }

    private static final class Connection {
        final Channel channel;
        final AtomicInteger onTheWay = new AtomicInteger();
        int packetId;

        Connection(Channel channel) {
            this.channel = channel;
        }
    }

    private final Fleet fleet;
    private final Hears hears;
    private final Bootstrap bootstrap;
    private final @Nullable Tls tls;
    private final AtomicReferenceArray<@Nullable Connection> connections;
    private final Semaphore connecting = new Semaphore(CONNECTING);
    private final AtomicInteger ready = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();

    DoorLink(InetSocketAddress door, EventLoopGroup loops, Fleet fleet, @Nullable Tls tls, Hears hears) {
        this.fleet = fleet;
        this.hears = hears;
        this.tls = tls;
        this.connections = new AtomicReferenceArray<>(fleet.size());
        this.bootstrap = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
                .remoteAddress(door);
    }

    /** Begins to connect a unit, waiting while many others do. It is retried until it stands. */
    void connect(int unit) throws InterruptedException {
        connecting.acquire();
        dial(unit);
    }

    private void dial(int unit) {
        bootstrap
                .clone()
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (tls != null) {
                            channel.pipeline().addLast(new SslHandler(tls.engine(unit)));
                        }
                        channel.pipeline()
                                .addLast(new MqttDecoder(MAX_PACKET))
                                .addLast(MqttEncoder.INSTANCE)
                                .addLast(new Speaking(unit));
                    }
                })
                .connect()
                .addListener(done -> {
                    if (!done.isSuccess()) {
                        failures.incrementAndGet();
                        var unused = bootstrap.config().group().next().schedule(() -> dial(unit), 1, TimeUnit.SECONDS);
                    }
                });
    }

    /** Connected and subscribed. */
    int ready() {
        return ready.get();
    }

    /** Attempts that led to nothing. */
    int failures() {
        return failures.get();
    }

    /** Cuts all, as when a base station goes down; they come again by {@link #connect}. */
    void cutAll() {
        for (int i = 0; i < connections.length(); i++) {
            Connection connection = connections.get(i);
            if (connection != null) {
                var unused = connection.channel.close();
            }
        }
    }

    @Override
    public boolean hasRoom(int unit, Lane lane) {
        Connection connection = connections.get(unit);
        return connection != null && connection.onTheWay.get() < WINDOW;
    }

    @Override
    public void send(int unit, Lane lane, byte[] signed) {
        Connection to = connections.get(unit);
        if (to == null) {
            hears.lost(unit);
            return;
        }
        to.onTheWay.incrementAndGet();
        to.channel.eventLoop().execute(() -> {
            to.packetId = MqttOut.next(to.packetId);
            var unused =
                    to.channel.writeAndFlush(MqttOut.publish(Topics.up(fleet.id(unit), lane), to.packetId, signed));
        });
    }

    @Override
    public String words() {
        return "each unit on its own connection to the door, " + (tls == null ? "plaintext" : "mutual TLS");
    }

    private final class Speaking extends SimpleChannelInboundHandler<MqttMessage> {
        private final int unit;
        private boolean subscribed;

        Speaking(int unit) {
            this.unit = unit;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            var unused = ctx.writeAndFlush(MqttMessageBuilders.connect()
                    .protocolVersion(MqttVersion.MQTT_3_1_1)
                    .clientId(fleet.id(unit).hex())
                    .cleanSession(true)
                    .keepAlive(0)
                    .build());
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNACK -> accepted(ctx, (MqttConnAckMessage) message);
                case SUBACK -> {
                    subscribed = true;
                    connections.set(unit, new Connection(ctx.channel()));
                    ready.incrementAndGet();
                    connecting.release();
                    hears.answered(unit);
                }
                case PUBACK -> {
                    Connection connection = connections.get(unit);
                    if (connection != null) {
                        connection.onTheWay.decrementAndGet();
                    }
                    hears.answered(unit);
                }
                case PUBLISH -> hears.told(unit, ByteBufUtil.getBytes(((MqttPublishMessage) message).payload()));
                default -> {
                    var unused = ctx.close();
                }
            }
        }

        private void accepted(ChannelHandlerContext ctx, MqttConnAckMessage message) {
            if (message.variableHeader().connectReturnCode() != MqttConnectReturnCode.CONNECTION_ACCEPTED) {
                var unused = ctx.close();
                return;
            }
            var unused = ctx.writeAndFlush(MqttMessageBuilders.subscribe()
                    .messageId(1)
                    .addSubscription(MqttQoS.AT_LEAST_ONCE, Topics.down(fleet.id(unit)))
                    .build());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (subscribed) {
                connections.set(unit, null);
                ready.decrementAndGet();
                hears.lost(unit);
            } else {
                failures.incrementAndGet();
                var unused = ctx.channel().eventLoop().schedule(() -> dial(unit), 1, TimeUnit.SECONDS);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            var unused = ctx.close();
        }
    }

    @Override
    public void close() {
        cutAll();
    }
}
