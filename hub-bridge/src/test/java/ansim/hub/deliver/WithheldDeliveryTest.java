package ansim.hub.deliver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.hub.core.EntryReader;
import ansim.hub.core.Output;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ride of somebody who is not registered goes to nobody; once it has a name, whoever may see it gets its boarding first, under its own id. */
final class WithheldDeliveryTest {
    @TempDir
    private Path folder = Path.of("");

    private static Destination to(String district, TestCentre centre) {
        return new Destination(district, List.of(Targets.webhook(centre.url())));
    }

    @Test
    void aNameBringsTheBoardingUnderItsOwnIdToThoseWhoMaySeeItOnlyNow() throws Exception {
        try (TestLog log = new TestLog(folder.resolve("log"));
                TestCentre here = new TestCentre(log, folder.resolve("here.jsonl"));
                TestCentre home = new TestCentre(log, folder.resolve("home.jsonl"));
                TestCentre every = new TestCentre(log, folder.resolve("every.jsonl"))) {
            String withheld = log.addWithheld("11680");
            String open = log.add(false, "11680");
            String named = log.addName(1, List.of("11680", "11440", Output.Again.EVERYBODY), "11680", "11440");
            String opened = log.addName(2, List.of("11440"), "11680", "11440");
            log.addWithheld("11440");
            List<Destination> destinations = List.of(to("11680", here), to("11440", home), to(Destination.ALL, every));
            try (Delivery delivery =
                    Delivery.start(log.journal, EntryReader.UNSEALED, folder.resolve("index"), destinations)) {
                TestCentre.await(
                        "the last",
                        () -> here.ids().contains(opened)
                                && home.ids().contains(opened)
                                && every.ids().contains(opened));
                TestCentre.await(
                        "nothing to wait", () -> delivery.status().stream().allMatch(each -> each.waiting() == 0));
            }
            assertEquals(List.of(open, withheld, named, opened), here.ids());
            assertEquals(List.of(withheld, named, open, opened), home.ids());
            assertEquals(List.of(open, withheld, named, opened), every.ids());
            assertEquals(0, here.repeats() + home.repeats() + every.repeats());
        }
    }
}
