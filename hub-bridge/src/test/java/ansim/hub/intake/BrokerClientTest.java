package ansim.hub.intake;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttProperties;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttReasonCodeAndPropertiesVariableHeader;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client does with a broker that is not as it should be; with a real one it is tested in {@link CityBrokerTest}. */
@Timeout(60)
final class BrokerClientTest {
    private static final int WAIT_S = 30;
    private static final int MAX_PACKET = 1024 * 1024;

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Heard heard = new Heard();
    private final List<BrokerClient> clients = new ArrayList<>();

    @AfterEach
    void end() {
        clients.forEach(BrokerClient::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static final class Heard implements BrokerClient.Owner {
        final BlockingQueue<BrokerClient.Published> published = new LinkedBlockingQueue<>();
        final CompletableFuture<String> end = new CompletableFuture<>();
        final List<String> ends = new ArrayList<>();

        @Override
        public void heard(BrokerClient.Published each) {
            published.add(each);
        }

        @Override
        public void ended(String why) {
            ends.add(why);
            end.complete(why);
        }
    }

    /** A broker that does what a test says. */
    class Broker {
        private final Channel listening;
        private volatile @Nullable Channel client;
        final BlockingQueue<MqttMessage> got = new LinkedBlockingQueue<>();

        Broker() {
            listening = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            client = channel;
                            channel.pipeline()
                                    .addLast(new MqttDecoder(MAX_PACKET))
                                    .addLast(MqttEncoder.INSTANCE)
                                    .addLast(new SimpleChannelInboundHandler<MqttMessage>(false) {
                                        @Override
                                        protected void channelRead0(ChannelHandlerContext ctx, MqttMessage message) {
                                            take(message);
                                            got.add(message);
                                        }

                                        @Override
                                        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                                            // The client may go with something unread.
                                            hangUp();
                                        }
                                    });
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
        }

        void say(MqttMessage message) {
            var unused = Objects.requireNonNull(client).writeAndFlush(message);
        }

        void hangUp() {
            var unused = Objects.requireNonNull(client).close();
        }

        CityBroker.Site site() {
            return new CityBroker.Site(
                    "tcp://127.0.0.1:" + ((InetSocketAddress) listening.localAddress()).getPort(), name -> {
                        throw new AssertionError("nobody is asked for a plaintext one");
                    });
        }

        private void take(MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNECT -> connect();
                case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
                case PUBLISH -> publish((MqttPublishMessage) message);
                case PINGREQ -> ping();
                default -> {
                    // A test looks into what came.
                }
            }
        }

        void connect() {
            say(MqttMessageBuilders.connAck()
                    .returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED)
                    .properties(properties -> limits(properties))
                    .build());
        }

        void limits(MqttMessageBuilders.ConnAckPropertiesBuilder properties) {
            properties.maximumQos((byte) 1);
        }

        void subscribe(MqttSubscribeMessage message) {
            var answer = MqttMessageBuilders.subAck()
                    .packetId(message.variableHeader().messageId());
            message.payload().topicSubscriptions().forEach(each -> answer.addGrantedQos(granted()));
            say(answer.build());
            subscribed();
        }

        MqttQoS granted() {
            return MqttQoS.AT_LEAST_ONCE;
        }

        void subscribed() {
            // Nothing by itself.
        }

        void publish(MqttPublishMessage message) {
            // Takes nothing by itself.
        }

        void ping() {
            say(Packets.PING_RESPONSE);
        }

        /** The next of this kind. */
        MqttMessage next(MqttMessageType type) throws InterruptedException {
            MqttMessage each;
            do {
                each = got.poll(WAIT_S, TimeUnit.SECONDS);
            } while (each != null && each.fixedHeader().messageType() != type);
            if (each == null) {
                throw new AssertionError("no " + type + " came");
            }
            return each;
        }
    }

    private static MqttPublishMessage message(int packetId, int bytes) {
        return MqttMessageBuilders.publish()
                .topicName("ansim/1/u/a/3")
                .qos(MqttQoS.AT_LEAST_ONCE)
                .messageId(packetId)
                .payload(Unpooled.wrappedBuffer(new byte[bytes]))
                .build();
    }

    private static MqttMessage disconnect(int code) {
        return new MqttMessage(
                new MqttFixedHeader(MqttMessageType.DISCONNECT, false, MqttQoS.AT_MOST_ONCE, false, 0),
                new MqttReasonCodeAndPropertiesVariableHeader((byte) code, MqttProperties.NO_PROPERTIES));
    }

    private BrokerClient connected(Broker broker) throws Exception {
        BrokerClient client = BrokerClient.connect(broker.site(), "test", "ansim-test");
        clients.add(client);
        return client;
    }

    private BrokerClient subscribed(Broker broker) throws Exception {
        BrokerClient client = connected(broker);
        client.subscribe(List.of("ansim/1/u/+/3"), heard);
        return client;
    }

    private void subscribe(Broker broker) throws Exception {
        var unused = subscribed(broker);
    }

    private String ending() throws Exception {
        return heard.end.get(WAIT_S, TimeUnit.SECONDS);
    }

    @Test
    void whatItSaysOfItselfAndSubscribesTo() throws Exception {
        Broker broker = new Broker();
        BrokerClient client = subscribed(broker);
        MqttConnectMessage connect = (MqttConnectMessage) broker.next(MqttMessageType.CONNECT);
        assertTrue(connect.variableHeader().isCleanSession());
        assertEquals(5, connect.variableHeader().version());
        assertEquals(30, connect.variableHeader().keepAliveTimeSeconds());
        MqttProperties properties = connect.variableHeader().properties();
        assertEquals(
                Limits.BROKER_IN_FLIGHT,
                properties.getProperty(MqttProperties.RECEIVE_MAXIMUM).value());
        assertEquals(
                Limits.PACKET_BYTES,
                properties.getProperty(MqttProperties.MAXIMUM_PACKET_SIZE).value());
        MqttSubscribeMessage subscribe = (MqttSubscribeMessage) broker.next(MqttMessageType.SUBSCRIBE);
        var option = subscribe.payload().topicSubscriptions().get(0).option();
        assertEquals(MqttQoS.AT_LEAST_ONCE, option.qos());
        assertTrue(option.isRetainAsPublished());
        client.close();
        assertEquals("closed by the hub", ending());
        var unused = broker.next(MqttMessageType.DISCONNECT);
    }

    @Test
    void aMessageIsAcknowledgedWhenItsOwnerSaysSo() throws Exception {
        Broker broker = new Broker() {
            @Override
            void subscribed() {
                say(message(7, 100));
                say(message(8, 200));
            }
        };
        BrokerClient client = subscribed(broker);
        BrokerClient.Published first = heard.published.poll(WAIT_S, TimeUnit.SECONDS);
        BrokerClient.Published second = heard.published.poll(WAIT_S, TimeUnit.SECONDS);
        assertEquals(7, first.packetId());
        assertEquals("ansim/1/u/a/3", first.topic());
        assertArrayEquals(new byte[200], second.payload());
        assertTrue(broker.got.stream().noneMatch(each -> each.fixedHeader().messageType() == MqttMessageType.PUBACK));
        client.loop().execute(() -> {
            client.acknowledge(7);
            client.flush();
        });
        MqttMessage puback = broker.next(MqttMessageType.PUBACK);
        assertEquals(7, ((MqttMessageIdVariableHeader) puback.variableHeader()).messageId());
    }

    @Test
    void aBrokerThatRefusesIsToldByItsReason() {
        Broker broker = new Broker() {
            @Override
            void connect() {
                say(MqttMessageBuilders.connAck()
                        .returnCode(MqttConnectReturnCode.CONNECTION_REFUSED_NOT_AUTHORIZED_5)
                        .build());
            }
        };
        IOException refused = assertThrows(IOException.class, () -> connected(broker));
        assertTrue(
                refused.toString().contains("NOT_AUTHORIZED")
                        && refused.toString().contains("0x87"),
                refused.toString());
    }

    @Test
    void aBrokerThatGrantsLessIsNotTaken() throws Exception {
        Broker broker = new Broker() {
            @Override
            MqttQoS granted() {
                return MqttQoS.AT_MOST_ONCE;
            }
        };
        BrokerClient client = connected(broker);
        IOException less = assertThrows(IOException.class, () -> client.subscribe(List.of("a", "b"), heard));
        assertTrue(less.toString().contains("QoS 1"), less.toString());
    }

    @Test
    void aBrokerThatHangsUpWhileItIsAskedEndsTheWait() {
        Broker broker = new Broker() {
            @Override
            void connect() {
                hangUp();
            }
        };
        IOException closed = assertThrows(IOException.class, () -> connected(broker));
        assertTrue(closed.toString().contains("the broker has closed it"), closed.toString());
    }

    /** The broker wishes a keep alive of a second. */
    @Test
    void aBrokerThatSaysNothingThoughItIsAskedIsGivenUp() throws Exception {
        Broker broker = new Broker() {
            @Override
            void limits(MqttMessageBuilders.ConnAckPropertiesBuilder properties) {
                properties.serverKeepAlive(1);
            }

            @Override
            void ping() {
                // Dead, with an open connection.
            }
        };
        subscribe(broker);
        assertEquals("the broker says nothing any more", ending());
        var unused = broker.next(MqttMessageType.PINGREQ);
        assertEquals(1, heard.ends.size());
    }

    @Test
    void aBrokerThatAnswersPingsIsKept() throws Exception {
        Broker broker = new Broker() {
            @Override
            void limits(MqttMessageBuilders.ConnAckPropertiesBuilder properties) {
                properties.serverKeepAlive(1);
            }
        };
        subscribe(broker);
        for (int i = 0; i < 4; i++) {
            var unused = broker.next(MqttMessageType.PINGREQ);
        }
        assertTrue(!heard.end.isDone());
    }

    @Test
    void theReasonOfADisconnectIsTold() throws Exception {
        Broker broker = new Broker() {
            @Override
            void subscribed() {
                say(disconnect(0x8e));
            }
        };
        subscribe(broker);
        assertTrue(ending().contains("0x8e"), ending());
    }

    @Test
    void aPacketThatIsTooLongEndsIt() throws Exception {
        Broker broker = new Broker() {
            @Override
            void subscribed() {
                say(message(1, Limits.PACKET_BYTES + 1));
            }
        };
        subscribe(broker);
        assertTrue(ending().startsWith("what the broker sends cannot be read"), ending());
        assertEquals(0, heard.published.size());
    }

    @Test
    void anOrderIsToldOnceWhetherTheBrokerHasIt() throws Exception {
        Broker broker = new Broker() {
            private int count;

            @Override
            void limits(MqttMessageBuilders.ConnAckPropertiesBuilder properties) {
                properties.receiveMaximum(3);
            }

            /** The first is taken, the second refused (quota exceeded), the third and fourth not answered. */
            @Override
            void publish(MqttPublishMessage message) {
                count++;
                if (count <= 2) {
                    say(MqttMessageBuilders.pubAck()
                            .packetId(message.variableHeader().packetId())
                            .reasonCode(count == 1 ? 0 : (byte) 0x97)
                            .build());
                }
            }
        };
        BrokerClient client = subscribed(broker);
        assertTrue(taken(client).get(WAIT_S, TimeUnit.SECONDS));
        assertEquals(false, taken(client).get(WAIT_S, TimeUnit.SECONDS));
        CompletableFuture<Boolean> third = taken(client);
        CompletableFuture<Boolean> fourth = taken(client);
        CompletableFuture<Boolean> fifth = taken(client);
        CompletableFuture<Boolean> sixth = taken(client);
        assertEquals(false, sixth.get(WAIT_S, TimeUnit.SECONDS), "more than the broker's Receive Maximum");
        assertTrue(!third.isDone() && !fourth.isDone() && !fifth.isDone());
        client.close();
        assertEquals(false, third.get(WAIT_S, TimeUnit.SECONDS));
        assertEquals(false, fourth.get(WAIT_S, TimeUnit.SECONDS));
        assertEquals(false, fifth.get(WAIT_S, TimeUnit.SECONDS));
        assertEquals(false, taken(client).get(WAIT_S, TimeUnit.SECONDS), "after the end");
    }

    private static CompletableFuture<Boolean> taken(BrokerClient client) {
        CompletableFuture<Boolean> told = new CompletableFuture<>();
        client.publishAcknowledged("ansim/1/u/a/d", new byte[10], has -> assertTrue(told.complete(has), "told twice"));
        return told;
    }
}
