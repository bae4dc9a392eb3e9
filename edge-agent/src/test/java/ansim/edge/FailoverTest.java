package ansim.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.edge.keys.CoapIdentity;
import ansim.edge.link.CoapUplink;
import ansim.trust.UdpRelay;
import ansim.wire.Contact;
import ansim.wire.Lane;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two ways to one hub on real sockets, of which the preferred one swallows everything. */
class FailoverTest {
    @TempDir
    private Path data;

    private static CoapUplink link(CoapHub door, int port) {
        CoapIdentity identity = door.unit(TestUnit.ID.hex());
        return new CoapUplink(
                URI.create("coaps://127.0.0.1:" + port), () -> identity, SystemClock::monoMs, new SecureRandom());
    }

    private static void forwardUntilReceipted(TestUnit unit, int count) throws InterruptedException {
        CoapHub.await(count + " receipted", () -> {
            unit.step();
            return unit.receipted.size() >= count;
        });
    }

    @Test
    void theOtherTakesOverWithTheSameNumbersAndThePreferredCarriesAgainWhenItHasBeenBackForAWhile() throws Exception {
        TestHub hub = TestUnit.hub();
        TestUnit unit = new TestUnit(data, hub);
        try (unit;
                CoapHub preferred = new CoapHub(hub);
                CoapHub other = new CoapHub(hub);
                UdpRelay relay = new UdpRelay(preferred.address());
                CoapUplink first = link(preferred, relay.port());
                CoapUplink second = link(other, other.address().getPort())) {
            unit.forwarder.add(first);
            unit.forwarder.add(second);
            CoapHub.await(
                    "both up",
                    () -> first.status().connected() && second.status().connected());
            unit.event(0);
            forwardUntilReceipted(unit, 1);
            relay.swallow(true);
            IntStream.range(1, 12).forEach(unit::event);
            unit.step();
            assertEquals(0, other.posts.get());
            unit.nowMs += Ways.SILENT_MS;
            forwardUntilReceipted(unit, 12);
            assertTrue(other.posts.get() >= 11);
            relay.swallow(false);
            int before = preferred.posts.get();
            unit.nowMs += 2 * Ways.BACK_AFTER_MS;
            unit.step();
            unit.event(12);
            CoapHub.await("the preferred carries again", () -> {
                unit.step();
                unit.nowMs += 10;
                return preferred.posts.get() > before && unit.receipted.size() == 13;
            });
            synchronized (hub) {
                List<String> stored = hub.bodies(Lane.EVENT).stream()
                        .map(body -> ((Contact) body).name())
                        .toList();
                assertEquals(IntStream.range(0, 13).mapToObj(i -> "door-" + i).toList(), stored, "each once, in order");
                assertEquals(1, hub.chains(Lane.EVENT), "the same chain over either way");
            }
        }
    }
}
