package ansim.hub.evidence;

import ansim.hub.evidence.EvidenceFile.Absent;
import ansim.hub.evidence.EvidenceFile.Line;
import ansim.hub.evidence.EvidenceFile.Message;
import ansim.wire.Alighted;
import ansim.wire.Batch;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.EvidenceSeal;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.TimeQuality;
import ansim.wire.Track;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import ansim.wire.VerifyKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Examines an evidence file, with nothing but the file: every signature, every link of every chain, the hub's seal.
 *
 * <p>What it shows: each message is what its unit signed, and none is missing between two of a chain unless that is named. What it does not
 * show: that the keys are the unit's and the hub's. Those the hub vouches for with its seal; whose key the seal is under is for the reader to
 * compare.
 */
public final class Examination {
    /**
     * Something that is not as it was given out.
     *
     * @param line number of the line, from 1; 0 for the whole file
     * @param text what is wrong
     */
    public record Problem(int line, String text) {
        @Override
        public String toString() {
            return line == 0 ? text : "line " + line + ": " + text;
        }
    }

    /** The file is not evidence at all. */
    public static final class NotEvidence extends Exception {
        private static final long serialVersionUID = 1L;

        NotEvidence(String message) {
            super(message);
        }
    }

    private record Place(Lane lane, Id8 chain) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparing(Place::lane)
                .thenComparing(place -> place.chain().bits());

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return "lane " + lane.number() + ", chain " + chain.hex();
        }
    }

    /** All that stands under one number of a chain: more than one after a fork. */
    private static final class Numbered {
        final Set<Id16> hashes = new HashSet<>();
        final List<UpMessage> messages = new ArrayList<>();
        int line;
        boolean ofRide;
        String absent = "";
    }

    /** Fixes further apart leave a time of which nothing is known: a unit spaces them by 10 s at most. */
    private static final long FIXES_APART_MS = 10_500;

    private final EvidenceFile file;
    private final List<Problem> problems;
    private final List<String> gaps = new ArrayList<>();
    private final Map<Place, TreeMap<Long, Numbered>> chains = new TreeMap<>();
    private final List<UpMessage> ofRide = new ArrayList<>();
    private final List<Gap> explanations = new ArrayList<>();

    private Examination(EvidenceFile file) {
        this.file = file;
        this.problems = new ArrayList<>(file.problems());
    }

    /** Whether a file begins as evidence does. */
    public static boolean isEvidence(byte[] content) {
        return EvidenceFile.is(content);
    }

    /**
     * Examines a file.
     *
     * @param hub the hub's key, if the reader has it from elsewhere than this file
     * @throws NotEvidence if not even its first line reads
     */
    public static Examination of(byte[] content, List<VerifyKey> hub) throws NotEvidence {
        try {
            Examination made = new Examination(EvidenceFile.read(content));
            made.checkSeal(hub);
            made.checkMessages();
            made.chains.forEach(made::checkChain);
            made.checkRide();
            return made;
        } catch (EvidenceFile.NotEvidence e) {
            throw new NotEvidence(String.valueOf(e.getMessage()));
        }
    }

    private void checkSeal(List<VerifyKey> hub) {
        VerifyKey named = file.head().keys().hub();
        if (file.seal().isEmpty()) {
            problem("the hub's seal is missing: lines may be missing too");
            return;
        }
        EvidenceSeal seal = file.seal().get();
        if (!seal.verify(UnitKeyVerifier.INSTANCE, named)) {
            problem("the hub's seal does not verify under the hub's key in line 1");
        } else if (!seal.covers(file.sealed())) {
            problem("the hub's seal is over other bytes: something was changed, added or removed since");
        } else if (!seal.unit().equals(file.head().unit())
                || !seal.ride().equals(file.head().ride())) {
            problem("the hub's seal is for another ride");
        }
        if (!hub.isEmpty() && !hub.contains(named)) {
            problem("it is sealed by " + named + ", which is not the key that you gave");
        }
    }

    private void checkMessages() {
        for (Line line : file.items()) {
            if (line.content() instanceof Message found) {
                checkMessage(line.number(), found);
            } else {
                Absent absent = (Absent) line.content();
                Numbered place = place(absent.lane(), absent.chain(), absent.n(), line.number());
                place.hashes.add(absent.payloadHash());
                place.absent = absent.why();
            }
        }
    }

    private void checkMessage(int line, Message found) {
        UpMessage message = found.message();
        Batch batch = message.batch();
        Optional<VerifyKey> key = file.head().keys().unit().stream()
                .filter(each -> each.kid().equals(message.kid()))
                .findFirst();
        if (key.isEmpty()) {
            problems.add(new Problem(
                    line,
                    "message " + message + " names key " + message.kid().hex()
                            + ", which is none of the unit's in line 1"));
            return;
        }
        if (!message.verify(UnitKeyVerifier.INSTANCE, key.get())) {
            problems.add(new Problem(line, "message " + message + " is not what the unit signed"));
            return;
        }
        if (!batch.unit().equals(file.head().unit())) {
            problems.add(new Problem(line, "message " + message + " is of another unit"));
            return;
        }
        boolean names = batch.ride().filter(file.head().ride()::equals).isPresent();
        if (found.ofRide() != names) {
            problems.add(new Problem(line, "message " + message + (names ? " is" : " is not") + " of this ride"));
        }
        if (names) {
            ofRide.add(message);
        }
        batch.records().forEach(each -> {
            if (each.body() instanceof Gap gap) {
                explanations.add(gap);
            }
        });
        if (batch.lane() != Lane.STATUS) {
            Numbered place = place(batch.lane(), batch.chain(), batch.n(), line);
            place.hashes.add(message.payloadHash());
            place.messages.add(message);
            place.ofRide |= names;
        }
    }

    private Numbered place(Lane lane, Id8 chain, long n, int line) {
        Numbered numbered = chains.computeIfAbsent(new Place(lane, chain), place -> new TreeMap<>())
                .computeIfAbsent(n, each -> new Numbered());
        numbered.line = line;
        return numbered;
    }

    /** From the ride's first message to its last; then what is known to be missing just before it and just behind it. */
    private void checkChain(Place place, NavigableMap<Long, Numbered> chain) {
        List<Long> ends = chain.entrySet().stream()
                .filter(each -> each.getValue().ofRide)
                .map(Map.Entry::getKey)
                .toList();
        if (ends.isEmpty()) {
            return;
        }
        long first = ends.get(0);
        long end = ends.get(ends.size() - 1);
        Map.Entry<Long, Numbered> neighbour = chain.lowerEntry(first);
        long before = first - 1;
        Numbered last = neighbour == null || neighbour.getKey() < before ? new Numbered() : neighbour.getValue();
        outside(place, neighbour == null ? 1 : neighbour.getKey() + 1, first - 1, " before the ride");
        for (Map.Entry<Long, Numbered> each :
                chain.subMap(first, true, end, true).entrySet()) {
            Numbered here = each.getValue();
            long n = each.getKey();
            if (here.hashes.size() > 1) {
                problems.add(new Problem(
                        here.line,
                        place + ": " + here.hashes.size() + " different messages under number " + n
                                + ": the unit's card was copied or put back"));
            }
            if (n > before + 1) {
                missing(place, before + 1, n - 1, here.line);
            } else if (!last.hashes.isEmpty()) {
                follows(place, n, last, here);
            }
            if (!here.absent.isEmpty()) {
                gaps.add(place + ", number " + n + ": withheld, " + here.absent);
            }
            before = n;
            last = here;
        }
        Long behind = chain.higherKey(end);
        outside(place, end + 1, behind == null ? lastExplained(place) : behind - 1, " behind the ride");
    }

    /** May have been of the ride, and is named for that; what the file does not say is no problem, for it may have been made of a part of the log. */
    private void outside(Place place, long first, long last, String where) {
        long from = first;
        while (from <= last) {
            long at = from;
            Optional<Gap> told = explanation(place, at);
            long through = Math.min(
                    last,
                    told.map(Gap::last)
                            .orElseGet(() -> explained(place)
                                    .filter(gap -> gap.first() > at)
                                    .mapToLong(gap -> gap.first() - 1)
                                    .min()
                                    .orElse(last)));
            gaps.add(place + ", " + numbers(at, through) + where + ": "
                    + told.map(gap -> "the unit says that they will not come, " + word(gap.reason()))
                            .orElse("not in this file"));
            from = through + 1;
        }
    }

    private long lastExplained(Place place) {
        return explained(place).mapToLong(Gap::last).max().orElse(0);
    }

    private Stream<Gap> explained(Place place) {
        return explanations.stream()
                .filter(gap -> gap.lane() == place.lane() && gap.chain().equals(place.chain()));
    }

    private void follows(Place place, long n, Numbered last, Numbered here) {
        for (UpMessage message : here.messages) {
            if (message.batch().previous().filter(last.hashes::contains).isEmpty()) {
                problems.add(new Problem(
                        here.line,
                        place + ": number " + n + " does not follow on number " + (n - 1) + " that is here"));
            }
        }
    }

    private void missing(Place place, long first, long last, int line) {
        long from = first;
        while (from <= last) {
            Optional<Gap> told = explanation(place, from);
            if (told.isEmpty()) {
                problems.add(new Problem(
                        line, place + ": " + numbers(from, last) + " before this one missing, and nothing says why"));
                return;
            }
            long through = Math.min(told.get().last(), last);
            gaps.add(place + ", " + numbers(from, through) + ": the unit says that they will not come, "
                    + word(told.get().reason()));
            from = through + 1;
        }
    }

    private Optional<Gap> explanation(Place place, long n) {
        return explained(place)
                .filter(gap -> gap.first() <= n && gap.last() >= n)
                .findFirst();
    }

    private static String numbers(long first, long last) {
        return first == last ? "number " + first : "numbers " + first + " to " + last;
    }

    private void checkRide() {
        if (ofRide.isEmpty()) {
            problem("no message of this ride");
            return;
        }
        List<Said> tracks = bodies(Track.class);
        if (tracks.isEmpty()) {
            gaps.add("no track: nothing that was signed says where the ride went");
            return;
        }
        if (ofRide.stream().allMatch(each -> each.batch().quality() != TimeQuality.UNKNOWN)) {
            checkWay(tracks);
        }
    }

    /** From the boarding to the alighting, as far as they are here: by the unit's clock. */
    private void checkWay(List<Said> tracks) {
        List<Said> inOrder =
                tracks.stream().sorted(Comparator.comparingLong(Said::ms)).toList();
        long last = bodies(Boarded.class).stream()
                .mapToLong(Said::ms)
                .min()
                .orElse(inOrder.get(0).ms());
        for (Said each : inOrder) {
            Track track = (Track) each.record().body();
            checkFixes(last, each.ms());
            last = Math.max(
                    last, each.ms() + (long) track.stepMs() * (track.fixes().size() - 1));
        }
        long known = last;
        bodies(Alighted.class).stream().mapToLong(Said::ms).min().ifPresent(ms -> checkFixes(known, ms));
    }

    private void checkFixes(long fromMs, long toMs) {
        if (toMs - fromMs > FIXES_APART_MS) {
            gaps.add("no fix from " + Instant.ofEpochMilli(fromMs) + " to " + Instant.ofEpochMilli(toMs));
        }
    }

    private void problem(String text) {
        problems.add(new Problem(0, text));
    }

    /** What is not as it was given out; empty when everything verifies. */
    public List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** What it says, in the order in which a person asks. */
    public Map<String, Object> description() {
        EvidenceFile.Head head = file.head();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("unit", head.unit().hex());
        out.put("ride", head.ride().hex());
        out.put("vehicle", head.vehicle());
        out.put("company", head.company());
        out.put("unitRevoked", head.revoked());
        out.put("boarded", times(Boarded.class));
        out.put("alighted", times(Alighted.class));
        out.put("messages", file.items().size());
        out.put("messagesOfRide", ofRide.size());
        out.put("fixes", fixes());
        out.put(
                "unitKeys",
                head.keys().unit().stream().map(key -> key.kid().hex()).toList());
        out.put("hubKey", head.keys().hub().kid().hex());
        file.seal().ifPresent(seal -> out.put("sealed", seal.at().toString()));
        out.put("gaps", List.copyOf(gaps));
        out.put("problems", problems.stream().map(Problem::toString).toList());
        return out;
    }

    private long fixes() {
        return bodies(Track.class).stream()
                .mapToLong(each -> ((Track) each.record().body()).fixes().size())
                .sum();
    }

    private record Said(Batch batch, UpRecord record) {
        long ms() {
            return batch.t0Ms() + record.dtMs();
        }
    }

    private List<Said> bodies(Class<? extends Body> type) {
        List<Said> found = new ArrayList<>();
        for (UpMessage message : ofRide) {
            for (UpRecord each : message.batch().records()) {
                if (type.isInstance(each.body())) {
                    found.add(new Said(message.batch(), each));
                }
            }
        }
        return found;
    }

    private List<String> times(Class<? extends Body> type) {
        return bodies(type).stream()
                .map(each -> each.batch().quality() == TimeQuality.UNKNOWN
                        ? "unknown"
                        : Instant.ofEpochMilli(each.ms()) + " ("
                                + word(each.batch().quality()) + ")")
                .distinct()
                .toList();
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
