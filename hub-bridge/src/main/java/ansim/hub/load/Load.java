package ansim.hub.load;

import ansim.wire.VerifyKey;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Runs a {@link LoadProfile} at a hub and measures it: what was receipted, how long it took to the centre, what the hub's process used for it.
 *
 * <p>Guaranteed: every message is really signed by its unit's key, and counts only when a receipt of the hub names it. Not guaranteed: that a
 * generator on the hub's machine disturbs nothing; it says so. One thread calls; the link and the sink have {@value #IO_THREADS}.
 */
public final class Load implements AutoCloseable {
    private static final int IO_THREADS = 1;
    private static final int HUB_WAIT_S = 60;
    /** Handshakes of as many units as there may be; whoever judges wants far less. */
    private static final Duration CONNECT = Duration.ofMinutes(3);

    /**
     * What to do.
     *
     * @param ways how the units come to the hub
     * @param sink where the centres' webhook listens, if anywhere
     * @param rate messages a second of {@link LoadProfile#SEOUL}; empty as the profile says
     * @param warmup how long the hub has the load before anything is measured: its compilers are at work for half a minute
     * @param messages in all of tracks and fixes
     * @param outage of the storm
     * @param alarmEvery a rider calls for help; zero for never
     */
    public record Plan(
            LoadProfile profile,
            Fleet fleet,
            VerifyKey hub,
            Ways ways,
            Optional<InetSocketAddress> sink,
            Optional<Double> rate,
            Duration warmup,
            Duration measure,
            long messages,
            Duration outage,
            Duration alarmEvery) {}

    /**
     * How the units come to the hub: the first by its door, the last over CoAP, the others through the city's broker.
     *
     * @param broker where the generator plays the city's broker
     * @param door where the hub's door is
     * @param byDoor how many units come by the door, on a connection each: without a broker all but those of CoAP
     * @param coap where the hub's CoAP door is
     * @param byCoap how many units come there, on an association each
     * @param certificates as whom they come; empty without TLS
     */
    public record Ways(
            Optional<InetSocketAddress> broker,
            Optional<InetSocketAddress> door,
            int byDoor,
            Optional<InetSocketAddress> coap,
            int byCoap,
            Optional<UnitCertificates> certificates) {
        /** As many as one process may have. */
        public static final int MAX_COAP = CoapLink.MAX_UNITS;
    }

    /**
     * The hub's process, to be watched.
     *
     * @param pid its number
     * @param log the folder of its log
     */
    public record Watched(long pid, Path log) {}

    private final Plan plan;
    private final Optional<HubFigures> hub;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            IO_THREADS, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
    private final Receipts receipts;
    private final Optional<CentreSink> sink;
    private final Optional<DoorLink> door;
    private final Optional<PlayedBroker> broker;
    private final Link link;
    private final LoadUnit[] units;
    private final LongAdder lost = new LongAdder();
    private final Traffic traffic;
    private double connectS;

    private Load(Plan plan, Optional<Watched> watched, PrintWriter progress) throws IOException {
        this.plan = plan;
        this.hub = watched.map(each -> new HubFigures(each.pid(), each.log()));
        this.receipts = new Receipts(plan.fleet().size(), plan.hub());
        this.sink = plan.sink().isEmpty()
                ? Optional.empty()
                : Optional.of(CentreSink.listen(plan.sink().get(), loops));
        this.units = new LoadUnit[plan.fleet().size()];
        long startMs = System.currentTimeMillis();
        Map<String, Integer> numbers = new HashMap<>();
        for (int i = 0; i < units.length; i++) {
            units[i] = new LoadUnit(plan.fleet(), i, startMs);
            numbers.put(units[i].id.hex(), i);
        }
        Ways ways = plan.ways();
        this.broker = ways.broker().isEmpty()
                ? Optional.empty()
                : Optional.of(new PlayedBroker(ways.broker().get(), loops, plan.fleet(), numbers, hears()));
        DoorLink.Tls tls = ways.certificates().isEmpty()
                ? null
                : new UnitTls(ways.certificates().get());
        this.door = ways.door().map(at -> new DoorLink(at, loops, plan.fleet(), tls, hears()));
        this.link = link();
        this.traffic = new Traffic(plan, units, link, receipts, sink, hub, lost::sum, progress);
    }

    private Link link() throws IOException {
        Ways ways = plan.ways();
        List<SplitLink.Share> shares = new ArrayList<>();
        int behind = units.length - ways.byCoap();
        door.ifPresent(each -> shares.add(new SplitLink.Share(each, ways.byDoor())));
        broker.ifPresent(each -> shares.add(new SplitLink.Share(each, behind)));
        if (ways.coap().isPresent()) {
            CoapLink coap =
                    new CoapLink(ways.coap().get(), ways.certificates().orElseThrow(), behind, ways.byCoap(), hears());
            shares.add(new SplitLink.Share(coap, units.length));
        }
        return shares.size() == 1 ? shares.get(0).link() : new SplitLink(shares);
    }

    /** Opens the sink and the way to the hub. */
    public static Load open(Plan plan, Optional<Watched> watched, PrintWriter progress) throws IOException {
        return new Load(plan, watched, progress);
    }

    private Link.Hears hears() {
        return new Link.Hears() {
            @Override
            public void answered(int unit) {
                // The link counts for itself what is on the way.
            }

            @Override
            public void told(int unit, byte[] signed) {
                receipts.told(unit, signed);
            }

            @Override
            public void lost(int unit) {
                lost.increment();
            }
        };
    }

    /** Connects, sends, waits for the last receipt, and tells what was measured. */
    public LoadResult run() throws IOException, InterruptedException {
        connect();
        return switch (plan.profile()) {
            case SEOUL -> new ByTheClock(plan, units, traffic).run().with(reconnect());
            case FIXES, TRACKS -> new AtOnce(plan, units, traffic).signedBefore();
            case STORM -> new AtOnce(plan, units, traffic).storm();
        };
    }

    private void connect() throws InterruptedException, IOException {
        if (broker.isPresent() && !broker.get().awaitHub(HUB_WAIT_S)) {
            InetSocketAddress at = plan.ways().broker().orElseThrow();
            throw new IOException("the hub did not subscribe to the broker at " + at + " within " + HUB_WAIT_S
                    + " s: its settings must have broker: {url: tcp://" + at.getHostString() + ":" + at.getPort()
                    + ", insecure-plaintext: true}");
        }
        if (door.isPresent()) {
            connectS = connectAll(door.get(), "connecting");
            requireAll(door.get());
        }
    }

    private void requireAll(DoorLink to) throws IOException {
        int all = plan.ways().byDoor();
        if (to.ready() < all) {
            throw new IOException(String.format(
                    "only %,d of %,d units stand at the door at %s (%,d attempts failed): see the hub's log, and ulimit -n here and there",
                    to.ready(), all, plan.ways().door().orElseThrow(), to.failures()));
        }
    }

    /** Returns the seconds until all stand, or until {@link #CONNECT} was over. */
    private double connectAll(DoorLink to, String what) throws InterruptedException {
        long began = System.nanoTime();
        int all = plan.ways().byDoor();
        for (int unit = 0; unit < all; unit++) {
            to.connect(unit);
            traffic.tell(what);
        }
        traffic.await(what, CONNECT, () -> to.ready() == all);
        return (System.nanoTime() - began) / 1e9;
    }

    /** All lose their connection at one moment, as when a base station goes down, and all come back. */
    private Optional<LoadResult.Connections> reconnect() throws InterruptedException, IOException {
        if (door.isEmpty()) {
            return Optional.empty();
        }
        int failed = door.get().failures();
        door.get().cutAll();
        if (!traffic.await("cutting", () -> door.get().ready() == 0)) {
            throw new IOException("the units' connections did not end");
        }
        double seconds = connectAll(door.get(), "connecting again");
        long peak = hub.isPresent() ? hub.get().peakRssBytes() : 0;
        return Optional.of(new LoadResult.Connections(
                plan.ways().byDoor(),
                connectS,
                seconds,
                door.get().ready(),
                door.get().failures() - failed,
                peak / 1048576.0));
    }

    @Override
    public void close() {
        link.close();
        sink.ifPresent(CentreSink::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
