package ansim.edge.sim;

import ansim.profile.Play;
import ansim.profile.Play.Hears;
import ansim.profile.Play.Says;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A card at the reader of Debian's {@code vsmartcard-vpcd}, behind the real PC/SC service: it lies there for a while, goes, and comes
 * again. Its ATR and its answers to APDUs are those of a known answer; to any other APDU it says 6A 82.
 */
final class VirtualCard {
    static final int VPCD_PORT = 35_963;

    private static final int CONNECT_MS = 1_000;
    private static final int LOOK_MS = 100;
    private static final long LIES_MS = 3_000;
    /** Messages of a profile's PC/SC device, see {@link ansim.profile.DeviceReader}: kind, length, content. */
    private static final int CARD = 1;

    private static final int RESPONSE = 3;
    private static final int CONTENT_AT = 3;
    /** What vpcd asks by one byte; 0, 1 and 2 are power off, on and reset, which need no answer. */
    private static final int ASK_ATR = 4;

    private static final byte[] NOT_FOUND = {0x6A, (byte) 0x82};

    private final int port;
    private byte[] atr = {0x3B, (byte) 0x80, (byte) 0x80, 0x01, 0x01};
    private final Map<String, byte[]> responses = new HashMap<>();

    VirtualCard(Play play, int port) {
        this.port = port;
        String asked = "";
        for (Play.Row row : play.rows()) {
            if (row instanceof Hears hears) {
                asked = hears.hex();
            } else if (row instanceof Says says) {
                byte[] message = says.bytes();
                byte[] content = Arrays.copyOfRange(message, Math.min(CONTENT_AT, message.length), message.length);
                if (message[0] == CARD) {
                    atr = content;
                } else if (message[0] == RESPONSE) {
                    responses.putIfAbsent(asked, content);
                }
            }
        }
    }

    /** Lies at the reader, goes, comes again, until stopped. */
    void play(CountDownLatch stop, long everyMs) throws IOException, InterruptedException {
        do {
            try (Socket reader = new Socket()) {
                reader.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS);
                reader.setSoTimeout(LOOK_MS);
                lie(reader, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LIES_MS), stop);
            }
        } while (!stop.await(everyMs, TimeUnit.MILLISECONDS));
    }

    private void lie(Socket reader, long untilNs, CountDownLatch stop) throws IOException {
        DataInputStream in = new DataInputStream(reader.getInputStream());
        DataOutputStream out = new DataOutputStream(reader.getOutputStream());
        while (System.nanoTime() < untilNs && stop.getCount() > 0) {
            int length;
            try {
                // A message comes as a whole: a timeout is before it.
                length = in.readUnsignedShort();
            } catch (SocketTimeoutException nothing) {
                continue;
            }
            byte[] told = in.readNBytes(length);
            if (told.length > 1) {
                String apdu = HexFormat.of().withUpperCase().formatHex(told);
                say(out, responses.getOrDefault(apdu, NOT_FOUND));
            } else if (told.length == 1 && told[0] == ASK_ATR) {
                say(out, atr);
            }
        }
    }

    private static void say(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeShort(bytes.length);
        out.write(bytes);
        out.flush();
    }
}
