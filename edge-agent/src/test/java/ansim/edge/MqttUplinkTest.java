package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.TlsSource;
import ansim.edge.link.MqttUplink;
import ansim.edge.link.Uplink;
import ansim.trust.Authority;
import ansim.trust.PeerTrust;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import ansim.wire.Lane;
import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The MQTT link against brokers that are up and yet of no use. */
class MqttUplinkTest {
    private static final byte[] MESSAGE = {1};
    private static final int SILENT_MS = 60_000;
    private static final int STOOD_MS = 30_000;

    private final AtomicLong nowMs = new AtomicLong(1_000);
    /** How often the link has looked at the clock: so it is known that it has looked. */
    private final AtomicInteger looks = new AtomicInteger();

    private final Told told = new Told();
    private FakeBroker broker;

    @BeforeEach
    void listen() throws IOException {
        broker = new FakeBroker();
    }

    @AfterEach
    void close() throws IOException {
        broker.close();
    }

    private long look() {
        looks.incrementAndGet();
        return nowMs.get();
    }

    private MqttUplink link(RandomGenerator random) {
        return new MqttUplink(broker.address(), TestUnit.ID, this::look, random);
    }

    private void untilLookedAtTwice() throws InterruptedException {
        int before = looks.get();
        CoapHub.await("looked at twice", () -> looks.get() >= before + 2);
    }

    /** Its status said "hub.invalid", which was the address, and nothing was logged. */
    @Test
    void anAddressThatNobodyKnowsIsSaidToBeUnknown() throws Exception {
        try (MqttUplink link = new MqttUplink("tcp://hub.invalid:1883", TestUnit.ID, this::look, new SecureRandom())) {
            link.start(told);
            CoapHub.await("told why", () -> link.status().error().equals("no such name, or no DNS: hub.invalid"));
        }
    }

    /** A broker whose access list forgets the units answers 0x80; Paho takes that for granted, and the status once said connected. */
    @Test
    void aSubscriptionThatIsRefusedIsNoConnectionAndTheNextWayCarries() throws Exception {
        broker.granted = 0x80;
        Ways ways = new Ways(nowMs::get);
        FakeLink second = new FakeLink();
        try (MqttUplink link = link(new SecureRandom())) {
            ways.add(link, nobody());
            ways.add(second, nobody());
            second.connect();
            CoapHub.await(
                    "refused twice, and told why",
                    () -> broker.subscribed.get() >= 2
                            && link.status().error().contains("refuses the subscription to ansim/1/d/"));
            assertFalse(link.status().connected());
            ways.look();
            assertTrue(ways.send(Lane.EVENT, MESSAGE));
            assertEquals(1, second.sent.size());
            assertEquals(0, broker.published.get());
            broker.granted = 1;
            CoapHub.await("connected", () -> link.status().connected());
            assertEquals("", link.status().error());
        }
    }

    /** Once such a broker's 64 slots were filled for good, and a panic was not handed over on a link that said connected. */
    @Test
    void aBrokerThatAnswersPingsAndAcknowledgesNothingIsGivenUpAfter60sAndAnAlarmHasRoomUntilThen() throws Exception {
        broker.acknowledging = false;
        try (MqttUplink link = link(new SecureRandom())) {
            told.of = link;
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            untilLookedAtTwice();
            int taken = 0;
            while (taken < 100 && link.send(Lane.EVENT, MESSAGE)) {
                taken++;
            }
            assertEquals(44, taken);
            for (; link.send(Lane.STATUS, MESSAGE); taken++) {
                assertTrue(taken < 100, "the room never ends");
            }
            assertEquals(48, taken, "lane 4 has room that lanes 2 and 3 leave");
            assertTrue(link.send(Lane.ALARM, MESSAGE));
            nowMs.addAndGet(SILENT_MS - 1);
            untilLookedAtTwice();
            assertTrue(link.status().connected());
            nowMs.incrementAndGet();
            CoapHub.await("given up, and connected anew", () -> told.connected.get() == 2);
            assertEquals(1, told.disconnected.get());
            assertEquals("the broker has acknowledged nothing for 60 s", told.atLoss.error());
            assertFalse(told.atLoss.connected());
            broker.acknowledging = true;
            assertTrue(link.send(Lane.EVENT, MESSAGE), "the room is free again");
            CoapHub.await("acknowledged", () -> told.heard.get() == 1);
        }
    }

    @Test
    void aBrokerThatOwesNothingMayBeSilentForEver() throws Exception {
        try (MqttUplink link = link(new SecureRandom())) {
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            assertTrue(link.send(Lane.EVENT, MESSAGE));
            CoapHub.await("acknowledged", () -> told.heard.get() == 1);
            nowMs.addAndGet(10 * SILENT_MS);
            untilLookedAtTwice();
            assertEquals(0, told.disconnected.get());
            assertTrue(link.status().connected());
        }
    }

    /** Once such a broker had a handshake of each unit every half second, with everything in flight sent again. */
    @Test
    void aBrokerThatTakesAndDropsIsTriedLaterAndLaterUntilAConnectionHasStoodFor30s() throws Exception {
        broker.hangingUp = true;
        Draws draws = new Draws();
        try (MqttUplink link = link(draws)) {
            link.start(told);
            CoapHub.await("three pauses", () -> draws.bounds.size() >= 3);
            assertEquals(List.of(251L, 501L, 1_001L), draws.bounds.subList(0, 3), "of up to 0.5, 1 and 2 s");
            broker.hangingUp = false;
            CoapHub.await(
                    "connected",
                    () -> broker.standing.get() == 1 && link.status().connected());
            untilLookedAtTwice();
            int pauses = draws.bounds.size();
            nowMs.addAndGet(STOOD_MS);
            broker.hangUp();
            CoapHub.await("lost", () -> draws.bounds.size() > pauses);
            assertEquals(251L, draws.bounds.get(pauses));
        }
    }

    /** Once the first such thing ended the link's thread, and the status said "not tried yet" for ever. */
    @Test
    void aDefectBehindAConnectCostsThatAttemptOnly() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        TlsSource source = () -> {
            switch (asked.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a defect");
                case 2 -> throw new NoClassDefFoundError("a library");
                default -> throw new IOException("there is no certificate");
            }
        };
        try (MqttUplink link =
                new MqttUplink("tls://127.0.0.1:1", TestUnit.ID, source, this::look, new SecureRandom())) {
            link.start(told);
            CoapHub.await("tried again", () -> link.status().error().equals("there is no certificate"));
            assertTrue(asked.get() >= 3);
            assertFalse(link.status().connected());
        }
    }

    /**
     * A network that takes nothing more, in a tunnel with a backlog: the thread that writes holds the lock that the closing of a TLS
     * connection waits for, once until the kernel gave up after a quarter of an hour, and with it the link.
     */
    @Test
    void aTlsConnectionThatTakesNothingMoreIsLeftForANewOneAtOnce() throws Exception {
        SecureRandom random = new SecureRandom();
        Authority authority = Authority.found("test hub", TlsKey.generate(random), Instant.now(), random);
        PeerTrust trust = new PeerTrust(List.of(authority.certificate()), PeerTrust.now(Instant::now));
        TlsKey hubKey = TlsKey.generate(random);
        TlsKey unitKey = TlsKey.generate(random);
        SSLContext hub = new TlsIdentity(
                        hubKey, List.of(authority.server(hubKey.publicKey(), List.of("127.0.0.1"), Instant.now())))
                .context(trust, random);
        TlsIdentity unit = new TlsIdentity(
                unitKey, List.of(authority.unit(unitKey.publicKey(), TestUnit.ID.hex(), Instant.now())));
        ServerSocket unbound = hub.getServerSocketFactory().createServerSocket();
        try (FakeBroker full = new FakeBroker(unbound);
                MqttUplink link = new MqttUplink(
                        "tls://127.0.0.1:" + full.port(),
                        TestUnit.ID,
                        () -> unit.context(trust, random),
                        this::look,
                        random)) {
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            full.deafen();
            byte[] large = new byte[60_000];
            for (int i = 0; i < 60; i++) {
                assertTrue(link.send(Lane.ALARM, large));
            }
            untilLookedAtTwice();
            nowMs.addAndGet(SILENT_MS);
            CoapHub.await("connected anew", () -> told.connected.get() == 2);
        }
    }

    private static Ways.Listener nobody() {
        return new Ways.Listener() {
            @Override
            public void wake() {}

            @Override
            public void received(byte[] message) {}
        };
    }

    /** Draws the lowest and notes what was asked for: half of the longest pause, and one. */
    private static final class Draws implements RandomGenerator {
        final List<Long> bounds = new CopyOnWriteArrayList<>();

        @Override
        public long nextLong() {
            return 0;
        }

        @Override
        public long nextLong(long bound) {
            bounds.add(bound);
            return 0;
        }
    }

    /** What the link has told. */
    private static final class Told implements Uplink.Listener {
        /** The status at the last loss of this link is kept. */
        volatile Uplink of = new FakeLink();

        volatile Uplink.Status atLoss = of.status();
        final AtomicInteger connected = new AtomicInteger();
        final AtomicInteger disconnected = new AtomicInteger();
        final AtomicInteger heard = new AtomicInteger();

        @Override
        public void connected() {
            connected.incrementAndGet();
        }

        @Override
        public void disconnected() {
            atLoss = of.status();
            disconnected.incrementAndGet();
        }

        @Override
        public void received(byte[] message) {}

        @Override
        public void heard() {
            heard.incrementAndGet();
        }
    }
}
