package ansim.edge.port;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import ansim.profile.Reading.Tap;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** A real pcscd with the reader of vsmartcard-vpcd, into which this test puts a card. */
class PcscPeerTest {
    private static final int VPCD_PORT = 35_963;
    private static final int CONNECT_MS = 1_000;
    private static final long DEADLINE_MS = 30_000;
    /** What vpcd tells its card by one byte; anything longer is an APDU. */
    private static final int TELL_ATR = 4;

    @Test
    void aVirtualCardBehindARealServiceIsATap() throws IOException {
        List<PortReading> readings = new CopyOnWriteArrayList<>();
        try (Socket reader = vpcd();
                Ports ports = Ports.open(
                        List.of(PortConfigs.pcsc("reader", "reader-pcsc", "Virtual PCD")),
                        readings::add,
                        () -> System.nanoTime() / 1_000_000)) {
            Thread card = new Thread(() -> beCard(reader), "virtual-card");
            card.setDaemon(true);
            card.start();
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEADLINE_MS);
            while (readings.stream().noneMatch(each -> each.reading().equals(new Tap("DEADBEEF")))) {
                assertTrue(System.nanoTime() < deadline, () -> "no tap: " + ports.states());
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static Socket vpcd() {
        Socket reader = new Socket();
        try {
            reader.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), VPCD_PORT), CONNECT_MS);
            return reader;
        } catch (IOException none) {
            return abort("vsmartcard-vpcd is not installed (apt-get install pcscd vsmartcard-vpcd)");
        }
    }

    private static void beCard(Socket reader) {
        try {
            DataInputStream in = new DataInputStream(reader.getInputStream());
            DataOutputStream out = new DataOutputStream(reader.getOutputStream());
            for (byte[] told = message(in); ; told = message(in)) {
                if (told.length > 1) {
                    boolean uid = HexFormat.of().formatHex(told).startsWith("ffca0000");
                    say(out, uid ? "DEADBEEF9000" : "6A82");
                } else if (told.length == 1 && told[0] == TELL_ATR) {
                    say(out, "3B80800101");
                }
            }
        } catch (IOException over) {
            // The test is over and has closed the reader.
        }
    }

    private static byte[] message(DataInputStream in) throws IOException {
        return in.readNBytes(in.readUnsignedShort());
    }

    private static void say(DataOutputStream out, String hex) throws IOException {
        byte[] bytes = HexFormat.of().parseHex(hex);
        out.writeShort(bytes.length);
        out.write(bytes);
        out.flush();
    }
}
