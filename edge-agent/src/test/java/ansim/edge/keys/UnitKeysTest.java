package ansim.edge.keys;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Bytes;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.KeyConfirmation;
import ansim.wire.NextHubKey;
import ansim.wire.OpeningKey;
import ansim.wire.OtherVerb;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The keys of a running unit, against an EST server on loopback; time is what the test says. */
class UnitKeysTest {
    private static final Path FOLDER = Path.of("/trust");
    private static final Instant NOW = TestEst.NOW;
    private static final Duration DAY = Duration.ofDays(1);

    private final CrashingFiles files = new CrashingFiles();
    private final TrustFolder folder = new TrustFolder(FOLDER, files);
    private final SecureRandom random = new SecureRandom();
    private final SigningKey nextHub = SigningKey.generate(random);
    private TestEst est;
    /** By NTP; empty while nobody knows. */
    private Optional<Instant> network = Optional.empty();

    /** So many times the question for the time fails by a defect. */
    private int defects;

    private HubTime time = time();
    private UnitKeys keys;

    private HubTime time() {
        return new HubTime(
                Path.of("/data/hub-time"), files, NOW, this::synchronised, () -> network.orElse(Instant.MAX));
    }

    private boolean synchronised() {
        return switch (defects--) {
            case 2 -> throw new IllegalStateException("a defect");
            case 1 -> throw new NoClassDefFoundError("a library");
            default -> network.isPresent();
        };
    }

    private UnitKeys open() throws KeysException {
        return new UnitKeys(folder, time, UnitKeys.Pace.of(Duration.ofDays(300)), random);
    }

    @BeforeEach
    void enrol() throws Exception {
        // Its certificate is good for days 100 to 465, and to a unit that does not know the time from the first day on.
        est = new TestEst(NOW.plus(DAY.multipliedBy(100)));
        folder.claim(est.claim());
        new KeySteps(folder, time, Duration.ofDays(300), random).run(step -> {});
        est.asked.clear();
        keys = open();
    }

    @AfterEach
    void close() {
        est.close();
    }

    private void day(int day) {
        est.now = NOW.plus(DAY.multipliedBy(day));
        network = Optional.of(est.now);
    }

    private BigInteger serial() throws KeysException {
        return folder.load().identity().orElseThrow().leaf().getSerialNumber();
    }

    private DownMessage message(SigningKey key, long iatS) {
        OtherVerb diagnose = new OtherVerb(7, Bytes.of(new byte[] {(byte) 0xa0}));
        return DownMessage.sign(new Command("hub", keys.unit(), OptionalLong.empty(), iatS, 1, 1, diagnose), key);
    }

    // ---- renewal

    @Test
    void beforeTwoThirdsOfItsLifeNobodyIsAsked() throws Exception {
        day(242);
        assertEquals(Duration.ofHours(1).toMillis(), keys.attempt());
        assertEquals(List.of(), est.asked);
        assertEquals(123, keys.certificateDays());
    }

    @Test
    void fromTwoThirdsOnTheCertificateIsRenewedWithAKeyOfItsOwn() throws Exception {
        BigInteger before = serial();
        SigningKey signer = keys.signer();
        day(244);
        keys.attempt();
        assertEquals(List.of("/.well-known/est/simplereenroll", "/ansim/v1/hub"), est.asked);
        assertNotEquals(before, serial());
        assertEquals(365, keys.certificateDays());
        assertEquals(signer.verifyKey(), keys.signer().verifyKey());
    }

    @Test
    void anOldMessageKeyIsReplacedAndSignsOnlyOnceItsConfirmationIsOnDisk() throws Exception {
        SigningKey before = keys.signer();
        List<SigningKey> told = new ArrayList<>();
        List<Boolean> onDisk = new ArrayList<>();
        day(301);
        keys.start(key -> {
            told.add(key);
            onDisk.add(confirmed(key));
        });
        keys.close();
        keys.attempt();
        assertEquals(1, told.size());
        assertEquals(List.of(true), onDisk);
        assertNotEquals(before.verifyKey(), keys.signer().verifyKey());
        assertEquals(told.get(0).verifyKey(), keys.signer().verifyKey());
        Id16 unit = keys.unit();
        assertEquals(
                List.of(before.verifyKey(), keys.signer().verifyKey()), est.messageKeys.getOrDefault(unit, List.of()));
    }

    private boolean confirmed(SigningKey key) {
        try {
            TrustState state = folder.load();
            return List.of(state.message(), state.nextMessage()).stream()
                    .flatMap(each -> each.confirmation().stream())
                    .map(KeyConfirmation::key)
                    .anyMatch(key.verifyKey().kid()::equals);
        } catch (KeysException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anOrderToRenewIsKeptOverARestartAndDoneOnce() throws Exception {
        BigInteger before = serial();
        SigningKey signer = keys.signer();
        assertTrue(keys.renewKeys());
        assertEquals(List.of(), est.asked, "not at once");
        UnitKeys next = open();
        next.attempt();
        assertNotEquals(before, serial());
        assertNotEquals(signer.verifyKey(), next.signer().verifyKey());
        int asked = est.asked.size();
        next.attempt();
        assertEquals(asked, est.asked.size());
    }

    @Test
    void anEndedCertificateEndsConnectionsAndStillGetsTheNextOne() throws Exception {
        day(366);
        assertEquals(0, keys.certificateDays());
        IOException ended = assertThrows(IOException.class, keys::context);
        assertTrue(String.valueOf(ended.getMessage()).contains("has ended on 2027-11-27"), ended.getMessage());
        assertTrue(keys.verifies(message(est.hub, NOW.getEpochSecond())), "messages are verified for ever");
        keys.attempt();
        assertEquals("/.well-known/est/simplereenroll", est.asked.get(0), "first of all");
        assertDoesNotThrow(keys::context);
    }

    @Test
    void withAnEndedCertificateNothingElseIsTried() throws Exception {
        day(366);
        est.lost.add("/.well-known/est/simplereenroll");
        long waitMs = keys.attempt();
        assertEquals(List.of("/.well-known/est/simplereenroll"), est.asked);
        assertTrue(waitMs >= 30_000 && waitMs <= 60_000, "after a minute at most: " + waitMs);
        assertThrows(IOException.class, keys::context);
    }

    @Test
    void failuresAreTriedAgainLaterAndLaterUpToAnHour() throws Exception {
        day(244);
        est.close();
        long longest = 0;
        for (int i = 0; i < 12; i++) {
            longest = Math.max(longest, keys.attempt());
        }
        assertTrue(longest > Duration.ofMinutes(30).toMillis(), "longest " + longest);
        assertTrue(longest <= Duration.ofHours(1).toMillis(), "longest " + longest);
        assertDoesNotThrow(keys::context, "the present one works on");
    }

    /** Once the first such thing ended the renewal for good: the unit was shut out when its certificate ended. */
    @Test
    void aDefectCostsALookAndNotTheRenewal() throws Exception {
        day(244);
        for (defects = 2; defects > 0; ) {
            long waitMs = keys.attempt();
            assertTrue(waitMs <= 120_000, "after two minutes at most: " + waitMs);
        }
        assertEquals(List.of(), est.asked);
        keys.attempt();
        assertEquals("/.well-known/est/simplereenroll", est.asked.get(0));
    }

    // ---- whom to believe

    @Test
    void theNextHubKeyIsBelievedFromItsTimeOnAndThenOnlyThatOne() throws Exception {
        long from = NOW.getEpochSecond() + 1_000;
        assertFalse(keys.verifies(message(nextHub, from)), "nobody has announced it");
        assertTrue(keys.follow(new NextHubKey(nextHub.verifyKey(), from)));

        assertFalse(keys.verifies(message(nextHub, from - 1)), "too early");
        assertTrue(keys.verifies(message(est.hub, from - 1)));
        assertTrue(keys.verifies(message(est.hub, from + 5)), "the hub is late with its change: nothing is lost");

        UnitKeys restarted = open();
        assertTrue(restarted.verifies(message(nextHub, from)));
        assertFalse(restarted.verifies(message(est.hub, from - 1)), "the key before is not believed any more");
        UnitKeys again = open();
        assertTrue(again.verifies(message(nextHub, from + 1)));
        assertFalse(again.verifies(message(est.hub, from + 1)));
    }

    @Test
    void aUnitThatMissedTheChangeAsksTheHubItself() throws Exception {
        SigningKey before = est.hub;
        est.rotate(nextHub);
        assertFalse(keys.verifies(message(nextHub, 5)));
        keys.attempt();
        assertEquals(List.of("/ansim/v1/hub"), est.asked);
        assertTrue(keys.verifies(message(before, 5)), "until the new one has signed something");
        assertTrue(keys.verifies(message(nextHub, 5)));
        assertFalse(keys.verifies(message(before, 5)));
    }

    @Test
    void aUnitThatMissedSeveralChangesFollowsFromKeyToKey() throws Exception {
        est.rotate(SigningKey.generate(random));
        est.rotate(SigningKey.generate(random));
        est.rotate(nextHub);
        assertFalse(keys.verifies(message(nextHub, 5)));
        keys.attempt();
        assertTrue(keys.verifies(message(nextHub, 5)));
        assertTrue(folder.load().wishes().isEmpty());
    }

    /** Once the key of the TLS authority was enough to become the hub: step 4 was believed for the connection's sake. */
    @Test
    void whoCanMakeCertificatesIsNotTheHubForThat() throws Exception {
        SigningKey hub = est.hub;
        SigningKey thief = SigningKey.generate(random);
        SealingKey vault = keys.vault().orElseThrow();
        est.hub = thief;
        est.vault = OpeningKey.generate(random);
        est.mqtt = "tls://thief.example:8883";
        assertFalse(keys.verifies(message(thief, 5)), "which makes the unit ask");
        keys.attempt();
        assertEquals(List.of("/ansim/v1/hub"), est.asked);
        for (boolean signs : new boolean[] {true, false}) {
            est.signs = signs;
            keys.attempt();
            assertFalse(keys.verifies(message(thief, 5)));
            assertTrue(keys.verifies(message(hub, 5)));
            assertEquals(Optional.of(vault), keys.vault());
            assertEquals(Optional.of("tls://127.0.0.1:8883"), folder.load().uplink());
        }
        assertFalse(open().verifies(message(thief, 5)), "nothing of it is kept");
    }

    @Test
    void theHubsKeyBesideAVaultThatAnotherHasSignedForIsNotBelieved() throws Exception {
        SealingKey vault = keys.vault().orElseThrow();
        est.forger = Optional.of(SigningKey.generate(random));
        est.vault = OpeningKey.generate(random);
        keys.renewKeys();
        keys.attempt();
        assertEquals(Optional.of(vault), keys.vault());
        assertEquals(
                Set.of(TrustState.Wish.HUB, TrustState.Wish.MESSAGE_KEY),
                folder.load().wishes());
        est.forger = Optional.empty();
        keys.attempt();
        assertEquals(Optional.of(est.vault.sealingKey()), keys.vault());
    }

    // ---- the vault's key

    /** Once a unit that was enrolled before there was a vault never got its key: its cards were nobody's for good. */
    @Test
    void aVaultThatWasMadeAfterTheEnrolmentIsLearntWithTheNextCertificate() throws Exception {
        enrolWithoutVault();
        assertEquals(Optional.empty(), keys.vault());
        est.hasVault = true;
        day(244);
        keys.attempt();
        assertEquals(Optional.of(est.vault.sealingKey()), keys.vault(), "without a restart");
        assertEquals(Optional.of(est.vault.sealingKey()), open().vault());
    }

    @Test
    void anOrderToRenewBringsTheVaultsKeyToo() throws Exception {
        est.vault = OpeningKey.generate(random);
        assertTrue(keys.renewKeys());
        keys.attempt();
        assertEquals(Optional.of(est.vault.sealingKey()), keys.vault());
    }

    @Test
    void aUnitWithoutAVaultsKeyAsksForItAtEachStartAndAnotherDoesNot() throws Exception {
        keys.start(key -> {});
        keys.close();
        assertTrue(folder.load().wishes().isEmpty());
        enrolWithoutVault();
        keys.start(key -> {});
        keys.close();
        assertEquals(Set.of(TrustState.Wish.HUB), folder.load().wishes());
    }

    @Test
    void whatAHubOfAnEarlierVersionTellsUnsignedChangesNothing() throws Exception {
        enrolWithoutVault();
        est.hasVault = true;
        est.signs = false;
        est.mqtt = "tls://elsewhere.example:8883";
        keys.renewKeys();
        keys.attempt();
        assertEquals(Optional.empty(), keys.vault());
        assertEquals(Optional.of("tls://127.0.0.1:8883"), folder.load().uplink());
        assertTrue(folder.load().wishes().isEmpty(), "and is not asked for all the time");
    }

    private void enrolWithoutVault() throws Exception {
        for (String name : files.list(FOLDER)) {
            files.delete(FOLDER.resolve(name));
        }
        est.hasVault = false;
        folder.claim(est.claim());
        new KeySteps(folder, time, Duration.ofDays(300), random).run(step -> {});
        est.asked.clear();
        keys = open();
    }

    @Test
    void whatAStrangerSignsRaisesNothing() {
        assertFalse(keys.verifies(message(nextHub, NOW.getEpochSecond() + 500)));
        assertEquals(NOW, time.floor());
    }

    @Test
    void theFloorRisesWithTheHubsMessagesNeverFallsAndOutlivesTheProcess() {
        long later = NOW.getEpochSecond() + 7_200;
        assertTrue(keys.verifies(message(est.hub, later)));
        assertEquals(Instant.ofEpochSecond(later), time.floor());
        assertTrue(keys.verifies(message(est.hub, later - 3_600)));
        assertEquals(Instant.ofEpochSecond(later), time.floor());
        assertEquals(Instant.ofEpochSecond(later), time().floor());
    }

    @Test
    void theFloorOnDiskIsAnHourBehindAtMostAndNotWrittenForEachMessage() {
        long base = NOW.getEpochSecond() + 7_200;
        keys.verifies(message(est.hub, base));
        int done = files.done;
        for (int s = 1; s < 3_600; s += 60) {
            keys.verifies(message(est.hub, base + s));
        }
        assertEquals(done, files.done);
        keys.verifies(message(est.hub, base + 3_600));
        assertEquals(Instant.ofEpochSecond(base + 3_600), time().floor());
    }

    /** A hub whose clock once stood at 2040 must be able to put it right. */
    @Test
    void aHubThatIsFarAheadDoesNotShutTheUnitOutForGood() throws Exception {
        assertTrue(keys.verifies(
                message(est.hub, Instant.parse("2040-01-01T00:00:00Z").getEpochSecond())));
        assertEquals(folder.load().renewalDue(), time.floor());
        assertDoesNotThrow(keys::context);
        day(10);
        network = Optional.empty();
        keys.attempt();
        keys.attempt();
        assertEquals(
                List.of("/.well-known/est/simplereenroll", "/ansim/v1/hub"),
                est.asked,
                "the next certificate is of the hub's right time");
    }

    /** Once such a unit asked for certificates in an endless loop. */
    @Test
    void certificatesThatAreDueAgainAtOnceAreAskedForOncePerLook() throws Exception {
        day(300);
        est.now = NOW;
        assertEquals(Duration.ofHours(1).toMillis(), keys.attempt());
        assertEquals(List.of("/.well-known/est/simplereenroll"), est.asked);
    }

    @Test
    void aBrokenFloorFileIsTheBuildsDate() throws Exception {
        files.write(Path.of("/data/hub-time"), new byte[] {'x'});
        assertEquals(NOW, time().floor());
    }

    @Test
    void aUnitThatIsNotEnrolledSaysWhatToTry() {
        TrustFolder empty = new TrustFolder(FOLDER, new CrashingFiles());
        KeysException refused =
                assertThrows(KeysException.class, () -> new UnitKeys(empty, time, UnitKeys.Pace.of(DAY), random));
        assertTrue(refused.tryThis().contains("edge-agent enrol"), refused.tryThis());
    }
}
