package ansim.hub.vault;

import ansim.hub.vault.Rider.Guardian;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;

/**
 * A CSV file of riders (RFC 4180, UTF-8, one line a row), first its header {@value #HEADER}:
 *
 * <pre>
 * rider     any word, the same in all rows of one rider: a row more for a further card or guardian. Not stored
 * card      the number as the reader gives it, blanks and dashes ignored; may be empty in a further row
 * home      code of the district in which the rider lives
 * language  ko, en, zh-Hans ...; ko when it is empty
 * channel   of a guardian: sms, push, mail ...; may be empty
 * address   of that channel
 * </pre>
 *
 * <p>All that is wrong is told with its line, the first {@value #MOST_PROBLEMS} of it; no problem quotes a card or an address. One thread.
 */
final class RiderFile {
    static final String HEADER = "rider,card,home,language,channel,address";
    static final int MOST_PROBLEMS = 100;
    static final int MOST_CARDS = 16;
    static final int MOST_GUARDIANS = 8;

    private static final int COLUMNS = 6;
    private static final int MAX_ADDRESS = 200;
    private static final Pattern CARD = Pattern.compile("[0-9A-Z]{1,64}");
    private static final Pattern HOME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,15}");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*");
    private static final Pattern CHANNEL = Pattern.compile("[a-z][a-z0-9-]{0,15}");

    /** One rider of the file. */
    static final class Entry {
        final long line;
        final String home;
        final String language;
        final List<String> cards = new ArrayList<>(1);
        final List<Guardian> guardians = new ArrayList<>(1);

        Entry(long line, String home, String language) {
            this.line = line;
            this.home = home;
            this.language = language;
        }
    }

    private final Map<String, Entry> riders = new LinkedHashMap<>();
    /** Where each card stood, to find the second time; gone with this object. */
    private final Map<String, Long> cards = new HashMap<>();

    private final List<String> problems = new ArrayList<>();
    private long moreProblems;

    private RiderFile() {}

    /**
     * Reads all of it.
     *
     * @param progress told of every line's number
     */
    static RiderFile read(BufferedReader in, LongConsumer progress) throws IOException {
        RiderFile file = new RiderFile();
        String header = in.readLine();
        if (header == null || !header.strip().replace("\ufeff", "").equals(HEADER)) {
            file.problem(1, "must be the header " + HEADER);
            return file;
        }
        long number = 1;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            number++;
            progress.accept(number);
            if (!line.isBlank()) {
                file.row(number, line);
            }
        }
        Set<String> cardless = new LinkedHashSet<>();
        for (Entry rider : file.riders.values()) {
            if (rider.cards.isEmpty() && cardless.add(Long.toString(rider.line))) {
                file.problem(rider.line, "is of a rider without any card");
            }
        }
        return file;
    }

    private void row(long line, String text) {
        Optional<List<String>> parsed = columns(text);
        if (parsed.isEmpty() || parsed.get().size() != COLUMNS) {
            problem(line, "must have the " + COLUMNS + " columns " + HEADER);
            return;
        }
        List<String> columns = parsed.get();
        String card = columns.get(1).replaceAll("[ -]", "").toUpperCase(Locale.ROOT);
        String home = columns.get(2);
        String language = columns.get(3).isEmpty() ? "ko" : columns.get(3);
        check(line, !columns.get(0).isEmpty(), "rider must not be empty");
        check(line, card.isEmpty() || CARD.matcher(card).matches(), "card must have 1 to 64 digits or letters");
        check(line, HOME.matcher(home).matches(), "home must be a district's code, such as 11680");
        check(line, LANGUAGE.matcher(language).matches(), "language must be a tag such as ko, en or zh-Hans");
        Entry rider = riders.computeIfAbsent(columns.get(0), none -> new Entry(line, home, language));
        boolean same = rider.home.equals(home) && rider.language.equals(language);
        check(line, same, "home and language must be those of the same rider in line " + rider.line);
        card(line, card, rider);
        guardian(line, columns.get(4), columns.get(5), rider);
    }

    private void card(long line, String card, Entry rider) {
        if (card.isEmpty() || rider.cards.contains(card)) {
            return;
        }
        Long before = cards.putIfAbsent(card, line);
        check(line, before == null, "has the card of line " + before + ": a card is one rider's");
        check(
                line,
                rider.cards.size() < MOST_CARDS,
                "is one card more than the " + MOST_CARDS + " that a rider may have");
        rider.cards.add(card);
    }

    private void guardian(long line, String channel, String address, Entry rider) {
        if (channel.isEmpty() && address.isEmpty()) {
            return;
        }
        boolean channelGood = CHANNEL.matcher(channel).matches();
        boolean addressGood = !address.isEmpty()
                && address.length() <= MAX_ADDRESS
                && address.chars().noneMatch(Character::isISOControl);
        check(line, channelGood, "channel must be a word such as sms, push or mail");
        check(line, addressGood, "address must have 1 to " + MAX_ADDRESS + " characters");
        Guardian guardian = new Guardian(channel, address);
        if (!rider.guardians.contains(guardian)) {
            boolean room = rider.guardians.size() < MOST_GUARDIANS;
            check(line, room, "is one guardian more than the " + MOST_GUARDIANS + " that a rider may have");
            rider.guardians.add(guardian);
        }
    }

    /** RFC 4180 section 2, without line ends inside quotes; empty when a quote is not where it may be. */
    private static Optional<List<String>> columns(String line) {
        List<String> columns = new ArrayList<>(COLUMNS);
        int at = 0;
        while (at <= line.length()) {
            StringBuilder column = new StringBuilder();
            if (at < line.length() && line.charAt(at) == '"') {
                int end = line.indexOf('"', at + 1);
                while (end >= 0 && end + 1 < line.length() && line.charAt(end + 1) == '"') {
                    end = line.indexOf('"', end + 2);
                }
                if (end < 0 || (end + 1 < line.length() && line.charAt(end + 1) != ',')) {
                    return Optional.empty();
                }
                column.append(line, at + 1, end);
                at = end + 2;
            } else {
                int comma = line.indexOf(',', at);
                int end = comma < 0 ? line.length() : comma;
                column.append(line, at, end);
                at = end + 1;
            }
            columns.add(column.toString().replace("\"\"", "\"").strip());
        }
        return Optional.of(columns);
    }

    private void check(long line, boolean good, String rule) {
        if (!good) {
            problem(line, rule);
        }
    }

    void problem(long line, String rule) {
        if (problems.size() < MOST_PROBLEMS) {
            problems.add("line " + line + ": " + rule);
        } else {
            moreProblems++;
        }
    }

    List<Entry> riders() {
        return List.copyOf(riders.values());
    }

    /** What is wrong, in the order of finding; empty when nothing is. */
    List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        if (moreProblems > 0) {
            all.add("and " + moreProblems + " more");
        }
        return all;
    }
}
