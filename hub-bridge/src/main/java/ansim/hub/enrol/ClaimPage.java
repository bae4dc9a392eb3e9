package ansim.hub.enrol;

import ansim.hub.view.Claims;
import ansim.hub.view.Fitters;
import ansim.hub.view.Registry;
import ansim.trust.ClaimCode;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What stands behind the QR code on a box, without HTTP: a fitter's phone signs in with a PIN that an operator gave it, finds the plate among
 * the open claims, and gets the code for this box.
 *
 * <p>A PIN is for one phone and ends with its shift. Nobody sees a plate before; a phone sees at most {@value #MOST} for a search of two
 * characters or more. Any thread; blocks for the registry's disk.
 */
final class ClaimPage {
    static final int MOST = 20;
    static final int SHORTEST = 2;
    private static final int LONGEST = 60;

    private static final int TOKEN_BYTES = 24;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SERIAL = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    /** Eight digits are of before the last update: they end within a day of it. */
    private static final Pattern PIN = Pattern.compile("[0-9]{8}([0-9]{4})?");

    private static final Map<String, String> FILES = Map.of(
            "/claim", "claim.html",
            "/claim.js", "claim.js",
            "/claim.css", "claim.css");

    private final Claims claims;
    private final Fitters fitters;
    private final PinTries tries;
    private final InstantSource clock;
    private final SecureRandom random;

    ClaimPage(Registry registry, PinTries tries, InstantSource clock, SecureRandom random) {
        this.claims = registry.claims();
        this.fitters = registry.fitters();
        this.tries = tries;
        this.clock = clock;
        this.random = random;
    }

    static Iterable<String> files() {
        return FILES.keySet();
    }

    static byte[] file(String path) {
        try (InputStream in = ClaimPage.class.getResourceAsStream(FILES.getOrDefault(path, ""))) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " from the jar", e);
        }
    }

    static String type(String path) {
        return path.endsWith(".js")
                ? "text/javascript; charset=utf-8"
                : path.endsWith(".css") ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
    }

    /** Takes the PIN in and gives the token for a cookie. */
    String signIn(byte[] body, String address) throws Denied, IOException {
        tries.check(address);
        String pin = json(body).path("pin").asText();
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        if (!PIN.matcher(pin).matches() || !fitters.signIn(pin, token, clock.millis())) {
            tries.wrong(address);
            throw new Denied(Denied.Reason.PIN);
        }
        return token;
    }

    private void check(String token) throws Denied, IOException {
        if (!fitters.isSignedIn(token, clock.millis())) {
            throw new Denied(Denied.Reason.FITTER);
        }
    }

    /** Open claims with this in their vehicle or site. */
    ArrayNode open(String token, String part) throws Denied, IOException {
        check(token);
        ArrayNode found = JsonNodeFactory.instance.arrayNode();
        // What stands for anything in a search does not count.
        String asked = part.replaceAll("[%_\\\\\\s]", "");
        if (asked.length() < SHORTEST || asked.length() > LONGEST) {
            return found;
        }
        for (Claims.Claim each : claims.openLike(asked, MOST, clock.millis())) {
            found.addObject()
                    .put("claim", each.id())
                    .put("vehicle", each.service().vehicle())
                    .put("company", each.service().company());
        }
        return found;
    }

    /** Gives a claim to a box and says its code. */
    ObjectNode pick(String token, byte[] body) throws Denied, IOException {
        check(token);
        JsonNode asked = json(body);
        String serial = asked.path("serial").asText();
        if (!SERIAL.matcher(serial).matches()) {
            throw new Denied(Denied.Reason.REQUEST, "serial must be 1 to 64 letters, digits and . _ -");
        }
        ClaimCode code = ClaimCode.random(random);
        if (!claims.pick(asked.path("claim").asLong(), serial, Claims.Proof.of(code), clock.millis())) {
            throw new Denied(Denied.Reason.PICK);
        }
        return JsonNodeFactory.instance.objectNode().put("code", code.grouped());
    }

    private static JsonNode json(byte[] body) throws Denied {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new Denied(Denied.Reason.REQUEST, "JSON is needed");
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
    }
}
