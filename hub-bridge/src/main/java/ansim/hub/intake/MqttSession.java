package ansim.hub.intake;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import ansim.wire.Topics;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttIdentifierRejectedException;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import io.netty.handler.codec.mqtt.MqttSubscribeMessage;
import io.netty.handler.codec.mqtt.MqttUnacceptableProtocolVersionException;
import io.netty.handler.codec.mqtt.MqttUnsubscribeMessage;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * One connection of one unit: what it may say, and what it is told.
 *
 * <p>PUBACKs go out in the order of the PUBLISHes (MQTT 3.1.1 and 5, section 4.6), each once the committer or the verification has
 * answered. Everything here happens on the channel's event loop; {@link #answer}, {@link #receipt}, {@link #refused} and
 * {@link #takenOver} may be called by any thread, also when the channel has long been closed.
 */
final class MqttSession extends ChannelInboundHandlerAdapter implements Session {
    /** How long a refused client may take to read why before the connection is cut. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private enum State {
        NEW,
        OPEN,
        CLOSED
    }

    private final MqttDoor door;
    private final Channel channel;
    private final String address;
    private final InFlight inFlight = new InFlight();

    private final ReceiptsDue receiptsDue = new ReceiptsDue();

    /** A receipt after SUBSCRIBE has been asked for and not been given yet. */
    private final AtomicBoolean greeting = new AtomicBoolean();

    private State state = State.NEW;
    /** Written before the session is the door's. */
    private volatile Optional<DoorTls.Peer> peer = Optional.empty();

    private boolean mqtt5;
    private volatile String source;
    private volatile Id16 unit = new Id16(0, 0);
    private volatile boolean subscribed;
    private @Nullable MqttOrders orders;
    private long silenceNanos = Long.MAX_VALUE;
    private long lastPacketNanos;
    private long maxPacketBytes;
    private boolean will;
    private boolean saidGoodbye;
    private @Nullable Incoming waitingForRoom;
    private long stuckSinceNanos;

    MqttSession(MqttDoor door, Channel channel) {
        this.door = door;
        this.channel = channel;
        this.address = channel.remoteAddress() instanceof InetSocketAddress from
                ? from.getAddress().getHostAddress()
                : "unknown address";
        this.source = address;
    }

    /** The unit that the client says it is; all zero before CONNECT. */
    @Override
    public Id16 unit() {
        return unit;
    }

    @Override
    public ReceiptsDue receiptsDue() {
        return receiptsDue;
    }

    @Override
    public AtomicBoolean greeting() {
        return greeting;
    }

    @Override
    public boolean isSubscribed() {
        return subscribed && channel.isActive();
    }

    /** Whether its bytes are taken from the socket: not at a limit. Any thread. */
    boolean isRead() {
        return channel.config().isAutoRead();
    }

    /** PUBLISHes that were read and not answered. Any thread. */
    int inFlight() {
        return inFlight.size();
    }

    /** Who to blame: the unit, if it is one of ours; otherwise, since anybody can name any unit, the address. Any thread. */
    @Override
    public String source() {
        return source;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (!door.isEncrypted()) {
            awaitConnect();
        }
        ctx.fireChannelActive();
    }

    private void awaitConnect() {
        after(Limits.CONNECT, () -> {
            if (state == State.NEW) {
                refuse(Refusal.NO_CONNECT, "");
            }
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake) {
            if (handshake.isSuccess()) {
                SslHandler tls = channel.pipeline().get(SslHandler.class);
                peer = DoorTls.Peer.of(tls.engine().getSession());
                awaitConnect();
            } else if (state == State.NEW) {
                state = State.CLOSED;
                door.rooms()
                        .tally()
                        .count(
                                DoorTls.refusal(handshake.cause()),
                                address,
                                String.valueOf(handshake.cause().getMessage()));
            }
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object packet) {
        try {
            lastPacketNanos = now();
            if (state != State.CLOSED && packet instanceof MqttMessage message) {
                take(message);
            }
        } finally {
            ReferenceCountUtil.release(packet);
        }
    }

    private void take(MqttMessage message) {
        if (!message.decoderResult().isSuccess()) {
            undecodable(message.decoderResult().cause());
            return;
        }
        MqttMessageType type = message.fixedHeader().messageType();
        if (type == MqttMessageType.CONNECT) {
            connect((MqttConnectMessage) message);
        } else if (state == State.NEW) {
            refuse(Refusal.BEFORE_CONNECT, type.name());
        } else {
            takeOpen(type, message);
        }
    }

    private void takeOpen(MqttMessageType type, MqttMessage message) {
        switch (type) {
            case PUBLISH -> publish((MqttPublishMessage) message);
            case PUBACK -> acknowledged(message);
            case SUBSCRIBE -> subscribe((MqttSubscribeMessage) message);
            case UNSUBSCRIBE -> unsubscribe((MqttUnsubscribeMessage) message);
            case PINGREQ -> tell(Packets.PING_RESPONSE);
            case DISCONNECT -> {
                saidGoodbye = true;
                state = State.CLOSED;
                cut();
            }
            default -> refuse(Refusal.PACKET_TYPE, type.name());
        }
    }

    private void undecodable(Throwable cause) {
        if (state == State.NEW && cause instanceof MqttUnacceptableProtocolVersionException) {
            refuseConnect(false, Refusal.PROTOCOL_VERSION);
        } else if (state == State.NEW && cause instanceof MqttIdentifierRejectedException) {
            refuseConnect(false, Refusal.CLIENT_ID);
        } else {
            refuse(cause instanceof TooLongFrameException ? Refusal.PACKET_TOO_LONG : Refusal.NOT_MQTT, "");
        }
    }

    private void connect(MqttConnectMessage message) {
        if (state != State.NEW) {
            refuse(Refusal.SECOND_CONNECT, "");
            return;
        }
        Connect connect = Connect.read(message);
        if (connect.refusal().isPresent()) {
            refuseConnect(connect.mqtt5(), connect.refusal().get());
            return;
        }
        Optional<Refusal> shut = shut(connect.unit().orElseThrow());
        if (shut.isPresent()) {
            refuseConnect(connect.mqtt5(), shut.get());
            return;
        }
        mqtt5 = connect.mqtt5();
        unit = connect.unit().orElseThrow();
        orders = new MqttOrders(door, this, unit, connect.receiveMaximum());
        maxPacketBytes = connect.maxPacketBytes();
        will = connect.will();
        source = door.rooms().verification().isKnown(unit) ? "unit " + unit : address;
        state = State.OPEN;
        int keepAliveS = connect.keepAliveS();
        boolean ours = keepAliveS == 0 || (mqtt5 && keepAliveS > Limits.KEEP_ALIVE_S);
        silenceNanos = TimeUnit.SECONDS.toNanos(ours ? Limits.KEEP_ALIVE_S : keepAliveS) * 3 / 2;
        // Before the CONNACK: a client that has seen it and connects anew is the newer one.
        door.entered(this);
        tell(Packets.accepted(mqtt5, keepAliveS));
        watchSilence();
    }

    /** Why this unit may not be connected now: by its certificate, then by what the log says of it. */
    private Optional<Refusal> shut(Id16 named) {
        if (!door.isEncrypted()) {
            // Anybody can name any unit: only its messages say who it is.
            return Optional.empty();
        }
        if (peer.isEmpty() || peer.get().unit().isEmpty()) {
            return Optional.of(Refusal.CERTIFICATE);
        }
        if (!peer.get().unit().get().equals(named)) {
            return Optional.of(Refusal.OTHER_CERTIFICATE);
        }
        if (peer.get().untilMs() < door.rooms().nowMs()) {
            return Optional.of(Refusal.CERTIFICATE_EXPIRED);
        }
        Optional<UnitRecord> registered = door.rooms().verification().registered(named);
        if (registered.isEmpty()) {
            return Optional.of(Refusal.NOT_REGISTERED);
        }
        return registered.filter(each -> each.isShutOut(door.rooms().nowMs())).map(each -> Refusal.SHUT_OUT);
    }

    /** Closes a unit that may no longer be connected. Any thread. */
    void checkAllowed() {
        shut(unit)
                .ifPresent(refusal -> execute(() -> {
                    if (state == State.OPEN) {
                        refuse(refusal, "");
                    }
                }));
    }

    private void refuseConnect(boolean asMqtt5, Refusal refusal) {
        door.rooms().tally().count(refusal, address, "");
        tell(Packets.refused(asMqtt5, refusal));
        closeAfterLastWords();
    }

    private void watchSilence() {
        long leftNanos = lastPacketNanos + silenceNanos - now();
        if (leftNanos <= 0 && channel.config().isAutoRead()) {
            refuse(Refusal.SILENT, "");
            return;
        }
        // While we do not read, the silence is ours.
        after(Duration.ofNanos(leftNanos <= 0 ? silenceNanos : leftNanos), () -> {
            if (state == State.OPEN) {
                watchSilence();
            }
        });
    }

    private void publish(MqttPublishMessage message) {
        Optional<Refusal> refusal = Packets.refusal(message);
        if (refusal.isPresent()) {
            refuse(refusal.get(), "");
            return;
        }
        int packetId = message.variableHeader().packetId();
        Optional<Topics.Up> topic = Topics.parseUp(message.variableHeader().topicName())
                .filter(up -> up.unit().equals(unit));
        if (topic.isEmpty() && !mqtt5) {
            refuse(Refusal.TOPIC, "");
            return;
        }
        byte[] bytes = topic.isEmpty() ? new byte[0] : ByteBufUtil.getBytes(message.payload());
        Incoming incoming = new Incoming(
                this,
                packetId,
                topic.map(Topics.Up::lane).orElse(Lane.STATUS),
                bytes,
                door.rooms().nowMs());
        inFlight.add(incoming);
        if (topic.isEmpty()) {
            door.rooms().tally().count(Refusal.TOPIC, source(), "");
            incoming.answer(Refusal.TOPIC.mqtt5());
            acknowledge();
        } else {
            verify(incoming);
        }
        watchReading();
    }

    private void verify(Incoming incoming) {
        if (door.rooms().verification().offer(incoming)) {
            waitingForRoom = null;
            return;
        }
        waitingForRoom = incoming;
        after(Limits.TO_VERIFY_RETRY, () -> {
            if (waitingForRoom == incoming && channel.isActive()) {
                verify(incoming);
                watchReading();
            }
        });
    }

    private void subscribe(MqttSubscribeMessage message) {
        int filters = message.payload().topicSubscriptions().size();
        if (filters == 0 || filters > Limits.FILTERS) {
            refuse(Refusal.SUBSCRIPTION, filters + " filters");
            return;
        }
        List<Integer> codes = Packets.subscriptionCodes(mqtt5, unit, message);
        if (!codes.stream().allMatch(Packets::isGranted)) {
            door.rooms().tally().count(Refusal.SUBSCRIPTION, source(), "");
        }
        tell(Packets.subscribed(message.variableHeader().messageId(), codes));
        if (codes.stream().anyMatch(Packets::isGranted)) {
            subscribed = true;
            door.rooms().committer().greet(this);
            boolean acknowledges = codes.contains(MqttQoS.AT_LEAST_ONCE.value());
            orders().begin(acknowledges);
        }
    }

    private MqttOrders orders() {
        return Objects.requireNonNull(orders, "a unit has connected");
    }

    /** What the unit is ordered has changed. Any thread. */
    void ordersChanged() {
        execute(() -> {
            if (state == State.OPEN) {
                orders().look();
            }
        });
    }

    private void acknowledged(MqttMessage message) {
        int packetId = ((MqttMessageIdVariableHeader) message.variableHeader()).messageId();
        if (!orders().acknowledged(packetId)) {
            refuse(Refusal.PACKET_TYPE, "PUBACK of nothing");
        }
    }

    private void unsubscribe(MqttUnsubscribeMessage message) {
        List<String> filters = message.payload().topics();
        if (filters.isEmpty() || filters.size() > Limits.FILTERS) {
            refuse(Refusal.SUBSCRIPTION, filters.size() + " filters");
            return;
        }
        List<Short> codes = new ArrayList<>();
        for (String filter : filters) {
            boolean existed = subscribed && filter.equals(Topics.down(unit));
            codes.add(Packets.unsubscriptionCode(existed));
            subscribed &= !existed;
        }
        if (!subscribed) {
            orders().end();
        }
        tell(Packets.unsubscribed(message.variableHeader().messageId(), codes));
    }

    /** The PUBACKs of these may go. Any thread. */
    @Override
    public void answer(List<Incoming> messages) {
        execute(() -> {
            messages.forEach(each -> each.answer((byte) 0));
            acknowledge();
            watchReading();
        });
    }

    private void acknowledge() {
        List<Incoming> ready = inFlight.takeAnswered();
        if (state == State.OPEN && channel.isActive() && !ready.isEmpty()) {
            ready.forEach(each -> write(Packets.published(each.packetId, each.code())));
            channel.flush();
        }
    }

    /** Sends signed receipts. Any thread. */
    @Override
    public void receipt(List<Map<Lane, List<Receipted>>> receipts) {
        execute(() -> receipts.forEach(each -> send(door.rooms().signer().receipt(unit, each))));
    }

    /** Sends a signed refusal. Any thread. */
    @Override
    public void refused(Incoming incoming, Refused.Refusal refusal) {
        execute(() -> send(door.rooms().signer().refused(unit, incoming.lane, refusal)));
    }

    /** Whether something can be sent now. */
    boolean isReady() {
        return state == State.OPEN && isSubscribed() && channel.isWritable();
    }

    /** Whether it is not longer than what the client takes. */
    boolean fits(byte[] signed) {
        return signed.length + Topics.down(unit).length() + Packets.DOWN_OVERHEAD_BYTES <= maxPacketBytes;
    }

    private void send(byte[] signed) {
        if (isReady() && fits(signed)) {
            tell(Packets.down(unit, signed));
        } else {
            door.rooms().tally().count(Refusal.RECEIPT_NOT_SENT);
        }
    }

    /** A newer connection has come in as the same unit. Any thread. */
    void takenOver() {
        execute(() -> {
            if (state == State.OPEN) {
                refuse(Refusal.TAKEN_OVER, "");
            }
        });
    }

    private void watchReading() {
        boolean read = state == State.CLOSED || (!inFlight.isFull() && waitingForRoom == null && channel.isWritable());
        if (channel.config().isAutoRead() != read) {
            channel.config().setAutoRead(read);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        watchReading();
        if (channel.isWritable() && state == State.OPEN) {
            orders().look();
        }
        if (!channel.isWritable()) {
            long since = now();
            stuckSinceNanos = since;
            after(Limits.UNSENT, () -> {
                if (!channel.isWritable() && stuckSinceNanos == since && state != State.CLOSED) {
                    refuse(Refusal.NOT_READING, "");
                    cut();
                }
            });
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (unit.hi() != 0 || unit.lo() != 0) {
            door.left(this);
            if (will && !saidGoodbye) {
                Logger.debug("unit {} went without a goodbye", unit);
            }
        }
        state = State.CLOSED;
        subscribed = false;
        if (orders != null) {
            orders.end();
        }
        inFlight.clear();
        waitingForRoom = null;
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            Logger.debug("{}: {}", source(), cause.toString());
        } else {
            Logger.error(cause, "{}", source());
            door.rooms().tally().count(Refusal.DEFECT);
        }
        state = State.CLOSED;
        cut();
    }

    private void refuse(Refusal refusal, String detail) {
        door.rooms().tally().count(refusal, source(), detail);
        if (mqtt5 && state == State.OPEN) {
            tell(Packets.disconnect(refusal));
        }
        closeAfterLastWords();
    }

    /** Closing with unread bytes resets the connection, and the client would not learn why: read and forget for a moment. */
    private void closeAfterLastWords() {
        state = State.CLOSED;
        subscribed = false;
        if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            var unused = duplex.shutdownOutput();
            watchReading();
            after(LAST_WORDS, this::cut);
        } else {
            cut();
        }
    }

    /** Whether it arrives the client itself must find out. */
    void tell(MqttMessage message) {
        var unused = channel.writeAndFlush(message);
    }

    private void write(MqttMessage message) {
        var unused = channel.write(message);
    }

    private void cut() {
        var unused = channel.close();
    }

    private long now() {
        return channel.eventLoop().ticker().nanoTime();
    }

    void after(Duration delay, Runnable task) {
        var unused = channel.eventLoop().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void execute(Runnable task) {
        try {
            channel.eventLoop().execute(task);
        } catch (RejectedExecutionException e) {
            Logger.debug("the door is closed: {}", e.toString());
        }
    }
}
