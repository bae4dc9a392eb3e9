package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be taken, and when what was not goes again, without threads. Chance is none: a wait is half of its most. */
class ChannelTest {
    private static final long FIRST_WAIT_MS = Channel.FIRST_RETRY_MS / 2;

    @TempDir
    private Path folder = Path.of("");

    private MailCity city(int riders) throws IOException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < riders; i++) {
            all.add(i + "@example.org");
        }
        return new MailCity(folder.resolve("vault"), MailCity.guardians(all));
    }

    private static void emergency(MailCity city, int rider, int ride) throws IOException {
        city.hand(city.notice("e" + ride, Kind.EMERGENCY, city.handle(MailCity.card(rider), ride)));
    }

    private static Channel alarms(MailCity city) {
        return new Channel(new Route(true, "mail"), city.outbox(), city.clock, () -> 0L);
    }

    /** Until there is none. */
    private static List<Letter> takeAll(Channel channel) {
        List<Letter> all = new ArrayList<>();
        for (Optional<Letter> next = channel.take(); next.isPresent(); next = channel.take()) {
            all.add(next.get());
        }
        return all;
    }

    private static List<String> addresses(List<Letter> letters) {
        return letters.stream().map(Letter::address).toList();
    }

    @Test
    void noLetterIsTakenTwiceNorAnotherOneOfItsGuardian() throws Exception {
        try (MailCity city = city(2)) {
            emergency(city, 0, 1);
            emergency(city, 0, 2);
            emergency(city, 1, 3);
            Channel channel = alarms(city);
            List<Letter> first = takeAll(channel);
            assertEquals(List.of("0@example.org", "1@example.org"), addresses(first));
            city.outbox().sent(first.get(0));
            assertEquals(List.of(), takeAll(channel), "until it is said that it is on its way no more");
            channel.release(first.get(0));
            assertEquals(List.of("0@example.org"), addresses(takeAll(channel)));
        }
    }

    @Test
    void noMoreLettersAreInHandThanThereAreCarriers() throws Exception {
        int riders = Route.ALARM_CARRIERS + 1;
        try (MailCity city = city(riders)) {
            for (int i = 0; i < riders; i++) {
                emergency(city, i, i + 1);
            }
            Channel channel = alarms(city);
            List<Letter> all = takeAll(channel);
            assertEquals(Route.ALARM_CARRIERS, all.size());
            city.outbox().sent(all.get(2));
            channel.release(all.get(2));
            assertEquals(List.of(Route.ALARM_CARRIERS + "@example.org"), addresses(takeAll(channel)));
        }
    }

    @Test
    void ofTheRestOneIsInHand() throws Exception {
        try (MailCity city = city(2)) {
            for (int i = 0; i < 2; i++) {
                city.hand(city.notice("e" + i, Kind.BOARDED, city.handle(MailCity.card(i), i + 1)));
            }
            Channel channel = new Channel(new Route(false, "mail"), city.outbox(), city.clock, () -> 0L);
            assertEquals(List.of("0@example.org"), addresses(takeAll(channel)));
        }
    }

    @Test
    void whatWasTriedBeforeLeavesHalfOfTheCarriersToNewAlarms() throws Exception {
        int tried = Route.ALARM_CARRIERS;
        try (MailCity city = city(tried + 1)) {
            for (int i = 0; i < tried; i++) {
                emergency(city, i, i + 1);
            }
            Channel channel = alarms(city);
            for (Letter each : takeAll(channel)) {
                city.outbox().later(each, city.clock.millis(), "not now");
                channel.release(each);
            }
            assertEquals(Route.ALARM_CARRIERS / 2, takeAll(channel).size());
            emergency(city, tried, tried + 1);
            assertEquals(List.of(tried + "@example.org"), addresses(takeAll(channel)));
        }
    }

    @Test
    void oneThatIsNotReachedLetsItsGuardianWaitAndASecondOneAll() throws Exception {
        try (MailCity city = city(4)) {
            for (int i = 0; i < 3; i++) {
                emergency(city, i, i + 1);
            }
            Channel channel = alarms(city);
            List<Letter> all = takeAll(channel);
            long now = city.clock.millis();
            unreachable(city, channel, all.get(0), now + FIRST_WAIT_MS);
            unreachable(city, channel, all.get(1), now + FIRST_WAIT_MS);
            // Under way since before: it says nothing new.
            unreachable(city, channel, all.get(2), now + FIRST_WAIT_MS);
            assertEquals(List.of(), takeAll(channel));
            emergency(city, 3, 4);
            List<Letter> newAlarm = takeAll(channel);
            assertEquals(List.of("3@example.org"), addresses(newAlarm), "it is tried at once");
            unreachable(city, channel, newAlarm.get(0), now + FIRST_WAIT_MS);

            city.clock.move(FIRST_WAIT_MS);
            List<Letter> probe = takeAll(channel);
            assertEquals(1, probe.size(), "one tries whether the channel is back");
            unreachable(city, channel, probe.get(0), city.clock.millis() + 2 * FIRST_WAIT_MS);
            assertEquals(List.of(), takeAll(channel));

            city.clock.move(2 * FIRST_WAIT_MS);
            List<Letter> second = takeAll(channel);
            assertEquals(1, second.size());
            channel.works();
            assertEquals(3, takeAll(channel).size(), "all the others");
        }
    }

    private static void unreachable(MailCity city, Channel channel, Letter letter, long againMs) throws IOException {
        long dueMs = channel.unreachable(letter);
        assertEquals(againMs, dueMs);
        city.outbox().later(letter, dueMs, "nobody is there");
        channel.release(letter);
    }

    /** A carrier that dies of a defect with the letter that tries the channel must not leave the channel down for good. */
    @Test
    void whenTheOneThatTriesTheChannelEndsWithoutAWordAnotherOneTries() throws Exception {
        try (MailCity city = city(2)) {
            emergency(city, 0, 1);
            emergency(city, 1, 2);
            Channel channel = alarms(city);
            for (Letter each : takeAll(channel)) {
                unreachable(city, channel, each, city.clock.millis() + FIRST_WAIT_MS);
            }
            city.clock.move(FIRST_WAIT_MS);
            Letter probe = channel.take().orElseThrow();
            assertTrue(channel.take().isEmpty());
            channel.release(probe);
            assertTrue(channel.take().isPresent());
        }
    }

    @Test
    void afterADefectNothingIsTakenForAWhileAndWhatFailsTogetherCountsOnce() throws Exception {
        try (MailCity city = city(1)) {
            emergency(city, 0, 1);
            Channel channel = alarms(city);
            for (int i = 0; i < Route.ALARM_CARRIERS; i++) {
                channel.stop(new IllegalStateException("a defect of ours"));
            }
            city.clock.move(FIRST_WAIT_MS - 1);
            assertTrue(channel.take().isEmpty());
            city.clock.move(1);
            assertTrue(channel.take().isPresent());
        }
    }

    @Test
    void aClosedChannelGivesNothingOut() throws Exception {
        try (MailCity city = city(1)) {
            emergency(city, 0, 1);
            Channel channel = alarms(city);
            channel.close();
            assertTrue(channel.take().isEmpty());
            assertTrue(channel.isClosed());
        }
    }
}
