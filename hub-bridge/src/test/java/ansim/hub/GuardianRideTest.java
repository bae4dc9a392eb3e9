package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Input;
import ansim.hub.core.StarterMap;
import ansim.hub.core.UnitRecord;
import ansim.hub.core.UnitRide;
import ansim.hub.guardian.GuardianFeed;
import ansim.hub.guardian.GuardianSettings;
import ansim.hub.guardian.Posting;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.vault.GuardianPost;
import ansim.hub.vault.RemoteVault;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.RiderVault;
import ansim.hub.vault.RidersImport;
import ansim.hub.vault.Vault;
import ansim.hub.vault.VaultSocket;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Position;
import ansim.wire.RideChange;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a unit's message to a guardian's mail box: log, vault, guardians, and a mail server that is a real one. */
@SuppressWarnings("try") // who runs beside is closed, not called
class GuardianRideTest {
    private static final Pos GANGNAM = Pos.of(375_172_000, 1_270_473_000);
    private static final Pos SEOCHO = Pos.of(374_836_000, 1_270_327_000);
    private static final String CARD = "62E3086CED";
    private static final String CSV = """
            rider,card,home,language,channel,address,name,tells,consent,by
            1,62E3086CED,11680,ko,mail,mother@example.org,Mother,boarded alighted emergency,2020-01-01,desk 3
            """;
    private static final long DEADLINE_S = 60;

    @TempDir
    private Path folder = Path.of("");

    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private final Id16 unit = new Id16(1, 2);
    private final Map<Lane, Long> numbers = new EnumMap<>(Lane.class);
    private final Map<Lane, Id16> previous = new EnumMap<>(Lane.class);
    private final List<RideNotice> told = new CopyOnWriteArrayList<>();
    private final List<String> forgotten = new CopyOnWriteArrayList<>();
    private final AtomicBoolean deaf = new AtomicBoolean();
    private SealingKey sealing;
    private Journal log;
    private Intake intake;
    private long nowMs;
    private long happenedMs;
    private boolean test;

    /** What is handed over, without anybody who sends it. */
    private final GuardianPost noted = new GuardianPost() {
        @Override
        public void hand(List<RideNotice> notices) throws IOException {
            if (deaf.get()) {
                throw new IOException("not now");
            }
            told.addAll(notices);
        }

        @Override
        public void forget(List<String> handles) {
            forgotten.addAll(handles);
        }
    };

    @BeforeEach
    void open() throws Exception {
        sealing = Vault.create(vault(), new SecureRandom());
        try (BufferedReader csv = new BufferedReader(new StringReader(CSV))) {
            assertEquals(
                    List.of(),
                    RidersImport.bring(
                                    vault(),
                                    csv,
                                    new ConsoleReads.Reader("test", "vault riders import", ""),
                                    Clock.systemUTC(),
                                    RidersImport.Progress.NONE)
                            .problems());
        }
        nowMs = System.currentTimeMillis();
        happenedMs = nowMs;
        log = Journal.open(folder.resolve("log"), JournalOptions.hub(), JournalFiles.real());
        intake = Intake.start(log, folder.resolve("snapshots"), key, why -> {});
        change(new Input.UnitChange(
                nowMs, new UnitRecord(unit, key.verifyKey(), "서울33바1234", "한강택시", "taxi", Optional.empty(), false)));
    }

    @AfterEach
    void close() throws Exception {
        intake.close();
        log.close();
    }

    private Path vault() {
        return folder.resolve("vault");
    }

    private void change(Input input) throws Exception {
        intake.change(input).get(DEADLINE_S, TimeUnit.SECONDS);
    }

    private void send(Lane lane, Body body) throws Exception {
        long n = numbers.merge(lane, 1L, Long::sum);
        UpMessage message = UpMessage.sign(
                new Batch(
                        unit,
                        new Id8(7),
                        lane,
                        new Id8(8),
                        n,
                        lane == Lane.STATUS ? Optional.empty() : Optional.ofNullable(previous.get(lane)),
                        TimeQuality.GNSS,
                        happenedMs,
                        1_000,
                        List.of(new UpRecord(0, body)),
                        OptionalLong.empty(),
                        test,
                        false),
                key);
        previous.put(lane, message.payloadHash());
        change(new Input.Arrival(nowMs, message));
    }

    private void boarded(long ride) throws Exception {
        Bytes card = sealing.seal(CARD.getBytes(StandardCharsets.US_ASCII), unit, new Id8(ride), new SecureRandom());
        send(Lane.EVENT, new Boarded(ride(ride, Optional.of(card))));
    }

    private void alighted(long ride) throws Exception {
        send(Lane.EVENT, new Alighted(ride(ride, Optional.empty())));
    }

    private static RideChange ride(long ride, Optional<Bytes> card) {
        return new RideChange(
                Optional.of(GANGNAM),
                new Id8(ride),
                card,
                RideChange.Source.CARD,
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    private void position(long ride) throws Exception {
        position(ride, GANGNAM);
    }

    private void position(long ride, Pos at) throws Exception {
        send(
                Lane.STATUS,
                new Position(
                        at,
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        Optional.of(new Id8(ride))));
    }

    private void panic(long ride, Phase phase) throws Exception {
        send(
                Lane.ALARM,
                new Panic(
                        Optional.of(GANGNAM),
                        Optional.of(new Id8(ride)),
                        Panic.Origin.RIDER,
                        Panic.Pattern.PRESS,
                        new Id8(5),
                        phase,
                        OptionalLong.empty()));
    }

    private GuardianFeed feed(GuardianPost post) throws IOException {
        return feed(post, code -> code.equals("11680"));
    }

    private GuardianFeed feed(GuardianPost post, Predicate<String> centres) throws IOException {
        return GuardianFeed.start(
                log,
                intake.reader(),
                post,
                folder.resolve("guardian.db"),
                new GuardianFeed.Rules(Duration.ofMinutes(10), centres, StarterMap::map));
    }

    private Vault openVault() throws IOException {
        return Vault.open(vault(), "hub", Clock.systemUTC());
    }

    private VaultFeed naming(RiderVault vault) {
        return VaultFeed.start(Optional.of(vault), log, intake);
    }

    private static void await(String what, BooleanAnswer condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_S);
        while (!condition.now()) {
            assertTrue(System.nanoTime() < deadline, what);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private interface BooleanAnswer {
        boolean now() throws Exception;
    }

    /** What guardians are told. */
    private List<Kind> kinds() {
        return told.stream().map(RideNotice::kind).filter(Kind::isTold).toList();
    }

    /** Of which centres riders are told, in order. */
    private List<String> centres() {
        return told.stream()
                .flatMap(each -> each.centres().stream())
                .map(RideNotice.Place::name)
                .toList();
    }

    /** The centre on the way had positions of a rider who was told of the two at the ends only. */
    @Test
    void theRiderIsToldOnceOfEachCentreThatIsGivenAnythingOfTheRide() throws Exception {
        try (GuardianFeed feed = feed(noted, code -> true);
                VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is named", () -> told.size() == 1);
            for (int i = 0; i < 3; i++) {
                position(1, SEOCHO);
            }
            alighted(1);
            await("the alighting is told", () -> kinds().contains(Kind.ALIGHTED));
            assertEquals(List.of("강남구", "서초구"), centres());
            assertEquals(List.of(Kind.BOARDED, Kind.ALIGHTED), kinds(), "guardians hear nothing of it");
        }
    }

    /** The same where the log is sealed: there the feed reads no more than the outline of what is none of its rides. */
    @Test
    void theRiderIsToldOfACentreOnTheWayAlsoWhereTheLogIsSealed() throws Exception {
        intake.close();
        try (RideKeys keys = RideKeys.open(folder.resolve("ridekeys.db"), log.journalId(), new SecureRandom())) {
            LogSeal seal = new LogSeal(keys, log.journalId(), new SecureRandom());
            intake = Intake.start(HubLog.alone(log).sealedBy(seal), folder.resolve("snapshots"), key, why -> {});
            try (GuardianFeed feed = feed(noted, code -> true)) {
                boarded(1);
                position(1, SEOCHO);
                position(1, GANGNAM);
                try (VaultFeed naming = naming(openVault())) {
                    await("it is named", () -> !told.isEmpty());
                    position(1, SEOCHO);
                    alighted(1);
                    await("the alighting is told", () -> kinds().contains(Kind.ALIGHTED));
                }
            }
            assertEquals(List.of("강남구", "서초구"), centres());
            intake.close();
        }
    }

    /** Guardians who are quiet of what is late once made the rider's own letter quiet, too. */
    @Test
    void whatIsLateIsToldToTheRiderWhoseCentresAreGivenItAndToNoGuardian() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            happenedMs = nowMs - TimeUnit.MINUTES.toMillis(30);
            boarded(1);
            await("the rider is told", () -> told.size() == 1);
            assertEquals(List.of(Kind.RIDE), told.stream().map(RideNotice::kind).toList());
            assertEquals(List.of("강남구"), centres());
        }
    }

    private static GreenMail mailServer() {
        ServerSetup setup = new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(20_000);
        GreenMail mail = new GreenMail(setup);
        mail.start();
        return mail;
    }

    private static Posting posting(Vault vault, GreenMail mail) throws IOException {
        GuardianSettings.MailServer server = new GuardianSettings.MailServer(
                "127.0.0.1",
                Optional.of(mail.getSmtp().getPort()),
                GuardianSettings.Tls.NONE,
                Optional.empty(),
                Optional.empty(),
                "ansim@city.example");
        GuardianSettings settings =
                new GuardianSettings(Optional.of(server), List.of(), "ko", Duration.ofMinutes(10), Optional.empty());
        return Posting.start(vault.outbox(), settings, file -> "", Clock.systemUTC());
    }

    private static List<String> subjects(GreenMail mail) throws Exception {
        List<String> subjects = new ArrayList<>();
        for (var each : mail.getReceivedMessages()) {
            subjects.add(each.getSubject());
        }
        return subjects;
    }

    @Test
    void aRideThatIsBoardedAndNamedIsExactlyOneMailAndItsAlightingAnother() throws Exception {
        GreenMail mail = mailServer();
        Vault vault = openVault();
        try (Posting posting = posting(vault, mail)) {
            // The vault is closed by who names rides by it.
            try (VaultFeed naming = naming(vault);
                    GuardianFeed feed = feed(vault)) {
                boarded(1);
                await("the boarding is told", () -> subjects(mail).size() == 1);
                boarded(1);
                alighted(1);
                await("the alighting is told", () -> subjects(mail).size() == 2);
                await("both cards are answered", () -> naming.asked() == 2);
                assertEquals(List.of("[안심귀가] 택시에 탔습니다 (서울33바1234)", "[안심귀가] 택시에서 내렸습니다 (서울33바1234)"), subjects(mail));
                posting.close();
            }
        }
        Vault again = openVault();
        try (VaultFeed naming = naming(again);
                GuardianFeed feed = feed(again);
                Posting posting = posting(again, mail)) {
            boarded(2);
            await("the next ride is told", () -> subjects(mail).size() == 3);
            posting.close();
        } finally {
            mail.stop();
        }
    }

    @Test
    void whereTheVaultHasAProcessOfItsOwnTheNoticeGoesThereAndTheMailFromThere() throws Exception {
        GreenMail mail = mailServer();
        try (Vault vault = openVault();
                VaultSocket socket = VaultSocket.open(vault, folder.resolve("s"));
                Posting posting = posting(vault, mail);
                VaultFeed naming = naming(new RemoteVault(socket.path()));
                RemoteVault own = new RemoteVault(socket.path());
                GuardianFeed feed = feed(own)) {
            boarded(1);
            await("the boarding is told", () -> subjects(mail).size() == 1);
            panic(1, Phase.RAISED);
            await("the emergency is told", () -> subjects(mail).size() == 2);
            assertTrue(subjects(mail).get(1).contains("긴급"), subjects(mail).get(1));
        } finally {
            mail.stop();
        }
    }

    @Test
    void aNoticeNamesVehicleCompanyTimeDistrictAndTheCentresThatAreGivenIt() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is told", () -> told.size() == 1);
            RideNotice notice = told.get(0);
            assertEquals(unit.hex() + "/" + new Id8(8).hex() + "/2/1", notice.event(), "the boarding's own id");
            assertEquals("서울33바1234", notice.vehicle());
            assertEquals("한강택시", notice.company());
            assertEquals(happenedMs, notice.atMs());
            assertEquals(new RideNotice.Place("강남구", "Gangnam-gu"), notice.place());
            assertEquals(List.of(notice.place()), notice.centres());
        }
    }

    /** A box was stolen, and another has its place: for thirty days the thief could tell guardians what he liked. */
    @Test
    void ofABoxThatWasReplacedGuardiansAreToldNoBoardingAndAnEmergencyOnlyAsUncertain() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            UnitRecord box =
                    new UnitRecord(unit, key.verifyKey(), "서울33바1234", "한강택시", "taxi", Optional.empty(), false);
            change(new Input.UnitChange(
                    nowMs,
                    new UnitRecord(
                            unit,
                            box.keys(),
                            box.service(),
                            box.past(),
                            new UnitRecord.Standing(false, OptionalLong.of(nowMs + TimeUnit.DAYS.toMillis(30))))));
            boarded(1);
            await("the boarding is counted", () -> feed.quiet().getOrDefault("suspect", 0L) == 1);
            panic(1, Phase.RAISED);
            alighted(1);
            await("the alighting is counted", () -> feed.quiet().getOrDefault("suspect", 0L) == 2);
            assertEquals(List.of(Kind.UNSURE), kinds());
            assertEquals(List.of("강남구"), centres(), "the rider is told of the centre all the same");
        }
    }

    /** The vault was slow: somebody has left the taxi before anybody knew who it was. */
    @Test
    void whatHappenedBeforeTheNameIsToldWithTheName() throws Exception {
        try (GuardianFeed feed = feed(noted)) {
            boarded(1);
            panic(1, Phase.RAISED);
            alighted(1);
            try (VaultFeed naming = naming(openVault())) {
                await("all is told", () -> told.size() == 3);
            }
            assertEquals(List.of(Kind.EMERGENCY, Kind.BOARDED, Kind.ALIGHTED), kinds(), "emergencies first");
        }
    }

    @Test
    void anEmergencyIsToldWhenItIsRaisedAndNotAgainWhenItIsRepeatedOrCancelled() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is named", () -> told.size() == 1);
            panic(1, Phase.RAISED);
            panic(1, Phase.REPEATED);
            panic(1, Phase.CANCELLED);
            alighted(1);
            await("the alighting is told", () -> kinds().contains(Kind.ALIGHTED));
            assertEquals(List.of(Kind.BOARDED, Kind.EMERGENCY, Kind.ALIGHTED), kinds());
        }
    }

    /** Its id has no unit in front: the feed once stood still at it for ever. */
    @Test
    void aCallByTheCitysAppInARideIsToldAndHoldsNothingUp() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is named", () -> told.size() == 1);
            intake.change(new Input.AppEmergency(
                            nowMs,
                            new Id16(7, 7),
                            nowMs,
                            Input.AppEmergency.Gesture.SHAKE,
                            Optional.empty(),
                            Optional.of(new UnitRide(unit, new Id8(1)))))
                    .get(DEADLINE_S, TimeUnit.SECONDS);
            alighted(1);
            await("the alighting is told", () -> kinds().contains(Kind.ALIGHTED));
            assertEquals(List.of(Kind.BOARDED, Kind.EMERGENCY, Kind.ALIGHTED), kinds());
        }
    }

    @Test
    void nothingIsToldOfWhatIsLateOldOrATestAndWhatIsLateIsCounted() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            happenedMs = nowMs - TimeUnit.MINUTES.toMillis(3);
            boarded(1);
            await("a late one is counted", () -> feed.quiet().getOrDefault("late", 0L) == 1);
            happenedMs = nowMs - TimeUnit.MINUTES.toMillis(11);
            boarded(2);
            await("an old one is counted", () -> feed.quiet().getOrDefault("late", 0L) == 2);
            happenedMs = nowMs;
            test = true;
            boarded(3);
            alighted(3);
            // The vault is not asked whose card a fitter holds, so nothing of it ever has a name.
            test = false;
            boarded(4);
            await("the real one is told", () -> !kinds().isEmpty());
            assertEquals(List.of(Kind.BOARDED), kinds());
            assertEquals(
                    List.of(unit.hex() + "/" + new Id8(8).hex() + "/2/5"),
                    told.stream()
                            .filter(each -> each.kind().isTold())
                            .map(RideNotice::event)
                            .toList());
        }
    }

    /** Tidings of which the vault itself cannot take one: those before and after it are told all the same, and nobody waits for ever. */
    @Test
    void anEntryAtWhichTheProgramFailsIsTriedAFewTimesThenPassedOverCountedAndNothingElseIs() throws Exception {
        AtomicInteger failed = new AtomicInteger();
        GuardianPost fails = new GuardianPost() {
            @Override
            public void hand(List<RideNotice> notices) {
                if (notices.stream().anyMatch(each -> each.kind() == Kind.EMERGENCY)) {
                    failed.incrementAndGet();
                    throw new IllegalStateException("a defect");
                }
                told.addAll(notices);
            }

            @Override
            public void forget(List<String> handles) {
                forgotten.addAll(handles);
            }
        };
        try (VaultFeed naming = naming(openVault())) {
            try (GuardianFeed feed = feed(noted)) {
                boarded(1);
                await("it is named", () -> told.size() == 1);
            }
            // All in one batch, which fails as a whole at first. What concerns no guardian goes well each time, and is
            // no reason to begin counting anew.
            position(1);
            panic(1, Phase.RAISED);
            alighted(1);
            try (GuardianFeed feed = feed(fails)) {
                await("the alighting is told", () -> kinds().contains(Kind.ALIGHTED));
                assertEquals(Map.of("failed", 1L), feed.quiet());
            }
            assertEquals(List.of(Kind.BOARDED, Kind.ALIGHTED), kinds());
            int tried = failed.get();
            assertTrue(tried >= 5 && tried <= 6, "tried alone 5 times, once with others maybe (" + tried + ")");
            try (GuardianFeed feed = feed(fails)) {
                boarded(2);
                await("the next ride is told", () -> told.size() == 3);
            }
            assertEquals(tried, failed.get(), "what was passed over does not come again");
        }
    }

    /** The file's own log kept a copy of the handles for as long as it pleased SQLite. */
    @Test
    void anErasureWaitsUntilNoFileOfGuardiansHoldsTheHandles() throws Exception {
        try (VaultFeed naming = naming(openVault());
                GuardianFeed feed = feed(noted)) {
            boarded(1);
            await("it is named", () -> told.size() == 1);
            byte[] handle = told.get(0).handles().get(0).getBytes(StandardCharsets.US_ASCII);
            // They are handed over before that is written down.
            await("the search finds what is there", () -> inGuardianFiles(handle));
            long before = log.durableIndex();
            assertEquals(false, feed.holdsNothingErasedBefore(before + 1), "an entry that is still to come");
            change(new Input.Erasure(
                    nowMs,
                    Input.Erasure.Cause.REQUEST,
                    "",
                    List.of(new Input.Erasure.Item(1, Optional.of(new UnitRide(unit, new Id8(1)))))));
            await("it is followed and emptied", () -> feed.holdsNothingErasedBefore(before + 1));
            assertEquals(false, inGuardianFiles(handle));
            assertEquals(told.get(0).handles(), forgotten);
        }
    }

    private boolean inGuardianFiles(byte[] wanted) throws IOException {
        String needle = new String(wanted, StandardCharsets.ISO_8859_1);
        for (String name : List.of("guardian.db", "guardian.db-wal")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)
                    && new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(needle)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aVaultThatTakesNothingHoldsNothingUpAndGetsAllWhenItIsBackAlsoAfterARestart() throws Exception {
        deaf.set(true);
        try (VaultFeed naming = naming(openVault())) {
            try (GuardianFeed feed = feed(noted)) {
                boarded(1);
                await("it is named", () -> naming.asked() == 1);
                alighted(1);
            }
            assertEquals(List.of(), told);
            deaf.set(false);
            try (GuardianFeed feed = feed(noted)) {
                await("all is told", () -> told.size() == 2);
            }
            assertEquals(List.of(Kind.BOARDED, Kind.ALIGHTED), kinds());
            try (GuardianFeed feed = feed(noted)) {
                boarded(2);
                await("and no more than that", () -> told.size() >= 3);
                assertEquals(3, told.size());
            }
        }
    }

    @Test
    void whoeverIsNewBeginsAtTheEndOfTheLog() throws Exception {
        try (VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is named", () -> log.durableIndex() == 4);
            try (GuardianFeed feed = feed(noted)) {
                boarded(2);
                await("the new one is told", () -> !told.isEmpty());
                assertEquals(1, told.size());
            }
        }
    }

    @Test
    void ofARideThatIsErasedTheVaultIsToldToForgetWhatWaits() throws Exception {
        try (GuardianFeed feed = feed(noted);
                VaultFeed naming = naming(openVault())) {
            boarded(1);
            await("it is told", () -> told.size() == 1);
            change(new Input.Erasure(
                    nowMs,
                    Input.Erasure.Cause.REQUEST,
                    "asked for",
                    List.of(new Input.Erasure.Item(1, Optional.of(new UnitRide(unit, new Id8(1)))))));
            await("it is forgotten", () -> !forgotten.isEmpty());
            assertEquals(told.get(0).handles(), forgotten);
        }
    }
}
