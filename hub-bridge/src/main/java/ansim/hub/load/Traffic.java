package ansim.hub.load;

import ansim.wire.Batch;
import ansim.wire.Body;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.Position;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * What goes to the hub and what comes of it: sends, notes what is to be expected, waits, tells how far it is, and measures between two moments. One thread.
 */
final class Traffic {
    /** CONTRACT: sent and not receipted per chain. */
    private static final int WINDOW = 8;

    private static final Duration DRAIN = Duration.ofSeconds(60);
    private static final long PAUSE_NANOS = 200_000;
    private static final long TELL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Load.Plan plan;
    private final LoadUnit[] units;
    private final Link link;
    private final Receipts receipts;
    private final Optional<CentreSink> sink;
    private final Optional<HubFigures> hub;
    private final LongSupplier lost;
    private final PrintWriter progress;
    private double latestMs;
    /** How old what is said now is made; nothing of that is measured. */
    private long agoMs;

    private long toldNanos = System.nanoTime();

    /** @param lost counts what was on a way that was lost */
    Traffic(
            Load.Plan plan,
            LoadUnit[] units,
            Link link,
            Receipts receipts,
            Optional<CentreSink> sink,
            Optional<HubFigures> hub,
            LongSupplier lost,
            PrintWriter progress) {
        this.plan = plan;
        this.units = units;
        this.link = link;
        this.receipts = receipts;
        this.sink = sink;
        this.hub = hub;
        this.lost = lost;
        this.progress = progress;
    }

    /** How much later than due the latest message went since {@link #notLate}, ms. */
    void late(double ms) {
        latestMs = Math.max(latestMs, ms);
    }

    void notLate() {
        latestMs = 0;
    }

    /** What is sent from now on is dated as of so long ago, and no centre is expected to get it. */
    void date(Duration ago) {
        agoMs = ago.toMillis();
    }

    /** What it is dated now, ms since 1970 UTC. */
    long nowMs() {
        return System.currentTimeMillis() - agoMs;
    }

    void sendWhenRoom(int unit, UpMessage message, String what) {
        Lane lane = message.batch().lane();
        while (!link.hasRoom(unit, lane)) {
            LockSupport.parkNanos(PAUSE_NANOS);
            tell(what);
        }
        send(unit, message);
    }

    void send(int unit, UpMessage message) {
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

    /** Whether a unit may send one more now. */
    boolean mayGo(int unit, Lane lane) {
        return link.hasRoom(unit, lane) && (lane == Lane.STATUS || receipts.unreceipted(unit, lane) < WINDOW);
    }

    boolean isAllReceipted() {
        Receipts.Counts now = receipts.counts();
        return now.receipted() == now.sent();
    }

    interface Condition {
        boolean holds();
    }

    /** False when it did not come to hold within {@link #DRAIN}. */
    boolean await(String what, Condition condition) {
        return await(what, DRAIN, condition);
    }

    boolean await(String what, Duration most, Condition condition) {
        long until = System.nanoTime() + most.toNanos();
        while (!condition.holds() && System.nanoTime() < until) {
            LockSupport.parkNanos(PAUSE_NANOS);
            tell(what);
        }
        return condition.holds();
    }

    /** A moment without anything to send. */
    void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    void say(String format, Object... values) {
        progress.printf(format, values);
        progress.flush();
    }

    void tell(String what) {
        if (System.nanoTime() - toldNanos > TELL_NANOS) {
            toldNanos = System.nanoTime();
            Receipts.Counts now = receipts.counts();
            say(
                    "%s: %,d sent, %,d receipted, %,d at the centre, %,d missing there, %.1f s late%n",
                    what,
                    now.sent(),
                    now.receipted(),
                    atTheCentre(),
                    sink.map(CentreSink::missing).orElse(0L),
                    latestMs / 1000);
        }
    }

    private long atTheCentre() {
        return sink.map(CentreSink::events).orElse(0L);
    }

    /** Begins to measure. */
    Window window() throws IOException {
        return new Window();
    }

    /** Between two moments. */
    final class Window {
        private final long began = System.nanoTime();
        private final Receipts.Counts before = receipts.counts();
        private final long eventsBefore = atTheCentre();
        private final Optional<HubFigures.Now> hubBefore;

        private Window() throws IOException {
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
                await("draining", Traffic.this::isAllReceipted);
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
                    lost.getAsLong(),
                    Optional.empty(),
                    hubBefore.flatMap(first ->
                            hubAfter.map(then -> LoadResult.Hub.of(first, then, seconds, counts.receipted()))));
        }
    }
}
