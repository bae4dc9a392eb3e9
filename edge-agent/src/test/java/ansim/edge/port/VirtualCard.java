package ansim.edge.port;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A card in the virtual reader of vsmartcard-vpcd: while it is connected it is in the reader. Each message is its length in two
 * bytes, high first, and the bytes: one byte is a wish of the reader (off 0, on 1, reset 2, ATR 4), more are an APDU.
 */
final class VirtualCard implements AutoCloseable {
    private static final byte WISH_ATR = 4;
    /** ISO/IEC 7816-3: T=1 only, no history. */
    private static final String ATR = "3B80800101";

    private static final String T_MONEY = "00A4040007D410000003000100";
    private static final String CASHBEE = "00A4040007D410000014000100";
    private static final String NOT_FOUND = "6A82";

    private final Socket reader;
    private final String uid;
    private final String tMoney;
    private final String cashbee;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /**
     * Puts it in.
     *
     * @param uid the response to GET DATA with its status
     * @param tMoney the response to the selection of T-money's purse
     * @param cashbee of Cashbee's
     */
    private VirtualCard(int port, String uid, String tMoney, String cashbee) throws IOException {
        this.uid = uid;
        this.tMoney = tMoney;
        this.cashbee = cashbee;
        reader = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread thread = new Thread(this::answer, "virtual-card");
        thread.setDaemon(true);
        thread.start();
    }

    static VirtualCard plain(int port, String uid) throws IOException {
        return new VirtualCard(port, uid + "9000", NOT_FOUND, NOT_FOUND);
    }

    static VirtualCard tMoney(int port, String serial) throws IOException {
        return new VirtualCard(port, "08A1B2C39000", fci(serial), NOT_FOUND);
    }

    static VirtualCard cashbee(int port, String serial) throws IOException {
        return new VirtualCard(port, "6A81", NOT_FOUND, fci(serial));
    }

    /** KS X 6924: FCI template, in it tag B0 with the purse's serial at offset 4. */
    private static String fci(String serial) {
        return "6F31B02F00100108" + serial + "00".repeat(35) + "9000";
    }

    /** The APDUs so far. */
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void answer() {
        try {
            DataInputStream in = new DataInputStream(reader.getInputStream());
            DataOutputStream out = new DataOutputStream(reader.getOutputStream());
            for (byte[] told = message(in); ; told = message(in)) {
                if (told.length > 1) {
                    String apdu = HexFormat.of().withUpperCase().formatHex(told);
                    asked.add(apdu);
                    say(out, response(apdu));
                } else if (told.length == 1 && told[0] == WISH_ATR) {
                    say(out, ATR);
                }
            }
        } catch (IOException over) {
            // Taken out, or the reader has died.
        }
    }

    private String response(String apdu) {
        return switch (apdu) {
            case "FFCA000000" -> uid;
            case T_MONEY -> tMoney;
            case CASHBEE -> cashbee;
            default -> "6D00";
        };
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

    /** Takes it out. */
    @Override
    public void close() throws IOException {
        reader.close();
    }
}
