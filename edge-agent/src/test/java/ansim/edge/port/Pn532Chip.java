package ansim.edge.port;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A PN532 with a card or none. */
final class Pn532Chip extends FarEnd {
    private static final String ACK = "0000FF00FF00";
    private static final String FCI = "6F31B02F00100108" + "1010030000163931" + "00".repeat(35) + "9000";

    volatile Optional<String> card = Optional.empty();
    volatile boolean asleep;
    final AtomicInteger looks = new AtomicInteger();

    Pn532Chip(PseudoTerminal line) {
        super(line);
    }

    @Override
    int whole(byte[] bytes) {
        for (int i = 0; i + 6 < bytes.length; i++) {
            if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == (byte) 0xFF) {
                int whole = i + 7 + bytes[i + 3];
                return whole <= bytes.length ? whole : 0;
            }
        }
        return 0;
    }

    @Override
    byte[] answer(byte[] request) {
        if (asleep) {
            return new byte[0];
        }
        String hex = HexFormat.of().withUpperCase().formatHex(request);
        String command = hex.substring(hex.indexOf("D4") + 2, hex.length() - 4);
        String content = switch (command.substring(0, 2)) {
            case "14" -> hex.startsWith("5555") ? "15" : "";
            case "32" -> "33";
            case "4A" -> look();
            case "40" -> "4100" + (command.contains("D4100000030001") ? FCI : "6A82");
            case "52" -> "5300";
            default -> "";
        };
        return HexFormat.of().parseHex(ACK + frame("D5" + content));
    }

    private String look() {
        looks.incrementAndGet();
        return "4B" + card.map(found -> "01" + found).orElse("00");
    }

    private static String frame(String content) {
        byte[] bytes = HexFormat.of().parseHex(content);
        int sum = 0;
        for (byte b : bytes) {
            sum += b;
        }
        return String.format("0000FF%02X%02X%s%02X00", bytes.length, -bytes.length & 0xFF, content, -sum & 0xFF);
    }
}
