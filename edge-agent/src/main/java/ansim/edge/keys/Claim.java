package ansim.edge.keys;

import ansim.trust.ClaimCode;
import java.io.IOException;
import java.net.URI;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The right to enrol one box: as a file on a USB stick, or as a code that was typed in.
 *
 * @param hub where
 * @param code the secret of it
 * @param authority SHA-256 over the authority's SubjectPublicKeyInfo, lower-case hex; a file has it, a typed code does not
 * @param serial the box's own name, for the hub's list
 */
public record Claim(URI hub, ClaimCode code, Optional<String> authority, String serial) {
    /** The file's name on a USB stick. */
    public static final String FILE = "ansim-claim.json";

    /** Bytes of such a file at most. */
    public static final int MAX_BYTES = 4096;

    private static final int HASH_BYTES = 32;
    private static final int SERIAL_MAX = 64;

    public Claim {
        HubAddress.checkHttps(hub);
        if (!serial.matches("[A-Za-z0-9._-]{1," + SERIAL_MAX + "}")) {
            throw new IllegalArgumentException("a serial must be 1 to " + SERIAL_MAX
                    + " letters, digits, dots, dashes or underscores (got " + serial.length() + " characters)");
        }
        authority = authority.map(Claim::hash);
    }

    private static String hash(String hex) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(":", ""));
        if (bytes.length != HASH_BYTES) {
            throw new IllegalArgumentException("ca must be a SHA-256 in hex (got " + bytes.length + " bytes)");
        }
        return HexFormat.of().formatHex(bytes);
    }

    /**
     * Reads a claim's file.
     *
     * @param serial used unless the text has one
     * @throws IllegalArgumentException if it is none
     */
    public static Claim fromJson(String json, String serial) {
        try {
            Map<String, String> fields = FlatJson.read(json);
            return new Claim(
                    URI.create(fields.getOrDefault("hub", "")),
                    ClaimCode.parse(fields.getOrDefault("code", "")),
                    Optional.ofNullable(fields.get("ca")),
                    fields.getOrDefault("serial", serial));
        } catch (IOException e) {
            throw new IllegalArgumentException("a claim is a JSON object with hub, code and ca", e);
        }
    }

    String toJson() {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("hub", hub.toString());
        fields.put("code", code.digits());
        authority.ifPresent(hash -> fields.put("ca", hash));
        fields.put("serial", serial);
        return FlatJson.write(fields);
    }

    /** Whether both are the same right at the same hub. */
    boolean same(Claim other) {
        return hub.equals(other.hub) && code.digits().equals(other.code.digits()) && serial.equals(other.serial);
    }

    @Override
    public String toString() {
        return "claim at " + hub;
    }
}
