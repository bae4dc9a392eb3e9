package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.CoapIdentity;
import ansim.edge.link.CoapUplink;
import ansim.edge.link.Uplink;
import ansim.trust.Authority;
import ansim.trust.TlsKey;
import ansim.trust.UdpRelay;
import ansim.wire.Contact;
import ansim.wire.Lane;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The CoAP link on real sockets, with the whole of a unit's lanes and forwarder behind it. */
class CoapUplinkTest {
    @TempDir
    private Path data;

    private final TestHub hub = TestUnit.hub();
    private final AtomicLong linkMs = new AtomicLong(1_000);
    private TestUnit unit;
    private CoapHub coap;

    @BeforeEach
    void open() throws Exception {
        unit = new TestUnit(data, hub);
        coap = new CoapHub(hub);
    }

    @AfterEach
    void close() {
        coap.close();
        unit.close();
    }

    private CoapUplink link(int port) {
        CoapIdentity identity = coap.unit(TestUnit.ID.hex());
        return link(port, () -> identity);
    }

    private CoapUplink link(int port, CoapIdentity.Source source) {
        return new CoapUplink(URI.create("coaps://127.0.0.1:" + port), source, linkMs::get, new SecureRandom());
    }

    private List<String> stored() {
        synchronized (hub) {
            return hub.bodies(Lane.EVENT).stream()
                    .map(body -> ((Contact) body).name())
                    .toList();
        }
    }

    private static List<String> doors(int count) {
        return IntStream.range(0, count).mapToObj(i -> "door-" + i).toList();
    }

    private void forwardUntilReceipted(int count) throws InterruptedException {
        CoapHub.await(count + " receipted", () -> {
            unit.step();
            return unit.receipted.size() >= count;
        });
    }

    @Test
    void whatIsStoredIsPostedAndLeavesTheUnitOnTheReceiptInTheAnswer() throws Exception {
        try (CoapUplink link = link(coap.address().getPort())) {
            unit.forwarder.add(link);
            IntStream.range(0, 20).forEach(unit::event);
            forwardUntilReceipted(20);
            assertEquals(doors(20), stored());
            assertEquals(0, unit.waiting(Lane.EVENT));
            assertEquals(0, hub.holes, "one at a time of each lane makes no hole");
            assertTrue(link.status().connected());
        }
    }

    @Test
    void anotherPortInMidSessionCostsNothingAndNoConnectionIsLost() throws Exception {
        try (UdpRelay relay = new UdpRelay(coap.address());
                CoapUplink link = link(relay.port())) {
            unit.forwarder.add(link);
            for (int i = 0; i < 10; i++) {
                unit.event(i);
                forwardUntilReceipted(i + 1);
                relay.changePort();
            }
            assertEquals(doors(10), stored());
            assertEquals(10, coap.posts.get(), "each posted once");
            assertEquals(0, hub.duplicates);
        }
    }

    @Test
    void withEveryFifthDatagramLostAndSwappedEverythingIsStoredOnceInOrder() throws Exception {
        try (UdpRelay relay = new UdpRelay(coap.address());
                CoapUplink link = link(relay.port())) {
            unit.forwarder.add(link);
            unit.event(0);
            forwardUntilReceipted(1);
            relay.lose(0.2);
            IntStream.range(1, 6).forEach(unit::event);
            forwardUntilReceipted(6);
            assertTrue(relay.lost() > 0);
            assertEquals(doors(6), stored());
        }
    }

    @Test
    void toldToComeBackLaterItDoesWithTheSameMessage() throws Exception {
        coap.busy.set(2);
        try (CoapUplink link = link(coap.address().getPort())) {
            unit.forwarder.add(link);
            unit.event(0);
            CoapHub.await("receipted", () -> {
                unit.step();
                linkMs.addAndGet(50);
                return unit.receipted.size() == 1;
            });
            assertEquals(3, coap.posts.get());
        }
    }

    @Test
    void whatComesByObserveIsPassedOn() throws Exception {
        Told told = new Told();
        try (CoapUplink link = link(coap.address().getPort())) {
            link.start(told);
            CoapHub.await("observed", () -> coap.observers() == 1 && told.connected.get() == 1);
            coap.tell(new byte[] {1, 2, 3});
            assertArrayEquals(new byte[] {1, 2, 3}, told.next());
        }
    }

    @Test
    void aHubThatAnswersNoMoreIsDownAfter20sAndTheSessionIsResumedWhenItIsBack() throws Exception {
        Told told = new Told();
        try (UdpRelay relay = new UdpRelay(coap.address());
                CoapUplink link = link(relay.port())) {
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            relay.swallow(true);
            assertTrue(link.send(Lane.EVENT, new byte[] {1}));
            CoapHub.await("down", () -> {
                linkMs.addAndGet(100);
                return told.disconnected.get() == 1;
            });
            assertFalse(link.status().connected());
            assertFalse(link.send(Lane.EVENT, new byte[] {1}));
            relay.swallow(false);
            CoapHub.await("connected again", () -> told.connected.get() == 2);
        }
    }

    @Test
    void moreThan8OfALaneAreRefusedAndAnAlarmWaitsForNone() throws Exception {
        Told told = new Told();
        try (UdpRelay relay = new UdpRelay(coap.address());
                CoapUplink link = link(relay.port())) {
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            relay.swallow(true);
            for (int i = 0; i < 8; i++) {
                assertTrue(link.send(Lane.TRACK, new byte[] {1}));
            }
            assertFalse(link.send(Lane.TRACK, new byte[] {1}));
            assertTrue(link.send(Lane.ALARM, new byte[] {1}));
        }
    }

    /** Once the first such thing ended the look every half second for good: a hub that was gone was connected for ever. */
    @Test
    void aDefectInTheLookEveryHalfSecondCostsTheConnectionAndNotTheLink() throws Exception {
        Told told = new Told();
        AtomicBoolean broken = new AtomicBoolean();
        LongSupplier clock = () -> {
            if (broken.getAndSet(false)) {
                throw new IllegalStateException("a defect");
            }
            return linkMs.get();
        };
        CoapIdentity identity = coap.unit(TestUnit.ID.hex());
        try (UdpRelay relay = new UdpRelay(coap.address());
                CoapUplink link = new CoapUplink(
                        URI.create("coaps://127.0.0.1:" + relay.port()), () -> identity, clock, new SecureRandom())) {
            link.start(told);
            CoapHub.await("connected", () -> told.connected.get() == 1);
            broken.set(true);
            CoapHub.await("connected again", () -> told.connected.get() == 2);
            assertEquals(1, told.disconnected.get());
            relay.swallow(true);
            assertTrue(link.send(Lane.EVENT, new byte[] {1}));
            CoapHub.await("down", () -> {
                linkMs.addAndGet(100);
                return told.disconnected.get() == 2;
            });
        }
    }

    @Test
    void aDefectBehindAConnectCostsThatAttemptOnly() throws Exception {
        CoapIdentity identity = coap.unit(TestUnit.ID.hex());
        AtomicInteger asked = new AtomicInteger();
        CoapIdentity.Source source = () -> {
            switch (asked.incrementAndGet()) {
                case 1 -> throw new IllegalStateException("a defect");
                case 2 -> throw new NoClassDefFoundError("a library");
                default -> {
                    return identity;
                }
            }
        };
        try (CoapUplink link = link(coap.address().getPort(), source)) {
            link.start(new Told());
            CoapHub.await("connected", () -> link.status().connected());
        }
    }

    @Test
    void aHubOfAnotherAuthorityIsNotBelieved() throws Exception {
        SecureRandom random = new SecureRandom();
        Authority other = Authority.found("other", TlsKey.generate(random), Instant.now(), random);
        CoapIdentity doubting = coap.unit(TestUnit.ID.hex(), other);
        try (CoapUplink link = link(coap.address().getPort(), () -> doubting)) {
            link.start(new Told());
            CoapHub.await(
                    "refused",
                    () -> link.status().attempts() >= 1
                            && !link.status().error().startsWith("not tried"));
            assertFalse(link.status().connected());
        }
    }

    /** What a link has told. */
    private static final class Told implements Uplink.Listener {
        final AtomicInteger connected = new AtomicInteger();
        final AtomicInteger disconnected = new AtomicInteger();
        private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();

        @Override
        public void connected() {
            connected.incrementAndGet();
        }

        @Override
        public void disconnected() {
            disconnected.incrementAndGet();
        }

        @Override
        public void received(byte[] message) {
            received.add(message);
        }

        byte[] next() throws InterruptedException {
            byte[] next = received.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing was received");
            }
            return next;
        }
    }
}
