package ansim.hub.load;

import ansim.wire.Lane;
import ansim.wire.Topics;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Plays the city's broker to which the hub subscribes, with all units connected to it: no connection for each, and none of a broker's own work. Of
 * MQTT only what the hub's two connections use. Never more on the way than each allows (Receive Maximum).
 */
final class PlayedBroker implements Link {
    private static final int MAX_PACKET = 16 * 1024;
    /** As a broker that is busy writes: what is there together, in one go. */
    private static final int MAX_UNFLUSHED = 64;

    private static final int DEFAULT_RECEIVE = 65_535;
    private static final int RECEIVE_MAXIMUM = MqttProperties.RECEIVE_MAXIMUM;

    /** One connection of the hub. */
    private static final class Subscriber {
        final Channel channel;
        final int window;
        final AtomicInteger onTheWay = new AtomicInteger();
        int packetId;

        Subscriber(Channel channel, int window) {
            this.channel = channel;
            this.window = window;
        }
    }

    private final Fleet fleet;
    private final Map<String, Integer> units;
    private final Hears hears;
    private final Channel listening;
    private final @Nullable Subscriber[] byLane = new Subscriber[Lane.values().length];
    private final CountDownLatch subscribed = new CountDownLatch(Lane.values().length);

    /** @param units numbers by the id in topics */
    PlayedBroker(InetSocketAddress address, EventLoopGroup loops, Fleet fleet, Map<String, Integer> units, Hears hears)
            throws IOException {
        this.fleet = fleet;
        this.units = units;
        this.hears = hears;
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new FlushConsolidationHandler(MAX_UNFLUSHED, true))
                                .addLast(new MqttDecoder(MAX_PACKET))
                                .addLast(MqttEncoder.INSTANCE)
                                .addLast(new Speaking());
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("cannot listen on " + address, binding.cause());
        }
        listening = binding.channel();
    }

    /** Until the hub has subscribed to every lane. */
    boolean awaitHub(long seconds) throws InterruptedException {
        return subscribed.await(seconds, TimeUnit.SECONDS);
    }

    private synchronized @Nullable Subscriber of(Lane lane) {
        return byLane[lane.number() - 1];
    }

    @Override
    public boolean hasRoom(int unit, Lane lane) {
        Subscriber to = of(lane);
        return to != null && to.onTheWay.get() < to.window && to.channel.isWritable();
    }

    @Override
    public void send(int unit, Lane lane, byte[] signed) {
        Subscriber to = of(lane);
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
        return "through the broker path (the generator plays the city's broker, no connection per unit)";
    }

    private final class Speaking extends SimpleChannelInboundHandler<MqttMessage> {
        private int window = DEFAULT_RECEIVE;
        private @Nullable Subscriber self;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNECT -> connect(ctx, (MqttConnectMessage) message);
                case SUBSCRIBE -> subscribe(ctx, (MqttSubscribeMessage) message);
                case PUBACK -> {
                    if (self != null) {
                        self.onTheWay.decrementAndGet();
                        hears.answered(-1);
                    }
                }
                case PUBLISH -> receive((MqttPublishMessage) message);
                case PINGREQ -> {
                    var unused = ctx.writeAndFlush(MqttOut.PING_RESPONSE);
                }
                default -> {
                    var unused = ctx.close();
                }
            }
        }

        private void connect(ChannelHandlerContext ctx, MqttConnectMessage message) {
            Optional.ofNullable(message.variableHeader().properties().getProperty(RECEIVE_MAXIMUM))
                    .ifPresent(each -> window = (Integer) each.value());
            var unused = ctx.writeAndFlush(MqttMessageBuilders.connAck()
                    .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                    .build());
        }

        private void subscribe(ChannelHandlerContext ctx, MqttSubscribeMessage message) {
            Subscriber made = new Subscriber(ctx.channel(), window);
            self = made;
            var answer = MqttMessageBuilders.subAck()
                    .packetId(message.variableHeader().messageId());
            message.payload().topicSubscriptions().forEach(each -> answer.addGrantedQos(MqttQoS.AT_LEAST_ONCE));
            var unused = ctx.writeAndFlush(answer.build());
            message.payload().topicSubscriptions().forEach(each -> {
                String filter = each.topicFilter();
                Lane lane = Lane.of(filter.charAt(filter.length() - 1) - '0').orElseThrow();
                synchronized (PlayedBroker.this) {
                    byLane[lane.number() - 1] = made;
                }
                subscribed.countDown();
            });
        }

        private void receive(MqttPublishMessage message) {
            String topic = message.variableHeader().topicName();
            Integer unit = units.get(topic.substring(topic.lastIndexOf('/') + 1));
            if (unit != null) {
                hears.told(unit, ByteBufUtil.getBytes(message.payload()));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            hears.lost(-1);
        }
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
    }
}
