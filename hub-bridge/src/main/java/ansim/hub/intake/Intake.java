package ansim.hub.intake;

import ansim.hub.core.Disposition;
import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.Order;
import ansim.hub.core.UnitRecord;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.trace.Trace;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.SigningKey;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.Verifier;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.tinylog.Logger;

/**
 * All of the intake, wired: doors, verification, committer.
 *
 * <p>Guarantees that a receipt leaves only after the fsync that holds what it names, and that whatever is refused is counted with its
 * reason. Does not guarantee that a PUBACK means stored. Any thread.
 */
public final class Intake implements AutoCloseable {
    private static final int MAX_VERIFYING = 16;
    private static final int WATCH_S = 1;
    private static final int CLOSE_S = 5;

    private final SigningKeys keys;
    private final long generation;
    private final Verifier verifier;
    private final Tally tally = new Tally(System::nanoTime);
    private final Committer committer;
    private final Snapshots snapshots;
    private final SnapshotMaker snapshotMaker;
    private final Verification verification;
    private final OrderBook orders = new OrderBook();
    private final Unasked unasked;
    private final HubLog log;
    private final ScheduledExecutorService watch = everySecond("disk-watch");
    private final ScheduledExecutorService scrub = everySecond("log-scrub");

    private Intake(HubLog log, Path snapshotFolder, SigningKeys keys, Pace pace, Consumer<Throwable> failed)
            throws IOException {
        KeyRing ring = new KeyRing();
        this.log = log;
        this.snapshots =
                new Snapshots(snapshotFolder, JournalFiles.real(), log.journal().journalId());
        HubState state =
                Replay.run(log.journal(), log.reader(), snapshots, ring, System.currentTimeMillis(), log.seenThrough());
        checkKeys(state);
        log.level();
        this.keys = keys;
        this.generation = state.generation();
        this.unasked = new Unasked(state.unanswered(), state.applied());
        this.verifier = CorrettoVerifier.load().orElse(UnitKeyVerifier.INSTANCE);
        this.committer = new Committer(log, state, new Committer.Known(ring, orders), tally, pace.linger(), failed);
        this.snapshotMaker =
                new SnapshotMaker(log.journal(), committer, snapshots, SnapshotMaker.EVERY, snapshots.newestIndex());
        this.verification =
                new Verification(pace.threads(), new Verification.Work(verifier, ring, committer, tally), failed);
        var unused = watch.scheduleWithFixedDelay(log::look, WATCH_S, WATCH_S, TimeUnit.SECONDS);
        var unusedToo = scrub.scheduleWithFixedDelay(log::scrub, WATCH_S, WATCH_S, TimeUnit.SECONDS);
    }

    /** Without its keys a ride would look as if it were erased. */
    private void checkKeys(HubState state) {
        long last = log.keys().map(RideKeys::last).orElse(0L);
        if (last < state.newestKey()) {
            throw new CommandFailure(
                    "the log is sealed under ride keys up to " + state.newestKey() + ", and the ride keys end at "
                            + last + ": they are older than the log, or were lost",
                    LogSeal.PUT_BACK);
        }
    }

    private static ScheduledExecutorService everySecond(String name) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Replays the log, or founds it, and starts to commit. No door is open yet.
     *
     * @param log the hub's log; nobody else writes to it
     * @param snapshots the folder of the snapshots, made when the first is
     * @param key signs what comes down
     * @param failed told when nothing can be verified or committed any more: the program must end
     * @throws CommandFailure when the log has lost an entry
     */
    public static Intake start(Journal log, Path snapshots, SigningKey key, Consumer<Throwable> failed)
            throws IOException {
        return start(HubLog.alone(log), snapshots, key, failed);
    }

    /** Like the other, with a log that may have a mirror; close it after this. */
    public static Intake start(HubLog log, Path snapshots, SigningKey key, Consumer<Throwable> failed)
            throws IOException {
        return start(log, snapshots, SigningKeys.of(key), failed);
    }

    /** Like the other, with keys that may change while it runs. */
    public static Intake start(HubLog log, Path snapshots, SigningKeys keys, Consumer<Throwable> failed)
            throws IOException {
        int processors = Runtime.getRuntime().availableProcessors();
        int threads = Math.max(1, Math.min(MAX_VERIFYING, processors));
        return new Intake(log, snapshots, keys, new Pace(threads, Limits.LINGER), failed);
    }

    /**
     * How it works.
     *
     * @param threads that verify, beside that of the alarms
     * @param linger how long an fsync waits for more, see {@link Limits#LINGER}
     */
    record Pace(int threads, Duration linger) {}

    static Intake start(HubLog log, Path snapshots, SigningKey key, Pace pace, Consumer<Throwable> failed)
            throws IOException {
        return new Intake(log, snapshots, SigningKeys.of(key), pace, failed);
    }

    /**
     * Commits a change of the registry or of the map; one that holds already is no news and not logged again.
     *
     * @return completes when it is durable and in force
     */
    public CompletableFuture<Void> change(Input input) throws InterruptedException {
        return committer.change(input);
    }

    /**
     * Commits an order, and sends it when the unit is there; the same request is committed once.
     *
     * @param order without a number
     * @return completes when it is durable, with its number, or with why it was refused
     */
    public CompletableFuture<Ordered> order(Order order) throws InterruptedException {
        try {
            // What cannot be signed would stand in the log and could never be sent.
            var unused = new DownSigner(this::keyFor, generation, System::currentTimeMillis).order(order);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(
                    new Ordered(OptionalLong.empty(), Optional.of(String.valueOf(e.getMessage()))));
        }
        return committer.order(order);
    }

    /**
     * What became of an order.
     *
     * @param number it is in the log with this number
     * @param refusal why it is not
     */
    public record Ordered(OptionalLong number, Optional<String> refusal) {}

    /**
     * The key that a unit believes: the present one, or the one before as long as the unit has not acknowledged that it heard of the present
     * one. A unit believes both until the present one has signed something for it.
     */
    public SigningKey keyFor(Id16 unit) {
        SigningKey present = keys.present();
        Optional<SigningKey> before = keys.before();
        boolean untold = before.isPresent() && orders.of(unit).stream().anyMatch(each -> announces(each, present));
        return untold ? before.get() : present;
    }

    private static boolean announces(Order order, SigningKey key) {
        return order.verb().number() == NextHubKey.NUMBER && named(order).equals(Optional.of(key.verifyKey()));
    }

    private static Optional<VerifyKey> named(Order order) {
        try {
            return Optional.of(NextHubKey.of(order.verb()).key());
        } catch (WireException e) {
            return Optional.empty();
        }
    }

    /** The requests of the orders that were sent since the last call, with when that was first, ms since 1970 UTC. */
    public Map<Id8, Long> takeSentOrders() {
        return orders.takeSent();
    }

    /** Whether the log has committed just this of a unit: then {@link #change} has nothing to do. */
    public boolean holds(UnitRecord unit) {
        return verification.registered(unit.unit()).filter(unit::equals).isPresent();
    }

    /** Makes entries of what the log holds. */
    public EntryReader reader() {
        return log.reader();
    }

    /**
     * Destroys the keys of rides or days and puts that on record in the log. What comes of such a ride afterwards gets a key of its own.
     *
     * @param keys at most {@link Input.Erasure#MAX_ITEMS}; none to put on record what a crash left
     * @return completes when the record is durable, with what {@link RideKeys#recorded} is to be told once no file holds anything of it any more
     */
    public CompletableFuture<Optional<Input.Erasure>> erase(
            List<RideKeys.Due> keys, Input.Erasure.Cause cause, String reason) throws InterruptedException {
        return committer.erase(new Committer.Erasing(keys, cause, reason));
    }

    /** Makes a snapshot and lets go the older ones, which hold what was erased since. False when this is being closed. */
    public boolean replaceSnapshots() throws IOException, InterruptedException {
        return snapshotMaker.replace();
    }

    /**
     * What the rider vault was not asked, or has not answered, when the log was replayed.
     *
     * @param indexes of boardings with sealed cards, oldest first
     * @param through the log's last index then; what came behind it nobody was asked about
     */
    public record Unasked(List<Long> indexes, long through) {}

    public Unasked unasked() {
        return unasked;
    }

    /**
     * Opens an MQTT door without TLS.
     *
     * @param maxConnections at once; one more is closed unheard
     * @return close it before this
     */
    public MqttDoor openMqtt(InetSocketAddress address, int maxConnections) throws IOException {
        return open(new MqttDoor.Site(address, maxConnections, Optional.empty()), System::currentTimeMillis);
    }

    /**
     * Opens an MQTT door with TLS, for units with a certificate.
     *
     * @param clock the hub's, by which certificates end
     */
    public MqttDoor openMqtt(InetSocketAddress address, int maxConnections, DoorTls tls, InstantSource clock)
            throws IOException {
        return open(new MqttDoor.Site(address, maxConnections, Optional.of(tls)), clock::millis);
    }

    private MqttDoor open(MqttDoor.Site site, LongSupplier nowMs) throws IOException {
        return MqttDoor.open(site, rooms(nowMs));
    }

    /**
     * Opens a CoAP door, for units with a certificate.
     *
     * @return close it before this
     */
    public CoapDoor openCoap(CoapDoor.Site site) throws IOException {
        return CoapDoor.open(site, rooms(System::currentTimeMillis));
    }

    /**
     * Subscribes to a city's own broker, in place of a door.
     *
     * @return close it before this
     */
    public CityBroker openBroker(CityBroker.Site site) {
        return CityBroker.start(site, rooms(System::currentTimeMillis), new SecureRandom());
    }

    private Rooms rooms(LongSupplier nowMs) {
        DownSigner signer = new DownSigner(this::keyFor, generation, System::currentTimeMillis);
        return new Rooms(verification, committer, orders, signer, tally, nowMs);
    }

    /**
     * What was counted so far, by name, and what waits now: much that is {@code waiting-to-commit} is a slow disk, much that is
     * {@code waiting-to-verify} without it a slow processor. With a mirror also how far it was compared, and {@code mirror-wrong}, entries
     * that are not as they should be there. Otherwise nothing that is zero.
     */
    public Map<String, Long> counts() {
        Map<String, Long> counts = tally.snapshot();
        counts.putAll(log.counts());
        counts.putAll(tally.trace().counts());
        putUnlessZero(counts, "waiting-to-verify", verification.waiting());
        putUnlessZero(counts, "waiting-to-commit", committer.waiting());
        return counts;
    }

    private static void putUnlessZero(Map<String, Long> counts, String name, long count) {
        if (count > 0) {
            counts.put(name, count);
        }
    }

    /** Tells somebody how long things take, from now on. */
    public void watch(IntakeWatch told) {
        tally.watch(told);
    }

    /** Tells somebody of the way of single messages, from now on. */
    public void trace(Trace told) {
        tally.trace(told);
    }

    /** Whether an fsync does not come back, so that nothing can be acknowledged. */
    public boolean isLogStuck() {
        return log.isStuck();
    }

    /** Every reason for which {@link #counts} counts refusals, without {@code refused-}. */
    public static List<String> refusals() {
        return Arrays.stream(Refusal.values()).map(Tally::name).toList();
    }

    /** Every name under which {@link #counts} counts what became of a message. */
    public static List<String> outcomes() {
        return Arrays.stream(Disposition.values()).map(Tally::name).toList();
    }

    /** Who verifies and how bytes come in, for the start's line. */
    public String machinery() {
        String by = verifier == UnitKeyVerifier.INSTANCE ? "BouncyCastle" : verifier.toString();
        return "signatures by " + by + ", " + MqttDoor.transport();
    }

    /** s since 1970 of the log's creation or last restore. */
    public long generation() {
        return generation;
    }

    /** Commits what is inside, and ends, with a snapshot: the next start need not read the log. */
    @Override
    public void close() {
        verification.close();
        snapshotMaker.close();
        committer.close();
        committer
                .committed()
                .filter(state -> state.applied() > snapshotMaker.newest())
                .ifPresent(this::keep);
        watch.shutdownNow();
        endScrub();
    }

    /** Not interrupted: that would close the file that it happens to read. */
    private void endScrub() {
        scrub.shutdown();
        try {
            if (!scrub.awaitTermination(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.warn("comparing the log and its mirror did not end within {} s", CLOSE_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void keep(HubState state) {
        try {
            snapshots.write(state);
        } catch (IOException e) {
            Logger.warn("no snapshot could be made at the stop, the next start reads the log: {}", HubLog.words(e));
        }
    }
}
