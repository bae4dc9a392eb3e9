package ansim.hub.console;

import ansim.hub.core.EntryReader;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Map;

/** A made-up city with its views and its console, as the hub puts them together. */
final class LiveHub implements AutoCloseable {
    final SampleCity city;
    final Views views;
    final ViewTail tail;
    private Console console;

    LiveHub(Path folder) throws IOException {
        city = new SampleCity(folder.resolve("log"), System.currentTimeMillis());
        views = Views.open(
                folder.resolve("views.db"), city.journal.journalId(), city.journal.durableIndex(), ZoneOffset.UTC);
        tail = ViewTail.start(city.journal, EntryReader.UNSEALED, views);
        console = start(0);
    }

    private Console start(int port) throws IOException {
        return Console.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                tail,
                Clock.systemUTC(),
                () -> Map.of("stored", 2L, "refused-signature", 1L));
    }

    Console console() {
        return console;
    }

    /** Stops the console, does what is to be done meanwhile, and starts it on the same port. */
    void without(Meanwhile meanwhile) throws Exception {
        int port = console.port();
        console.close();
        meanwhile.run();
        console = start(port);
    }

    /** What happens while nobody answers. */
    interface Meanwhile {
        void run() throws Exception;
    }

    String address() {
        return "http://127.0.0.1:" + console.port() + "/";
    }

    void upToDate() throws Exception {
        Browser.until("the views follow", () -> views.position() == city.journal.durableIndex());
    }

    @Override
    public void close() throws IOException {
        console.close();
        tail.close();
        views.close();
        city.close();
    }
}
