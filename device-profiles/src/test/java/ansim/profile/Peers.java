package ansim.profile;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

/** Devices that answer what they are asked: mostly well, sometimes with what a decoder must refuse. */
interface Peers {
    byte[] FCI = HexFormat.of()
            .parseHex("6F31B02F0010010810100300001639310000000000000000000000000000000000000000000000000000000000000000"
                    + "000000");

    /** What the device says to a request; the request is empty when it has not been asked. */
    byte[] answer(byte[] request, Random random);

    static Peers of(String profile) {
        return switch (profile) {
            case "modbus-rtu" -> Peers::modbus;
            case "reader-pn532" -> Peers::pn532;
            case "reader-osdp" -> Peers::osdp;
            case "camera-probe" -> Peers::camera;
            case "reader-pcsc" -> Peers::pcsc;
            default -> throw new IllegalArgumentException(profile);
        };
    }

    private static byte[] modbus(byte[] request, Random random) {
        int function = random.nextInt(8) == 0 ? 1 + random.nextInt(4) : request.length > 1 ? request[1] : 3;
        int bytes = random.nextInt(8) == 0 ? 2 * random.nextInt(9) : 2;
        byte[] answer = new byte[ModbusAnswer.OVERHEAD + bytes];
        random.nextBytes(answer);
        answer[0] = 1;
        answer[1] = (byte) function;
        answer[2] = (byte) bytes;
        if (random.nextInt(8) == 0) {
            answer = new byte[] {1, (byte) (function | ModbusAnswer.EXCEPTION), 2, 0, 0};
        }
        Crc16.put(Crc16.modbus(answer, answer.length - 2), answer, answer.length - 2);
        return answer;
    }

    /** A frame from a PN532. */
    static byte[] pn532Frame(byte... content) {
        byte[] frame = new byte[Pn532Frame.OVERHEAD + content.length];
        frame[2] = (byte) 0xFF;
        frame[3] = (byte) content.length;
        frame[4] = (byte) -content.length;
        byte sum = 0;
        for (int i = 0; i < content.length; i++) {
            frame[Pn532Frame.TFI_AT + i] = content[i];
            sum += content[i];
        }
        frame[frame.length - 2] = (byte) -sum;
        return frame;
    }

    private static byte[] pn532(byte[] request, Random random) {
        byte[] acknowledged = {0, 0, (byte) 0xFF, 0, (byte) 0xFF, 0};
        int choice = random.nextInt(12);
        if (choice == 0) {
            return HexFormat.of().parseHex(random.nextBoolean() ? "0000FF01FF7F8100" : "0000FFFF0000");
        }
        byte code = request.length < 8 ? 0 : request[request.length - 2 - contentLength(request)];
        byte[] content = choice == 1 ? randomBytes(random, 2 + random.nextInt(40)) : content(code, random);
        if (choice == 1) {
            content[0] = (byte) 0xD5;
            content[1] = (byte) (code + 1);
        }
        return join(acknowledged, pn532Frame(content));
    }

    /** Code and parameters of the command at the end of a request. */
    private static int contentLength(byte[] request) {
        int start = request.length > 16 && request[0] == 0x55 ? 16 : 0;
        return request[start + 3] - 1;
    }

    private static byte[] content(byte code, Random random) {
        byte answer = (byte) (code + 1);
        if (code == 0x4A) {
            return switch (random.nextInt(4)) {
                case 0 -> new byte[] {(byte) 0xD5, answer, 0};
                case 1 -> new byte[] {(byte) 0xD5, answer, 1, 1, 0, 4, 8, 4, 8, 1, 2, (byte) random.nextInt()};
                default -> new byte[] {(byte) 0xD5, answer, 1, 1, 0, 4, 0x20, 4, 1, 2, 3, (byte) random.nextInt()};
            };
        }
        if (code == 0x40) {
            return random.nextBoolean()
                    ? new byte[] {(byte) 0xD5, answer, 0, 0x6A, (byte) 0x82}
                    : join(new byte[] {(byte) 0xD5, answer, 0}, join(FCI, new byte[] {(byte) 0x90, 0}));
        }
        return new byte[] {(byte) 0xD5, answer, 0};
    }

    /** A reply of the OSDP reader at address 0. */
    static byte[] osdpReply(int sequence, int code, byte... data) {
        return OsdpReply.command(0x80, sequence, code, data);
    }

    private static byte[] osdp(byte[] request, Random random) {
        int sequence = request.length > 4 ? request[4] & 3 : random.nextInt(4);
        byte[] reply = switch (random.nextInt(10)) {
            case 0 -> osdpReply(sequence, 0x41, (byte) random.nextInt(7));
            case 1 -> osdpReply(0, 0x79);
            case 2 -> osdpReply(sequence, 0x48, (byte) random.nextInt(2), (byte) 0);
            case 3 -> osdpReply(sequence, 0x50, randomBytes(random, random.nextInt(20)));
            case 4 -> osdpReply(random.nextInt(4), 0x40);
            case 5 -> osdpReply(sequence, random.nextInt(256), randomBytes(random, random.nextInt(40)));
            default ->
                osdpReply(
                        sequence,
                        0x50,
                        (byte) 0,
                        (byte) 0,
                        (byte) 26,
                        (byte) 0,
                        (byte) 1,
                        (byte) 2,
                        (byte) random.nextInt(),
                        (byte) 0x40);
        };
        if (random.nextInt(12) == 0) {
            reply[4] &= ~OsdpReply.WITH_CRC;
        }
        return reply;
    }

    private static byte[] camera(byte[] request, Random random) {
        String[] status = {"200 OK", "401 Unauthorized", "404 Not Found", "200 OK", "20 OK"};
        String asked = new String(request, StandardCharsets.ISO_8859_1);
        int at = asked.indexOf("CSeq: ");
        String number = at < 0 || random.nextInt(8) == 0 ? "7" : asked.substring(at + 6, asked.indexOf("\r", at));
        String reply = random.nextBoolean() ? "RTSP/1.0 " : "HTTP/1.1 ";
        return (reply + status[random.nextInt(status.length)] + "\r\nCSeq: " + number + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A message of a PC/SC reader. */
    static byte[] pcscMessage(int kind, byte... content) {
        return join(new byte[] {(byte) kind, (byte) (content.length >> 8), (byte) content.length}, content);
    }

    private static byte[] pcsc(byte[] request, Random random) {
        if (request.length == 0) {
            return pcscMessage(random.nextInt(3), random.nextBoolean() ? new byte[0] : new byte[] {0x3B, 0});
        }
        byte[] uid = {random.nextInt(4) == 0 ? (byte) 8 : 1, 2, 3, (byte) random.nextInt(), (byte) 0x90, 0};
        byte[] tooShort = {1, (byte) 0x90, 0};
        byte[] refused = {0x6A, (byte) 0x82};
        return switch (random.nextInt(8)) {
            case 0 -> pcscMessage(3, randomBytes(random, random.nextInt(80)));
            case 1 -> pcscMessage(3, refused);
            case 2 -> pcscMessage(3, tooShort);
            case 3 -> pcscMessage(3, join(FCI, new byte[] {(byte) 0x90, 0}));
            default -> pcscMessage(3, uid);
        };
    }

    static byte[] randomBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    static byte[] join(byte[] first, byte[] second) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(first);
        all.writeBytes(second);
        return all.toByteArray();
    }

    /** One wrong bit, or an end cut off. */
    static byte[] damaged(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return bytes;
        }
        byte[] damaged = Arrays.copyOf(bytes, random.nextBoolean() ? bytes.length : random.nextInt(bytes.length));
        if (damaged.length > 0) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }
}
