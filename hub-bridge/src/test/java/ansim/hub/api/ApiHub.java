package ansim.hub.api;

import ansim.hub.console.SampleCity;
import ansim.hub.core.EntryReader;
import ansim.hub.core.Input;
import ansim.hub.core.RefusedInput;
import ansim.hub.core.UnitRide;
import ansim.hub.deliver.CursorStatus;
import ansim.hub.ledger.ConsoleReads;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.JournalException;
import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Id16;
import ansim.wire.Pos;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A city with an API as the hub puts it together, and a client that believes its authority. */
final class ApiHub implements AutoCloseable {
    static final String RIDER = "0123456789abcdef0123456789abcdef";
    static final String PASSWORD = "correct horse battery";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ObjectMapper JSON = new ObjectMapper();

    final Path folder;
    final SampleCity city;
    final Registry registry;
    final Views views;
    final ViewTail tail;
    final Accounts accounts;
    final LedgerKeys ledgerKeys;
    private final LedgerKeys consoleKeys;
    final Api api;
    volatile Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
    final List<Input.AppEmergency> raised = new CopyOnWriteArrayList<>();
    final List<String> said = new CopyOnWriteArrayList<>();
    volatile boolean broken;
    volatile Optional<RefusedInput.Why> refusal = Optional.empty();
    final List<String> suspended = new CopyOnWriteArrayList<>();
    final List<String> added = new CopyOnWriteArrayList<>();
    volatile RiderDesk.Added outcome = RiderDesk.Added.DONE;
    final List<String> taken = new CopyOnWriteArrayList<>();
    private final NoticeDesk notices = new NoticeDesk() {
        @Override
        public List<Notice> waiting(Optional<String> after, int most) {
            return Stream.of(RIDER, "f".repeat(32))
                    .filter(id -> !taken.contains(id) && id.compareTo(after.orElse("")) > 0)
                    .limit(most)
                    .map(id -> new Notice(
                            id,
                            "user-7",
                            Instant.EPOCH,
                            "ko",
                            "boarded",
                            "택시에 탔습니다",
                            "...",
                            Map.of("vehicle", "서울 31바 1234")))
                    .toList();
        }

        @Override
        public boolean taken(String id) {
            return id.equals(RIDER) && (taken.contains(id) || taken.add(id));
        }
    };
    volatile Optional<String> notHere = Optional.empty();
    private final RiderDesk riders = new RiderDesk() {
        private void look() throws NotHere {
            if (notHere.isPresent()) {
                throw new NotHere(notHere.get());
            }
        }

        @Override
        public List<Rider> list(String after, int most) throws NotHere {
            look();
            return RIDER.compareTo(after) > 0
                    ? List.of(new Rider(RIDER, "11680", "ko", 2, 1, Instant.EPOCH))
                    : List.of();
        }

        @Override
        public Added add(String id, NewRider rider, String by) throws NotHere {
            look();
            if (rider.home().equals("nowhere")) {
                throw new IllegalArgumentException("home must be a district's code, such as 11680");
            }
            added.add(id + " " + by + " " + rider);
            return outcome;
        }

        @Override
        public boolean suspend(String id, String by) throws NotHere {
            look();
            return id.equals(RIDER) && suspended.add(id + " " + by);
        }

        @Override
        public boolean resume(String id, String by) throws NotHere {
            look();
            return id.equals(RIDER);
        }
    };
    private final HttpClient http;

    ApiHub(Path folder) throws Exception {
        this(folder, true);
    }

    /** @param everyRide see {@link Api.Hub} */
    ApiHub(Path folder, boolean everyRide) throws Exception {
        this(folder, everyRide, Optional.empty());
    }

    /** @param oidc whose tokens count, too */
    ApiHub(Path folder, boolean everyRide, Optional<OidcSettings> oidc) throws Exception {
        this.folder = folder;
        city = new SampleCity(folder.resolve("log"), now.toEpochMilli());
        if (everyRide) {
            city.openEveryRide();
        }
        registry = Registry.open(folder.resolve("registry.db"));
        views = Views.open(
                folder.resolve("views.db"), city.journal.journalId(), city.journal.durableIndex(), ZoneOffset.UTC);
        tail = ViewTail.start(city.journal, EntryReader.UNSEALED, views);
        ledgerKeys = LedgerKeys.open(folder.resolve(LedgerKeys.FILE), RANDOM);
        consoleKeys = LedgerKeys.open(folder.resolve(ConsoleReads.KEYS), RANDOM);
        accounts = Accounts.open(folder.resolve(Accounts.FILE), RANDOM);
        Authority authority = Authority.found("test", TlsKey.generate(RANDOM), now, RANDOM);
        TlsKey key = TlsKey.generate(RANDOM);
        TlsIdentity identity = new TlsIdentity(
                key, List.of(authority.server(key.publicKey(), List.of("localhost", "127.0.0.1"), now)));
        api = Api.start(
                ApiDoor.Site.own(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), () -> identity),
                new Api.Files(folder, folder.resolve("registry.db"), views),
                new Api.Hub(
                        views::districts,
                        () -> CURSORS,
                        new AppDesk(this::raise, Optional.of(this::said), riders, Optional.of(notices)),
                        ledgerKeys,
                        consoleKeys,
                        Duration.ofDays(365),
                        everyRide),
                new Api.Tokens(Duration.ofHours(12), oidc),
                () -> now);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(
                null,
                new TrustManager[] {new PeerTrust(List.of(authority.certificate()), PeerTrust.now(() -> now))},
                RANDOM);
        http = HttpClient.newBuilder().sslContext(context).build();
    }

    static final List<CursorStatus> CURSORS = List.of(
            cursor("11680", "webhook https://name:secret@centre.example/events?key=hidden", true),
            cursor("11650", "mqtt tcp://centre.example:1883", false));

    private static CursorStatus cursor(String district, String sink, boolean alarm) {
        return new CursorStatus(
                district,
                sink,
                alarm,
                104,
                3,
                100,
                1,
                0,
                0,
                0,
                0,
                0,
                true,
                OptionalLong.of(1_795_000_000_000L),
                OptionalLong.of(1_795_000_001_000L),
                Optional.of("https://name:secret@centre.example/events?key=hidden says 503"),
                Optional.empty());
    }

    private CompletableFuture<Void> raise(Input.AppEmergency emergency) {
        raised.add(emergency);
        if (broken) {
            return CompletableFuture.failedFuture(new IllegalStateException("the disk is full"));
        }
        try {
            city.log(emergency);
        } catch (JournalException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.completedFuture(null);
    }

    private CompletableFuture<Void> said(UnitRide ride, Pos to, long atMs, Id16 key) {
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(new RefusedInput(refusal.get()));
        }
        said.add(ApiJson.rideId(ride) + " " + to.latE7() + " " + to.lonE7());
        return CompletableFuture.completedFuture(null);
    }

    /** A taxi that the registry and the log know. */
    SampleCity.Unit taxi(String vehicle) throws IOException {
        SampleCity.Unit unit = city.taxi(vehicle);
        registry.add(unit.unit, now.toEpochMilli());
        return unit;
    }

    void upToDate() {
        long end = city.journal.durableIndex();
        while (views.position() < end) {
            Thread.onSpinWait();
        }
    }

    Account account(String name, Role role, String scope) throws IOException {
        Account account = new Account(name, role, scope);
        accounts.add(account, PASSWORD, now);
        return account;
    }

    /** A new account's token. */
    String token(Role role, String scope) throws Exception {
        String name = role.word() + accounts.list().size();
        return accounts.token(account(name, role, scope), now, Duration.ofHours(12))
                .text();
    }

    Said signIn(String name, String password) throws Exception {
        return send("POST", "/v1/tokens", "", "{\"name\":\"" + name + "\",\"password\":\"" + password + "\"}");
    }

    /** What came back. */
    record Said(int status, String type, JsonNode body, HttpResponse<String> raw) {}

    Said get(String path, String token) throws Exception {
        return send("GET", path, token, "");
    }

    Said send(String method, String path, String token, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("https://localhost:" + api.port() + path))
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        String type = response.headers().firstValue("Content-Type").orElse("");
        return new Said(response.statusCode(), type, JSON.readTree(response.body()), response);
    }

    @Override
    public void close() throws IOException {
        api.close();
        accounts.close();
        ledgerKeys.close();
        consoleKeys.close();
        tail.close();
        views.close();
        registry.close();
        city.close();
    }
}
