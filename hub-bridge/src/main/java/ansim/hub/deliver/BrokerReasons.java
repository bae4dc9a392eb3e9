package ansim.hub.deliver;

import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Why a broker did not take something, as a person reads it, with what to mend where that is known. Names no user, no file and no password. */
final class BrokerReasons {
    private static final int LOGIN = 0x86;
    private static final int NOT_AUTHORISED = 0x87;

    /** As Java's TLS begins it. */
    private static final String ALERT = "Received fatal alert";

    /** MQTT 5, 2.4: those that answer a CONNECT, a PUBLISH or a SUBSCRIBE. */
    private static final Map<Integer, String> WORDS = Map.ofEntries(
            Map.entry(0x80, "unspecified error"),
            Map.entry(0x82, "protocol error"),
            Map.entry(0x83, "not accepted there"),
            Map.entry(0x84, "it does not speak MQTT 5"),
            Map.entry(0x85, "client identifier not valid"),
            Map.entry(LOGIN, "bad user name or password"),
            Map.entry(NOT_AUTHORISED, "not authorised"),
            Map.entry(0x88, "unavailable"),
            Map.entry(0x89, "busy"),
            Map.entry(0x8a, "banned"),
            Map.entry(0x8c, "bad authentication method"),
            Map.entry(0x8f, "topic filter not valid"),
            Map.entry(0x90, "topic name not valid"),
            Map.entry(0x95, "packet too large"),
            Map.entry(0x97, "quota exceeded"),
            Map.entry(0x99, "payload format not valid"),
            Map.entry(0x9b, "QoS 1 not supported"),
            Map.entry(0x9f, "connection rate exceeded"));

    private BrokerReasons() {}

    private static boolean isRefusal(int code) {
        return code >= 0x80 && code <= 0xff;
    }

    private static String words(int code) {
        return WORDS.getOrDefault(code, "refused") + String.format(Locale.ROOT, " (0x%02x)", code);
    }

    /** Of a token that has come back without an exception, which Paho says of refusals, too: what the broker refuses, if it does. */
    static Optional<String> refusal(IMqttToken answered, String what) {
        int[] codes = answered.getReasonCodes();
        if (codes != null) {
            for (int code : codes) {
                if (isRefusal(code)) {
                    return Optional.of("the broker refuses " + what + ": " + words(code));
                }
            }
        }
        return Optional.empty();
    }

    /** Of a connection that did not come about. */
    static String connecting(Throwable error, BrokerAccess access) {
        if (error instanceof TimeoutException) {
            return "the broker does not answer within " + MqttLine.TIMEOUT_S + " s";
        }
        if (!(error instanceof MqttException failed)) {
            return Problems.words(error);
        }
        int code = failed.getReasonCode();
        if (isRefusal(code)) {
            boolean asksWho = code == LOGIN || code == NOT_AUTHORISED;
            return "the broker refuses the connection: " + words(code) + (asksWho ? "; " + toMend(access) : "");
        }
        String words = words(failed);
        // With TLS 1.3 a broker says what it thinks of our certificate behind the handshake, or says nothing and hangs
        // up.
        boolean hungUp = code == MqttClientException.REASON_CODE_CONNECTION_LOST && access.isEncrypted();
        return hungUp || words.contains(ALERT)
                ? "the broker has ended the connection in place of an answer; " + toMend(access) + ": " + words
                : words;
    }

    private static String toMend(BrokerAccess access) {
        if (access.user().isPresent()) {
            return access.certificate().isPresent()
                    ? "mend user, password-file, certificate or key of the sink"
                    : "mend user or what stands in its password-file";
        }
        return access.isSomebody()
                ? "mend certificate and key of the sink"
                : "it may want user and password-file, or certificate and key";
    }

    /** What lies beneath counts more than what Paho says of it. */
    static String words(Throwable error) {
        Throwable cause = error instanceof MqttException ? error.getCause() : null;
        if (cause == null) {
            return Problems.words(error);
        }
        String below = (cause instanceof UnknownHostException ? "unknown host: " : "") + Problems.words(cause);
        boolean isOnlyAround = ((MqttException) error).getReasonCode() == MqttException.REASON_CODE_CLIENT_EXCEPTION;
        return isOnlyAround ? below : Problems.words(error) + ": " + below;
    }
}
