package ansim.hub.evidence;

import ansim.wire.EvidenceSeal;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A ride's evidence, as a file of lines of JSON: who and which keys, then one line per message in the order of the log, then the hub's seal over
 * every byte before its line.
 *
 * <p>Three kinds of messages: those of the ride; those of the same chains in between, without which the chain could not be followed, with the one before
 * and the one behind, and the gap records about what is missing there; and the anchors that date what a unit sealed before it knew the time. What belongs to
 * another ride or stands outside this one is withheld: only its number and hash are there, which the signed message behind it confirms.
 *
 * @param subject of whom it speaks
 * @param log id of the hub's log
 * @param through the log was read up to this entry
 * @param items in the order of the log
 */
public record Evidence(Subject subject, long log, long through, List<Item> items) {
    /** The version of the file. */
    static final int VERSION = 1;

    /** Lines of one file at most: more than a ride of a week has. */
    public static final int MAX_ITEMS = 65_536;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The ride and the unit that it was in.
     *
     * @param unit its id
     * @param ride the ride's
     * @param vehicle vehicle number at the time of the ride, by the registry
     * @param company likewise
     * @param revoked whether the unit is no longer believed
     * @param unitKeys its message keys, the newest last
     */
    public record Subject(
            Id16 unit, Id8 ride, String vehicle, String company, boolean revoked, List<VerifyKey> unitKeys) {
        public Subject {
            unitKeys = List.copyOf(unitKeys);
        }
    }

    /** A line between the first and the last. */
    public sealed interface Item {
        /** Its index in the hub's log. */
        long entry();
    }

    /** Why a message is there. */
    public enum Role {
        /** It is one of the ride's. */
        RIDE,
        /** It stands between them in their chain. */
        CHAIN,
        /** It dates what its boot sealed. */
        ANCHOR;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A message.
     *
     * @param entry its index in the hub's log
     * @param arrived when the hub got it, by the hub's clock
     * @param role why it is there
     * @param flags what the hub said of it, by word
     * @param message as the unit signed it
     */
    public record Signed(long entry, Instant arrived, Role role, Set<String> flags, UpMessage message)
            implements Item {}

    /**
     * What is left of a message that is not for whoever reads this.
     *
     * @param entry its index in the hub's log
     * @param why why it is not here
     * @param lane its lane
     * @param chain its chain
     * @param n its number there
     * @param payloadHash first 16 bytes of SHA-256 over its payload
     */
    public record Withheld(long entry, Why why, Lane lane, Id8 chain, long n, Id16 payloadHash) implements Item {
        /** Why a message is not here. */
        public enum Why {
            /** Nobody can read it any more. */
            ERASED("erased"),
            OTHER_RIDE("of another ride"),
            /** It stands before the ride or behind it, and only its number matters. */
            OUTSIDE("outside the ride");

            private final String word;

            Why(String word) {
                this.word = word;
            }
        }
    }

    public Evidence {
        if (items.size() > MAX_ITEMS) {
            throw new IllegalArgumentException("items must be at most " + MAX_ITEMS + " (got " + items.size() + ")");
        }
        items = List.copyOf(items);
    }

    /**
     * The file, in UTF-8.
     *
     * @param hub the hub's signing key
     * @param now when it is made
     */
    public byte[] file(SigningKey hub, Instant now) {
        StringBuilder text = new StringBuilder();
        line(text, head(hub.verifyKey()));
        for (Item item : items) {
            line(text, item instanceof Signed signed ? json(signed) : json((Withheld) item));
        }
        byte[] before = text.toString().getBytes(StandardCharsets.UTF_8);
        EvidenceSeal seal = EvidenceSeal.sign(subject.unit(), subject.ride(), before, now, hub);
        line(text, JSON.createObjectNode().put("seal", base64(seal.bytes())));
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private ObjectNode head(VerifyKey hub) {
        ObjectNode head = JSON.createObjectNode()
                .put("evidence", VERSION)
                .put("unit", subject.unit().hex())
                .put("ride", subject.ride().hex())
                .put("vehicle", subject.vehicle())
                .put("company", subject.company())
                .put("revoked", subject.revoked())
                .put("log", new Id8(log).hex())
                .put("through", through)
                .put("hubKey", base64(hub.spki()));
        ArrayNode keys = head.putArray("unitKeys");
        subject.unitKeys().forEach(key -> keys.add(base64(key.spki())));
        return head;
    }

    private static ObjectNode json(Signed item) {
        ObjectNode line = JSON.createObjectNode()
                .put("entry", item.entry())
                .put("arrived", item.arrived().toString())
                .put("role", item.role().word());
        if (!item.flags().isEmpty()) {
            ArrayNode flags = line.putArray("flags");
            item.flags().forEach(flags::add);
        }
        return line.put("signed", base64(item.message().bytes()));
    }

    private static ObjectNode json(Withheld item) {
        return JSON.createObjectNode()
                .put("entry", item.entry())
                .put("withheld", item.why().word)
                .put("lane", item.lane().number())
                .put("chain", item.chain().hex())
                .put("n", item.n())
                .put("payloadHash", item.payloadHash().hex());
    }

    private static void line(StringBuilder to, ObjectNode json) {
        try {
            to.append(JSON.writeValueAsString(json)).append('\n');
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of texts and numbers is JSON", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
