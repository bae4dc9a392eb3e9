package ansim.hub.deliver;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * A sink's address for those who may know which sink it is and not more: a webhook's secret is often its path, and a password or a token may
 * stand elsewhere in it.
 */
public final class PublicAddress {
    /** Enough to tell a city's sinks apart. */
    private static final int HASH_BYTES = 4;

    /** Scheme, user and password, host and port, all the rest, and what ends a sentence. */
    private static final Pattern URL =
            Pattern.compile("://(?:[^/@\\s]*@)?([^/?#\\s]*)(\\S*?)([:;,.)\\]\"']*)(?=\\s|$)");

    private PublicAddress() {}

    /** The text with scheme, host and port of each address in it, and a short hash in place of what follows: {@code https://hooks.example/~3fa2c1d0}. */
    public static String of(String text) {
        return URL.matcher(text).replaceAll(found -> {
            String rest = found.group(2);
            boolean bare = rest.isEmpty() || rest.equals("/");
            return "://" + found.group(1) + (bare ? rest : "/~" + hash(rest)) + found.group(3);
        });
    }

    private static String hash(String rest) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(rest.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
