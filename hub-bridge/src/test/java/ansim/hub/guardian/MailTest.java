package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.guardian.MailCity.Hands;
import ansim.hub.vault.Letter;
import ansim.hub.vault.LetterBook;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.vault.Riders;
import ansim.hub.vault.Vault;
import ansim.hub.view.Database;
import com.icegreen.greenmail.util.GreenMailUtil;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a notice to a guardian's mail box, over a real mail server. */
@SuppressWarnings("try") // who runs beside is closed, not called
class MailTest {
    private static final String SINCE_YESTERDAY = "2026-11-26";

    @TempDir
    private Path folder = Path.of("");

    private MailCity city() throws IOException {
        return city(MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY));
    }

    private MailCity city(String riders) throws IOException {
        return new MailCity(folder.resolve("vault"), riders);
    }

    private static String text(MimeMessage message) throws Exception {
        return new String(message.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static List<String> subjects(MailCity city) throws Exception {
        List<String> subjects = new ArrayList<>();
        for (MimeMessage each : city.mail.getReceivedMessages()) {
            subjects.add(each.getSubject());
        }
        return subjects;
    }

    @Test
    void aBoardingIsOneMailWithVehicleCompanyTimeAndDistrictInKorean() throws Exception {
        try (MailCity city = city();
                Posting posting = city.posting()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            assertTrue(city.mail.waitForIncomingEmail(60_000, 1));
            city.awaitCount("sent", 1);
            MimeMessage[] all = city.mail.getReceivedMessages();
            assertEquals(1, all.length);
            MimeMessage mail = all[0];
            assertEquals("[안심귀가] 택시에 탔습니다 (서울33바1234)", mail.getSubject());
            assertEquals(MailCity.MOTHER, mail.getAllRecipients()[0].toString());
            assertEquals("ansim@city.example", mail.getFrom()[0].toString());
            assertEquals("text/plain; charset=UTF-8", mail.getContentType());
            assertEquals("auto-generated", mail.getHeader("Auto-Submitted", ","));
            assertEquals(
                    MailCity.START.getEpochSecond(),
                    mail.getSentDate().toInstant().getEpochSecond());
            String text = text(mail);
            for (String part : List.of("2026년 11월 27일 12:04", "강남구", "서울33바1234", "한강택시")) {
                assertTrue(text.contains(part), text);
            }
            String raw = GreenMailUtil.getWholeMessage(mail);
            assertTrue(raw.chars().allMatch(c -> c < 128), "the wire is 7 bit");
        }
    }

    @Test
    void anEnglishRidersGuardianIsToldInEnglish() throws Exception {
        String csv = MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY).replace(",ko,", ",en-GB,");
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            city.hand(city.notice("e1", Kind.ALIGHTED, city.handle(1)));
            city.awaitCount("sent", 1);
            MimeMessage mail = city.mail.getReceivedMessages()[0];
            assertEquals("[Safe ride] Left the taxi (서울33바1234)", mail.getSubject());
            assertTrue(text(mail).contains("on 27 Nov 2026 12:04 in Gangnam-gu."), text(mail));
        }
    }

    @Test
    void theSameNoticeAgainIsNoSecondMail() throws Exception {
        try (MailCity city = city()) {
            String handle = city.handle(1);
            try (Posting posting = city.posting()) {
                city.hand(city.notice("e1", Kind.BOARDED, handle), city.notice("e1", Kind.BOARDED, handle));
                city.awaitCount("sent", 1);
                city.hand(city.notice("e1", Kind.BOARDED, handle));
                city.hand(city.notice("e2", Kind.ALIGHTED, handle));
                city.awaitCount("sent", 2);
            }
            assertEquals(2, city.mail.getReceivedMessages().length);
            assertEquals(0, city.count("waiting"));
        }
    }

    /** A stop of the machine between the server's word 250 and what is written down of it. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void killedBetweenTheServersWordAndTheCommitItGoesAgainUnderTheSameMessageId() throws Exception {
        try (MailCity city = city()) {
            CountDownLatch killed = new CountDownLatch(1);
            try (Posting posting = city.posting(() -> new Way() {
                private final Way real = new MailWay(city.settings(), Optional.empty(), city.clock);

                @Override
                public Outcome send(Letter letter, Text text) {
                    assertEquals(Outcome.SENT, real.send(letter, text));
                    killed.countDown();
                    throw new Killed();
                }

                @Override
                public void close() {
                    real.close();
                }
            })) {
                city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
                assertTrue(killed.await(60, TimeUnit.SECONDS));
                assertEquals(1, city.mail.getReceivedMessages().length, "the server has it");
                assertEquals(List.of("waiting"), city.states(), "we do not know");
            }
            city.vault.close();
            city.vault = Vault.open(city.folder, "hub", city.clock);
            try (Posting posting = city.posting()) {
                city.awaitCount("sent", 1);
            }
            MimeMessage[] all = city.mail.getReceivedMessages();
            assertEquals(2, all.length);
            assertEquals(all[0].getMessageID(), all[1].getMessageID());
            assertTrue(all[0].getMessageID().matches("<[0-9a-f]{32}@city\\.example>"), all[0].getMessageID());
        }
    }

    @Test
    void aServerThatWasDownGetsAllInOrderAndEmergenciesInTheirs() throws Exception {
        try (MailCity city = city()) {
            city.mailDown();
            String handle = city.handle(1);
            try (Posting posting = city.posting()) {
                for (int i = 0; i < 6; i++) {
                    Kind kind = i % 2 == 0 ? Kind.BOARDED : Kind.ALIGHTED;
                    city.hand(city.notice("e" + i, kind, handle));
                    city.clock.move(1);
                }
                city.hand(city.notice("p", Kind.EMERGENCY, handle));
                MailCity.await("both lanes have tried", () -> tried(city) >= 2);
                city.mailUp();
                MailCity.await("all are there", () -> {
                    city.clock.move(500);
                    city.outbox().wake();
                    return city.mail.getReceivedMessages().length == 7;
                });
                city.awaitCount("sent", 7);
            }
            List<String> subjects = subjects(city).stream()
                    .filter(each -> !each.contains("긴급"))
                    .map(each -> each.contains("탔습니다") ? "on" : "off")
                    .toList();
            assertEquals(List.of("on", "off", "on", "off", "on", "off"), subjects);
        }
    }

    private static long tried(MailCity city) {
        try {
            return city.letters().list(100).stream()
                    .filter(each -> each.tries() > 0)
                    .count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A full disk of the vault's: a build sent the same mail each time that it could not write down that it had. */
    @Test
    void whatIsSentAndCannotBeWrittenDownIsNotSentAgain() throws Exception {
        AtomicInteger pauses = new AtomicInteger();
        RandomGenerator counted = () -> {
            pauses.incrementAndGet();
            return 0;
        };
        try (MailCity city = city();
                Database other = Database.open(city.folder.resolve("vault.db"), Database.Durability.FULL)) {
            other.script("CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN new.state = 'sent'"
                    + " BEGIN SELECT RAISE(ABORT, 'no space is left'); END");
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            try (Posting posting = Posting.start(
                    city.outbox(),
                    MailCity.texts(),
                    Map.of("mail", () -> new MailWay(city.settings(), Optional.empty(), city.clock)),
                    city.clock,
                    counted)) {
                MailCity.await("three failures", () -> {
                    city.clock.move(500);
                    city.outbox().wake();
                    return pauses.get() >= 3;
                });
                assertEquals(List.of("waiting"), city.states());
                other.script("DROP TRIGGER full");
                MailCity.await("it is written down", () -> {
                    city.clock.move(500);
                    city.outbox().wake();
                    return sent(city) == 1;
                });
            }
            assertEquals(1, city.mail.getReceivedMessages().length);
        }
    }

    private static long sent(MailCity city) {
        try {
            return city.count("sent");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A provider that answers 500 for one receiver: a build tried that one first each time, and nobody of the channel was told for hours. */
    @Test
    void oneWhomTheChannelCannotReachHoldsUpNoOther() throws Exception {
        String father = "father@example.org";
        String csv = MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY) + "2,BB,11680,ko,mail," + father + ",Father,"
                + MailCity.EVERYTHING + "," + SINCE_YESTERDAY + ",desk 3\n"
                + "3,CC,11680,ko,mail,sister@example.org,Sister," + MailCity.EVERYTHING + "," + SINCE_YESTERDAY
                + ",desk 3\n";
        try (MailCity city = city(csv)) {
            List<String> tried = Collections.synchronizedList(new ArrayList<>());
            try (Posting posting = city.posting(() -> new Way() {
                @Override
                public Outcome send(Letter letter, Text text) {
                    tried.add(letter.address());
                    return letter.address().equals(MailCity.MOTHER)
                            ? Outcome.SENT
                            : new Outcome(Verdict.UNREACHABLE, "HTTP status 500");
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            })) {
                city.hand(city.notice("l1", Kind.LOST, city.handle("BB", 1)));
                MailCity.await("the father's has failed", () -> tried(city) == 1);
                city.hand(city.notice("p1", Kind.EMERGENCY, city.handle(2)));
                city.awaitCount("sent", 1);
                assertEquals(List.of(father, MailCity.MOTHER), tried, "at once: that one was not reached says little");
                // Now several are not reached, and the channel waits.
                city.hand(city.notice("l2", Kind.LOST, city.handle("CC", 3)));
                MailCity.await("the sister's has failed", () -> tried.contains("sister@example.org"));
                MailCity.await("and the father's again", () -> {
                    city.clock.move(500);
                    city.outbox().wake();
                    return Collections.frequency(tried, father) == 2;
                });
                // The clock stands: the channel does not wait any less.
                city.hand(city.notice("p2", Kind.EMERGENCY, city.handle(4)));
                city.awaitCount("sent", 2);
            }
        }
    }

    @Test
    void anEmergencyIsTheNextLetterAlthoughLostTaxisWait() throws Exception {
        String csv = MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY)
                + "2,BB,11680,ko,mail,father@example.org,Father," + MailCity.EVERYTHING + "," + SINCE_YESTERDAY
                + ",desk 3\n";
        try (MailCity city = city(csv)) {
            city.hand(city.notice("l1", Kind.LOST, city.handle(1)));
            city.hand(city.notice("p", Kind.EMERGENCY, city.handle("BB", 2)));
            Letter first = city.outbox().next(true, "mail", Set.of()).orElseThrow();
            assertEquals("father@example.org", first.address());
            city.outbox().later(first, city.clock.millis(), "not now");
            Letter second = city.outbox().next(true, "mail", Set.of()).orElseThrow();
            assertEquals(MailCity.MOTHER, second.address(), "what was not tried yet");
            city.outbox().later(second, city.clock.millis(), "not now");
            assertEquals(
                    "father@example.org",
                    city.outbox().next(true, "mail", Set.of()).orElseThrow().address());
        }
    }

    @Test
    void nothingIsSentBeforeConsentNorAfterItsWithdrawalAsItStandsWhenItIsSent() throws Exception {
        try (MailCity city = city(MailCity.mother(MailCity.EVERYTHING, ""))) {
            String handle = city.handle(1);
            try (Posting posting = city.posting()) {
                city.hand(city.notice("e1", Kind.BOARDED, handle));
                city.awaitCount("withheld", 1);
                word(city, true);
                city.hand(city.notice("e2", Kind.ALIGHTED, handle));
                city.awaitCount("sent", 1);
            }
            // It waits, the consent is withdrawn, and only then somebody would send it.
            city.hand(city.notice("e3", Kind.BOARDED, handle));
            assertEquals(1, city.count("waiting"));
            word(city, false);
            try (Posting posting = city.posting()) {
                city.awaitCount("withheld", 2);
            }
            assertEquals(List.of("[안심귀가] 택시에서 내렸습니다 (서울33바1234)"), subjects(city));
        }
    }

    private static void word(MailCity city, boolean given) throws IOException {
        try (Riders riders = Riders.open(city.folder)) {
            String rider = city.riders().get(0).id();
            String guardian = riders.export(rider, city.clock)
                    .orElseThrow()
                    .guardians()
                    .get(0)
                    .id();
            assertTrue(riders.consent(rider, guardian, given, "desk 3", city.clock.instant(), city.clock));
        }
    }

    @Test
    void anEmergencyIsNotHeldUpByAServerThatIsSlowWithTheRest() throws Exception {
        try (MailCity city = city()) {
            CountDownLatch slow = new CountDownLatch(1);
            AtomicInteger normal = new AtomicInteger();
            String handle = city.handle(1);
            try (Posting posting = city.posting(() -> new Way() {
                private final Way real = new MailWay(city.settings(), Optional.empty(), city.clock);

                @Override
                public Outcome send(Letter letter, Text text) {
                    if (!text.kind().equals("emergency")) {
                        normal.incrementAndGet();
                        await(slow);
                    }
                    return real.send(letter, text);
                }

                @Override
                public void close() {
                    real.close();
                }
            })) {
                city.hand(city.notice("e1", Kind.BOARDED, handle), city.notice("e2", Kind.ALIGHTED, handle));
                MailCity.await("the first one hangs", () -> normal.get() == 1);
                city.hand(city.notice("p", Kind.EMERGENCY, handle));
                assertTrue(city.mail.waitForIncomingEmail(60_000, 1));
                assertEquals(List.of("[안심귀가] 긴급: 택시에서 도움을 요청했습니다 (서울33바1234)"), subjects(city));
                slow.countDown();
                city.awaitCount("sent", 3);
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anErasedRidersLettersAreGoneAndSoIsWhatTheySaid() throws Exception {
        try (MailCity city = city()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            assertEquals(1, city.count("waiting"));
            try (Riders riders = Riders.open(city.folder)) {
                assertTrue(riders.erase(city.riders().get(0).id()));
            }
            city.hand(city.notice("e2", Kind.ALIGHTED, "00".repeat(16)));
            assertEquals(0, city.count("waiting"));
            assertEquals(1, city.count("unknown"), "counted, not delivered");
            try (Posting posting = city.posting();
                    MailCity other = new MailCity(
                            folder.resolve("other"), MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY))) {
                other.hand(other.notice("e1", Kind.BOARDED, other.handle(1)));
            }
            assertEquals(0, city.mail.getReceivedMessages().length);
        }
    }

    @Test
    void aRideThatIsErasedIsToldToNobodyAnyMore() throws Exception {
        try (MailCity city = city()) {
            String gone = city.handle(1);
            city.hand(city.notice("e1", Kind.BOARDED, gone), city.notice("e2", Kind.BOARDED, city.handle(2)));
            city.vault.forget(List.of(gone));
            try (Posting posting = city.posting()) {
                city.awaitCount("sent", 1);
                assertEquals(1, city.count("forgotten"));
            }
            assertEquals(1, city.mail.getReceivedMessages().length);
        }
    }

    @Test
    void noFileOfTheVaultHoldsAnAddressOrWhatALetterSays() throws Exception {
        try (MailCity city = city()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            try (Stream<Path> files = Files.list(city.folder)) {
                for (Path file : files.toList()) {
                    String content = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
                    for (String secret : List.of(MailCity.MOTHER, "Mother", "서울33바1234", "강남구")) {
                        assertFalse(content.contains(secret), file + " holds " + secret);
                    }
                }
            }
        }
    }

    @Test
    void anAddressThatTheServerRefusesIsGivenUpAndTheListDoesNotQuoteIt() throws Exception {
        String csv = MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY)
                + "2,AA,11680,ko,mail,no address at all,,,2026-11-26,desk 3\n";
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle("AA", 1)));
            city.awaitCount("dead", 1);
            city.hand(city.notice("e2", Kind.BOARDED, city.handle(2)));
            city.awaitCount("sent", 1);
            LetterBook.Listed dead = city.letters().list(10).stream()
                    .filter(each -> each.state().equals("dead"))
                    .findFirst()
                    .orElseThrow();
            assertFalse(dead.why().contains("no address"), dead.why());
        }
    }

    @Test
    void whatNobodyTakesForADayIsGivenUpAndCounted() throws Exception {
        try (MailCity city = city()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            city.clock.move(TimeUnit.HOURS.toMillis(24) - 1);
            city.outbox().sweep();
            assertEquals(1, city.count("waiting"));
            city.clock.move(1);
            city.outbox().sweep();
            assertEquals(1, city.count("dead"));
            assertEquals(0, city.count("waiting"));
        }
    }

    @Test
    void aLetterIsTriedAHundredTimesAtMost() throws Exception {
        try (MailCity city = city()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            int tries = 0;
            for (Optional<Letter> next = city.outbox().next(false, "mail", Set.of());
                    next.isPresent();
                    next = city.outbox().next(false, "mail", Set.of())) {
                tries++;
                city.outbox().later(next.get(), city.clock.millis(), "not now, " + MailCity.MOTHER);
            }
            assertEquals(100, tries);
            assertEquals(1, city.count("dead"));
            assertEquals(
                    "after 100 tries: not now, (address)",
                    city.letters().list(1).get(0).why());
        }
    }

    /** Encryption is asked for and the server has none: nothing goes out in the clear. */
    @Test
    void aServerWithoutStartTlsGetsNothing() throws Exception {
        try (MailCity city = city()) {
            GuardianSettings.MailServer encrypted = new GuardianSettings.MailServer(
                    "127.0.0.1",
                    Optional.of(city.port),
                    GuardianSettings.Tls.STARTTLS,
                    Optional.empty(),
                    Optional.empty(),
                    "ansim@city.example");
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            Letter letter = city.outbox().next(false, "mail", Set.of()).orElseThrow();
            try (Way way = new MailWay(encrypted, Optional.empty(), city.clock)) {
                Way.Outcome outcome = way.send(letter, MailCity.texts().of(letter));
                assertEquals(Way.Verdict.UNREACHABLE, outcome.verdict(), outcome.why());
            }
            assertEquals(0, city.mail.getReceivedMessages().length);
        }
    }

    @Test
    void theRiderIsToldOfEachProvisionOrOfThirtyAtOnce() throws Exception {
        String each = MailCity.mother(MailCity.EVERYTHING, SINCE_YESTERDAY)
                + "1,,11680,ko,mail,rider@example.org,,own,,\n"
                + "2,BB,11680,ko,mail,father@example.org,Father,boarded,2026-11-26,desk 3\n"
                + "2,,11680,ko,mail,second@example.org,,own-30,,\n";
        try (MailCity city = city(each);
                Posting posting = city.posting()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            city.awaitCount("sent", 2);
            MimeMessage told = to(city, "rider@example.org").get(0);
            assertEquals("[안심귀가] 위치정보 제공 내역 1건", told.getSubject());
            assertTrue(text(told).contains("2026년 11월 27일 12:04  Mother  승차"), text(told));
            for (int ride = 1; ride <= 29; ride++) {
                city.hand(city.notice("b" + ride, Kind.BOARDED, city.handle("BB", 100 + ride)));
            }
            city.awaitCount("sent", 31);
            assertEquals(List.of(), to(city, "second@example.org"));
            city.hand(city.notice("b30", Kind.BOARDED, city.handle("BB", 130)));
            city.awaitCount("sent", 33);
            assertEquals(
                    "[안심귀가] 위치정보 제공 내역 30건",
                    to(city, "second@example.org").get(0).getSubject());
        }
    }

    @Test
    void aRiderWhoWantsThirtyAtOnceIsToldOfFewerAfterThirtyDays() throws Exception {
        String csv = MailCity.mother("boarded", SINCE_YESTERDAY) + "1,,11680,ko,mail,rider@example.org,,own-30,,\n";
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            city.hand(city.notice("e1", Kind.BOARDED, city.handle(1)));
            city.awaitCount("sent", 1);
            city.clock.move(TimeUnit.DAYS.toMillis(30));
            city.outbox().sweep();
            city.outbox().wake();
            city.awaitCount("sent", 2);
            assertEquals(1, to(city, "rider@example.org").size());
        }
    }

    /** A centre's boarding, positions and alighting of one ride are one provision. */
    @Test
    void theRiderIsToldWhichCentresWereGivenTheRideOnceEach() throws Exception {
        String csv = MailCity.mother("boarded", "") + "1,,11680,en,mail,rider@example.org,,own,,\n";
        csv = csv.replace(",ko,", ",en,");
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            String handle = city.handle(1);
            for (Kind kind : List.of(Kind.BOARDED, Kind.ALIGHTED)) {
                RideNotice plain = city.notice(kind.word(), kind, handle);
                city.hand(new RideNotice(
                        plain.event(),
                        kind,
                        plain.handles(),
                        plain.vehicle(),
                        plain.company(),
                        plain.atMs(),
                        plain.place(),
                        List.of(plain.place())));
            }
            city.awaitCount("sent", 1);
            assertEquals(0, city.count("waiting"));
            String text = text(to(city, "rider@example.org").get(0));
            assertTrue(text.contains("control centre of Gangnam-gu  boarding"), text);
        }
    }

    /** Whoever is suspended in the middle of a ride goes on being given to centres until it ends. */
    @Test
    void aRiderWhoIsSuspendedInMidRideIsToldOfCentresAllTheSameAndNoGuardianIs() throws Exception {
        String csv =
                MailCity.mother("boarded alighted", SINCE_YESTERDAY) + "1,,11680,ko,mail,rider@example.org,,own,,\n";
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            String handle = city.handle(1);
            try (Riders riders = Riders.open(city.folder)) {
                riders.suspend(city.riders().get(0).id(), true, "desk 3", city.clock);
            }
            RideNotice.Place seocho = new RideNotice.Place("서초구", "Seocho-gu");
            city.hand(
                    city.notice("a", Kind.ALIGHTED, handle),
                    RideNotice.provided("p", List.of(handle), city.clock.millis(), List.of(seocho)),
                    RideNotice.provided("q", List.of(handle), city.clock.millis(), List.of(seocho)));
            city.awaitCount("sent", 1);
            assertEquals(1, city.count("suspended"), "the alighting");
            assertEquals(0, city.count("waiting"));
            String text = text(to(city, "rider@example.org").get(0));
            assertTrue(text.contains("서초구 관제센터  운행 정보"), text);
        }
    }

    @Test
    void anEmergencyThatIsNotCertainSaysSoToWhomEmergenciesAreTold() throws Exception {
        String csv = MailCity.mother("emergency", SINCE_YESTERDAY)
                + "1,,11680,ko,mail,father@example.org,Father,boarded,2026-11-26,desk 3\n";
        try (MailCity city = city(csv);
                Posting posting = city.posting()) {
            city.hand(city.notice("p", Kind.UNSURE, city.handle(1)));
            city.awaitCount("sent", 1);
            assertEquals(
                    "[안심귀가] 확인되지 않은 도움 요청입니다 (서울33바1234)",
                    to(city, MailCity.MOTHER).get(0).getSubject());
            assertEquals(0, city.count("waiting"), "and to nobody else");
        }
    }

    private static List<MimeMessage> to(MailCity city, String address) throws Exception {
        List<MimeMessage> found = new ArrayList<>();
        for (MimeMessage each : city.mail.getReceivedMessages()) {
            if (Arrays.toString(each.getAllRecipients()).contains(address)) {
                found.add(each);
            }
        }
        return found;
    }

    @Test
    void whatWaitsForTheAppComesUntilItIsTakenAlarmsFirstAndSaysForWhom() throws Exception {
        String csv =
                MailCity.HEADER + "1," + MailCity.CARD + ",11680,en,api,user-7,,boarded emergency,2026-11-26,desk\n";
        try (MailCity city = city(csv)) {
            AppNotices app = new AppNotices(city.outbox(), MailCity.texts());
            String handle = city.handle(1);
            city.hand(city.notice("e1", Kind.BOARDED, handle), city.notice("p", Kind.EMERGENCY, handle));
            List<AppNotices.AppNotice> waiting = app.waiting(Optional.empty(), 100);
            assertEquals(
                    List.of("user-7", "user-7"),
                    waiting.stream().map(AppNotices.AppNotice::user).toList());
            assertEquals(
                    List.of("emergency", "boarded"),
                    waiting.stream().map(each -> each.text().kind()).toList());
            assertEquals("Gangnam-gu", waiting.get(0).text().fields().get("district"));
            assertEquals(waiting.subList(0, 1), app.waiting(Optional.empty(), 1));
            Optional<String> first = Optional.of(waiting.get(0).id());
            assertEquals(waiting.subList(1, 2), app.waiting(first, 1));
            assertFalse(app.taken("f".repeat(32)));
            assertTrue(app.taken(first.get()));
            assertTrue(app.taken(first.get()), "the answer was lost: again it is the same");
            assertEquals(1, city.count("sent"));
            assertEquals(waiting.subList(1, 2), app.waiting(Optional.empty(), 100));
            assertEquals(waiting.subList(1, 2), app.waiting(first, 100), "behind one that was taken since");
            assertEquals(waiting.subList(1, 2), app.waiting(Optional.of("f".repeat(32)), 100), "one that is not known");
            Hands clock = city.clock;
            clock.move(TimeUnit.HOURS.toMillis(24));
            assertEquals(List.of(), app.waiting(Optional.empty(), 100));
            assertFalse(app.taken(waiting.get(1).id()), "given up");
        }
    }
}
