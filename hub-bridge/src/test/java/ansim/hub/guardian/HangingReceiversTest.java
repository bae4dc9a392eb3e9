package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.vault.RideNotice.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A provider on a real socket that answers for some receivers and hangs for the others. The clock stands: no pause ends. */
@SuppressWarnings("try") // who runs beside is closed, not called
class HangingReceiversTest {
    /** Longer than a test waits for anything. */
    private static final Duration FOREVER = Duration.ofMinutes(5);

    private static final String WELL = "well@example.org";

    @TempDir
    private Path folder = Path.of("");

    private static List<String> hung(int count) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add("hung" + i + "@example.org");
        }
        return all;
    }

    private MailCity city(List<String> hung) throws IOException {
        List<String> all = new ArrayList<>(hung);
        all.add(WELL);
        return new MailCity(folder.resolve("vault"), MailCity.guardians(all));
    }

    private static void emergency(MailCity city, int rider) throws IOException {
        city.hand(city.notice("e" + rider, Kind.EMERGENCY, city.handle(MailCity.card(rider), rider + 1)));
    }

    private static void emergencies(MailCity city, int riders) throws IOException {
        for (int i = 0; i < riders; i++) {
            emergency(city, i);
        }
    }

    /** Two hung receivers let the whole channel wait, up to five minutes: a new emergency to somebody else waited with it. */
    @Test
    void aNewEmergencyArrivesWhileTheChannelWaitsForReceiversThatHang() throws Exception {
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung(2));
                Posting posting = city.posting(provider.way(city.clock, Duration.ofMillis(300)))) {
            emergencies(city, 2);
            MailCity.await("both were tried", () -> tried(city) == 2);
            emergency(city, 2);
            city.awaitCount("sent", 1);
            assertEquals(2, city.count("waiting"));
        }
    }

    /** One thread carried all alarms of a channel: each receiver that hung cost the next emergency ten seconds. */
    @Test
    void theEighthEmergencyArrivesWhileTheReceiversOfSevenHang() throws Exception {
        List<String> hung = hung(7);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, FOREVER))) {
            emergencies(city, 7);
            MailCity.await("seven hang", () -> provider.hanging() == 7);
            emergency(city, 7);
            city.awaitCount("sent", 1);
            assertEquals(7, provider.hanging());
            provider.goOn(hung);
            city.awaitCount("sent", 8);
            assertEquals(8, provider.arrived().size(), "each once");
        }
    }

    @Test
    void whenMoreHangThanThereAreCarriersTheNextEmergencyWaitsForTheFirstThatEnds() throws Exception {
        List<String> hung = hung(Route.ALARM_CARRIERS);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, FOREVER))) {
            emergencies(city, hung.size());
            MailCity.await("all hang", () -> provider.hanging() == hung.size());
            emergency(city, hung.size());
            assertEquals(hung.size(), provider.arrived().size());
            provider.goOn(hung.get(3));
            city.awaitCount("sent", 2);
            assertEquals(Route.ALARM_CARRIERS, provider.mostAtOnce());
            provider.goOn(hung);
            city.awaitCount("sent", hung.size() + 1);
        }
    }

    @Test
    void whenMoreHangThanThereAreCarriersTheirTimeoutsLetTheNextEmergencyGo() throws Exception {
        List<String> hung = hung(Route.ALARM_CARRIERS);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, Duration.ofMillis(300)))) {
            emergencies(city, hung.size() + 1);
            city.awaitCount("sent", 1);
            assertEquals(hung.size(), city.count("waiting"));
        }
    }

    @Test
    void theNextEmergencyToTheSameGuardianWaitsForTheOneThatHangs() throws Exception {
        List<String> hung = hung(1);
        String guardian = hung.get(0);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, FOREVER))) {
            city.hand(city.notice("a", Kind.EMERGENCY, city.handle(MailCity.card(0), 1), "first"));
            MailCity.await("it hangs", () -> provider.hanging() == 1);
            city.hand(city.notice("b", Kind.EMERGENCY, city.handle(MailCity.card(0), 2), "second"));
            city.hand(city.notice("c", Kind.EMERGENCY, city.handle(MailCity.card(1), 3), "third"));
            city.awaitCount("sent", 1);
            assertEquals(List.of(guardian + " first", WELL + " third"), provider.arrived());
            provider.goOn(hung);
            city.awaitCount("sent", 3);
            assertEquals(List.of(guardian + " first", WELL + " third", guardian + " second"), provider.arrived());
        }
    }

    /** What is settled while it is on its way is waited for all the same. */
    @Test
    void theNextEmergencyToTheSameGuardianWaitsAlsoWhenTheRideOfTheOneThatHangsIsErased() throws Exception {
        List<String> hung = hung(1);
        String guardian = hung.get(0);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, FOREVER))) {
            String erased = city.handle(MailCity.card(0), 1);
            city.hand(city.notice("a", Kind.EMERGENCY, erased, "first"));
            MailCity.await("it hangs", () -> provider.hanging() == 1);
            city.vault.forget(List.of(erased));
            city.hand(city.notice("b", Kind.EMERGENCY, city.handle(MailCity.card(0), 2), "second"));
            city.hand(city.notice("c", Kind.EMERGENCY, city.handle(MailCity.card(1), 3), "third"));
            city.awaitCount("sent", 1);
            assertEquals(List.of(guardian + " first", WELL + " third"), provider.arrived());
            provider.goOn(hung);
            city.awaitCount("sent", 2);
            assertEquals(List.of(guardian + " first", WELL + " third", guardian + " second"), provider.arrived());
            assertEquals(1, city.count("forgotten"));
        }
    }

    @Test
    void closingWaitsNoLongerThanItSaysAndBringsWhatIsInHandButNothingElse() throws Exception {
        List<String> hung = hung(Route.ALARM_CARRIERS);
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(hung);
                Posting posting = city.posting(provider.way(city.clock, FOREVER))) {
            emergencies(city, hung.size() + 1);
            MailCity.await("all hang", () -> provider.hanging() == hung.size());
            posting.close(Duration.ofMillis(50));
            assertEquals(hung.size(), provider.hanging(), "it did not wait for them");
            provider.goOn(hung);
            posting.close();
            assertEquals(hung.size(), city.count("sent"));
            assertEquals(1, city.count("waiting"));
            MailCity.await(
                    "no thread is left",
                    () -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(each -> each.getName().startsWith("guardian-alarm-mail")));
        }
    }

    private static long tried(MailCity city) {
        try {
            return city.letters().list(10).stream()
                    .filter(each -> each.tries() > 0)
                    .count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
