package ansim.edge.keys;

import ansim.edge.keys.TrustState.Wish;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.tinylog.Logger;

/**
 * The keys of a running unit: who it is on connections, what signs its messages, whom it believes, and the renewal of all of it.
 *
 * <p>Guarantees that the key that signs is changed only after the hub's confirmation of the new one is on disk; that a connection is
 * refused here once the certificate has ended, while it is renewed all the same; that the hub's key before is believed until the first
 * message that the next one has signed at or after its time, and not longer. No clock of the unit takes part in that.
 *
 * <p>One thread of its own, {@code keys}, asks the hub: at two thirds of the certificate's life, when the message key is old, and when the
 * hub orders it, then spread over {@link Pace#spread}. Other methods: any thread.
 */
public final class UnitKeys implements HubTrust, TlsSource, CoapIdentity.Source, AutoCloseable {
    private static final long CLOSE_MS = 5_000;
    private static final long DAY_S = 86_400;

    private final TrustFolder folder;
    private final HubTime time;
    private final KeySteps steps;
    private final Pace pace;
    private final SecureRandom random;
    private final Semaphore asked = new Semaphore(0);
    private final Thread thread = new Thread(this::run, "keys");
    private volatile TrustState state;
    private @Nullable Given lastGiven;
    private volatile Consumer<SigningKey> onSigner = key -> {};
    private volatile boolean strangerHeard;
    private long backoffMs;

    /**
     * How often the thread looks.
     *
     * @param check between two looks at what is due
     * @param spread over which units that were all ordered to renew come to the hub
     * @param firstBackoff after a failure; doubling
     * @param longestBackoff after many
     * @param messageKeyAge after which a message key is replaced
     */
    public record Pace(
            Duration check, Duration spread, Duration firstBackoff, Duration longestBackoff, Duration messageKeyAge) {
        /** Of a city: 72,000 units in an hour are 20 a second. */
        public static Pace of(Duration messageKeyAge) {
            return new Pace(
                    Duration.ofHours(1),
                    Duration.ofHours(1),
                    Duration.ofMinutes(1),
                    Duration.ofHours(1),
                    messageKeyAge);
        }
    }

    /**
     * Reads the folder; {@link #start} begins to renew.
     *
     * @throws KeysException if the unit is not enrolled, or its files are not as they must be
     */
    public UnitKeys(TrustFolder folder, HubTime time, Pace pace, SecureRandom random) throws KeysException {
        this.folder = folder;
        this.time = time;
        this.pace = pace;
        this.random = random;
        this.steps = new KeySteps(folder, time, pace.messageKeyAge(), random);
        this.state = settled(folder);
        this.backoffMs = pace.firstBackoff().toMillis();
        if (!state.enrolled()) {
            throw new KeysException(
                    KeysException.Reason.FILES,
                    "the unit is not enrolled: " + folder.path() + " lacks keys",
                    "edge-agent enrol, which goes on where it was");
        }
        thread.setDaemon(true);
    }

    /**
     * Begins to look for what is due.
     *
     * @param newSigner told of each new key that signs, after its confirmation is on disk
     */
    public void start(Consumer<SigningKey> newSigner) {
        onSigner = newSigner;
        if (vault().isEmpty()) {
            // There may be a vault by now, and a card that is read without its key is nobody's for good.
            askForHub();
        }
        thread.start();
    }

    public Id16 unit() {
        return state.unit().orElseThrow();
    }

    public SigningKey signer() {
        return state.signer().orElseThrow();
    }

    /** What cards are sealed to; may come while the agent runs. */
    public Optional<SealingKey> vault() {
        return state.hub().vault();
    }

    /** Days until the certificate ends, 0 when it has. */
    public long certificateDays() {
        long leftS = Duration.between(time.now(), state.certificateEnd()).toSeconds();
        return Math.max(0, leftS / DAY_S);
    }

    @Override
    public SSLContext context() throws IOException {
        CoapIdentity now = identity();
        return now.own().context(now.hub(), random);
    }

    @Override
    public synchronized CoapIdentity identity() throws IOException {
        TrustState now = state;
        TlsIdentity unit = now.identity().orElseThrow(() -> new IOException("there is no certificate"));
        Instant end = now.certificateEnd();
        if (!time.now().isBefore(end)) {
            throw new IOException("the certificate has ended on " + end + "; it is being renewed");
        }
        Given given = lastGiven;
        if (given == null || !given.of.equals(now)) {
            given = new Given(now, new CoapIdentity(unit, new PeerTrust(now.authorities(), time.moment())));
            lastGiven = given;
        }
        return given.identity;
    }

    /** The same while nothing has changed: a DTLS session is resumed by who began it. */
    private record Given(TrustState of, CoapIdentity identity) {}

    // ---- whom to believe

    @Override
    public boolean verifies(DownMessage message) {
        TrustState.Hub hub = state.hub();
        Optional<VerifyKey> present = hub.key();
        if (present.isPresent() && message.verify(Ed25519Verifier.INSTANCE, present.get())) {
            heard(message);
            return true;
        }
        Optional<NextHubKey> next = hub.next();
        if (next.isPresent()
                && message.command().iatS() >= next.get().fromS()
                && message.verify(Ed25519Verifier.INSTANCE, next.get().key())) {
            changeHubKey(next.get());
            heard(message);
            return true;
        }
        stranger(message.kid());
        return false;
    }

    private void heard(DownMessage message) {
        time.raise(message.command().iatS(), state.renewalDue());
    }

    private void changeHubKey(NextHubKey next) {
        try {
            folder.takeHubKey();
            reload();
            Logger.info("the hub signs with {} from now on", next.key());
        } catch (IOException | KeysException e) {
            // Believed all the same; tried again with its next message.
            Logger.warn("the hub's new key cannot be stored: {}", e.getMessage());
        }
    }

    /** The hub may have changed its key while this unit was away: it is asked, and must show that the keys held here lead to its own. */
    private void stranger(Id8 kid) {
        TrustState.Hub hub = state.hub();
        boolean known = hub.key().map(VerifyKey::kid).equals(Optional.of(kid))
                || hub.next().map(next -> next.key().kid()).equals(Optional.of(kid));
        if (known || strangerHeard) {
            return;
        }
        strangerHeard = true;
        Logger.warn("something comes down that key {} has signed, which is not known here: the hub will be asked", kid);
        askForHub();
    }

    private void askForHub() {
        try {
            folder.wish(EnumSet.of(Wish.HUB));
            asked.release();
        } catch (IOException | KeysException e) {
            Logger.warn("the hub cannot be asked for its keys: {}", e.getMessage());
        }
    }

    @Override
    public boolean follow(NextHubKey next) throws IOException {
        folder.nextHubKey(next);
        reloadOrFail();
        Logger.info("the hub will sign with {} from {}", next.key(), Instant.ofEpochSecond(next.fromS()));
        return true;
    }

    @Override
    public boolean renewKeys() throws IOException {
        try {
            folder.wish(EnumSet.allOf(Wish.class));
        } catch (KeysException e) {
            throw new IOException(e.error(), e);
        }
        asked.release();
        return true;
    }

    private void reloadOrFail() throws IOException {
        try {
            reload();
        } catch (KeysException e) {
            throw new IOException(e.error(), e);
        }
    }

    private static TrustState settled(TrustFolder folder) throws KeysException {
        try {
            folder.settle();
        } catch (IOException e) {
            throw new KeysException(
                    KeysException.Reason.FILES,
                    folder.path() + " cannot be forced to disk (" + e + ")",
                    "another disk");
        }
        return folder.load();
    }

    /** What is on disk is in force. */
    private synchronized void reload() throws KeysException {
        TrustState before = state;
        TrustState now = settled(folder);
        state = now;
        Optional<Id8> kid = now.signer().map(key -> key.verifyKey().kid());
        if (now.signer().isPresent()
                && !kid.equals(before.signer().map(key -> key.verifyKey().kid()))) {
            Logger.info("messages are signed with key {} from now on", kid.get());
            onSigner.accept(now.signer().get());
        }
    }

    // ---- renewal

    private void run() {
        long delayMs = firstDelayMs();
        try {
            while (true) {
                if (asked.tryAcquire(delayMs, TimeUnit.MILLISECONDS)) {
                    asked.drainPermits();
                    // Ordered, and so were all others: not at once.
                    TimeUnit.MILLISECONDS.sleep(random.nextLong(pace.spread().toMillis() + 1));
                }
                delayMs = attempt();
            }
        } catch (InterruptedException e) {
            Logger.debug("keys: stopped");
        }
    }

    private long firstDelayMs() {
        long mostMs = state.wishes().isEmpty()
                ? pace.firstBackoff().toMillis()
                : pace.spread().toMillis();
        return random.nextLong(mostMs + 1);
    }

    /** Does what is due. Returns how long to wait until the next look, ms. */
    long attempt() throws InterruptedException {
        try {
            reload();
            // Each step once: a hub whose clock is behind gives certificates that are due again at once.
            Set<Step> done = EnumSet.noneOf(Step.class);
            for (Step step = steps.next(state); step != Step.NOTHING && done.add(step); step = steps.next(state)) {
                Logger.info("keys: {}", step.text());
                steps.perform(step, state);
                reload();
            }
            strangerHeard = false;
            backoffMs = pace.firstBackoff().toMillis();
            return pace.check().toMillis();
        } catch (KeysException e) {
            Logger.warn("keys: {} (try: {})", e.error(), e.tryThis());
        } catch (IOException e) {
            Logger.warn("keys: {}", e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            // A defect costs this look: a unit that never looks again is shut out when its certificate ends.
            Logger.warn(e, "keys: a defect");
        }
        long delayMs = backoffMs / 2 + random.nextLong(backoffMs / 2 + 1);
        backoffMs = Math.min(pace.longestBackoff().toMillis(), 2 * backoffMs);
        return delayMs;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
