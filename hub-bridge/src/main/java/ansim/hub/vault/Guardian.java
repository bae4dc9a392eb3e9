package ansim.hub.vault;

import ansim.hub.vault.RideNotice.Kind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Somebody whom a rider wants to be told, or the rider's own address; {@link #toString} does not tell who.
 *
 * @param channel mail, api, or one that a webhook is set for: sms, kakao ...
 * @param address of that channel; never logged
 * @param name what the rider calls them; may be empty
 * @param wants of what they are told; nothing for the rider's own
 * @param own that it is the rider, who is told of every provision to others
 * @param every after how many provisions the rider is told, 1 or {@value #BUNDLE}
 */
public record Guardian(String channel, String address, String name, Set<Kind> wants, boolean own, int every) {
    /** After so many provisions, or {@link Provided#BUNDLE_DAYS} days, a rider is told who wants no message for each. */
    public static final int BUNDLE = 30;

    /** The channel that the city's app fetches from. */
    public static final String API = "api";

    /** E-mail. */
    public static final String MAIL = "mail";

    static final int MAX_ADDRESS = 200;
    static final int MAX_NAME = 60;
    static final String CHANNEL_RULE = "channel must be a word such as sms, api or mail";
    static final String ADDRESS_RULE = "address must have 1 to " + MAX_ADDRESS + " characters";
    private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,15}");

    public Guardian {
        if (!isChannel(channel)) {
            throw new IllegalArgumentException(CHANNEL_RULE);
        }
        if (!isAddress(address)) {
            throw new IllegalArgumentException(ADDRESS_RULE);
        }
        if (name.length() > MAX_NAME || hasControls(name)) {
            throw new IllegalArgumentException("name must have at most " + MAX_NAME + " characters");
        }
        if (every != 1 && every != BUNDLE) {
            throw new IllegalArgumentException("every must be 1 or " + BUNDLE + " (got " + every + ")");
        }
        wants = Set.copyOf(wants);
    }

    /** Of boarding and alighting, and what else the rider wants. */
    public static Guardian of(String channel, String address, Set<Kind> wants) {
        return new Guardian(channel, address, "", wants, false, 1);
    }

    /**
     * As a file or a command has one.
     *
     * @param tells some of boarded, alighted, emergency and lost, with blanks between, boarded and alighted if it is empty; or own, own-30
     * @throws IllegalArgumentException in words that quote no address
     */
    public static Guardian parse(String channel, String address, String name, String tells) {
        if (tells.equals("own") || tells.equals("own-" + BUNDLE)) {
            return new Guardian(channel, address, name, Set.of(), true, tells.equals("own") ? 1 : BUNDLE);
        }
        Set<Kind> wants = EnumSet.noneOf(Kind.class);
        for (String word : (tells.isEmpty() ? "boarded alighted" : tells).split(" +", -1)) {
            wants.add(Arrays.stream(Kind.values())
                    .filter(kind -> kind.isChosen() && kind.word().equals(word))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "tells must be some of boarded, alighted, emergency and lost, or own, or own-30")));
        }
        return new Guardian(channel, address, name, wants, false, 1);
    }

    static boolean isChannel(String channel) {
        return CHANNEL.matcher(channel).matches();
    }

    static boolean isAddress(String address) {
        return !address.isEmpty() && address.length() <= MAX_ADDRESS && !hasControls(address);
    }

    private static boolean hasControls(String text) {
        return text.chars().anyMatch(Character::isISOControl);
    }

    int bits() {
        return wants.stream().mapToInt(Kind::bit).sum();
    }

    static Set<Kind> wants(int bits) {
        Set<Kind> wants = EnumSet.noneOf(Kind.class);
        for (Kind kind : Kind.values()) {
            if (kind.isChosen() && (bits & kind.bit()) != 0) {
                wants.add(kind);
            }
        }
        return wants;
    }

    /** For lists: the name, or the end of the address. */
    public String shown() {
        return Optional.of(name)
                .filter(each -> !each.isEmpty())
                .orElseGet(() -> "…" + address.substring(Math.max(0, address.length() - 4)));
    }

    @Override
    public String toString() {
        return channel;
    }
}
