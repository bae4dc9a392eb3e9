package ansim.hub.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, on a real log. Skipped where there is no chromium. */
class ConsolePageTest {
    /** In the middle of Gangnam's cell of the starter map. */
    private static final double[] GANGNAM = {37.5172, 127.0473};

    private static final String RIDES = "document.querySelectorAll('#ride-list li[data-district=\"11680\"]')";
    private static final String CALLS = "document.querySelectorAll('#emergency-list .card')";

    @TempDir
    Path folder;

    private @Nullable LiveHub opened;
    private @Nullable Browser started;

    @BeforeEach
    void openThePage() throws Exception {
        Assumptions.assumeTrue(
                Browser.program().isPresent(), "skipped: chromium is not installed (apt install chromium)");
        opened = new LiveHub(folder);
        started = new Browser(folder.resolve("browser"), 1366, 768, "en-US");
    }

    @AfterEach
    void closeAll() throws Exception {
        if (started != null) {
            started.close();
            assertEquals(List.of(), started.complaints, "the page complained");
        }
        if (opened != null) {
            opened.close();
        }
    }

    private LiveHub hub() {
        return Objects.requireNonNull(opened);
    }

    private Browser browser() {
        return Objects.requireNonNull(started);
    }

    @Test
    void aBoardingBeforeThePageOpenedStandsInItsDistrictsList() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        hub.city.taxi("서울 31바 1234").at(GANGNAM[0], GANGNAM[1]).board(RideChange.Source.CARD);
        browser.open(hub.address() + "#11680");
        browser.await(RIDES + ".length === 1");
        assertTrue(browser.evaluate(RIDES + "[0].textContent").asText().contains("서울 31바 1234"));
        browser.await(
                "document.querySelector('#district-list li[data-district=\"11680\"] .count').textContent === '1'");
    }

    @Test
    void whatHappensWhileThePageIsOpenShowsWithoutAsking() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        SampleCity.Unit taxi = hub.city.taxi("서울 31바 1234").at(GANGNAM[0], GANGNAM[1]);
        browser.open(hub.address());
        browser.await("document.getElementById('link').classList.contains('live')");

        taxi.board(RideChange.Source.METER_LAMP);
        browser.await(RIDES + ".length === 1 && " + RIDES + "[0].textContent.includes('no card yet')");
        taxi.name();
        browser.await(RIDES + "[0].querySelector('.tag').textContent === 'card'");
        taxi.drive(GANGNAM[0], GANGNAM[1] + 0.001);
        browser.await("document.querySelectorAll('.unit.hired').length === 1");
        taxi.alight();
        browser.await(RIDES + "[0].dataset.state === 'alighted'");
        browser.await("document.querySelectorAll('#event-list .event.alighted').length === 1");
    }

    @Test
    void anEmergencyIsOnTopInWordsUntilItIsCancelled() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        SampleCity.Unit taxi = hub.city.taxi("서울 31바 1234").at(GANGNAM[0], GANGNAM[1]);
        browser.open(hub.address());
        browser.await("document.getElementById('link').classList.contains('live')");

        taxi.panic(Panic.Origin.DRIVER, Phase.RAISED);
        browser.await("document.getElementById('siren').classList.contains('calling')");
        String siren =
                browser.evaluate("document.getElementById('siren').textContent").asText();
        assertTrue(siren.contains("EMERGENCY") && siren.contains("서울 31바 1234") && siren.contains("Gangnam-gu"), siren);
        assertTrue(browser.evaluate("document.title").asText().startsWith("(1)"));
        assertTrue(browser.evaluate("document.querySelector('#emergency-list .silent').textContent")
                .asText()
                .contains("do not call"));

        browser.evaluate("document.querySelector('#emergency-list .seen').click()");
        browser.await("!document.getElementById('siren').classList.contains('unseen-call')");
        browser.await("document.getElementById('siren').classList.contains('calling')");

        taxi.panic(Panic.Origin.DRIVER, Phase.CANCELLED);
        browser.await("!document.getElementById('siren').classList.contains('calling')");
        browser.await("document.querySelector('#emergency-list .state').textContent.includes('cancelled')");
    }

    @Test
    void whatAFitterTriesIsShownAsATestBelowWhatIsRealAndMakesNoNoise() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        SampleCity.Unit tried = hub.city.taxi("서울 31바 0001").at(GANGNAM[0], GANGNAM[1]);
        SampleCity.Unit real = hub.city.taxi("서울 31바 0002").at(GANGNAM[0], GANGNAM[1]);
        browser.open(hub.address());
        browser.await("document.getElementById('link').classList.contains('live')");

        real.board(RideChange.Source.CARD);
        tried.test = true;
        tried.board(RideChange.Source.CARD);
        tried.panic(Panic.Origin.RIDER, Phase.RAISED);
        browser.await(CALLS + ".length === 1 && " + RIDES + ".length === 2");
        assertTrue(browser.evaluate(CALLS + "[0].textContent").asText().contains("TEST"));
        assertEquals(
                0,
                browser.evaluate(
                                "document.querySelectorAll('#siren.calling, .siren, #emergency-list .seen, .loud').length")
                        .asInt());
        assertEquals(
                "0 1 1",
                browser.evaluate(
                                "['emergency-count', 'ride-count', 'total-rides'].map((id) => document.getElementById(id).textContent).join(' ')")
                        .asText());
        assertTrue(browser.evaluate(RIDES + "[1].textContent").asText().contains("TEST"));
        assertFalse(browser.evaluate(RIDES + "[0].textContent").asText().contains("TEST"));

        real.panic(Panic.Origin.RIDER, Phase.RAISED);
        browser.await("document.getElementById('siren').classList.contains('calling')");
        assertTrue(browser.evaluate(CALLS + "[0].textContent").asText().contains("0002"));
        browser.evaluate("document.getElementById('language').click()");
        browser.await(CALLS + "[1].textContent.includes('시험')");
    }

    @Test
    void nothingThatAUnitOrARegistrySaysBecomesMarkup() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        String evil = "<img src=x onerror=document.title='owned'>";
        hub.city.taxi(evil).at(GANGNAM[0], GANGNAM[1]).board(RideChange.Source.CARD);
        browser.open(hub.address());
        browser.await(RIDES + ".length === 1");
        assertEquals(
                evil,
                browser.evaluate(RIDES + "[0].querySelector('strong').textContent")
                        .asText());
        assertEquals(
                0,
                browser.evaluate("document.querySelectorAll('img[src=x]').length")
                        .asInt());
    }

    @Test
    void thePageAsksForNothingOutsideAndSaysThatItsMapIsApproximate() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        hub.city.taxi("서울 31바 1234").presence();
        browser.open(hub.address());
        browser.await("document.querySelectorAll('path.district').length === 25");
        browser.await("!document.getElementById('approximate').hidden");
        assertEquals(
                List.of(),
                browser.requests.stream()
                        .filter(url -> !url.startsWith(hub.address()) && !url.startsWith("data:"))
                        .toList());
    }

    @Test
    void thePageSpeaksTheOperatorsLanguageAndTheOtherOneAtAKey() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        browser.open(hub.address());
        browser.await("document.querySelectorAll('#district-list li').length === 26");
        browser.await(
                "document.querySelector('#district-list li[data-district=\"11680\"] .name').textContent === 'Gangnam-gu'");
        browser.evaluate("document.getElementById('language').click()");
        browser.await(
                "document.querySelector('#district-list li[data-district=\"11680\"] .name').textContent === '강남구'");
        assertEquals("ko", browser.evaluate("document.documentElement.lang").asText());
    }

    @Test
    void thePageComesBackByItselfAndMissesNothing() throws Exception {
        LiveHub hub = hub();
        Browser browser = browser();
        SampleCity.Unit taxi = hub.city.taxi("서울 31바 1234").at(GANGNAM[0], GANGNAM[1]);
        browser.open(hub.address());
        browser.await("document.getElementById('link').classList.contains('live')");
        hub.without(() -> {
            browser.await("document.getElementById('link').classList.contains('waiting')");
            taxi.board(RideChange.Source.CARD);
        });
        browser.await(RIDES + ".length === 1");
        browser.await("document.getElementById('link').classList.contains('live')");
        // That the hub could not be reached for a while is the point.
        browser.complaints.removeIf(each -> each.contains("ERR_") || each.contains("net::"));
    }
}
