package ansim.hub.deliver;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a webhook's requests are signed, as Standard Webhooks 1.0 has it: HMAC-SHA256 over {@code id.timestamp.body}, as
 * {@code webhook-signature: v1,BASE64}. The secret's bytes are those of the file, without blanks around them; nothing is decoded.
 *
 * <p>A receiver refuses what is further than {@link #TOLERANCE} from its clock, or it could be played again; the id tells repeats.
 */
final class Signature {
    static final String ID = "webhook-id";
    static final String TIMESTAMP = "webhook-timestamp";
    static final String SIGNATURE = "webhook-signature";
    static final Duration TOLERANCE = Duration.ofMinutes(5);

    private Signature() {}

    static String of(byte[] secret, String id, long timestampS, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update((id + "." + timestampS + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HMAC-SHA256", e);
        }
    }

    /** Whether a request is signed with the secret, and now. */
    static boolean verifies(byte[] secret, String id, String timestamp, String signature, byte[] body, long nowS) {
        long saidS;
        try {
            saidS = Long.parseLong(timestamp);
        } catch (NumberFormatException e) {
            return false;
        }
        byte[] due = of(secret, id, saidS, body).getBytes(StandardCharsets.US_ASCII);
        return Math.abs(saidS - nowS) <= TOLERANCE.toSeconds()
                && MessageDigest.isEqual(due, signature.getBytes(StandardCharsets.US_ASCII));
    }
}
