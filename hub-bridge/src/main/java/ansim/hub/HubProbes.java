package ansim.hub;

import ansim.hub.deliver.Delivery;
import ansim.hub.intake.Intake;
import ansim.hub.metrics.HubMetrics;
import ansim.hub.metrics.ProbeDoor;
import ansim.hub.metrics.Probes;
import ansim.hub.view.UnitSearch;
import ansim.hub.view.ViewTail;
import ansim.journal.Journal;
import java.io.IOException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The hub's metrics and whether it is ready, and the door to them if one is set. Opened and closed by one thread; asked by any. */
final class HubProbes implements AutoCloseable {
    /** Entries that the views may be behind the log: some seconds of all of Seoul. */
    static final long VIEWS_BEHIND = 50_000;

    /** Entries of the log that the deliveries may not have looked at. */
    static final long DELIVERY_BEHIND = 50_000;

    /** What they are about. */
    record Rooms(
            Journal log,
            Intake intake,
            Delivery delivery,
            ViewTail tail,
            VaultFeed vault,
            RegistryFeed registry,
            Supplier<Map<String, Long>> counts) {}

    private final Rooms rooms;
    private final UnitSearch units;
    private final HubMetrics metrics;
    private final Probes probes;
    private @Nullable ProbeDoor door;
    private volatile boolean open;

    private HubProbes(HubConfig config, Rooms rooms) throws IOException {
        this.rooms = rooms;
        this.units = UnitSearch.open(config.registryFile(), rooms.tail().views());
        this.metrics = new HubMetrics(new HubMetrics.Sources(
                rooms.counts(),
                rooms.delivery()::status,
                units::states,
                rooms.log()::durableIndex,
                rooms.tail().views()::position,
                config.data(),
                Clock.systemUTC()));
        metrics.gauge(
                "delivery.unreconciled",
                "Cursors whose accounts do not add up: more than none is an alarm.",
                rooms.delivery()::unreconciled);
        this.probes = new Probes(metrics::scrape, this::missing);
        rooms.intake().watch(metrics);
    }

    static HubProbes start(HubConfig config, Rooms rooms) throws IOException {
        HubProbes started = new HubProbes(config, rooms);
        if (config.metrics().isPresent()) {
            try {
                started.door = ProbeDoor.start(config.metrics().get().address(), started.probes);
            } catch (IOException e) {
                started.close();
                throw e;
            }
        }
        return started;
    }

    /** For the page's server. */
    Probes probes() {
        return probes;
    }

    /** The doors are open from now on. */
    void doorsOpen() {
        open = true;
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        if (!open) {
            missing.add("the doors are not open");
        }
        if (rooms.intake().isLogStuck()) {
            missing.add("a disk of the log does not answer");
        }
        rooms.tail().trouble().ifPresent(trouble -> missing.add("the views do not follow the log"));
        rooms.vault().trouble().ifPresent(trouble -> missing.add("rides wait for their names"));
        rooms.registry().trouble().ifPresent(trouble -> missing.add("changes of the registry wait"));
        if (rooms.log().durableIndex() - rooms.tail().views().position() > VIEWS_BEHIND) {
            missing.add("the views are behind the log");
        }
        if (rooms.delivery().behind() > DELIVERY_BEHIND) {
            missing.add("the deliveries do not follow the log");
        }
        return missing;
    }

    @Override
    public void close() throws IOException {
        open = false;
        try (units;
                metrics) {
            ProbeDoor opened = door;
            if (opened != null) {
                opened.close();
            }
        }
    }
}
