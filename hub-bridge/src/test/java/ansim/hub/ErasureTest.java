package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Disposition;
import ansim.hub.core.EntryReader;
import ansim.hub.core.HubState;
import ansim.hub.core.Input;
import ansim.hub.core.Keep;
import ansim.hub.core.LogEntry;
import ansim.hub.core.NamedRider;
import ansim.hub.core.RefusedInput;
import ansim.hub.core.UnitRide;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.intake.Replay;
import ansim.hub.intake.Snapshots;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.Book;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.vault.Began;
import ansim.hub.vault.Rider;
import ansim.hub.vault.RiderVault;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.settings.CommandFailure;
import ansim.wire.Bytes;
import ansim.wire.Ed25519Verifier;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Pos;
import ansim.wire.Receipted;
import ansim.wire.UpMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An erased ride is in no file any more, and everything else stays what it was. */
final class ErasureTest {
    private static final Replay.Subject SUBJECT = new Replay.Subject("the log", "");
    private static final Pos FROM = Pos.of(375_123_457, 1_269_876_543);
    private static final Pos TO = Pos.of(375_234_561, 1_269_765_431);
    private static final Pos ELSEWHERE = Pos.of(375_345_611, 1_270_654_311);
    private static final Id8 ERASED = Id8.random(SealedCity.RANDOM);
    private static final Id8 KEPT = Id8.random(SealedCity.RANDOM);
    /** Who rode, by the vault; what is erased is looked for in all files. */
    private static final NamedRider GONE = new NamedRider("5d17b3a94e0c62f1885d17b3a94e0c62", "77-GONE-77");

    private static final NamedRider STAYS = new NamedRider("fedcba98765432100123456789abcdef", "11680");

    @TempDir
    private Path folder = Path.of("");

    private final SealedCity city = new SealedCity();

    /** A hub without doors. */
    private final class Hub implements AutoCloseable {
        final Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
        final HubLog both = HubLog.mirrored(log, mirror().resolve("log"), JournalOptions.hub(), JournalFiles.real());
        final RideKeys keys = RideKeys.open(
                data().resolve("ridekeys.db"), mirror().resolve("ridekeys.db"), log.journalId(), SealedCity.RANDOM);
        final Intake intake = Intake.start(
                both.sealedBy(SealedCity.seal(log, keys)), data().resolve("snapshots"), city.key, failed -> {});
        final Views views =
                Views.open(data().resolve("views.db"), log.journalId(), log.durableIndex(), ZoneId.of("Asia/Seoul"));
        final ViewTail tail = ViewTail.start(log, intake.reader(), views);
        final MirrorFolder copies = new MirrorFolder(data(), mirror());
        final LedgerKeys ledgerKeys = HubFolder.ledgerKeys(data(), Optional.of(mirror()));
        final LedgerKeys consoleKeys = HubFolder.consoleKeys(data(), Optional.of(mirror()));
        final List<Erasures.Follower> followers = new ArrayList<>();

        Hub() throws IOException {
            copies.copySnapshots();
        }

        Erasures erasures(Clock clock) {
            return new Erasures(
                    new Erasures.Parts(
                            log,
                            keys,
                            List.of(ledgerKeys, consoleKeys),
                            intake,
                            views,
                            followers,
                            copies::copySnapshots),
                    new HubConfig.Retention(Duration.ofDays(30), Duration.ofDays(1095), Duration.ofDays(30)).perClass(),
                    clock);
        }

        void erase() throws Exception {
            assertEquals(RideKeys.Wish.NOTED, keys.wish(new UnitRide(city.unit, ERASED), "asked for", false));
            finish(erasures(at(city.nowMs)));
        }

        void finish(Erasures erasures) throws Exception {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!erasures.work()) {
                assertTrue(System.nanoTime() < deadline, "the files were not cleaned");
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }

        List<Input.Erasure> record() throws IOException {
            List<Input.Erasure> found = new ArrayList<>();
            for (LogEntry entry : entries(intake.reader())) {
                if (entry.input() instanceof Input.Erasure erasure) {
                    found.add(erasure);
                }
            }
            return found;
        }

        List<LogEntry> entries(EntryReader reader) throws IOException {
            List<LogEntry> found = new ArrayList<>();
            try (JournalReader journal = log.reader(1)) {
                for (Optional<Stored> next = journal.next(); next.isPresent(); next = journal.next()) {
                    found.add(reader.read(
                            next.get().index(), next.get().keyId(), next.get().payload()));
                }
            }
            return found;
        }

        HubState replayed() throws IOException {
            HubState state = new HubState();
            Replay.goOn(state, log, intake.reader(), log.durableIndex(), SUBJECT);
            return state;
        }

        @Override
        public void close() throws IOException {
            tail.close();
            views.close();
            intake.close();
            ledgerKeys.close();
            consoleKeys.close();
            keys.close();
            both.close();
            log.close();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    private Path mirror() {
        return folder.resolve("mirror");
    }

    private static Clock at(long ms) {
        return Clock.fixed(Instant.ofEpochMilli(ms), ZoneOffset.UTC);
    }

    /** Two rides, both named, and a snapshot that knows both; the first ride is the last of which a position is known. */
    @BeforeEach
    void twoRides() throws IOException {
        Files.createDirectories(mirror());
        Files.createDirectories(data());
        HubKey.keep(data().resolve(HubFolder.KEY), HubKeys.of(city.key));
        Registry.open(data().resolve(HubFolder.REGISTRY)).close();
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                RideKeys keys = RideKeys.open(data().resolve("ridekeys.db"), log.journalId(), SealedCity.RANDOM)) {
            LogSeal seal = SealedCity.seal(log, keys);
            city.found(log, seal);
            city.ride(log, seal, KEPT, ELSEWHERE, ELSEWHERE);
            city.ride(log, seal, ERASED, FROM, TO);
            city.name(log, seal, ERASED, GONE);
            city.name(log, seal, KEPT, STAYS);
            new Snapshots(data().resolve("snapshots"), JournalFiles.real(), log.journalId()).write(city.state);
        }
    }

    /** As the messages, the log, the snapshots and the views would have them. */
    private List<byte[]> traces() {
        List<byte[]> traces = new ArrayList<>();
        for (UpMessage message : city.sent(ERASED)) {
            traces.add(message.bytes());
            byte[] bytes = message.bytes();
            for (int at = 120; at + 24 < bytes.length; at += 24) {
                traces.add(java.util.Arrays.copyOfRange(bytes, at, at + 24));
            }
        }
        for (Pos pos : List.of(FROM, TO)) {
            traces.add(ByteBuffer.allocate(10)
                    .put((byte) 0x1a)
                    .putInt(pos.latE7())
                    .put((byte) 0x1a)
                    .putInt(pos.lonE7())
                    .array());
            traces.add(ByteBuffer.allocate(8)
                    .putInt(pos.latE7())
                    .putInt(pos.lonE7())
                    .array());
        }
        traces.addAll(whoRode());
        return traces;
    }

    private static List<byte[]> whoRode() {
        return List.of(
                GONE.handle().getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                GONE.home().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private static long found(List<byte[]> traces, Path... folders) throws IOException {
        long found = 0;
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    String content = new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1);
                    found += traces.stream()
                            .filter(each ->
                                    content.contains(new String(each, java.nio.charset.StandardCharsets.ISO_8859_1)))
                            .count();
                }
            }
        }
        return found;
    }

    @Test
    void anErasedRideIsInNoFileOfTheHubItsMirrorAndItsBackup() throws Exception {
        byte[] key;
        try (Hub hub = new Hub()) {
            awaitViews(hub);
            new Backup(data(), folder.resolve("backup")).run();
            assertTrue(found(traces(), data().resolve("snapshots")) > 0, "a snapshot knows where the ride ended");
            assertTrue(found(traces(), mirror().resolve("snapshots")) > 0, "so does the mirror's");
            assertEquals(2, found(whoRode(), mirror().resolve("snapshots")), "and who it was");
            assertTrue(found(whoRode(), data()) > 2, "the views show where the rider lives");
            assertEquals(0, found(traces(), data().resolve("log"), mirror().resolve("log")), "the log is sealed");
            assertEquals(0, found(traces(), folder.resolve("backup")), "a backup never knows");
            key = keyOfTheErased();
            assertTrue(found(List.of(key), data(), mirror()) >= 2);
            hub.erase();
            assertEquals(0, found(traces(), data(), mirror(), folder.resolve("backup")));
            assertEquals(0, found(List.of(key), data(), mirror(), folder.resolve("backup")));
            assertEquals(
                    hub.log.durableIndex(),
                    new Backup(data(), folder.resolve("backup")).run().entries(),
                    "the backup before it is still vouched for and gone on with");
        }
        assertEquals(0, found(traces(), folder));
        assertEquals(0, found(List.of(key), folder));
    }

    private static void awaitViews(Hub hub) {
        await("the views", () -> hub.views.position() >= hub.log.durableIndex());
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "not within 60 s: " + what);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** From a copy: the hub's own file is left alone. */
    private byte[] keyOfTheErased() throws Exception {
        Path copy = folder.resolve("copy.db");
        for (String suffix : List.of("", "-wal")) {
            Path from = data().resolve("ridekeys.db" + suffix);
            if (Files.exists(from)) {
                Files.copy(from, folder.resolve("copy.db" + suffix));
            }
        }
        byte[] owner = ByteBuffer.allocate(24)
                .putLong(city.unit.hi())
                .putLong(city.unit.lo())
                .putLong(ERASED.bits())
                .array();
        try (var database = java.sql.DriverManager.getConnection("jdbc:sqlite:" + copy);
                var query = database.prepareStatement("SELECT key FROM keys WHERE owner = ?")) {
            query.setBytes(1, owner);
            try (var rows = query.executeQuery()) {
                assertTrue(rows.next());
                return rows.getBytes(1);
            }
        } finally {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(folder.resolve("copy.db" + suffix));
            }
        }
    }

    @Test
    void theChainsAndAnswersOfAReplayAreWhatTheyWereAndTheOtherRideStillVerifies() throws Exception {
        Map<Lane, List<Receipted>> before = city.state.receipt(city.unit);
        try (Hub hub = new Hub()) {
            hub.erase();
            HubState after = hub.replayed();
            assertEquals(before, after.receipt(city.unit));
            for (UpMessage again : city.sent(ERASED)) {
                Input.Arrival arrival = new Input.Arrival(city.nowMs, again);
                assertEquals(
                        Disposition.DUPLICATE,
                        ansim.hub.core.Step.decide(after, arrival).disposition());
            }
            List<LogEntry> entries = hub.entries(hub.intake.reader());
            for (UpMessage kept : city.sent(KEPT)) {
                UpMessage stored = entries.stream()
                        .filter(each -> each.type() == Input.Type.MESSAGE)
                        .map(LogEntry::message)
                        .filter(each -> each.payloadHash().equals(kept.payloadHash()))
                        .findFirst()
                        .orElseThrow();
                assertArrayEquals(kept.bytes(), stored.bytes());
                assertTrue(stored.verify(Ed25519Verifier.INSTANCE, city.key.verifyKey()));
            }
            for (UpMessage gone : city.sent(ERASED)) {
                assertEquals(
                        1,
                        entries.stream()
                                .filter(each -> each.type() == Input.Type.ERASED
                                        && each.outline().payloadHash().equals(gone.payloadHash()))
                                .count(),
                        "its hash is what the message behind it names");
            }
        }
    }

    @Test
    void whatIsDecidedAfterAnErasureReplaysWhetherFromASnapshotOrFromTheFirstEntry() throws Exception {
        byte[] live;
        try (Hub hub = new Hub()) {
            hub.erase();
        }
        try (Hub hub = new Hub()) {
            Snapshots snapshots = new Snapshots(data().resolve("snapshots"), JournalFiles.real(), hub.log.journalId());
            live = Replay.through(hub.log, hub.intake.reader(), snapshots, hub.log.durableIndex(), SUBJECT)
                    .hash();
            assertTrue(snapshots.newestIndex() > 0);
            HubState outlines = new HubState();
            Replay.goOn(outlines, hub.log, EntryReader.OUTLINES, hub.log.durableIndex(), SUBJECT);
            assertEquals(1, outlines.erasures());
            assertEquals(hub.replayed().erasureHead(), outlines.erasureHead());
            assertEquals(hub.replayed().receipt(city.unit), outlines.receipt(city.unit));
        }
        assertEquals(32, live.length);
    }

    @Test
    void aDestinationOfAnErasedRideIsRefusedNothingIsLoggedAndTheRideGetsNoKeyAgain() throws Exception {
        try (Hub hub = new Hub()) {
            hub.erase();
            long end = hub.log.durableIndex();
            long last = hub.keys.last();
            Input said = new Input.DestinationSaid(
                    city.nowMs, new UnitRide(city.unit, ERASED), Optional.empty(), "11680", "r1");
            ExecutionException refused = assertThrows(
                    ExecutionException.class, () -> hub.intake.change(said).get(30, TimeUnit.SECONDS));
            RefusedInput cause = assertInstanceOf(RefusedInput.class, refused.getCause());
            assertEquals(RefusedInput.Why.UNKNOWN_RIDE, cause.why());
            assertEquals(end, hub.log.durableIndex());
            assertEquals(last, hub.keys.last());
        }
    }

    @Test
    void whatTheLedgersSayOfAnErasedRideIsOfNobodyAndOfTheOtherOneAsBefore() throws Exception {
        ObjectNode erased = JsonNodeFactory.instance.objectNode();
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        try (Hub hub = new Hub()) {
            hub.ledgerKeys.seal(erased, city.unit.hex(), ERASED.hex(), named(ERASED), Instant.now());
            hub.ledgerKeys.seal(kept, city.unit.hex(), KEPT.hex(), named(KEPT), Instant.now());
            hub.ledgerKeys.commit();
            hub.erase();
            assertTrue(hub.ledgerKeys.open(erased).path("erased").asBoolean());
            assertEquals(named(KEPT), hub.ledgerKeys.open(kept));
        }
        try (LedgerKeys second = LedgerKeys.open(mirror().resolve(LedgerKeys.FILE), SealedCity.RANDOM)) {
            assertTrue(second.open(erased).path("erased").asBoolean(), "on the mirror's disk, too");
            assertEquals(named(KEPT), second.open(kept));
        }
    }

    /** Their keys were on one disk: after a promote every line of the console read as erased. */
    @Test
    void whoReadARideAtTheConsoleIsToldByAPromotedMirrorUntilTheRideIsErased() throws Exception {
        try (Hub hub = new Hub();
                MirrorFolder files = new MirrorFolder(data(), mirror())) {
            awaitViews(hub);
            files.start(HubKeys.of(city.key));
            Ran list = Ran.of("rides", "list", "--config", settings());
            assertEquals(0, list.code(), list.err());
        }
        assertEquals(Set.of(KEPT.hex(), ERASED.hex()), readAtTheConsole(mirror()));
        new Promotion(Promotion.Source.MIRROR, mirror(), data(), false).run();
        assertEquals(Set.of(KEPT.hex(), ERASED.hex()), readAtTheConsole(data()));
        Ran erase = Ran.of(
                "rides",
                "erase",
                city.unit.hex() + "/" + ERASED.hex(),
                "--reason",
                "asked for",
                "--config",
                settings());
        assertEquals(0, erase.code(), erase.err());
        assertEquals(Set.of(KEPT.hex(), "erased"), readAtTheConsole(data()));
        assertEquals(Set.of(KEPT.hex(), "erased"), readAtTheConsole(mirror()));
    }

    @Test
    void whatARunningHubErasesIsErasedInTheLinesOfTheConsoleOnBothDisks() throws Exception {
        try (Hub hub = new Hub();
                MirrorFolder files = new MirrorFolder(data(), mirror())) {
            awaitViews(hub);
            assertEquals(0, Ran.of("rides", "list", "--config", settings()).code());
            files.start(HubKeys.of(city.key));
            hub.erase();
        }
        assertEquals(Set.of(KEPT.hex(), "erased"), readAtTheConsole(data()));
        assertEquals(Set.of(KEPT.hex(), "erased"), readAtTheConsole(mirror()));
    }

    @Test
    void aReadWithoutTheSettingsOrTheMirrorsDiskIsWrittenDownHereAndComesToTheMirrorWithTheLines() throws Exception {
        Path away = folder.resolve("away");
        try (Hub hub = new Hub()) {
            awaitViews(hub);
        }
        Files.move(mirror(), away);
        Files.createDirectory(mirror());
        assertEquals(0, Ran.of("rides", "list", "--config", settings()).code());
        assertFalse(Files.exists(mirror().resolve(ConsoleReads.KEYS)), "that is no mirror");
        assertEquals(0, Ran.on(data(), "rides", "list").code());
        Files.delete(mirror());
        Files.move(away, mirror());
        try (MirrorFolder files = new MirrorFolder(data(), mirror())) {
            files.start(HubKeys.of(city.key));
        }
        assertEquals(Set.of(KEPT.hex(), ERASED.hex()), readAtTheConsole(mirror()));
    }

    private String settings() throws IOException {
        String text = "data: " + data() + "\ndoor: {insecure-plaintext: true}\nlog: {mirror: " + mirror() + "}\n";
        return Files.writeString(folder.resolve("hub.yaml"), text).toString();
    }

    private static Set<String> readAtTheConsole(Path disk) throws IOException {
        Set<String> rides = new HashSet<>();
        try (LedgerKeys keys = LedgerKeys.open(disk.resolve(ConsoleReads.KEYS), SealedCity.RANDOM)) {
            for (String line : Book.lines(disk.resolve("ledger"), ConsoleReads.CLASS, 0, 10)) {
                JsonNode open = keys.open(new ObjectMapper().readTree(line));
                rides.add(open.has("erased") ? "erased" : open.path("ride").asText());
            }
        }
        return rides;
    }

    private static ObjectNode named(Id8 ride) {
        return JsonNodeFactory.instance.objectNode().put("ride", ride.hex());
    }

    @Test
    void anErasureIsNotOverBeforeEveryFollowerOfTheLogHoldsNothingOfIt() throws Exception {
        try (Hub hub = new Hub()) {
            AtomicLong holds = new AtomicLong();
            AtomicBoolean clean = new AtomicBoolean();
            hub.followers.add(index -> {
                holds.set(index);
                return clean.get();
            });
            hub.keys.wish(new UnitRide(city.unit, ERASED), "asked for", false);
            Erasures erasures = hub.erasures(at(city.nowMs));
            while (holds.get() == 0) {
                assertFalse(erasures.work());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
            awaitViews(hub);
            assertFalse(erasures.work());
            assertFalse(hub.keys.isDone(new UnitRide(city.unit, ERASED)));
            assertEquals(hub.log.durableIndex(), holds.get(), "up to the record of the erasure");
            clean.set(true);
            hub.finish(erasures);
            assertTrue(hub.keys.isDone(new UnitRide(city.unit, ERASED)));
        }
    }

    @Test
    void viewsForgetTheRideAndViewsMadeAnewNeverHearOfIt() throws Exception {
        try (Hub hub = new Hub()) {
            awaitViews(hub);
            assertEquals(
                    2,
                    hub.views.snapshot(Instant.ofEpochMilli(city.nowMs)).rides().size());
            hub.erase();
            assertOnlyTheKept(hub.views);
        }
        for (String suffix : List.of("", "-wal", "-shm")) {
            Files.deleteIfExists(data().resolve("views.db" + suffix));
        }
        try (Hub hub = new Hub()) {
            awaitViews(hub);
            assertOnlyTheKept(hub.views);
        }
    }

    private void assertOnlyTheKept(Views views) throws IOException {
        ansim.hub.view.Picture picture = views.snapshot(Instant.ofEpochMilli(city.nowMs));
        assertEquals(
                List.of(KEPT),
                picture.rides().stream().map(ansim.hub.view.Picture.Ride::id).toList());
        assertTrue(picture.events().stream().noneMatch(each -> each.ride().equals(Optional.of(ERASED))));
        // Boarded, named, alighted and the tamper whose place was the kept ride's.
        assertEquals(4, picture.events().size());
    }

    @Test
    void theVaultsAnswerGoesWithItsRideAndReplaysAsNothing() throws Exception {
        try (Hub hub = new Hub()) {
            assertEquals(2, count(hub, Input.Type.VAULT));
            hub.erase();
            assertEquals(1, count(hub, Input.Type.VAULT));
            assertEquals(1, count(hub, Input.Type.ERASED_ANSWER));
            assertEquals(city.state.receipt(city.unit), hub.replayed().receipt(city.unit));
            assertEquals(List.of(), hub.replayed().unanswered(), "nobody is asked about it again");
            List<NamedRider> named = hub.entries(hub.intake.reader()).stream()
                    .filter(each -> each.type() == Input.Type.VAULT)
                    .flatMap(each -> ((Input.VaultAnswer) each.input()).riders().stream())
                    .toList();
            assertEquals(List.of(STAYS), named);
        }
    }

    private static long count(Hub hub, Input.Type type) throws IOException {
        return hub.entries(hub.intake.reader()).stream()
                .filter(each -> each.type() == type)
                .count();
    }

    /** Takes its time: answers when it is told to. */
    private static final class SlowVault implements RiderVault {
        final List<Id8> asked = new CopyOnWriteArrayList<>();
        final CountDownLatch isAsked = new CountDownLatch(1);
        final CountDownLatch mayAnswer = new CountDownLatch(1);

        @Override
        public Optional<Rider> open(Bytes sealed, Id16 unit, Id8 ride, Began began, String why) throws IOException {
            asked.add(ride);
            isAsked.countDown();
            try {
                assertTrue(mayAnswer.await(60, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            return Optional.of(new Rider(GONE.handle(), GONE.home(), "ko"));
        }

        @Override
        public void close() {
            mayAnswer.countDown();
        }
    }

    @Test
    void anAnswerAboutARideThatWasErasedMeanwhileIsDroppedAndNobodyIsAskedAboutItAgain() throws Exception {
        sendAfterwards((log, seal) -> city.ride(log, seal, ERASED, FROM, TO));
        SlowVault slow = new SlowVault();
        try (Hub hub = new Hub()) {
            try (VaultFeed feed = VaultFeed.start(Optional.of(slow), hub.log, hub.intake)) {
                assertTrue(slow.isAsked.await(60, TimeUnit.SECONDS));
                hub.erase();
                slow.mayAnswer.countDown();
                await("the answer", () -> feed.asked() == 1);
                Map<String, Long> counts = new TreeMap<>();
                await("the count", () -> {
                    feed.addTo(counts);
                    return counts.equals(Map.of("riders not named: the ride was erased", 1L));
                });
            }
            // Behind the answer in the committer's queue.
            hub.intake.erase(List.of(), Input.Erasure.Cause.REQUEST, "").get(30, TimeUnit.SECONDS);
            assertEquals(1, count(hub, Input.Type.VAULT), "that of the other ride");
            assertEquals(1, count(hub, Input.Type.ERASED_ANSWER), "that of before");
            assertTrue(hub.keys.isDone(new UnitRide(city.unit, ERASED)), "no new key was made for it");
            assertEquals(0, found(traces(), data(), mirror()));
        }
        sendAfterwards((log, seal) -> city.ride(log, seal, KEPT, ELSEWHERE, ELSEWHERE));
        SlowVault next = new SlowVault();
        next.mayAnswer.countDown();
        try (Hub hub = new Hub();
                VaultFeed feed = VaultFeed.start(Optional.of(next), hub.log, hub.intake)) {
            await("the kept ride's name", () -> feed.asked() == 1);
            assertEquals(List.of(KEPT), next.asked);
        }
    }

    @Test
    void anErasureThatIsKilledAfterAnyStepIsFinishedAtTheNextStartAndOnRecordOnce() throws Exception {
        List<RideKeys.Due> due;
        try (Hub hub = new Hub()) {
            hub.keys.wish(new UnitRide(city.unit, ERASED), "asked for", false);
            due = hub.keys.wished(10).orElseThrow().keys();
            // The key is destroyed, nothing else is done.
            hub.keys.destroy(due, Input.Erasure.Cause.REQUEST, "asked for", city.nowMs);
        }
        try (Hub hub = new Hub()) {
            assertEquals(List.of(), hub.record());
            // The log says so, nobody noted that it does.
            hub.intake.erase(List.of(), Input.Erasure.Cause.REQUEST, "").get(30, TimeUnit.SECONDS);
        }
        try (Hub hub = new Hub()) {
            assertEquals(1, hub.record().size());
            assertTrue(hub.keys.isAnyUnclean());
            Input.Erasure again = hub.intake
                    .erase(List.of(), Input.Erasure.Cause.REQUEST, "")
                    .get(30, TimeUnit.SECONDS)
                    .orElseThrow();
            // Noted, the snapshots are not made anew.
            hub.keys.recorded(again);
        }
        try (Hub hub = new Hub()) {
            hub.finish(hub.erasures(at(city.nowMs)));
            assertEquals(1, hub.record().size());
            assertEquals(due.get(0).id(), hub.record().get(0).items().get(0).keyId());
            assertEquals("asked for", hub.record().get(0).reason());
            assertFalse(hub.keys.isAnyUnclean());
            assertEquals(0, found(traces(), data(), mirror()));
        }
    }

    @Test
    void aPromotedHubHasTheKeysOfTheMirrorAndTheOldFolderHasThemNoMore() throws Exception {
        try (Hub hub = new Hub()) {
            hub.erase();
            new MirrorFolder(data(), mirror()).start(HubKeys.of(city.key));
        }
        new Promotion(Promotion.Source.MIRROR, mirror(), data(), false).run();
        assertTrue(Files.isDirectory(data().resolve("before-promote-1")));
        assertFalse(Files.exists(data().resolve("before-promote-1").resolve("ridekeys.db")));
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                RideKeys keys = RideKeys.open(data().resolve("ridekeys.db"), log.journalId(), SealedCity.RANDOM)) {
            assertTrue(keys.isDone(new UnitRide(city.unit, ERASED)));
            assertFalse(keys.isDone(new UnitRide(city.unit, KEPT)));
        }
        assertEquals(0, found(traces(), data(), mirror()));
    }

    /** Killed behind the moving, the next run found nothing to move and left the second copy for ever. */
    @Test
    void aPromoteThatWasStoppedBehindItsMovingLeavesNoSecondKeysWhenItGoesOn() throws Exception {
        try (Hub hub = new Hub()) {
            hub.erase();
            new MirrorFolder(data(), mirror()).start(HubKeys.of(city.key));
        }
        new Promotion(Promotion.Source.MIRROR, mirror(), data(), false).run();
        Path draft = Files.createDirectory(data().resolve("promoting"));
        for (String name : List.of("log", "snapshots", "ridekeys.db")) {
            Files.move(data().resolve(name), draft.resolve(name));
        }
        Path second = data().resolve("before-promote-1").resolve("ridekeys.db");
        Files.copy(draft.resolve("ridekeys.db"), second);
        Files.writeString(draft.resolve("filled"), "as told before\n");
        new Promotion(Promotion.Source.MIRROR, mirror(), data(), false).run();
        assertFalse(Files.exists(second));
        assertTrue(Files.exists(data().resolve("ridekeys.db")));
    }

    @Test
    void aMirrorThatWasNotThereLosesTheKeyWhenItIsBack() throws Exception {
        new Hub().close();
        byte[] key = keyOfTheErased();
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                RideKeys alone = RideKeys.open(data().resolve("ridekeys.db"), log.journalId(), SealedCity.RANDOM)) {
            alone.wish(new UnitRide(city.unit, ERASED), "asked for", false);
            alone.destroy(alone.wished(1).orElseThrow().keys(), Input.Erasure.Cause.REQUEST, "asked for", city.nowMs);
        }
        assertTrue(found(List.of(key), mirror()) > 0);
        new Hub().close();
        assertEquals(0, found(List.of(key), folder));
    }

    @Test
    void anOlderCopyOfTheKeysThatIsPutBackRevivesNothingThatTheMirrorOrTheLogKnowsAsErased() throws Exception {
        new Hub().close();
        Path file = data().resolve("ridekeys.db");
        Path older = Files.copy(file, folder.resolve("older.db"));
        byte[] key = keyOfTheErased();
        try (Hub hub = new Hub()) {
            hub.erase();
        }
        new Backup(data(), folder.resolve("backup")).run();
        Files.copy(older, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        new Hub().close();
        assertEquals(0, found(List.of(key), data(), mirror()));

        Path restored = Files.createDirectories(folder.resolve("restored"));
        Files.move(older, restored.resolve("ridekeys.db"));
        new Promotion(Promotion.Source.BACKUP, folder.resolve("backup"), restored, false).run();
        assertEquals(0, found(List.of(key), restored));
        assertEquals(0, found(traces(), restored));
    }

    @Test
    void aRideWithAnEmergencyIsErasedOnlyWhenThatIsSaidAndWhatComesLaterIsErasedAgain() throws Exception {
        UnitRide ride = new UnitRide(city.unit, ERASED);
        try (Hub hub = new Hub()) {
            hub.erase();
        }
        sendAfterwards((log, seal) -> city.ride(log, seal, ERASED, FROM, TO));
        try (Hub hub = new Hub()) {
            assertFalse(hub.keys.isDone(ride), "what came late has a key of its own");
            hub.finish(hub.erasures(at(city.nowMs)));
            assertTrue(hub.keys.isDone(ride));
        }
        sendAfterwards((log, seal) -> city.panic(log, seal, ERASED, TO));
        try (Hub hub = new Hub()) {
            hub.finish(hub.erasures(at(city.nowMs)));
            assertFalse(hub.keys.isDone(ride), "an emergency is never erased by itself");
            assertEquals(RideKeys.Wish.EMERGENCY, hub.keys.wish(ride, "asked for", false));
            assertEquals(RideKeys.Wish.NOTED, hub.keys.wish(ride, "a court", true));
            hub.finish(hub.erasures(at(city.nowMs)));
            assertTrue(hub.keys.isDone(ride));
            assertEquals(
                    List.of("asked for", "asked for", "a court"),
                    hub.record().stream().map(Input.Erasure::reason).toList());
        }
    }

    /** What a hub takes in. */
    private interface Traffic {
        void send(Journal log, LogSeal seal) throws IOException;
    }

    private void sendAfterwards(Traffic traffic) throws IOException {
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                RideKeys keys = RideKeys.open(data().resolve("ridekeys.db"), log.journalId(), SealedCity.RANDOM)) {
            LogSeal seal = SealedCity.seal(log, keys);
            city.state = new HubState();
            Replay.goOn(city.state, log, seal, log.durableIndex(), SUBJECT);
            traffic.send(log, seal);
        }
    }

    @Test
    void whatIsKeptForAsLongAsItsClassIsErasedByTheClockAndEmergenciesStay() throws Exception {
        sendAfterwards((log, seal) -> city.panic(log, seal, KEPT, ELSEWHERE));
        long dayMs = Duration.ofDays(1).toMillis();
        try (Hub hub = new Hub()) {
            hub.finish(hub.erasures(at(city.nowMs + 29 * dayMs)));
            assertEquals(List.of(), hub.record());
            hub.finish(hub.erasures(at(city.nowMs + 31 * dayMs)));
            assertTrue(hub.keys.isDone(new UnitRide(city.unit, ERASED)));
            assertFalse(hub.keys.isDone(new UnitRide(city.unit, KEPT)), "there was an emergency");
            assertEquals(0, hub.keys.older(Keep.RIDES, Long.MAX_VALUE, 10).size());
            hub.finish(hub.erasures(at(city.nowMs + 1096 * dayMs)));
            assertTrue(hub.keys.isDone(new UnitRide(city.unit, KEPT)));
            List<Input.Erasure> record = hub.record();
            assertTrue(record.stream().allMatch(each -> each.cause() == Input.Erasure.Cause.RETENTION));
            assertEquals("rides are kept for 30 days", record.get(0).reason());
            assertEquals(
                    record.size(),
                    record.stream().map(Input.Erasure::previous).distinct().count());
            hub.replayed();
        }
    }

    @Test
    void aHubWhoseKeysAreGoneOldOrDamagedDoesNotStartAndSaysWhy() throws Exception {
        new Hub().close();
        Path file = data().resolve("ridekeys.db");
        byte[] whole = Files.readAllBytes(file);
        Files.delete(file);
        refused("the mirror has them");
        Files.delete(mirror().resolve("ridekeys.db"));
        Files.deleteIfExists(file);
        refused("ride keys end at 0");
        RideKeys.giveUp(file, logId(), 100);
        Files.deleteIfExists(mirror().resolve("ridekeys.db"));
        try (Hub hub = new Hub()) {
            assertEquals(city.state.receipt(city.unit), hub.replayed().receipt(city.unit));
        }
        Files.write(file, whole);
        try (var database = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = database.createStatement()) {
            statement.executeUpdate("DELETE FROM keys WHERE id = 1");
        }
        refused("are damaged");
    }

    private void refused(String why) {
        CommandFailure refused = assertThrows(CommandFailure.class, () -> {
            try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                    HubLog both =
                            HubLog.mirrored(log, mirror().resolve("log"), JournalOptions.hub(), JournalFiles.real());
                    RideKeys keys = RideKeys.open(
                            data().resolve("ridekeys.db"),
                            mirror().resolve("ridekeys.db"),
                            log.journalId(),
                            SealedCity.RANDOM)) {
                Intake.start(
                                both.sealedBy(SealedCity.seal(log, keys)),
                                data().resolve("snapshots"),
                                city.key,
                                failed -> {})
                        .close();
            }
        });
        assertTrue(refused.error().contains(why), refused.error());
        assertTrue(refused.tryThis().contains("ridekeys.db"), refused.tryThis());
    }

    private long logId() throws IOException {
        try (Journal log = Journal.open(data().resolve("log"), JournalOptions.hub(), JournalFiles.real())) {
            return log.journalId();
        }
    }
}
