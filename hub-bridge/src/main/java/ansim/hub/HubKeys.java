package ansim.hub;

import ansim.wire.SigningKey;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hub's signing keys, oldest first: one signs at a time, and each from its own moment on. As text: the PEM blocks one after another, before
 * each but the first a line {@code from: 2026-12-24T03:00:00Z}. A file with one block is a hub that never changed its key.
 *
 * @param keys at least one; each moment is later than the one before
 */
record HubKeys(List<Dated> keys) {
    /** Kept for ever: with a new one every year, more than a hub lives. */
    static final int MOST = 32;

    private static final Pattern BLOCK = Pattern.compile(
            "(?:from: *(\\S+)\\s+)?(-----BEGIN PRIVATE KEY-----.*?-----END PRIVATE KEY-----)", Pattern.DOTALL);

    /**
     * A key and its time.
     *
     * @param from it signs nothing before
     */
    record Dated(SigningKey key, Instant from) {
        boolean isKey(SigningKey other) {
            return key.verifyKey().equals(other.verifyKey());
        }
    }

    HubKeys {
        keys = List.copyOf(keys);
        if (keys.isEmpty() || keys.size() > MOST) {
            throw new IllegalArgumentException("keys must be 1 to " + MOST + " (got " + keys.size() + ")");
        }
        for (int i = 1; i < keys.size(); i++) {
            if (!keys.get(i).from().isAfter(keys.get(i - 1).from())) {
                throw new IllegalArgumentException("each key must begin later than the one before it (got "
                        + keys.get(i).from() + ")");
            }
        }
    }

    static HubKeys of(SigningKey only) {
        return new HubKeys(List.of(new Dated(only, Instant.EPOCH)));
    }

    /** @throws IllegalArgumentException for anything else */
    static HubKeys parse(String text) {
        List<Dated> keys = new ArrayList<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            keys.add(new Dated(SigningKey.fromPem(block.group(2)), from(block.group(1), keys.isEmpty())));
        }
        return keys.isEmpty() ? of(SigningKey.fromPem(text)) : new HubKeys(keys);
    }

    private static Instant from(String text, boolean first) {
        if (first) {
            return Instant.EPOCH;
        }
        try {
            return Instant.parse(String.valueOf(text));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "every key but the first must have a line from: 2026-12-24T03:00:00Z before it", e);
        }
    }

    String text() {
        StringBuilder text = new StringBuilder(keys.get(0).key().toPem());
        keys.stream()
                .skip(1)
                .forEach(each -> text.append("from: ")
                        .append(each.from())
                        .append('\n')
                        .append(each.key().toPem()));
        return text.toString();
    }

    /** The place of the key that signs at a moment. */
    int at(Instant now) {
        int place = 0;
        while (place + 1 < keys.size() && !keys.get(place + 1).from().isAfter(now)) {
            place++;
        }
        return place;
    }

    SigningKey present(Instant now) {
        return keys.get(at(now)).key();
    }

    /** The one that signs next, if one is chosen. */
    Optional<Dated> next(Instant now) {
        int place = at(now) + 1;
        return place < keys.size() ? Optional.of(keys.get(place)) : Optional.empty();
    }

    HubKeys with(Dated next) {
        List<Dated> more = new ArrayList<>(keys);
        more.add(next);
        return new HubKeys(more);
    }

    boolean has(SigningKey key) {
        return keys.stream().anyMatch(each -> each.isKey(key));
    }

    /** Whether it has all of the other's keys. */
    boolean hasAll(HubKeys other) {
        return other.keys.stream().allMatch(each -> has(each.key()));
    }

    /** Whether both are of one hub: they have a key in common. */
    boolean isSameHub(HubKeys other) {
        return other.keys.stream().anyMatch(each -> has(each.key()));
    }

    @Override
    public String toString() {
        return keys.size() + " keys of the hub";
    }
}
