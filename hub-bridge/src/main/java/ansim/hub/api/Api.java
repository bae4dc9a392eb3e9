package ansim.hub.api;

import ansim.hub.core.DistrictMap;
import ansim.hub.deliver.CursorStatus;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.UnitSearch;
import ansim.hub.view.ViewSearch;
import ansim.hub.view.Views;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The API with all that it needs open. Opened and closed by one thread. */
public final class Api implements AutoCloseable {
    /**
     * Where what it shows is.
     *
     * @param data the hub's folder: accounts, the ledger of provisions
     * @param registry {@code registry.db}
     * @param views stay open until this is closed
     */
    public record Files(Path data, Path registry, Views views) {}

    /**
     * What it asks while it runs; from any thread.
     *
     * @param map the districts in force
     * @param deliveries how the sinks are
     * @param desk takes what the app says
     * @param ledgerKeys of the ledger of accesses and of that of provisions
     * @param consoleKeys of the reads at the console
     * @param accessesKept how long that says who was shown what
     * @param everyRide whether centres may see the rides of riders whom the vault does not know
     */
    public record Hub(
            Supplier<DistrictMap> map,
            Supplier<List<CursorStatus>> deliveries,
            AppDesk desk,
            LedgerKeys ledgerKeys,
            LedgerKeys consoleKeys,
            Duration accessesKept,
            boolean everyRide) {}

    /**
     * Who is let in.
     *
     * @param life how long a token of the hub's own accounts holds
     * @param oidc the identity provider whose tokens count, too
     */
    public record Tokens(Duration life, Optional<OidcSettings> oidc) {}

    private final Accounts accounts;
    private final Optional<ProviderTokens> provider;
    private final AccessLedger ledger;
    private final UnitSearch units;
    private final ViewSearch views;
    private final ViewSearch alarms;
    private final ApiDoor door;

    private Api(ApiDoor.Rooms rooms, AccessLedger ledger, Searches searches, ApiDoor door) {
        this.accounts = rooms.accounts();
        this.provider = rooms.provider();
        this.ledger = ledger;
        this.units = searches.units;
        this.views = searches.views;
        this.alarms = searches.alarms;
        this.door = door;
    }

    /**
     * What is asked of the views and the registry, each over a connection of its own.
     *
     * @param alarms for emergencies alone: they wait for nobody's list
     */
    private record Searches(UnitSearch units, ViewSearch views, ViewSearch alarms) {}

    /** Opens the files, then the door. */
    public static Api start(ApiDoor.Site site, Files files, Hub hub, Tokens tokens, InstantSource clock)
            throws IOException {
        Opened opened = new Opened();
        try {
            Accounts accounts = opened.add(Accounts.open(files.data().resolve(Accounts.FILE), new SecureRandom()));
            AccessLedger ledger = opened.add(AccessLedger.open(files.data(), hub.ledgerKeys(), hub.accessesKept()));
            UnitSearch units = opened.add(UnitSearch.open(files.registry(), files.views()));
            Searches searches = new Searches(
                    units,
                    opened.add(files.views().search()),
                    opened.add(files.views().search()));
            Reads reads = new Reads(new Reads.Sources(
                    searches.units,
                    searches.views,
                    hub.map(),
                    hub.deliveries(),
                    ledger,
                    new LedgerLines(files.data().resolve(AccessLedger.FOLDER), hub.ledgerKeys(), hub.consoleKeys()),
                    hub.everyRide()));
            List<Operation> operations = new ArrayList<>(reads.operations());
            Once once = new Once(accounts);
            operations.addAll(new AppWrites(hub.desk(), searches.alarms, once).operations());
            operations.addAll(new RiderOperations(hub.desk().riders(), once).operations());
            operations.addAll(new NoticeOperations(hub.desk().notices()).operations());
            Optional<ProviderTokens> provider = Optional.empty();
            if (tokens.oidc().isPresent()) {
                provider = Optional.of(
                        opened.add(ProviderTokens.start(tokens.oidc().get(), clock)));
            }
            ApiDoor.Rooms rooms = new ApiDoor.Rooms(accounts, tokens.life(), provider, operations, clock);
            return new Api(rooms, ledger, searches, ApiDoor.start(site, rooms));
        } catch (IOException | RuntimeException e) {
            opened.close(e);
            throw e;
        }
    }

    /** What is to be closed when the next does not open. */
    private static final class Opened {
        private final ArrayDeque<AutoCloseable> all = new ArrayDeque<>();

        <T extends AutoCloseable> T add(T one) {
            all.push(one);
            return one;
        }

        void close(Exception why) {
            for (AutoCloseable each : all) {
                try {
                    each.close();
                } catch (Exception e) {
                    why.addSuppressed(e);
                }
            }
        }
    }

    /** The port that it listens on. */
    public int port() {
        return door.port();
    }

    /** Answers and refusals so far, by name. */
    public Map<String, Long> counts() {
        Map<String, Long> counts = door.counts();
        provider.ifPresent(each -> counts.putAll(each.counts()));
        return counts;
    }

    ApiDoor door() {
        return door;
    }

    /** That lists are read by. */
    ViewSearch reading() {
        return views;
    }

    @Override
    public void close() throws IOException {
        try (accounts;
                ledger;
                units;
                views;
                alarms) {
            door.close();
        } finally {
            provider.ifPresent(ProviderTokens::close);
        }
    }
}
