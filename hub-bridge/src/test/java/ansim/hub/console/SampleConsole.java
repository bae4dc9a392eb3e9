package ansim.hub.console;

import ansim.hub.core.EntryReader;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * For whoever works on the page: a console on a made-up city that lives on until it is stopped.
 *
 * <p>{@code SampleConsole DIR PORT [seoul-districts.geojson]}
 */
public final class SampleConsole {
    private static final double[][] STARTS = {
        {37.4985, 127.0280}, {37.5172, 127.0473}, {37.5663, 126.9019}, {37.5139, 127.1000}, {37.5264, 126.8962},
        {37.5796, 126.9368}, {37.6544, 127.0568}, {37.4784, 126.9516}, {37.5502, 126.8495}, {37.5384, 127.0823},
    };

    private SampleConsole() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        try (SampleCity city = new SampleCity(directory.resolve("log"), System.currentTimeMillis() - 3_600_000);
                Views views = Views.open(
                        directory.resolve("views.db"),
                        city.journal.journalId(),
                        city.journal.durableIndex(),
                        ZoneId.systemDefault());
                ViewTail tail = ViewTail.start(city.journal, EntryReader.UNSEALED, views);
                Console console = Console.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1])),
                        tail,
                        Clock.systemUTC(),
                        () -> Map.of("stored", 2L, "refused-signature", 1L))) {
            if (arguments.length > 2) {
                city.importDistricts(Files.readAllBytes(Path.of(arguments[2])));
            }
            System.out.println("http://127.0.0.1:" + console.port() + "/");
            live(city, past(city));
        }
    }

    /** Fills the last hour. */
    static List<SampleCity.Unit> past(SampleCity city) throws Exception {
        List<SampleCity.Unit> taxis = new ArrayList<>();
        for (int i = 0; i < STARTS.length; i++) {
            SampleCity.Unit taxi = city.taxi("서울 3" + (i % 4 + 1) + "바 " + (1_200 + i * 731));
            taxi.at(STARTS[i][0], STARTS[i][1]);
            taxis.add(taxi);
        }
        SampleCity.Unit pole = city.pole("CCTV 강남-017", 37.4966, 127.0630);
        city.pole("CCTV 마포-003", 37.5540, 126.9220).presence();
        for (int i = 0; i < STARTS.length; i++) {
            city.nowMs += 300_000;
            taxis.get(i).board(RideChange.Source.METER_LAMP);
            if (i % 3 == 1) {
                city.nowMs += 40_000;
                taxis.get(i).at(STARTS[i][0] + 0.01, STARTS[i][1] + 0.012).alight();
            }
        }
        city.nowMs = System.currentTimeMillis() - 4_000;
        pole.health();
        pole.presence();
        for (int i = 0; i < taxis.size(); i++) {
            SampleCity.Unit taxi = taxis.get(i);
            taxi.health();
            if (i % 3 == 1) {
                taxi.presence();
            } else {
                taxi.drive(STARTS[i][0], STARTS[i][1]);
                taxi.name();
            }
        }
        return taxis;
    }

    private static void live(SampleCity city, List<SampleCity.Unit> taxis) throws Exception {
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
        for (int step = 1; !stopped.await(1, TimeUnit.SECONDS); step++) {
            city.nowMs = System.currentTimeMillis();
            for (int i = 0; i < taxis.size(); i++) {
                // One of them falls silent, so that its age can be seen to grow.
                if (i % 3 != 1 && i != 8 && (step + i) % 3 == 0) {
                    double way = step * 0.00012;
                    taxis.get(i).drive(STARTS[i][0] + way * Math.cos(i), STARTS[i][1] + way * Math.sin(i));
                }
            }
            if (step == 2) {
                taxis.get(0).panic(Panic.Origin.RIDER, Phase.RAISED);
            }
            if (step == 4) {
                taxis.get(2).panic(Panic.Origin.DRIVER, Phase.RAISED);
                taxis.get(4).board(RideChange.Source.CARD);
            }
            if (step == 6) {
                taxis.get(0).panic(Panic.Origin.RIDER, Phase.REPEATED);
                taxis.get(3).alight();
            }
        }
    }
}
