package ansim.hub.enrol;

import ansim.trust.Certificates;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/**
 * What goes back over HTTPS.
 *
 * @param base64 whether the body is, as EST wants it said
 */
record Answer(String type, boolean base64, byte[] body) {
    static Answer json(JsonNode json) {
        return new Answer("application/json", false, json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** RFC 7030 section 4.1.3 and 4.2.3. */
    static Answer certificates(List<X509Certificate> certificates) {
        byte[] base64 = Base64.getMimeEncoder(64, new byte[] {'\r', '\n'}).encode(Certificates.toPkcs7(certificates));
        return new Answer("application/pkcs7-mime; smime-type=certs-only", true, base64);
    }
}
