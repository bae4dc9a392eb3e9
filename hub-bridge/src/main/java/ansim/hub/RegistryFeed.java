package ansim.hub;

import ansim.hub.core.DistrictMap;
import ansim.hub.core.Input;
import ansim.hub.core.Order;
import ansim.hub.intake.Intake;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Id8;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * Brings what operators change in the registry into the log, within a second, on a thread named {@code registry}.
 *
 * <p>Guarantees that what the registry held when it was read at the start is committed before {@link #start} returns. What holds in the log already is not
 * logged again, so a restart logs nothing. Orders to units go the same way, each once, and what became of them is written beside them. Whoever cannot wait asks with {@link #bringNow}; many who ask at once share one round.
 */
final class RegistryFeed implements AutoCloseable {
    private static final Duration EVERY = Duration.ofMillis(500);
    private static final int CLOSE_MS = 5_000;
    private static final int MOST_ASKED = 1_024;
    /** Orders in one round: not more than the hub's state knows again after a crash. */
    private static final int ORDERS = 64;

    /** What must be done with the registry before its changes go into the log. */
    interface Before {
        void keep(Registry registry) throws IOException;
    }

    /** All of the registry, read on a thread of its own while the log is replayed: each takes about as long. Starts when it is made. */
    static final class Ahead {
        private record Read(long version, List<Registry.Change> changes) {}

        /** Given up when it was taken: all units once more are 45 MB of a city. */
        private @Nullable CompletableFuture<Read> reading;

        Ahead(Registry registry) {
            CompletableFuture<Read> read = new CompletableFuture<>();
            reading = read;
            Thread reader = new Thread(
                    () -> {
                        try {
                            // The number first: what changes while all is read is looked for again.
                            long version = registry.dataVersion();
                            read.complete(new Read(version, registry.changesSince(0)));
                        } catch (IOException | RuntimeException e) {
                            read.completeExceptionally(e);
                        }
                    },
                    "registry-ahead");
            reader.setDaemon(true);
            reader.start();
        }

        private Read take() throws IOException, InterruptedException {
            CompletableFuture<Read> read = Objects.requireNonNull(reading, "it is taken once");
            reading = null;
            try {
                return read.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException known
                        ? known
                        : new IOException("the registry does not read", e);
            }
        }
    }

    private final Registry registry;
    private final Intake intake;
    private final Before before;
    private final BlockingQueue<CompletableFuture<Void>> asked = new LinkedBlockingQueue<>(MOST_ASKED);
    private volatile boolean closing;
    private final Thread thread = new Thread(this::run, "registry");
    private long seenSeq;
    private long seenVersion;
    private volatile String trouble = "";
    private boolean moreOrders;

    RegistryFeed(Registry registry, Intake intake, Before before) {
        this.registry = registry;
        this.intake = intake;
        this.before = before;
        thread.setDaemon(true);
    }

    /** Returns when the log holds what the registry holds now. */
    void start() throws IOException, InterruptedException {
        start(new Ahead(registry));
    }

    /** Returns when the log holds what the registry held when it was read ahead. */
    void start(Ahead ahead) throws IOException, InterruptedException {
        Ahead.Read all = ahead.take();
        seenVersion = all.version;
        bring(all.changes);
        thread.start();
    }

    /** Completes when the log holds, and the doors know, what the registry holds now. Any thread. */
    CompletableFuture<Void> bringNow() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!asked.offer(done) || closing) {
            done.completeExceptionally(new IllegalStateException("too many ask at once, or the hub stops"));
        }
        return done;
    }

    /** What keeps changes of the registry from the log; empty when nothing does. Any thread. */
    Optional<String> trouble() {
        String now = trouble;
        return now.isEmpty() ? Optional.empty() : Optional.of(now);
    }

    private void run() {
        try {
            while (!closing) {
                List<CompletableFuture<Void>> waiting = new ArrayList<>();
                Optional.ofNullable(asked.poll(
                                moreOrders && trouble.isEmpty() ? 0 : EVERY.toMillis(), TimeUnit.MILLISECONDS))
                        .ifPresent(waiting::add);
                asked.drainTo(waiting);
                look(waiting);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(List<CompletableFuture<Void>> waiting) throws InterruptedException {
        try {
            long version = registry.dataVersion();
            if (version != seenVersion || !waiting.isEmpty()) {
                bring();
                seenVersion = version;
            } else if (moreOrders) {
                bringOrders();
            }
            waiting.forEach(each -> each.complete(null));
            Map<Id8, Long> sent = intake.takeSentOrders();
            if (!sent.isEmpty()) {
                registry.orders().sent(sent);
            }
            trouble = "";
        } catch (IOException | RuntimeException e) {
            // Whatever it is, a revocation waits for it: tried again each time.
            if (trouble.isEmpty()) {
                Logger.error(e, "the registry cannot be read, copied to the mirror or logged, its changes wait");
            }
            trouble = e.toString();
            waiting.forEach(each -> each.completeExceptionally(e));
        }
    }

    private void bring() throws IOException, InterruptedException {
        bring(registry.changesSince(seenSeq));
    }

    private void bring(List<Registry.Change> changes) throws IOException, InterruptedException {
        CompletableFuture<Void> last = CompletableFuture.completedFuture(null);
        long seq = seenSeq;
        // Read first, kept then: what is kept is not older than what is logged.
        before.keep(registry);
        for (Registry.Change change : changes) {
            // Asked here, not by the committer: a start need not send 112,000 units through its queue.
            boolean held = change instanceof Registry.Change.Unit unit && intake.holds(unit.unit());
            Optional<Input> input = held ? Optional.empty() : input(change);
            if (input.isPresent()) {
                last = intake.change(input.get());
            }
            seq = change.seq();
        }
        try {
            // In order, so the last one's end is the end of all.
            last.get();
        } catch (ExecutionException e) {
            throw notCommitted("a change of the registry was not committed", e);
        }
        seenSeq = seq;
        bringOrders();
    }

    /** One round: what else changes in the registry must not wait for a city full of orders. */
    private void bringOrders() throws IOException, InterruptedException {
        OrderTable table = registry.orders();
        Map<Order, CompletableFuture<Intake.Ordered>> placed = new LinkedHashMap<>();
        for (Order order : table.open(ORDERS)) {
            placed.put(order, intake.order(order));
        }
        if (placed.isEmpty()) {
            moreOrders = false;
            return;
        }
        List<OrderTable.Decision> decisions = new ArrayList<>();
        for (Map.Entry<Order, CompletableFuture<Intake.Ordered>> each : placed.entrySet()) {
            Intake.Ordered done = done(each.getValue());
            decisions.add(new OrderTable.Decision(each.getKey().request(), done.number(), done.refusal()));
        }
        table.decided(decisions);
        moreOrders = placed.size() == ORDERS;
        if (!moreOrders) {
            // So that they are not asked for once more where the hub goes on from a copy.
            before.keep(registry);
        }
    }

    private static Intake.Ordered done(CompletableFuture<Intake.Ordered> placed)
            throws IOException, InterruptedException {
        try {
            return placed.get();
        } catch (ExecutionException e) {
            throw notCommitted("an order was not committed", e);
        }
    }

    private static IOException notCommitted(String what, ExecutionException e) {
        if (e.getCause() instanceof CommandFailure known) {
            throw known;
        }
        return new IOException(what, e.getCause());
    }

    private static Optional<Input> input(Registry.Change change) {
        long nowMs = System.currentTimeMillis();
        if (change instanceof Registry.Change.Unit unit) {
            return Optional.of(new Input.UnitChange(nowMs, unit.unit()));
        }
        Registry.ImportedMap imported = ((Registry.Change.Districts) change).map();
        Optional<DistrictMap> map = DistrictMap.parse(imported.geojson()).map();
        if (map.isEmpty()) {
            Logger.error("the districts imported from {} do not read; the map in force stays", imported.origin());
        }
        return map.map(each -> new Input.DistrictsChange(nowMs, each));
    }

    @Override
    public void close() {
        closing = true;
        // Wakes the thread.
        var unused = bringNow();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        asked.forEach(each -> each.completeExceptionally(new IllegalStateException("the hub stops")));
    }
}
