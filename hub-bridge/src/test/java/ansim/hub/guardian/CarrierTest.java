package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.guardian.Way.Outcome;
import ansim.hub.guardian.Way.Verdict;
import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.view.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What several carriers of a channel's alarms do when something fails. */
@SuppressWarnings("try") // who runs beside is closed, not called
class CarrierTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    private Path folder = Path.of("");

    private MailCity city(int riders) throws IOException {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < riders; i++) {
            all.add("well" + i + "@example.org");
        }
        return new MailCity(folder.resolve("vault"), MailCity.guardians(all));
    }

    private static void emergency(MailCity city, int rider, int ride) throws IOException {
        String handle = city.handle(MailCity.card(rider), ride);
        city.hand(city.notice("e" + ride, Kind.EMERGENCY, handle, "v" + ride));
    }

    private static Database cannotWriteDown(MailCity city, String which) throws IOException {
        Database other = Database.open(city.folder.resolve("vault.db"), Database.Durability.FULL);
        other.script("CREATE TRIGGER full BEFORE UPDATE ON outbox WHEN new.state = 'sent' AND " + which
                + " BEGIN SELECT RAISE(ABORT, 'no space is left'); END");
        return other;
    }

    private static void awaitSent(MailCity city, long count) throws InterruptedException {
        MailCity.await("sent " + count, () -> {
            city.clock.move(500);
            city.outbox().wake();
            try {
                return city.count("sent") == count;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void whileNothingCanBeWrittenDownEachCarrierSendsOneLetterAndNoneTwice() throws Exception {
        int riders = Route.ALARM_CARRIERS + 1;
        AtomicInteger failures = new AtomicInteger();
        RandomGenerator counted = () -> {
            failures.incrementAndGet();
            return 0;
        };
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(riders);
                Database other = cannotWriteDown(city, "true");
                Posting posting = Posting.start(
                        city.outbox(),
                        MailCity.texts(),
                        Map.of("mail", provider.way(city.clock, TIMEOUT)),
                        city.clock,
                        counted)) {
            for (int i = 0; i < riders; i++) {
                emergency(city, i, i + 1);
            }
            MailCity.await("all carriers have failed several times", () -> {
                city.clock.move(500);
                city.outbox().wake();
                return provider.arrived().size() >= Route.ALARM_CARRIERS && failures.get() >= 4 * Route.ALARM_CARRIERS;
            });
            assertEquals(Route.ALARM_CARRIERS, provider.arrived().size());
            assertEquals(riders, city.count("waiting"));
            other.script("DROP TRIGGER full");
            awaitSent(city, riders);
            assertEquals(riders, provider.arrived().size());
            assertEquals(riders, new HashSet<>(provider.arrived()).size(), "each once");
        }
    }

    @Test
    void oneLetterThatCannotBeWrittenDownHoldsUpItsGuardiansNextAndNobodyElses() throws Exception {
        try (SlowProvider provider = new SlowProvider();
                MailCity city = city(3);
                Database other = cannotWriteDown(city, "new.seq = 1");
                Posting posting = city.posting(provider.way(city.clock, TIMEOUT))) {
            emergency(city, 0, 1);
            MailCity.await("it is sent", () -> provider.arrived().size() == 1);
            emergency(city, 0, 2);
            emergency(city, 1, 3);
            emergency(city, 2, 4);
            city.awaitCount("sent", 2);
            assertEquals(2, city.count("waiting"));
            assertEquals(3, provider.arrived().size());
            other.script("DROP TRIGGER full");
            awaitSent(city, 4);
            assertEquals(4, provider.arrived().size());
            assertEquals("well0@example.org v2", provider.arrived().get(3));
        }
    }

    @Test
    void aGuardiansNextLetterGoesWhateverBecameOfTheOneBefore() throws Exception {
        List<String> tried = Collections.synchronizedList(new ArrayList<>());
        try (MailCity city = city(1)) {
            for (int ride = 1; ride <= 5; ride++) {
                emergency(city, 0, ride);
            }
            try (Posting posting = city.posting(() -> new Way() {
                @Override
                public Outcome send(Letter letter, Text text) {
                    String vehicle = text.fields().getOrDefault("vehicle", "");
                    boolean again = tried.contains(vehicle);
                    tried.add(vehicle);
                    if (again) {
                        return Outcome.SENT;
                    }
                    return switch (vehicle) {
                        case "v1" -> throw new IllegalStateException("a defect of ours");
                        case "v2" -> new Outcome(Verdict.LATER, "not now");
                        case "v3" -> new Outcome(Verdict.UNREACHABLE, "nobody is there");
                        case "v4" -> new Outcome(Verdict.REFUSED, "never");
                        default -> Outcome.SENT;
                    };
                }

                @Override
                public void close() {
                    // Nothing is open.
                }
            })) {
                awaitSent(city, 4);
            }
            assertEquals(List.of("v1", "v1", "v2", "v2", "v3", "v3", "v4", "v5"), tried);
            assertEquals(1, city.count("dead"));
        }
    }
}
