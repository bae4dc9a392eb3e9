package ansim.hub.view;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class HeardTest {
    private static final long SEED = 20_261_127;

    private static Heard said(SplittableRandom random) {
        long ms = 1_000L + random.nextInt(6);
        return switch (random.nextInt(6)) {
            case 0 -> Heard.NOTHING.seen(ms);
            case 1 -> Heard.NOTHING.onDuty(random.nextBoolean(), ms);
            case 2 ->
                Heard.NOTHING.healthy(
                        new Heard.Healthy(new Picture.Health(ms, "{\"n\":" + random.nextInt(9) + "}"), 7L));
            default -> Heard.NOTHING.seen(ms).at(place(random, ms));
        };
    }

    private static Heard.Placed place(SplittableRandom random, long ms) {
        Picture.PlaceKind[] kinds = Picture.PlaceKind.values();
        // Few are registered, or nothing else would ever be seen.
        Picture.PlaceKind kind = kinds[random.nextInt(12) == 0 ? 2 : random.nextInt(2)];
        return new Heard.Placed(
                random.nextInt(100), 1, kind, ms, "11680", random.nextBoolean() ? null : random.nextLong(9));
    }

    private static Heard all(List<Heard> messages) {
        return messages.stream().reduce(Heard.NOTHING, Heard::then);
    }

    @Test
    void whereverItIsCutInTwoThePartsTogetherAreTheWhole() {
        SplittableRandom random = new SplittableRandom(SEED);
        for (int round = 0; round < 500; round++) {
            List<Heard> messages = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                messages.add(said(random));
            }
            Heard whole = all(messages);
            for (int cut = 0; cut <= messages.size(); cut++) {
                Heard parts = all(messages.subList(0, cut)).then(all(messages.subList(cut, messages.size())));
                assertEquals(whole, parts, "seed " + SEED + ", round " + round + ", cut " + cut);
            }
        }
    }

    @Test
    void whatIsOlderByCaptureTakesNoPlaceAndWhatIsAsOldDoes() {
        Heard.Placed first = new Heard.Placed(1, 1, Picture.PlaceKind.PRECISE, 1_000, "11680", 5L);
        Heard.Placed older = new Heard.Placed(2, 2, Picture.PlaceKind.PRECISE, 999, "11440", 6L);
        Heard.Placed asOld = new Heard.Placed(3, 3, Picture.PlaceKind.CELL, 1_000, "11440", 6L);
        Heard heard = Heard.NOTHING.at(first);
        assertEquals(heard, heard.at(older));
        assertEquals(Heard.NOTHING.at(asOld), heard.at(asOld));
    }

    @Test
    void whatIsSaidWhileHiredTakesTheLastPlaceAndNotTheOneThatTellsOfNoRider() {
        Heard.Placed free = new Heard.Placed(1, 1, Picture.PlaceKind.CELL, 1_000, "11680", 5L);
        Heard.Placed hired = new Heard.Placed(2, 2, Picture.PlaceKind.PRECISE, 2_000, "11440", 6L);
        Heard.Placed late = new Heard.Placed(3, 3, Picture.PlaceKind.CELL, 1_500, "11650", 7L);
        Heard heard = Heard.NOTHING.at(free).at(hired);
        assertEquals(hired, heard.place());
        assertEquals(free, heard.open());
        assertEquals(hired, heard.at(late).place());
        assertEquals(late, heard.at(late).open());
    }

    @Test
    void whereSomethingIsPutUpIsBetterKnownThanWhatItSaysOfItselfAndTheNewestRegistrationHolds() {
        Heard.Placed registered = new Heard.Placed(1, 1, Picture.PlaceKind.REGISTERED, 1_000, "11680", null);
        Heard.Placed said = new Heard.Placed(2, 2, Picture.PlaceKind.PRECISE, 2_000, "11440", 5L);
        Heard.Placed moved = new Heard.Placed(3, 3, Picture.PlaceKind.REGISTERED, 500, "11440", null);
        Heard heard = Heard.NOTHING.at(said).at(registered);
        assertEquals(Heard.NOTHING.at(registered), heard);
        assertEquals(heard, heard.at(said));
        assertEquals(Heard.NOTHING.at(moved), heard.at(moved));
    }
}
