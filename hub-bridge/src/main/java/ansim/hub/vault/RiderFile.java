package ansim.hub.vault;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
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
 * A CSV file of riders (RFC 4180, UTF-8, one line a row), first its header {@value #HEADER}, which may go on with {@value #MORE}:
 *
 * <pre>
 * rider     any word, the same in all rows of one rider: a row more for a further card or guardian. Not stored
 * card      the number as the reader gives it, blanks and dashes ignored; or sealed:UNIT:RIDE:CARD, as a unit sealed it for a ride of its
 *           own, all in hex; may be empty in a further row
 * home      code of the district in which the rider lives
 * language  ko, en, zh-Hans ...; ko when it is empty
 * channel   of a guardian: mail, api, or one that a webhook is set for, such as sms; may be empty
 * address   of that channel
 * name      what the rider calls the guardian; may be empty
 * tells     of what: boarded, alighted, emergency, lost, several with blanks between; boarded alighted when it is empty.
 *           own: the rider's own address, which gets word of each provision to others; own-30: of each thirty, or once in 30 days
 * consent   the day since which the rider wants it, such as 2026-11-27; nothing is sent without
 * by        who took the consent down; must be there when consent is
 * </pre>
 *
 * <p>All that is wrong is told with its line, the first {@value #MOST_PROBLEMS} of it; no problem quotes a card or an address. One thread.
 */
final class RiderFile {
    static final String HEADER = "rider,card,home,language,channel,address";
    static final String MORE = ",name,tells,consent,by";
    static final int MOST_PROBLEMS = 100;
    static final int MOST_CARDS = 16;
    static final int MOST_GUARDIANS = 8;

    private static final int COLUMNS = 6;
    private static final int ALL_COLUMNS = 10;
    private static final int MAX_BY = 100;
    /** What the card of a unit begins with, as it is read. */
    static final String SEALED = "SEALED:";

    private static final Pattern CARD =
            Pattern.compile("[0-9A-Z]{1,64}|" + SEALED + "[0-9A-F]{32}:[0-9A-F]{16}:(?:[0-9A-F]{2}){1,256}");
    static final String HOME_RULE = "home must be a district's code, such as 11680";
    static final String LANGUAGE_RULE = "language must be a tag such as ko, en or zh-Hans";
    private static final Pattern HOME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,15}");
    private static final Pattern LANGUAGE = Pattern.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*");

    /** A guardian of the file, and since when the rider wants it. */
    record Wanted(Guardian guardian, Optional<Instant> consent, String by) {}

    /** One rider of the file. */
    static final class Entry {
        final long line;
        final String home;
        final String language;
        final List<String> cards = new ArrayList<>(1);
        final List<Wanted> guardians = new ArrayList<>(1);

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
    private int columns;

    private RiderFile() {}

    /**
     * Reads all of it.
     *
     * @param progress told of every line's number
     */
    static RiderFile read(BufferedReader in, LongConsumer progress) throws IOException {
        RiderFile file = new RiderFile();
        String header = in.readLine();
        String named = header == null ? "" : header.strip().replace("\ufeff", "");
        if (!named.equals(HEADER) && !named.equals(HEADER + MORE)) {
            file.problem(1, "must be the header " + HEADER + ", which may go on with " + MORE);
            return file;
        }
        file.columns = named.equals(HEADER) ? COLUMNS : ALL_COLUMNS;
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
        if (parsed.isEmpty() || parsed.get().size() != columns) {
            problem(line, "must have the " + columns + " columns " + HEADER + (columns == COLUMNS ? "" : MORE));
            return;
        }
        List<String> all = parsed.get();
        String card = all.get(1).replaceAll("[ -]", "").toUpperCase(Locale.ROOT);
        String home = all.get(2);
        String language = all.get(3).isEmpty() ? "ko" : all.get(3);
        check(line, !all.get(0).isEmpty(), "rider must not be empty");
        check(line, card.isEmpty() || CARD.matcher(card).matches(), "card must have 1 to 64 digits or letters");
        check(line, isHome(home), HOME_RULE);
        check(line, isLanguage(language), LANGUAGE_RULE);
        Entry rider = riders.computeIfAbsent(all.get(0), none -> new Entry(line, home, language));
        boolean same = rider.home.equals(home) && rider.language.equals(language);
        check(line, same, "home and language must be those of the same rider in line " + rider.line);
        card(line, card, rider);
        guardian(line, all, rider);
    }

    static boolean isHome(String home) {
        return HOME.matcher(home).matches();
    }

    static boolean isLanguage(String language) {
        return LANGUAGE.matcher(language).matches();
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

    private void guardian(long line, List<String> all, Entry rider) {
        if (all.subList(4, all.size()).stream().allMatch(String::isEmpty)) {
            return;
        }
        boolean long10 = all.size() == ALL_COLUMNS;
        boolean channelGood = Guardian.isChannel(all.get(4));
        boolean addressGood = Guardian.isAddress(all.get(5));
        check(line, channelGood, Guardian.CHANNEL_RULE);
        check(line, addressGood, Guardian.ADDRESS_RULE);
        if (!channelGood || !addressGood) {
            return;
        }
        try {
            Guardian guardian =
                    Guardian.parse(all.get(4), all.get(5), long10 ? all.get(6) : "", long10 ? all.get(7) : "");
            Optional<Instant> consent = long10 ? day(all.get(8)) : Optional.empty();
            String by = long10 ? all.get(9) : "";
            check(
                    line,
                    consent.isEmpty() || (!by.isEmpty() && by.length() <= MAX_BY),
                    "by must say who took the consent down, in at most " + MAX_BY + " characters");
            boolean ownTwice = guardian.own()
                    && rider.guardians.stream().anyMatch(each -> each.guardian().own());
            check(line, !ownTwice, "gives the rider a second own address");
            boolean known =
                    rider.guardians.stream().anyMatch(each -> each.guardian().equals(guardian));
            if (!known) {
                boolean room = rider.guardians.size() < MOST_GUARDIANS;
                check(line, room, "is one guardian more than the " + MOST_GUARDIANS + " that a rider may have");
                rider.guardians.add(new Wanted(guardian, consent, by));
            }
        } catch (IllegalArgumentException e) {
            problem(line, String.valueOf(e.getMessage()));
        }
    }

    /** The start of a day in the hub's own zone. */
    static Optional<Instant> day(String text) {
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(LocalDate.parse(text)
                            .atStartOfDay(ZoneId.systemDefault())
                            .toInstant());
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("consent must be a day such as 2026-11-27", e);
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

    /** Whether there is a card to be opened. */
    boolean hasSealed() {
        return riders.values().stream()
                .anyMatch(rider -> rider.cards.stream().anyMatch(card -> card.startsWith(SEALED)));
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
