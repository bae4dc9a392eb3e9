import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A provider of SMS and all phones behind it, for the demo: prints a line for each message that the hub posts, once for each
 * Idempotency-Key. What is not signed under the secret is refused with 401.
 *
 * <p>{@code java Phone.java PORT SECRET_FILE}
 */
final class Phone {
    private static final Pattern SIGNATURE = Pattern.compile("t=([0-9]+),v1=([0-9a-f]{64})");
    private static final int MAX_BYTES = 64 * 1024;

    private final byte[] secret;
    private final Set<String> known = new HashSet<>();

    private Phone(byte[] secret) {
        this.secret = secret;
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("Usage: java Phone.java PORT SECRET_FILE");
            System.exit(2);
        }
        byte[] secret = Files.readString(Path.of(args[1])).strip().getBytes(StandardCharsets.UTF_8);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        HttpServer server = HttpServer.create(address, 16);
        Phone phone = new Phone(secret);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(phone.take(exchange), -1);
            }
        });
        server.start();
    }

    private int take(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BYTES);
        String text = new String(body, StandardCharsets.UTF_8);
        String signature = String.valueOf(exchange.getRequestHeaders().getFirst("Ansim-Signature"));
        String id = String.valueOf(exchange.getRequestHeaders().getFirst("Idempotency-Key"));
        Matcher signed = SIGNATURE.matcher(signature);
        if (!signed.matches() || !isOurs(signed, text)) {
            return 401;
        }
        synchronized (known) {
            if (known.add(id)) {
                System.out.println("phone " + field(text, "to") + "  " + field(text, "title") + "  " + id);
            }
        }
        return 204;
    }

    private boolean isOurs(Matcher signed, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            byte[] sum = mac.doFinal((signed.group(1) + "." + text).getBytes(StandardCharsets.UTF_8));
            return MessageDigest.isEqual(sum, HexFormat.of().parseHex(signed.group(2)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Enough of JSON for one text that has no quotes in it. */
    private static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\":\"([^\"\\\\]*)\"").matcher(json);
        return found.find() ? found.group(1) : "?";
    }
}
