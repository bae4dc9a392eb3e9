package ansim.hub.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;

/**
 * The webhook of all centres: answers every POST with 204 at once and measures how long the event took from its unit. Events may
 * come alone or as a batch; of each it knows the message by the id, and what it does not know it counts. Remembers what was expected until it comes. Any thread.
 */
public final class CentreSink implements AutoCloseable {
    private static final int MAX_BODY = 2 * 1024 * 1024;
    private static final int LONGEST_S = 3600;
    private static final JsonFactory JSON = new JsonFactory();

    private record Expected(long nanos, boolean alarm) {}

    private final ConcurrentMap<String, Expected> expected = new ConcurrentHashMap<>();
    private final LongAdder events = new LongAdder();
    private final LongAdder repeats = new LongAdder();
    private final Recorder alarmUs = recorder();
    private final Recorder normalUs = recorder();
    private final Channel listening;

    private CentreSink(InetSocketAddress address, EventLoopGroup loops) throws IOException {
        var binding = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpObjectAggregator(MAX_BODY))
                                .addLast(new Taking());
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException("cannot listen on " + address, binding.cause());
        }
        listening = binding.channel();
    }

    static CentreSink listen(InetSocketAddress address, EventLoopGroup loops) throws IOException {
        return new CentreSink(address, loops);
    }

    private static Recorder recorder() {
        return new Recorder(LONGEST_S * 1_000_000L, 3);
    }

    /** A message of this id goes now, and an event of it should come. */
    void expect(String id, boolean alarm) {
        expected.put(id, new Expected(System.nanoTime(), alarm));
    }

    /** Expected and not here yet. */
    long missing() {
        return expected.size();
    }

    long events() {
        return events.sum();
    }

    long repeats() {
        return repeats.sum();
    }

    /** From sending to here, of alarms, since the last call. */
    Delays alarmDelays() {
        return Delays.of(alarmUs.getIntervalHistogram());
    }

    Delays normalDelays() {
        return Delays.of(normalUs.getIntervalHistogram());
    }

    private void take(ByteBuf json) throws IOException {
        try (JsonParser events = JSON.createParser((InputStream) new ByteBufInputStream(json))) {
            int depth = 0;
            int top = 0;
            for (JsonToken token = events.nextToken(); token != null; token = events.nextToken()) {
                if (token == JsonToken.START_ARRAY && depth == 0 && top == 0) {
                    top = 1;
                } else if (token.isStructStart()) {
                    depth++;
                } else if (token.isStructEnd()) {
                    depth--;
                } else if (depth == 1 && token == JsonToken.VALUE_STRING && "id".equals(events.currentName())) {
                    take(events.getText());
                }
            }
        }
    }

    private void take(String id) {
        events.increment();
        Expected known = expected.remove(id);
        if (known == null) {
            repeats.increment();
            return;
        }
        long us = Math.min(LONGEST_S * 1_000_000L, (System.nanoTime() - known.nanos()) / 1000);
        (known.alarm() ? alarmUs : normalUs).recordValue(us);
    }

    private final class Taking extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) throws IOException {
            take(request.content());
            var response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER);
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
            var unused = ctx.writeAndFlush(response);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            var unused = ctx.close();
        }
    }

    @Override
    public void close() {
        listening.close().awaitUninterruptibly();
    }
}
