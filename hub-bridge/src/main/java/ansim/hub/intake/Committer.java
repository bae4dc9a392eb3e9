package ansim.hub.intake;

import ansim.hub.core.Belonging;
import ansim.hub.core.Disposition;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Logged;
import ansim.hub.core.Lookup;
import ansim.hub.core.Order;
import ansim.hub.core.Output;
import ansim.hub.core.RefusedInput;
import ansim.hub.core.Step;
import ansim.hub.intake.CommitWork.Awaited;
import ansim.hub.intake.CommitWork.Change;
import ansim.hub.intake.CommitWork.Copy;
import ansim.hub.intake.CommitWork.Erase;
import ansim.hub.intake.CommitWork.Greeting;
import ansim.hub.intake.CommitWork.Ordering;
import ansim.hub.intake.CommitWork.Verified;
import ansim.hub.keys.RideKeys;
import ansim.hub.trace.Trace;
import ansim.journal.Entry;
import ansim.journal.Stored;
import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The one writer of the hub's log and of its state: decides, applies, writes a batch, forces it, and only then answers.
 *
 * <p>Guarantees that no PUBACK and no receipt of a stored message leaves before the fsync that holds it (with a mirror: before both), and that receipts say only what
 * is committed. When writing or the fsync fails, or the state and the log could part, it stops for good, answers nothing more and says so
 * once, and to everybody who waits for a commit: the program must end and rebuild from its log.
 *
 * <p>One thread of its own, {@code committer}; {@link #put}, {@link #greet} and {@link #change} from any other.
 */
final class Committer implements AutoCloseable {
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Rides that are looked at in a second at most; with more the others wait for the next. */
    private static final int TICKS = 256;

    private static final int CLOSE_MS = 30_000;

    /**
     * What is to be erased.
     *
     * @param keys at most {@link Input.Erasure#MAX_ITEMS}
     */
    record Erasing(List<RideKeys.Due> keys, Input.Erasure.Cause cause, String reason) {}

    private final HubLog log;
    private final RecentEntries recent;
    private final HubState state;
    private final CommitAnswers answers;
    private final Tally tally;
    private final Consumer<Throwable> failed;
    private final long lingerNanos;
    private final AlarmFirstQueue<CommitWork> queue = new AlarmFirstQueue<>(Limits.TO_COMMIT);
    private final ReceiptTimes receipts;
    private final Thread thread = new Thread(this::run, "committer");
    private volatile boolean drained;
    private long tickedNanos = System.nanoTime();
    private CommitBatch atWork = new CommitBatch();
    /** The newest that was taken; it may not be in the batch yet. */
    private @Nullable CommitWork inHand;

    private @Nullable StateCopying copying;

    /** What others see of the state. */
    record Known(KeyRing ring, OrderBook orders) {}

    /**
     * Starts.
     *
     * @param state with everything in the log applied; the committer's from now on
     * @param known told of what the log says of the units, and what they are ordered, once it is durable
     * @param linger how long a batch without an alarm waits for more before its fsync
     * @param failed told once, from the committer's thread, when it has stopped for good
     */
    Committer(HubLog log, HubState state, Known known, Tally tally, Duration linger, Consumer<Throwable> failed) {
        this.log = log;
        this.recent = log.recent();
        this.state = state;
        state.ordered().forEach(unit -> known.orders().put(unit, state.orders(unit)));
        this.tally = tally;
        this.receipts = new ReceiptTimes(state, tally);
        this.answers = new CommitAnswers(state, known, tally, receipts);
        this.failed = failed;
        this.lingerNanos = linger.toNanos();
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a verified message, waiting for room; after {@link #close} or a failure it is forgotten. */
    void put(Incoming incoming, UpMessage message) throws InterruptedException {
        queue.put(new Verified(incoming, message), incoming.lane == Lane.ALARM);
    }

    /** What waits to be committed; the batch at work is not counted. */
    int waiting() {
        return queue.size();
    }

    /** A receipt of everything is due to this connection. At most one waits for each. */
    void greet(Session session) {
        if (session.greeting().compareAndSet(false, true)) {
            queue.add(new Greeting(session));
        }
    }

    /**
     * Commits a change of the registry or the map, unless it holds already; completes when it is durable, with a {@link RefusedInput} when it is not
     * taken.
     */
    CompletableFuture<Void> change(Input input) throws InterruptedException {
        Change change = new Change(input, new CompletableFuture<>());
        return await(change, change.isAlarm());
    }

    /**
     * Commits an order, unless it is refused; the same request is committed once.
     *
     * @param order its number is given here
     * @return completes when it is durable, or refused
     */
    CompletableFuture<Intake.Ordered> order(Order order) throws InterruptedException {
        return await(new Ordering(order, new CompletableFuture<>()), false);
    }

    /**
     * Destroys keys and puts that on record. Done here, in order with what is committed: whatever comes of a ride afterwards gets another key.
     *
     * @return completes when it is durable in the log, with what is to be {@link RideKeys#recorded}; empty when there was nothing left to record
     */
    CompletableFuture<Optional<Input.Erasure>> erase(Erasing what) throws InterruptedException {
        return await(new Erase(what, new CompletableFuture<>()), false);
    }

    /**
     * Begins a copy of what is durable, which goes on between the batches. One at a time.
     *
     * @return completes when it has begun
     */
    CompletableFuture<StateCopying> copy() {
        Copy copy = new Copy(new CompletableFuture<>());
        if (!queue.add(copy)) {
            copy.done().completeExceptionally(hasEnded());
        }
        return copy.done();
    }

    private static IllegalStateException hasEnded() {
        return new IllegalStateException("the committer has ended");
    }

    private <T> CompletableFuture<T> await(Awaited<T> work, boolean alarm) throws InterruptedException {
        if (!queue.put(work, alarm)) {
            work.done().completeExceptionally(hasEnded());
        }
        return work.done();
    }

    private void run() {
        try {
            while (!queue.isDrained()) {
                round();
            }
            drained = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException | Error e) {
            queue.close();
            failed.accept(e);
            tellWaiting(e);
        } finally {
            Optional.ofNullable(copying).ifPresent(StateCopying::end);
        }
    }

    /** Whoever waits for a commit hears that there is none: nothing of the batch at work is answered, and nothing of the queue will be taken. */
    private void tellWaiting(Throwable why) {
        Optional.ofNullable(inHand).ifPresent(work -> work.giveUp(why));
        atWork.giveUp(why);
        for (Optional<CommitWork> left = queue.pollNow(); left.isPresent(); left = queue.pollNow()) {
            left.get().giveUp(why);
        }
    }

    private void round() throws IOException, InterruptedException {
        Optional<CommitWork> first = queue.poll(receipts.untilNextNanos(pauseNanos()));
        inHand = first.orElse(null);
        CommitBatch batch = new CommitBatch();
        atWork = batch;
        tick(batch);
        if (first.isPresent() || !batch.written.isEmpty()) {
            if (first.isPresent()) {
                take(batch, first.get());
            }
            gather(batch);
            if (!batch.written.isEmpty()) {
                write(batch);
            }
            keep(batch);
            answers.answer(batch);
            beginCopies(batch);
        }
        receipts.sendDue();
        copyOn();
    }

    private long pauseNanos() {
        if (copying == null) {
            return TICK_NANOS;
        }
        return copying.isReady() ? 0 : lingerNanos;
    }

    private void beginCopies(CommitBatch batch) {
        for (Copy copy : batch.copies) {
            Optional.ofNullable(copying).ifPresent(StateCopying::end);
            copying = new StateCopying(state);
            copy.done().complete(copying);
        }
    }

    private void copyOn() {
        if (copying != null && !copying.advance()) {
            state.endCopy();
            copying = null;
        }
    }

    /** What time alone brings up. Once a second: only what is due is looked at, and only what is to be told is logged. */
    private void tick(CommitBatch batch) throws IOException {
        if (System.nanoTime() - tickedNanos < TICK_NANOS) {
            return;
        }
        tickedNanos = System.nanoTime();
        long nowMs = System.currentTimeMillis();
        for (int i = 0; i < TICKS; i++) {
            Optional<Input.Tick> due = state.due(nowMs);
            if (due.isEmpty()) {
                return;
            }
            write(batch, new LogEntry(due.get(), Step.decide(state, due.get())));
        }
    }

    /** Alarms do not wait for more, and yet what lies there already goes with them: else a city that calls without a pause would stop all other lanes. */
    private void gather(CommitBatch batch) throws IOException, InterruptedException {
        long lingerUntil = System.nanoTime() + lingerNanos;
        int beside = Limits.BESIDE_ALARMS;
        while (batch.works < Limits.BATCH) {
            if (batch.alarm && !queue.alarmWaits() && beside-- == 0) {
                return;
            }
            Optional<CommitWork> next = queue.poll(0);
            if (next.isPresent()) {
                take(batch, next.get());
                continue;
            }
            boolean hurry = batch.alarm || batch.written.isEmpty();
            // Woken by an alarm or a full batch, not by each message: what comes meanwhile waits for the same fsync.
            if (hurry || !queue.await(Limits.BATCH - batch.works, lingerUntil - System.nanoTime())) {
                return;
            }
        }
    }

    private void take(CommitBatch batch, CommitWork work) throws IOException {
        inHand = work;
        batch.works++;
        if (work instanceof Verified verified) {
            take(batch, verified);
        } else if (work instanceof Greeting greeting) {
            batch.greeted.add(greeting.session());
        } else if (work instanceof Change change) {
            take(batch, change);
        } else if (work instanceof Ordering ordering) {
            batch.placed.add(new CommitBatch.Placed(ordering, place(batch, ordering.order())));
        } else if (work instanceof Erase erase) {
            take(batch, erase);
        } else if (work instanceof Copy copy) {
            batch.copies.add(copy);
        }
    }

    private void take(CommitBatch batch, Change change) throws IOException {
        boolean news;
        try {
            news = isNews(batch, change.input());
        } catch (LogEntry.Unreadable e) {
            if (!e.isPassing()) {
                throw e;
            }
            // Nothing is decided: whoever brought it brings it again.
            change.done().completeExceptionally(e);
            return;
        }
        if (news) {
            Output output = Step.decide(state, change.input());
            if (!output.disposition().logged()) {
                change.done().completeExceptionally(RefusedInput.of(output));
                return;
            }
            write(batch, new LogEntry(change.input(), output));
        }
        batch.alarm |= change.isAlarm();
        batch.changes.add(change);
    }

    private Intake.Ordered place(CommitBatch batch, Order order) throws IOException {
        OptionalLong known = state.numberOf(order.request());
        if (known.isPresent()) {
            return new Intake.Ordered(known, Optional.empty());
        }
        Input.CommandOrdered input = new Input.CommandOrdered(System.currentTimeMillis(), state.numbered(order));
        Output output = Step.decide(state, input);
        if (!output.disposition().logged()) {
            return new Intake.Ordered(OptionalLong.empty(), output.reason());
        }
        write(batch, new LogEntry(input, output));
        return new Intake.Ordered(OptionalLong.of(input.order().number()), Optional.empty());
    }

    private void take(CommitBatch batch, Erase erase) throws IOException {
        RideKeys keys = log.keys().orElseThrow(() -> new IllegalStateException("nothing is sealed in this log"));
        long nowMs = System.currentTimeMillis();
        Erasing what = erase.what();
        keys.destroy(what.keys(), what.cause(), what.reason(), nowMs);
        Optional<Input.Erasure> unrecorded = keys.unrecorded(Input.Erasure.MAX_ITEMS, nowMs);
        Optional<Input.Erasure> news = unrecorded.flatMap(state::news);
        if (news.isPresent()) {
            write(batch, new LogEntry(news.get(), Step.decide(state, news.get())));
        }
        batch.erased.add(new CommitBatch.Erased(erase, unrecorded));
    }

    private void take(CommitBatch batch, Verified verified) throws IOException {
        Incoming incoming = verified.incoming();
        Input.Arrival arrival = new Input.Arrival(incoming.arrivedMs, verified.message());
        long begun = tally.trace().begin(verified.message());
        Output output;
        try {
            output = decide(batch, arrival);
        } catch (RuntimeException e) {
            // Nothing is changed yet: one message that we cannot judge must not end the hub, for it would come again.
            Logger.error(e, "{} could not be decided", verified.message());
            giveBack(incoming);
            return;
        } catch (UnansweredLookup e) {
            // Old damage is no reason for a city to stand: whoever sent it keeps it and sends it again.
            Logger.error("{} could not be compared with what is stored: {}", verified.message(), e.getMessage());
            giveBack(incoming);
            return;
        }
        if (output.disposition().logged()) {
            write(batch, new LogEntry(arrival, output));
        }
        if (begun != 0) {
            follow(batch, verified, output.disposition(), begun);
        }
        batch.alarm |= incoming.lane == Lane.ALARM;
        batch.decided.add(new CommitBatch.Decided(incoming, output));
    }

    /** Nothing of it is in the log, and it gets no receipt. */
    private void giveBack(Incoming incoming) {
        tally.count(Refusal.DEFECT);
        incoming.settle(Incoming.Fate.DEFECT);
        incoming.session.answer(List.of(incoming));
    }

    private void follow(CommitBatch batch, Verified verified, Disposition disposition, long begun) {
        Incoming incoming = verified.incoming();
        OptionalLong index = disposition.logged() ? OptionalLong.of(state.applied()) : OptionalLong.empty();
        Trace.Followed followed =
                new Trace.Followed(verified.message(), incoming.arrivedMs, disposition, index, incoming.session);
        tally.trace().decided(followed, begun);
        batch.followed.add(followed);
    }

    /** What was logged long ago does not read, for now or for good. */
    private static final class UnansweredLookup extends Exception {
        private static final long serialVersionUID = 1L;

        UnansweredLookup(IOException cause) {
            super(HubLog.words(cause), cause);
        }
    }

    private Output decide(CommitBatch batch, Input.Arrival arrival) throws UnansweredLookup {
        Output first = Step.decide(state, arrival);
        Optional<Lookup> lookup = first.lookup();
        if (lookup.isEmpty()) {
            return first;
        }
        Set<Id16> known;
        try {
            known = lookup.get().answer(index -> entry(batch, index));
        } catch (IOException e) {
            throw new UnansweredLookup(e);
        }
        return Step.decide(state, arrival.withKnown(known));
    }

    private LogEntry entry(CommitBatch batch, long index) throws IOException {
        Logged unforced = batch.written.get(index);
        if (unforced != null) {
            return unforced.entry();
        }
        Stored stored = log.journal()
                .read(index)
                .orElseThrow(() -> new IOException("entry " + index + " of the log does not read"));
        return log.reader().read(index, stored.keyId(), stored.payload());
    }

    /** Applied before it is written: what cannot be applied must never stand in the log. */
    private void write(CommitBatch batch, LogEntry entry) throws IOException {
        long index = state.applied() + 1;
        Entry encoded = log.entry(index, entry, Belonging.of(state, entry));
        state.apply(index, entry);
        encoded.keyId().ifPresent(state::sealedUnder);
        batch.entries.add(encoded);
        batch.written.put(index, new Logged(index, encoded.keyId(), entry));
    }

    /** The keys first: an entry that a crash leaves in the log must not be sealed under a key that nobody has. */
    private void write(CommitBatch batch) throws IOException {
        long begun = System.nanoTime();
        log.commitKeys();
        long index = state.applied() - batch.entries.size();
        for (Entry entry : batch.entries) {
            index++;
            long written = log.write(entry);
            if (written != index) {
                throw new IOException("the log gave entry " + index + " the index " + written);
            }
        }
        log.force();
        tally.watch().committed(System.nanoTime() - begun, batch.entries.size());
        for (Trace.Followed each : batch.followed) {
            tally.trace().committed(each, batch.entries.size(), begun);
        }
    }

    /** For those who follow; of a batch in which something was erased nothing, for its own entries may be what was erased. */
    private void keep(CommitBatch batch) {
        if (batch.erased.isEmpty()) {
            batch.written.values().forEach(recent::put);
        } else {
            recent.forget();
        }
    }

    private boolean isNews(CommitBatch batch, Input input) throws IOException {
        if (input instanceof Input.VaultAnswer answer) {
            // Its ride may have been erased since the vault was asked: no new key may bring back what is gone.
            return !entry(batch, answer.asked()).isErased();
        }
        if (input instanceof Input.SettingsChange) {
            // Every start counts: silence is measured from it.
            return true;
        }
        if (input instanceof Input.UnitChange change) {
            return !state.unit(change.unit().unit()).equals(Optional.of(change.unit()));
        }
        return !(input instanceof Input.DistrictsChange change
                && Arrays.equals(state.districts().source(), change.map().source()));
    }

    /** After {@link #close}: the state, unless it may be ahead of the disk. */
    Optional<HubState> committed() {
        return drained ? Optional.of(state) : Optional.empty();
    }

    /** Commits what it has, then ends. */
    @Override
    public void close() {
        queue.close();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
