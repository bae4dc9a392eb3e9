package ansim.hub.guardian;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.ledger.ConsoleReads;
import ansim.hub.vault.Began;
import ansim.hub.vault.LetterBook;
import ansim.hub.vault.Outbox;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.Riders;
import ansim.hub.vault.RidersImport;
import ansim.hub.vault.Vault;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assertions;

/** A vault with a rider whose mother is told by e-mail, and a real mail server on a real socket. Its clock moves when it is told to. */
final class MailCity implements AutoCloseable {
    static final String CARD = "62E3086CED";
    static final String MOTHER = "mother@example.org";
    static final Id16 UNIT = new Id16(1, 2);
    static final Instant START = Instant.parse("2026-11-27T03:04:05.678Z");
    static final String HEADER = "rider,card,home,language,channel,address,name,tells,consent,by\n";
    static final String EVERYTHING = "boarded alighted emergency lost";

    /** Vault and guardian each look at it. */
    static final class Hands implements InstantSource {
        private final AtomicLong ms = new AtomicLong(START.toEpochMilli());

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(ms.get());
        }

        void move(long by) {
            ms.addAndGet(by);
        }
    }

    final Hands clock = new Hands();
    final Path folder;
    final SealingKey key;
    GreenMail mail;
    int port;
    Vault vault;

    MailCity(Path folder, String guardians) throws IOException {
        this.folder = folder;
        this.key = Vault.create(folder, new SecureRandom());
        bring(guardians);
        vault = Vault.open(folder, "hub", clock);
        mail = server(0);
        port = mail.getSmtp().getPort();
    }

    static String mother(String tells, String consent) {
        return HEADER + "1," + CARD + ",11680,ko,mail," + MOTHER + ",Mother," + tells + "," + consent + ",desk 3\n";
    }

    /** A rider each, whose guardian has this address and is told everything. */
    static String guardians(List<String> addresses) {
        StringBuilder csv = new StringBuilder(HEADER);
        for (int i = 0; i < addresses.size(); i++) {
            csv.append(i + 1).append(',').append(card(i)).append(",11680,ko,mail,");
            csv.append(addresses.get(i)).append(",Name,").append(EVERYTHING).append(",2026-11-26,desk 3\n");
        }
        return csv.toString();
    }

    /** Of the rider with this place among {@link #guardians}. */
    static String card(int rider) {
        return String.format("62E3%04X", rider);
    }

    void bring(String csv) throws IOException {
        RidersImport.Imported done = RidersImport.bring(
                folder,
                new BufferedReader(new StringReader(csv)),
                new ConsoleReads.Reader("test", "vault riders import", ""),
                clock,
                RidersImport.Progress.NONE);
        Assertions.assertEquals(List.of(), done.problems());
    }

    private static GreenMail server(int port) {
        ServerSetup setup = new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
        setup.setServerStartupTimeout(20_000);
        GreenMail server = new GreenMail(setup);
        server.start();
        return server;
    }

    void mailDown() {
        mail.stop();
    }

    /** On the same port. */
    void mailUp() {
        mail = server(port);
    }

    GuardianSettings.MailServer settings() {
        return new GuardianSettings.MailServer(
                "127.0.0.1",
                Optional.of(port),
                GuardianSettings.Tls.NONE,
                Optional.empty(),
                Optional.empty(),
                "ansim@city.example");
    }

    Posting posting() throws IOException {
        return posting(() -> new MailWay(settings(), Optional.empty(), clock));
    }

    Posting posting(Supplier<Way> way) throws IOException {
        return Posting.start(vault.outbox(), texts(), Map.of("mail", way), clock, new SplittableRandom(1));
    }

    static Texts texts() throws IOException {
        return Texts.open(Optional.empty(), "ko", ZoneId.of("Asia/Seoul"));
    }

    /** The rider's handle in a ride, as the hub would get it. */
    String handle(long ride) throws IOException {
        return handle(CARD, ride);
    }

    String handle(String card, long ride) throws IOException {
        byte[] number = card.getBytes(StandardCharsets.US_ASCII);
        Id8 of = new Id8(ride);
        return vault.open(key.seal(number, UNIT, of, new SecureRandom()), UNIT, of, Began.at(clock.millis()), "boarded")
                .orElseThrow()
                .handle();
    }

    RideNotice notice(String event, RideNotice.Kind kind, String handle) {
        return notice(event, kind, handle, "서울33바1234");
    }

    RideNotice notice(String event, RideNotice.Kind kind, String handle, String vehicle) {
        return new RideNotice(
                event,
                kind,
                List.of(handle),
                vehicle,
                "한강택시",
                clock.millis(),
                new RideNotice.Place("강남구", "Gangnam-gu"),
                List.of());
    }

    void hand(RideNotice... notices) throws IOException {
        vault.hand(Arrays.asList(notices));
    }

    Outbox outbox() {
        return vault.outbox();
    }

    LetterBook letters() {
        return vault.letters();
    }

    List<String> states() throws IOException {
        List<LetterBook.Listed> all = new ArrayList<>(letters().list(1_000));
        all.sort(Comparator.comparing(LetterBook.Listed::handed));
        return all.stream().map(LetterBook.Listed::state).toList();
    }

    long count(String name) throws IOException {
        return letters().counts().getOrDefault(name, 0L);
    }

    /** As many riders as there are in the vault. */
    List<Riders.Listed> riders() throws IOException {
        List<Riders.Listed> all = new ArrayList<>();
        try (Riders riders = Riders.open(folder)) {
            riders.forEach(clock, all::add);
        }
        return all;
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, what);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    void awaitCount(String name, long count) throws InterruptedException {
        await(name + " " + count, () -> {
            try {
                return count(name) == count;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Override
    public void close() throws IOException {
        mail.stop();
        vault.close();
    }
}
