package ansim.hub.guardian;

import ansim.hub.vault.Letter;
import ansim.hub.vault.RideNotice;
import ansim.settings.Problem;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Letters in words: {@code ko.properties} and {@code en.properties} beside this class, and files of the same form in a folder, which stand in
 * for them or add a language. A text has placeholders such as <code>{vehicle}</code> and nothing else that is looked at; a folder with a key
 * or a placeholder that is none is refused as a whole. Immutable, any thread.
 */
public final class Texts {
    private static final List<String> BUILT_IN = List.of("ko", "en");
    private static final String SUFFIX = ".properties";
    private static final int MAX_BYTES = 64 * 1024;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final Set<String> OF_RIDE = Set.of("vehicle", "company", "time", "district");
    /** Which placeholders each text may have. */
    private static final Map<String, Set<String>> KEYS = keys();

    private static Map<String, Set<String>> keys() {
        Map<String, Set<String>> keys = new TreeMap<>();
        for (RideNotice.Kind kind : RideNotice.Kind.values()) {
            if (kind.isTold()) {
                keys.put(kind.word() + ".title", OF_RIDE);
                keys.put(kind.word() + ".text", OF_RIDE);
            }
            keys.put("provided." + kind.word(), Set.of());
        }
        keys.put("provided.title", Set.of("count"));
        keys.put("provided.text", Set.of("count", "lines"));
        keys.put("provided.line", Set.of("to", "what", "time"));
        keys.put("provided.centre", Set.of("district"));
        keys.put("time", Set.of());
        keys.put("unknown", Set.of());
        return keys;
    }

    /** What files from before these were there need not have: it is said in English until they do. */
    private static final List<String> LATER =
            List.of("provided.ride", "provided.unsure", "unsure.title", "unsure.text");

    private final Map<String, Map<String, String>> languages;
    private final String otherwise;
    private final ZoneId zone;

    private Texts(Map<String, Map<String, String>> languages, String otherwise, ZoneId zone) {
        this.languages = languages;
        this.otherwise = otherwise;
        this.zone = zone;
    }

    /**
     * Reads them.
     *
     * @param folder what stands in for the built-in ones
     * @param otherwise the language of those whose language is not there
     * @param zone in which times are told
     * @throws SettingsException with all that is wrong in the folder
     */
    public static Texts open(Optional<Path> folder, String otherwise, ZoneId zone) throws IOException {
        Map<String, Map<String, String>> languages = new TreeMap<>();
        for (String language : BUILT_IN) {
            languages.put(language, builtIn(language));
        }
        List<Problem> problems = new ArrayList<>();
        if (folder.isPresent()) {
            for (Path file : files(folder.get())) {
                String name = String.valueOf(file.getFileName());
                String language = name.substring(0, name.length() - SUFFIX.length());
                Map<String, String> texts = new HashMap<>(languages.getOrDefault(language, later(languages)));
                texts.putAll(read(file, problems));
                check(file, texts, problems);
                languages.put(language, texts);
            }
        }
        if (!languages.containsKey(otherwise)) {
            String there = String.join(", ", languages.keySet());
            problems.add(new Problem("guardians", 0, "language", otherwise, "must be one of " + there));
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        return new Texts(languages, otherwise, zone);
    }

    private static Map<String, String> later(Map<String, Map<String, String>> languages) {
        Map<String, String> english = new HashMap<>(languages.getOrDefault("en", Map.of()));
        english.keySet().retainAll(LATER);
        return english;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> String.valueOf(file.getFileName()).endsWith(SUFFIX))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new SettingsException(List.of(
                    new Problem("guardians", 0, "templates", folder.toString(), "must be a folder that reads")));
        }
    }

    private static Map<String, String> builtIn(String language) {
        try (InputStream in = Texts.class.getResourceAsStream(language + SUFFIX)) {
            if (in == null) {
                throw new IllegalStateException("there are no built-in texts in " + language);
            }
            return load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, String> read(Path file, List<Problem> problems) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            problems.add(new Problem(file.toString(), 0, "", "", "is longer than " + MAX_BYTES + " bytes"));
            return Map.of();
        }
        try (Reader in = Files.newBufferedReader(file)) {
            return load(in);
        } catch (IllegalArgumentException | CharacterCodingException e) {
            problems.add(new Problem(file.toString(), 0, "", "", "must be properties in UTF-8: " + e.getMessage()));
            return Map.of();
        }
    }

    private static Map<String, String> load(Reader in) throws IOException {
        Properties properties = new Properties();
        properties.load(in);
        Map<String, String> texts = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> texts.put(key, properties.getProperty(key)));
        return texts;
    }

    private static void check(Path file, Map<String, String> texts, List<Problem> problems) {
        Set<String> missing = new TreeSet<>(KEYS.keySet());
        missing.removeAll(texts.keySet());
        missing.forEach(key -> problems.add(new Problem(file.toString(), 0, key, "", "is missing")));
        texts.forEach((key, text) -> {
            Set<String> allowed = KEYS.get(key);
            if (allowed == null) {
                String rule = "is not a key here; the keys are " + String.join(", ", KEYS.keySet());
                problems.add(new Problem(file.toString(), 0, key, "", rule));
                return;
            }
            Matcher found = PLACEHOLDER.matcher(text);
            while (found.find()) {
                if (!allowed.contains(found.group(1))) {
                    String rule = "may have the placeholders " + String.join(", ", new TreeSet<>(allowed));
                    problems.add(new Problem(file.toString(), 0, key, found.group(), rule));
                }
            }
        });
        try {
            var unused = DateTimeFormatter.ofPattern(texts.getOrDefault("time", ""))
                    .format(Instant.EPOCH.atZone(ZoneId.of("UTC")));
        } catch (IllegalArgumentException | DateTimeException e) {
            problems.add(new Problem(
                    file.toString(), 0, "time", texts.getOrDefault("time", ""), "must be a pattern such as HH:mm"));
        }
    }

    /** A letter in its language. */
    public Text of(Letter letter) {
        String language = language(letter.language());
        Map<String, String> texts = texts(language);
        if (letter.news() instanceof Letter.OfRide ride) {
            Map<String, String> fields = fields(ride, language, texts);
            String kind = ride.kind().word();
            return new Text(
                    kind,
                    filled(text(texts, kind + ".title"), fields),
                    filled(text(texts, kind + ".text"), fields),
                    fields);
        }
        Letter.OfProvisions provisions = (Letter.OfProvisions) letter.news();
        StringBuilder lines = new StringBuilder();
        for (Letter.Provision each : provisions.all()) {
            lines.append(line(each, language, texts)).append('\n');
        }
        Map<String, String> fields = Map.of(
                "count", Integer.toString(provisions.all().size()),
                "lines", lines.toString().stripTrailing());
        return new Text(
                "provided",
                filled(text(texts, "provided.title"), fields),
                filled(text(texts, "provided.text"), fields),
                Map.of());
    }

    private String line(Letter.Provision provision, String language, Map<String, String> texts) {
        String name = name(provision.to(), language, texts);
        String to = provision.toCentre() ? filled(text(texts, "provided.centre"), Map.of("district", name)) : name;
        return filled(
                text(texts, "provided.line"),
                Map.of(
                        "to", to,
                        "what", text(texts, "provided." + provision.kind().word()),
                        "time", time(provision.atMs(), language, texts)));
    }

    private Map<String, String> fields(Letter.OfRide ride, String language, Map<String, String> texts) {
        return Map.of(
                "vehicle", known(ride.vehicle(), texts),
                "company", known(ride.company(), texts),
                "time", time(ride.atMs(), language, texts),
                "district", name(ride.place(), language, texts));
    }

    private String time(long ms, String language, Map<String, String> texts) {
        return DateTimeFormatter.ofPattern(text(texts, "time"), Locale.forLanguageTag(language))
                .format(Instant.ofEpochMilli(ms).atZone(zone));
    }

    private static String name(RideNotice.Place place, String language, Map<String, String> texts) {
        return known(language.startsWith("ko") ? place.name() : place.nameEn(), texts);
    }

    private static String known(String value, Map<String, String> texts) {
        return value.isEmpty() ? text(texts, "unknown") : value;
    }

    /** The language itself, else what it is a variety of, else the one for all others. */
    private String language(String tag) {
        if (languages.containsKey(tag)) {
            return tag;
        }
        String broader = tag.split("-", 2)[0];
        return languages.containsKey(broader) ? broader : otherwise;
    }

    private Map<String, String> texts(String language) {
        return languages.getOrDefault(language, Map.of());
    }

    private static String text(Map<String, String> texts, String key) {
        return texts.getOrDefault(key, "");
    }

    /** In one pass: what is filled in is not looked at again. */
    private static String filled(String text, Map<String, String> fields) {
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(fields.getOrDefault(found.group(1), found.group())));
    }
}
