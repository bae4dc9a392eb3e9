package ansim.hub.load;

import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Position;
import ansim.wire.Track;
import ansim.wire.UpMessage;
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
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Runs a {@link LoadProfile} at a hub and measures it: what was receipted, how long it took to the centre, what the hub's process used for it.
 *
 * <p>Guaranteed: every message is really signed by its unit's key, and counts only when a receipt of the hub names it. Not guaranteed: that a
 * generator on the hub's machine disturbs nothing; it says so. One thread calls; the link and the sink have {@value #IO_THREADS}.
 */
public final class Load implements AutoCloseable {
    private static final int IO_THREADS = 1;
    /** CONTRACT: sent and not receipted per chain. */
    private static final int WINDOW = 8;

    private static final int HUB_WAIT_S = 60;
    private static final Duration DRAIN = Duration.ofSeconds(60);
    /** Handshakes of as many units as there may be; whoever judges wants far less. */
    private static final Duration CONNECT = Duration.ofMinutes(3);

    private static final long PAUSE_NANOS = 200_000;
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final double NANOS_PER_MS = 1e6;

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
    private final PrintWriter progress;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            IO_THREADS, new DefaultThreadFactory("load", true), NioIoHandler.newFactory());
    private final Receipts receipts;
    private final Optional<CentreSink> sink;
    private final Optional<DoorLink> door;
    private final Optional<PlayedBroker> broker;
    private final Link link;
    private final LoadUnit[] units;
    private final Map<String, Integer> numbers = new HashMap<>();
    private double latestMs;
    /** How old what is said now is made; nothing of that is measured. */
    private long agoMs;

    private long toldNanos = System.nanoTime();
    private long lost;
    private double connectS;

    private Load(Plan plan, Optional<Watched> watched, PrintWriter progress) throws IOException {
        this.plan = plan;
        this.progress = progress;
        this.hub = watched.map(each -> new HubFigures(each.pid(), each.log()));
        this.receipts = new Receipts(plan.fleet().size(), plan.hub());
        this.sink = plan.sink().isEmpty()
                ? Optional.empty()
                : Optional.of(CentreSink.listen(plan.sink().get(), loops));
        this.units = new LoadUnit[plan.fleet().size()];
        long startMs = System.currentTimeMillis();
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

    private int number(UpMessage message) {
        return numbers.getOrDefault(message.batch().unit().hex(), 0);
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
                lost++;
            }
        };
    }

    /** Connects, sends, waits for the last receipt, and tells what was measured. */
    public LoadResult run() throws IOException, InterruptedException {
        connect();
        return switch (plan.profile()) {
            case SEOUL -> seoul();
            case FIXES, TRACKS -> backlog();
            case STORM -> storm();
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
            tell(what);
        }
        await(what, CONNECT, () -> to.ready() == all);
        return (System.nanoTime() - began) / 1e9;
    }

    /** All lose their connection at one moment, as when a base station goes down, and all come back. */
    private Optional<LoadResult.Connections> reconnect() throws InterruptedException, IOException {
        if (door.isEmpty()) {
            return Optional.empty();
        }
        int failed = door.get().failures();
        door.get().cutAll();
        if (!await("cutting", () -> door.get().ready() == 0)) {
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

    private interface Condition {
        boolean holds();
    }

    /** False when it did not come to hold within {@link #DRAIN}. */
    private boolean await(String what, Condition condition) {
        return await(what, DRAIN, condition);
    }

    private boolean await(String what, Duration most, Condition condition) {
        long until = System.nanoTime() + most.toNanos();
        while (!condition.holds() && System.nanoTime() < until) {
            LockSupport.parkNanos(PAUSE_NANOS);
            tell(what);
        }
        return condition.holds();
    }

    private void tell(String what) {
        if (System.nanoTime() - toldNanos > TELL_NANOS) {
            toldNanos = System.nanoTime();
            Receipts.Counts now = receipts.counts();
            progress.printf(
                    "%s: %,d sent, %,d receipted, %,d at the centre, %,d missing there, %.1f s late%n",
                    what,
                    now.sent(),
                    now.receipted(),
                    atTheCentre(),
                    sink.map(CentreSink::missing).orElse(0L),
                    latestMs / 1000);
            progress.flush();
        }
    }

    // ---- by the clock

    private LoadResult seoul() throws IOException, InterruptedException {
        double natural = Clockwork.naturalRate(units.length);
        double stretch = natural / plan.rate().orElse(natural);
        double rampMs = plan.warmup().toMillis() / 2.0;
        Clockwork clock = new Clockwork(
                plan.fleet(), units, stretch, rampMs, plan.alarmEvery().toMillis());
        double warmupMs = plan.warmup().toMillis();
        long begun = System.nanoTime();
        while (clock.nextMs() < warmupMs) {
            next(clock, begun, "warming up");
        }
        // What a hub that still compiles was late is no part of what is measured: the clock goes on from here.
        long began = System.nanoTime() - plan.warmup().toNanos();
        Window window = new Window();
        follow(clock, began, warmupMs + plan.measure().toMillis(), "measuring");
        LoadResult result = window.close(true);
        return result.with(reconnect());
    }

    private void follow(Clockwork clock, long began, double untilMs, String what) {
        latestMs = 0;
        while ((System.nanoTime() - began) / NANOS_PER_MS < untilMs) {
            next(clock, began, what);
        }
    }

    /** Sends what is due next; when nothing is due just now, waits a moment for it. */
    private void next(Clockwork clock, long began, String what) {
        double earlyMs = clock.nextMs() - (System.nanoTime() - began) / NANOS_PER_MS;
        if (earlyMs > 0) {
            LockSupport.parkNanos((long) (Math.min(earlyMs, 1) * NANOS_PER_MS));
            tell(what);
            return;
        }
        latestMs = Math.max(latestMs, -earlyMs);
        for (UpMessage message : clock.next(System.currentTimeMillis() - agoMs)) {
            sendWhenRoom(number(message), message, what);
        }
    }

    private void sendWhenRoom(int unit, UpMessage message, String what) {
        Lane lane = message.batch().lane();
        while (!link.hasRoom(unit, lane)) {
            LockSupport.parkNanos(PAUSE_NANOS);
            tell(what);
        }
        send(unit, message);
    }

    private void send(int unit, UpMessage message) {
        Body body = message.batch().records().get(0).body();
        int fixes = body instanceof Track track ? track.fixes().size() : body instanceof Position ? 1 : 0;
        if (agoMs == 0 && reachesACentre(body)) {
            Batch batch = message.batch();
            String id = batch.unit().hex() + "/" + batch.chain().hex() + "/"
                    + batch.lane().number() + "/" + batch.n();
            sink.ifPresent(each -> each.expect(id, batch.lane() == Lane.ALARM));
        }
        receipts.sent(unit, message, fixes);
        link.send(unit, message.batch().lane(), message.bytes());
    }

    private static boolean reachesACentre(Body body) {
        Kind kind = body.kind();
        return kind != Kind.HEALTH && kind != Kind.PRESENCE;
    }

    // ---- as fast as it goes

    private LoadResult backlog() throws IOException {
        for (LoadUnit unit : units) {
            sendWhenRoom(unit.number, unit.board(System.currentTimeMillis()), "boarding");
        }
        await("boarding", this::isAllReceipted);
        warmUp();
        int each = (int) Math.max(1, plan.messages() / units.length);
        progress.printf("signing %,d messages beforehand%n", (long) each * units.length);
        progress.flush();
        UpMessage[][] signed = new UpMessage[units.length][each];
        IntStream.range(0, units.length).parallel().forEach(i -> {
            for (int k = 0; k < each; k++) {
                long ms = System.currentTimeMillis();
                signed[i][k] = next(i, ms);
            }
        });
        Window window = new Window();
        drain(signed, each, "measuring");
        await("measuring", this::isAllReceipted);
        return window.close(false);
    }

    private UpMessage next(int unit, long ms) {
        return plan.profile() == LoadProfile.FIXES ? units[unit].position(ms) : units[unit].track(ms);
    }

    private Lane lane() {
        return plan.profile() == LoadProfile.FIXES ? Lane.STATUS : Lane.TRACK;
    }

    /** The same as what is measured, signed as it is sent. */
    private void warmUp() {
        long until = System.nanoTime() + plan.warmup().toNanos();
        while (System.nanoTime() < until) {
            for (int i = 0; i < units.length && System.nanoTime() < until; i++) {
                if (mayGo(i, lane())) {
                    send(i, next(i, System.currentTimeMillis()));
                }
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            tell("warming up");
        }
        await("warming up", this::isAllReceipted);
    }

    /** In rounds over all units; one without room is passed over, so each is at its own place. */
    private void drain(UpMessage[][] signed, int to, String what) {
        Lane lane = lane();
        int[] next = new int[units.length];
        long left = (long) to * units.length;
        while (left > 0) {
            long before = left;
            for (int i = 0; i < units.length; i++) {
                if (next[i] < to && mayGo(i, lane)) {
                    send(i, signed[i][next[i]++]);
                    left--;
                }
            }
            if (left == before) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            tell(what);
        }
    }

    private boolean mayGo(int unit, Lane lane) {
        return link.hasRoom(unit, lane) && (lane == Lane.STATUS || receipts.unreceipted(unit, lane) < WINDOW);
    }

    private LoadResult storm() throws IOException {
        beforeTheOutage();
        Backlog[] backlogs = new Backlog[units.length];
        long left = 0;
        for (int i = 0; i < units.length; i++) {
            backlogs[i] = new Backlog(units[i], plan.fleet().isTaxi(i), plan.outage());
            left += backlogs[i].left();
        }
        progress.printf("%,d messages are waiting in the units%n", left);
        progress.flush();
        Window window = new Window();
        Alarms alarms = new Alarms();
        while (left > 0) {
            long before = left;
            for (int i = 0; i < units.length; i++) {
                if (backlogs[i].left() > 0 && mayGo(i, backlogs[i].lane())) {
                    send(i, backlogs[i].next());
                    left--;
                }
                alarms.raiseIfDue();
            }
            if (left == before) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
            tell("draining");
        }
        await("draining", this::isAllReceipted);
        return window.close(false);
    }

    /** The city by the clock, dated as of then. Of this the centre gets what it gets: nothing is expected. */
    private void beforeTheOutage() {
        agoMs = plan.outage().plus(plan.warmup()).toMillis();
        double warmupMs = plan.warmup().toMillis();
        Clockwork clock = new Clockwork(plan.fleet(), units, 1, warmupMs / 2, 0);
        follow(clock, System.nanoTime(), warmupMs, "before the outage");
        await("before the outage", this::isAllReceipted);
        agoMs = 0;
    }

    private boolean isAllReceipted() {
        Receipts.Counts now = receipts.counts();
        return now.receipted() == now.sent();
    }

    /** Those that come meanwhile. */
    private final class Alarms {
        private final SplittableRandom random = new SplittableRandom(11);
        private long nextNanos = System.nanoTime();

        void raiseIfDue() {
            if (plan.alarmEvery().isZero() || System.nanoTime() < nextNanos) {
                return;
            }
            nextNanos += plan.alarmEvery().toNanos();
            int who = random.nextInt(units.length);
            for (UpMessage message : units[who].panic(System.currentTimeMillis())) {
                sendWhenRoom(who, message, "alarm");
            }
        }
    }

    private long atTheCentre() {
        return sink.map(CentreSink::events).orElse(0L);
    }

    /** Between two moments. */
    private final class Window {
        private final long began = System.nanoTime();
        private final Receipts.Counts before = receipts.counts();
        private final long eventsBefore = atTheCentre();
        private final Optional<HubFigures.Now> hubBefore;

        Window() throws IOException {
            hubBefore = hub.isPresent() ? Optional.of(hub.get().now()) : Optional.empty();
            var unused = receipts.urgentDelays();
            sink.ifPresent(each -> {
                var unusedToo = each.alarmDelays();
                var unusedEither = each.normalDelays();
            });
        }

        /** @param byClock what is on its way at the end is not waited for before the figures are taken */
        LoadResult close(boolean byClock) throws IOException {
            double seconds = (System.nanoTime() - began) / 1e9;
            Receipts.Counts counts = receipts.counts().since(before);
            Optional<HubFigures.Now> hubAfter =
                    hub.isPresent() ? Optional.of(hub.get().now()) : Optional.empty();
            Delays alarms = sink.map(CentreSink::alarmDelays).orElse(new Delays(0, 0, 0, 0));
            Delays normals = sink.map(CentreSink::normalDelays).orElse(new Delays(0, 0, 0, 0));
            Delays urgent = receipts.urgentDelays();
            long events = atTheCentre() - eventsBefore;
            double late = latestMs;
            if (byClock) {
                await("draining", Load.this::isAllReceipted);
            }
            long unreceipted = receipts.counts().sent() - receipts.counts().receipted();
            long missing = 0;
            if (sink.isPresent()) {
                await("delivering", () -> sink.get().missing() == 0);
                missing = sink.get().missing();
            }
            return new LoadResult(
                    plan.profile(),
                    units.length,
                    link.words(),
                    seconds,
                    counts.receipted() / seconds,
                    counts.positions() / seconds,
                    counts.told() / seconds,
                    events / seconds,
                    urgent,
                    normals,
                    alarms,
                    late,
                    unreceipted,
                    receipts.counts().wrong(),
                    missing,
                    lost,
                    Optional.empty(),
                    hubBefore.flatMap(first ->
                            hubAfter.map(then -> LoadResult.Hub.of(first, then, seconds, counts.receipted()))));
        }
    }

    @Override
    public void close() {
        link.close();
        sink.ifPresent(CentreSink::close);
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
