package ansim.profile;

import ansim.fuzz.FuzzTarget;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** The valid frame around any body, for each decoder: a fuzzer that must guess check digits never gets past them. */
final class Wraps {
    private static final int MOST_PN532 = 250;
    private static final int MOST_OSDP = 240;
    private static final int[] UBX = {
        0x0102, 0x0103, 0x0104, 0x0106, 0x0107, 0x0112, 0x0114, 0x0120, 0x0121, 0x0161, 0x0A09, 0x0A38
    };

    private Wraps() {}

    /** {@link FuzzedDevice.Wrap#NONE} when every body is a frame of this decoder. */
    static FuzzedDevice.Wrap of(DecoderKind kind) {
        return switch (kind) {
            case NMEA0183 -> (body, request) -> nmea(body);
            case UBX_NMEA -> (body, request) -> body[0] < 0 ? nmea(body) : ubx(body);
            case GPSD -> (body, request) -> ("{" + printable(body, "") + "}\n").getBytes(StandardCharsets.US_ASCII);
            case EM4100 -> (body, request) -> em4100(body);
            case HID_READER -> (body, request) -> keys(body);
            case MODBUS_RTU -> Wraps::modbus;
            case CAMERA_PROBE -> Wraps::camera;
            case PN532 -> Wraps::pn532;
            case OSDP -> Wraps::osdp;
            case PCSC -> (body, request) -> Peers.pcscMessage(body[0] & 3, behind(body, 1));
            case LINE_PATTERN -> (body, request) -> FuzzTarget.join(body, new byte[] {'\n'});
            default -> FuzzedDevice.Wrap.NONE;
        };
    }

    private static String printable(byte[] body, String but) {
        StringBuilder text = new StringBuilder();
        for (byte b : body) {
            char c = (char) (b & 0x7F);
            text.append(c < ' ' || c > '~' || but.indexOf(c) >= 0 ? ',' : c);
        }
        return text.toString();
    }

    private static byte[] nmea(byte[] body) {
        return Bench.sentence(printable(body, "$!*")).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] ubx(byte[] body) {
        return Ubx.frame(UBX[body[0] % UBX.length], behind(body, 1));
    }

    /** Bit 5 of the first byte: letters in lower case, as no reader sends and the framer takes. */
    private static byte[] em4100(byte[] body) {
        byte[] five = Arrays.copyOf(body, 6);
        five[5] = (byte) (five[0] ^ five[1] ^ five[2] ^ five[3] ^ five[4]);
        return ("\u0002" + HexFormat.of().withUpperCase().formatHex(five) + "\u0003")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Each byte a key that goes down 10 ms after the last. */
    private static byte[] keys(byte[] body) {
        ByteBuffer records =
                ByteBuffer.allocate(body.length * EvdevFramer.RECORD_64).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < body.length; i++) {
            records.putLong(1_000).putLong(10_000L * i % 1_000_000);
            records.putShort((short) 1).putShort((short) (body[i] & 0x7F)).putInt(body[i] < 0 ? 2 : 1);
        }
        return records.array();
    }

    /** The answer to the function that was asked for; as an exception when the first byte is FF. */
    private static byte[] modbus(byte[] body, byte[] request) {
        byte address = request.length == 0 ? 1 : request[0];
        byte function = request.length == 0 ? 3 : request[1];
        byte[] head = body[0] == -1
                ? new byte[] {address, (byte) (function | 0x80), 2}
                : FuzzTarget.join(new byte[] {address, function, (byte) body.length}, body);
        byte[] frame = Arrays.copyOf(head, head.length + 2);
        Crc16.put(Crc16.modbus(frame, head.length), frame, head.length);
        return frame;
    }

    private static byte[] camera(byte[] body, byte[] request) {
        String asked = new String(request, StandardCharsets.ISO_8859_1);
        int at = asked.indexOf("CSeq: ");
        String number = at < 0 ? "1" : asked.substring(at + 6, asked.indexOf("\r", at));
        String way = at < 0 ? "HTTP/1.1 " : "RTSP/1.0 ";
        String rest = new String(body, StandardCharsets.ISO_8859_1)
                .replace("\n\n", "\n")
                .replace("\n\r\n", "\n");
        return (way + (200 + (body[0] & 7)) + " OK\r\nCSeq: " + number + "\r\n" + rest + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
    }

    /** An ACK and the answer to the command that was given. */
    private static byte[] pn532(byte[] body, byte[] request) {
        byte code = request.length > 8 ? request[request.length > 20 && request[0] == 0x55 ? 22 : 6] : 0x14;
        byte[] content = FuzzTarget.join(
                new byte[] {(byte) Pn532Frame.FROM_DEVICE, (byte) (code + 1)},
                Arrays.copyOf(body, Math.min(body.length, MOST_PN532)));
        byte[] frame = new byte[content.length + Pn532Frame.OVERHEAD];
        frame[2] = (byte) 0xFF;
        frame[3] = (byte) content.length;
        frame[4] = (byte) -content.length;
        System.arraycopy(content, 0, frame, Pn532Frame.TFI_AT, content.length);
        for (byte b : content) {
            frame[frame.length - 2] -= b;
        }
        return FuzzTarget.join(HexFormat.of().parseHex("0000FF00FF00"), frame);
    }

    private static byte[] osdp(byte[] body, byte[] request) {
        int sequence = request.length > OsdpReply.CTRL_AT ? request[OsdpReply.CTRL_AT] & OsdpReply.SEQUENCE : 0;
        byte[] data = behind(body, 1);
        return Peers.osdpReply(sequence, body[0] & 0xFF, Arrays.copyOf(data, Math.min(data.length, MOST_OSDP)));
    }

    private static byte[] behind(byte[] body, int from) {
        return Arrays.copyOfRange(body, Math.min(from, body.length), body.length);
    }

    /** {@code AA 55 length ... crc}. */
    static byte[] lengthPrefixed(byte[] body, byte[] request) {
        byte[] content = Arrays.copyOf(body, Math.max(6, Math.min(body.length, 200)));
        byte[] frame = FuzzTarget.join(new byte[] {(byte) 0xAA, 0x55, (byte) content.length}, content, new byte[2]);
        Crc16.put(Check.Kind.CRC16_ARC.of(frame, frame.length - 2), frame, frame.length - 2);
        return frame;
    }

    /** {@code 55 state sum}. */
    static byte[] fixed(byte[] body, byte[] request) {
        return new byte[] {0x55, body[0], (byte) -(0x55 + body[0])};
    }

    /** A line and the exclusive or of it as two hex digits. */
    static byte[] line(byte[] body, byte[] request) {
        String text = printable(body, "").strip() + ".";
        int xor = text.chars().reduce(0, (a, b) -> a ^ b);
        return (text + String.format("%02X", xor) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }
}
