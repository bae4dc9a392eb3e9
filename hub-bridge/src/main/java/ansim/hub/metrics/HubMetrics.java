package ansim.hub.metrics;

import ansim.hub.deliver.CursorStatus;
import ansim.hub.deliver.PublicAddress;
import ansim.hub.intake.Intake;
import ansim.hub.intake.IntakeWatch;
import ansim.hub.view.UnitSearch;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.tinylog.Logger;

/**
 * The hub's numbers as Prometheus reads them. Labels are reasons, outcomes, districts, sinks and states: never a unit, a vehicle or a rider, so
 * that there are as many series with 112,000 units as with one.
 *
 * <p>What is counted elsewhere is asked for once a scrape; the units' states at most every {@value #STATES_MS} ms, for they are counted on
 * disk. Any thread; scrapes wait for one another.
 */
public final class HubMetrics implements IntakeWatch, AutoCloseable {
    /** How old the units' states may be. */
    static final long STATES_MS = 10_000;

    private static final Duration[] COMMIT_BUCKETS = millis(1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000);
    private static final Duration[] VERIFY_BUCKETS = {
        Duration.ofNanos(20_000),
        Duration.ofNanos(50_000),
        Duration.ofNanos(100_000),
        Duration.ofNanos(200_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(5)
    };

    /** Counts the units. */
    public interface Units {
        UnitSearch.States states(long nowMs) throws IOException;
    }

    /**
     * Where it comes from; asked by the thread that scrapes.
     *
     * @param counts of intake, doors and the rest, by name
     * @param deliveries of each cursor; always the same ones in the same order
     * @param units how the units are
     * @param logEntries newest durable entry of the log
     * @param viewsPosition newest entry that the views have
     * @param disk a path on the disk of the log
     * @param clock the hub's
     */
    public record Sources(
            Supplier<Map<String, Long>> counts,
            Supplier<List<CursorStatus>> deliveries,
            Units units,
            LongSupplier logEntries,
            LongSupplier viewsPosition,
            Path disk,
            InstantSource clock) {}

    private final Sources from;
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Timer verifying;
    private final Timer committing;
    private final DistributionSummary batches;
    private final Set<String> others = new HashSet<>();
    private volatile Map<String, Long> counts = Map.of();
    private volatile List<CursorStatus> deliveries = List.of();
    private volatile UnitSearch.States states = new UnitSearch.States(0, 0, 0, 0);
    private long statesMs = Long.MIN_VALUE;

    /** Registers them all. */
    public HubMetrics(Sources from) {
        this.from = from;
        verifying = Timer.builder("ansim.verify")
                .description("Checking one signature.")
                .serviceLevelObjectives(VERIFY_BUCKETS)
                .register(registry);
        committing = Timer.builder("ansim.commit")
                .description("Writing and forcing one batch of the log, on both disks if there are two.")
                .serviceLevelObjectives(COMMIT_BUCKETS)
                .register(registry);
        batches = DistributionSummary.builder("ansim.commit.entries")
                .description("Entries that shared one fsync.")
                .register(registry);
        intake();
        place();
        deliveries = from.deliveries().get();
        for (int i = 0; i < deliveries.size(); i++) {
            delivery(i);
        }
        new JvmMemoryMetrics().bindTo(registry);
        collections.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    private static Duration[] millis(long... each) {
        Duration[] all = new Duration[each.length];
        for (int i = 0; i < each.length; i++) {
            all[i] = Duration.ofMillis(each[i]);
        }
        return all;
    }

    private void intake() {
        for (String outcome : Intake.outcomes()) {
            others.add(outcome);
            FunctionCounter.builder("ansim.messages", this, all -> all.count(outcome))
                    .description("Verified messages, by what became of them.")
                    .tags("outcome", outcome)
                    .register(registry);
        }
        for (String reason : Intake.refusals()) {
            others.add("refused-" + reason);
            FunctionCounter.builder("ansim.refused", this, all -> all.count("refused-" + reason))
                    .description("What was not taken, or not said, by reason.")
                    .tags("reason", reason)
                    .register(registry);
        }
        for (String stage : List.of("verify", "commit")) {
            others.add("waiting-to-" + stage);
            gauge(
                    "ansim.waiting",
                    "Messages that wait.",
                    Tags.of("stage", stage),
                    all -> all.count("waiting-to-" + stage));
        }
    }

    private void place() {
        gauge(
                "ansim.log.entries",
                "Durable entries of the log.",
                Tags.empty(),
                all -> all.from.logEntries().getAsLong());
        gauge(
                "ansim.views.lag.entries",
                "Entries of the log that the page and the API do not show yet.",
                Tags.empty(),
                all -> Math.max(
                        0,
                        all.from.logEntries().getAsLong()
                                - all.from.viewsPosition().getAsLong()));
        Gauge.builder("ansim.disk.free", this, HubMetrics::free)
                .description("Room on the disk of the log.")
                .baseUnit("bytes")
                .register(registry);
        gauge("ansim.units", "Units by how they are.", Tags.of("state", "online"), all -> all.states.online());
        gauge("ansim.units", "Units by how they are.", Tags.of("state", "silent"), all -> all.states.silent());
        gauge("ansim.units", "Units by how they are.", Tags.of("state", "revoked"), all -> all.states.revoked());
        gauge("ansim.units", "Units by how they are.", Tags.of("state", "never-seen"), all -> all.states.neverSeen());
    }

    private double free() {
        try {
            return Files.getFileStore(from.disk()).getUsableSpace();
        } catch (IOException e) {
            Logger.debug("{}", e.getMessage());
            return Double.NaN;
        }
    }

    private void delivery(int place) {
        CursorStatus cursor = deliveries.get(place);
        Tags tags = Tags.of(
                "district",
                cursor.district(),
                "sink",
                PublicAddress.of(cursor.sink()),
                "lane",
                cursor.alarm() ? "alarm" : "normal");
        gauge(
                "ansim.delivery.waiting",
                "Events not delivered yet.",
                tags,
                all -> all.cursor(place).waiting());
        Gauge.builder("ansim.delivery.oldest", this, all -> all.age(place))
                .description("For how long the oldest waiting event has waited.")
                .baseUnit("seconds")
                .tags(tags)
                .register(registry);
        gauge(
                "ansim.delivery.failing",
                "1 while the sink does not take them.",
                tags,
                all -> all.cursor(place).lastError().map(error -> 1.0).orElse(0.0));
        gauge(
                "ansim.delivery.reconciles",
                "1 while routed = delivered + waiting + dead + dropped + skipped + erased, by the log's index.",
                tags,
                all -> all.cursor(place).reconciles() ? 1.0 : 0.0);
        account("routed", "Entries of the log that are for this sink.", tags, place, CursorStatus::routed);
        account("delivered", "Entries that the centre took.", tags, place, CursorStatus::delivered);
        account("dead", "Entries that the centre refused for good.", tags, place, CursorStatus::refused);
        account("dropped", "Entries given up at the limit of what may wait.", tags, place, CursorStatus::dropped);
        account("skipped", "Entries that an operator skipped.", tags, place, CursorStatus::skipped);
        account("erased", "Entries erased before their turn came.", tags, place, CursorStatus::erased);
    }

    private void account(String name, String what, Tags tags, int place, ToLongFunction<CursorStatus> count) {
        FunctionCounter.builder("ansim.delivery." + name, this, all -> count.applyAsLong(all.cursor(place)))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    private CursorStatus cursor(int place) {
        return deliveries.get(place);
    }

    private double age(int place) {
        long since = cursor(place).oldestWaitingMs().orElse(Long.MAX_VALUE);
        return Math.max(0, from.clock().millis() - since) / 1e3;
    }

    private long count(String name) {
        return counts.getOrDefault(name, 0L);
    }

    private void gauge(String name, String what, Tags tags, ToDoubleFunction<HubMetrics> value) {
        Gauge.builder(name, this, value).description(what).tags(tags).register(registry);
    }

    /**
     * Adds one more; to be said once for each name and before the first scrape.
     *
     * @param name with dots, {@code guardian.waiting}; {@code ansim.} is put before it
     */
    public void gauge(String name, String what, DoubleSupplier value) {
        gauge("ansim." + name, what, Tags.empty(), all -> value.getAsDouble());
    }

    @Override
    public void verified(long nanos) {
        verifying.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void committed(long nanos, int entries) {
        committing.record(nanos, TimeUnit.NANOSECONDS);
        batches.record(entries);
    }

    /** All of it in Prometheus' text format 0.0.4. */
    public synchronized String scrape() {
        counts = from.counts().get();
        for (String name : counts.keySet()) {
            if (others.add(name)) {
                gauge("ansim.count", "What else was counted, by name.", Tags.of("what", name), all -> all.count(name));
            }
        }
        deliveries = from.deliveries().get();
        long nowMs = from.clock().millis();
        if (statesMs == Long.MIN_VALUE || Math.abs(nowMs - statesMs) >= STATES_MS) {
            try {
                states = from.units().states(nowMs);
                statesMs = nowMs;
            } catch (IOException e) {
                Logger.warn("the units cannot be counted: {}", e.getMessage());
            }
        }
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
