package ansim.edge;

import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.rig.Findings;
import ansim.rig.Mutation;
import ansim.rig.StoreFiles;
import ansim.wire.Body;
import ansim.wire.Contact;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Pos;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.Track;
import ansim.wire.UpMessage;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** A unit's store, made by the agent's own lanes, damaged, and opened by them again. */
public final class UnitStore {
    private static final int SEGMENT = Quota.SEGMENT_BYTES_MIN;
    private static final Quota SMALL = new Quota(14L * SEGMENT, 5L * SEGMENT, SEGMENT);
    private static final Quota LARGE = new Quota(400L * SEGMENT, 300L * SEGMENT, SEGMENT);
    private static final SigningKey KEY = SigningKey.generate(new SecureRandom());
    private static final Id16 UNIT = Id16.parse("00112233445566778899aabbccddeeff");

    private final Path data;
    private final JournalFiles files;
    private final SplittableRandom random;
    private long nowMs = 1_000;
    private Hub hub = new Hub();
    private Map<String, byte[]> older = Map.of();
    private Map<String, byte[]> whole = Map.of();
    private Hub atEnd = new Hub();

    public UnitStore(Path data, JournalFiles files, SplittableRandom random) {
        this.data = data;
        this.files = files;
        this.random = random;
    }

    /** The hub by the contract's rules, as far as a store can tell the difference. */
    private static final class Hub {
        final Map<Id8, TreeMap<Long, byte[]>> chains = new HashMap<>();
        final Map<Id8, Lane> lanes = new HashMap<>();
        final List<Gap> gaps = new ArrayList<>();
        /** Duplicates and forks since the last receipt: each is receipted by its own number and hash. */
        final List<UpMessage> again = new ArrayList<>();

        /** Stored under their id and hash. */
        final java.util.Set<Id16> forked = new java.util.HashSet<>();

        int forks;
        /** Alarms of before are of what the unit's life brought. */
        long damagedAtMs = Long.MAX_VALUE;
        int damageAlarms;

        Hub copy() {
            Hub copy = new Hub();
            chains.forEach((id, chain) -> copy.chains.put(id, new TreeMap<>(chain)));
            copy.lanes.putAll(lanes);
            copy.gaps.addAll(gaps);
            copy.forked.addAll(forked);
            return copy;
        }

        void take(UpMessage message) {
            Id8 id = message.batch().chain();
            long n = message.batch().n();
            TreeMap<Long, byte[]> chain = chains.computeIfAbsent(id, each -> new TreeMap<>());
            lanes.put(id, message.batch().lane());
            byte[] known = chain.get(n);
            if (known != null) {
                if (!Arrays.equals(known, message.bytes())) {
                    forks++;
                    forked.add(message.payloadHash());
                    message.batch().records().forEach(record -> hear(record.body(), message.batch().m0Ms()));
                }
                again.add(message);
                return;
            }
            for (long next = chain.isEmpty() ? 1 : chain.lastKey() + 1; next < n; next++) {
                if (!told(id, next)) {
                    return;
                }
            }
            chain.put(n, message.bytes());
            message.batch().records().forEach(record -> hear(record.body(), message.batch().m0Ms()));
        }

        private void hear(Body body, long atMs) {
            if (body instanceof Gap gap) {
                gaps.add(gap);
            } else if (atMs >= damagedAtMs && body.equals(Tamper.of(Tamper.What.STORE_DAMAGED, Phase.RAISED))) {
                damageAlarms++;
            }
        }

        boolean told(Id8 id, long n) {
            return gaps.stream().anyMatch(gap -> gap.chain().equals(id) && gap.first() <= n && n <= gap.last());
        }

        Map<Lane, List<Receipted>> receipt() throws Exception {
            Map<Lane, List<Receipted>> named = new EnumMap<>(Lane.class);
            for (Map.Entry<Id8, TreeMap<Long, byte[]>> each : chains.entrySet()) {
                if (!each.getValue().isEmpty()) {
                    UpMessage last = UpMessage.parse(each.getValue().lastEntry().getValue());
                    named.computeIfAbsent(last.batch().lane(), lane -> new ArrayList<>())
                            .add(new Receipted(each.getKey(), last.batch().n(), last.payloadHash8()));
                }
            }
            for (UpMessage each : again) {
                named.computeIfAbsent(each.batch().lane(), lane -> new ArrayList<>())
                        .add(new Receipted(each.batch().chain(), each.batch().n(), each.payloadHash8()));
            }
            again.clear();
            return named;
        }
    }

    private Lanes lanes(Quota quota) throws Exception {
        Sealer sealer = new Sealer(UNIT, new Id8(77), KEY, new UnitClock(() -> 0, () -> false), () -> nowMs);
        Lanes lanes = new Lanes(data, quota, files, sealer, new SecureRandom());
        lanes.open();
        return lanes;
    }

    // ---- a store as a unit's life leaves it

    /** Makes the store in its folder and keeps its files in memory. */
    public void make() throws Exception {
        StoreFiles.delete(data);
        hub = new Hub();
        Lanes lanes = lanes(random.nextBoolean() ? SMALL : LARGE);
        int steps = 60 + random.nextInt(240);
        int olderAt = random.nextInt(steps);
        double receipts = random.nextInt(3) * 0.03;
        for (int i = 0; i < steps; i++) {
            step(lanes, i);
            if (random.nextDouble() < receipts) {
                send(lanes, 1 + random.nextInt(40), random.nextInt(5) > 0);
            }
            if (i == olderAt) {
                older = StoreFiles.read(data);
            }
            if (random.nextInt(100) == 0) {
                lanes.close();
                tear(Lane.of(1 + random.nextInt(3)).orElseThrow());
                lanes = lanes(SMALL);
            }
        }
        lanes.close();
        whole = StoreFiles.read(data);
        atEnd = hub;
    }

    /** Every second stop is a power cut in the middle of a write that nobody was told of: the lane goes on in a new chain. */
    private void tear(Lane lane) throws Exception {
        byte[] torn = new byte[1 + random.nextInt(200)];
        random.nextBytes(torn);
        List<StoreFiles.Segment> segments = StoreFiles.segments(StoreFiles.read(data), folder(lane));
        if (random.nextBoolean() || segments.isEmpty()) {
            return;
        }
        StoreFiles.Segment newest = segments.get(segments.size() - 1);
        int end = StoreFiles.recordsEnd(newest.bytes());
        if (end + torn.length < SEGMENT - 128) {
            System.arraycopy(torn, 0, newest.bytes(), end, torn.length);
            StoreFiles.write(data, Map.of(newest.name(), newest.bytes()));
        }
    }

    private void step(Lanes lanes, int i) {
        nowMs += random.nextInt(30_000);
        int kind = random.nextInt(12);
        if (kind == 0) {
            lanes.append(Lane.ALARM, List.of(List.of(new Draft(Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED), nowMs))));
        } else if (kind < 5) {
            List<Pos> fixes = new ArrayList<>();
            for (int f = 0; f < 150; f++) {
                fixes.add(Pos.of(375_000_000 + random.nextInt(100_000), 1_270_000_000 + random.nextInt(100_000)));
            }
            lanes.append(
                    Lane.TRACK,
                    List.of(List.of(new Draft(Track.through(fixes, 1_000, List.of(), Optional.empty()), nowMs))));
        } else if (kind < 7) {
            byte[] state = new byte[random.nextInt(600)];
            random.nextBytes(state);
            lanes.keep(Lane.EVENT, Lanes.RIDE, state);
        } else {
            event(lanes, "door-" + i, 1 + random.nextInt(3));
        }
    }

    private boolean event(Lanes lanes, String name, int messages) {
        List<List<Draft>> drafts = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            drafts.add(List.of(new Draft(new Contact(name, i % 2 == 0, Optional.empty()), nowMs)));
        }
        return lanes.append(Lane.EVENT, drafts);
    }

    /** Sends what is offered, at most so many messages; returns whether everything went. */
    private boolean send(Lanes lanes, int most, boolean receipt) throws Exception {
        Outgoing outgoing = new Outgoing(lanes);
        Receipts receipts = new Receipts(lanes, outgoing);
        int left = most;
        int idle = 0;
        while (left > 0) {
            int sent = 0;
            for (Outgoing.Offer offer : outgoing.offers()) {
                long after = offer.receiptedN();
                for (int i = 0; i < 8 && left > 0; i++) {
                    Optional<HeldMessage> next = outgoing.next(offer.lane(), offer.chain(), after);
                    if (next.isEmpty()) {
                        break;
                    }
                    hub.take(UpMessage.parse(next.get().bytes()));
                    after = next.get().n();
                    sent++;
                    left--;
                }
            }
            if (receipt) {
                receipts.receipt(1, hub.receipt());
            }
            // A round that sends nothing may have found a hole and queued the record of it.
            idle = sent == 0 ? idle + 1 : 0;
            if (idle == 2 || !receipt) {
                return outgoing.offers().isEmpty();
            }
        }
        return false;
    }

    // ---- damage, and what comes of it

    /** Damages a copy of the store, opens it and compares. */
    public Findings damage(List<Mutation> mutations) throws Exception {
        Findings found = new Findings();
        Map<String, byte[]> now = new TreeMap<>(whole);
        boolean stale = false;
        for (Mutation mutation : mutations) {
            String folder = folder(Lane.of(1 + random.nextInt(3)).orElseThrow());
            String other = folder(Lane.of(1 + random.nextInt(3)).orElseThrow());
            List<byte[]> foreign = other.equals(folder)
                    ? List.of()
                    : whole.entrySet().stream()
                            .filter(each -> each.getKey().startsWith(other) && each.getKey().endsWith(".seg"))
                            .map(Map.Entry::getValue)
                            .toList();
            if (mutation.apply(now, folder, older, foreign, random)) {
                found.mutations.add(mutation);
                stale |= mutation.stale();
            }
        }
        found.made = whole;
        found.damaged = now;
        StoreFiles.delete(data);
        StoreFiles.write(data, now);
        hub = atEnd.copy();
        hub.damagedAtMs = ++nowMs;
        Lanes lanes;
        try {
            lanes = lanes(LARGE);
            if (random.nextInt(3) == 0) {
                found.count("opened twice before anything else", 1);
                lanes.close();
                lanes = lanes(LARGE);
            }
        } catch (Exception e) {
            found.refused = true;
            found.fault("refused", e.toString());
            return found;
        }
        try {
            goOn(lanes, now, stale, found);
        } catch (Exception e) {
            found.fault("the store does not go on", e + " at " + Arrays.toString(e.getStackTrace()));
        } finally {
            lanes.close();
        }
        compare(now, stale, found);
        return found;
    }

    private static String folder(Lane lane) {
        return "lane-" + lane.number() + "/";
    }

    private void goOn(Lanes lanes, Map<String, byte[]> now, boolean stale, Findings found) throws Exception {
        for (Lane lane : Lanes.DURABLE) {
            if (!lanes.store(lane).isOpen()) {
                found.refused = true;
                found.fault("refused", lane + ": " + lanes.figures().failure());
            }
        }
        if (random.nextBoolean()) {
            new Receipts(lanes, new Outgoing(lanes)).receipt(1, hub.receipt());
        }
        List<byte[]> appended = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            boolean stored = event(lanes, "after-" + i, 1)
                    & lanes.append(
                            Lane.ALARM,
                            List.of(List.of(new Draft(Tamper.of(Tamper.What.POWER, Phase.RAISED), nowMs))));
            if (!stored) {
                found.fault("append failed", lanes.figures().failure().orElse("?"));
            }
            for (Lane lane : List.of(Lane.ALARM, Lane.EVENT)) {
                List<Chain> chains = lanes.store(lane).chains();
                Chain last = chains.get(chains.size() - 1);
                lanes.store(lane).read(last, last.lastN).ifPresent(held -> appended.add(held.bytes()));
            }
            if (i == 1 && !send(lanes, 100_000, true)) {
                found.fault("the unit and the hub never come to rest", rest(lanes));
            }
        }
        if (!send(lanes, 100_000, true)) {
            found.fault("the unit and the hub never come to rest", rest(lanes));
        }
        found.count("forks after an older copy or an end that nothing shows", hub.forks);
        if (hub.forks > 0 && !stale && silentEnds(now) == 0) {
            found.fault("a number was used again with other bytes", hub.forks + " times");
        }
        for (byte[] bytes : appended) {
            if (!atHub(UpMessage.parse(bytes), bytes)) {
                found.fault("a message of after the damage was lost", UpMessage.parse(bytes).toString());
            }
        }
        if (appended.size() != 8) {
            found.fault("a message of after the damage does not read", "");
        }
    }

    private String rest(Lanes lanes) {
        StringBuilder left = new StringBuilder();
        Outgoing outgoing = new Outgoing(lanes);
        for (Outgoing.Offer offer : outgoing.offers()) {
            TreeMap<Long, byte[]> chain = hub.chains.getOrDefault(offer.chain(), new TreeMap<>());
            left.append(offer)
                    .append(" the hub has through ")
                    .append(chain.isEmpty() ? 0 : chain.lastKey())
                    .append(", next ")
                    .append(outgoing.next(offer.lane(), offer.chain(), offer.receiptedN()).map(HeldMessage::n))
                    .append("; ");
        }
        return left + " " + lanes.gaps().all();
    }

    private boolean atHub(UpMessage message, byte[] bytes) {
        TreeMap<Long, byte[]> chain = hub.chains.get(message.batch().chain());
        return hub.forked.contains(message.payloadHash())
                || (chain != null && Arrays.equals(chain.get(message.batch().n()), bytes));
    }

    /** Lanes whose last records are gone while nothing in what is left shows it. */
    private int silentEnds(Map<String, byte[]> now) {
        int ends = 0;
        for (Lane lane : Lanes.DURABLE) {
            List<StoreFiles.Segment> before = StoreFiles.segments(whole, folder(lane));
            long last = before.stream()
                    .flatMap(segment -> segment.frames().stream())
                    .mapToLong(StoreFiles.Frame::index)
                    .max()
                    .orElse(0);
            ends += StoreFiles.undamaged(before, now, folder(lane), false).knownThrough() < last ? 1 : 0;
        }
        return ends;
    }

    private void compare(Map<String, byte[]> now, boolean stale, Findings found) throws Exception {
        Map<String, byte[]> after = StoreFiles.read(data);
        for (Lane lane : Lanes.DURABLE) {
            List<StoreFiles.Segment> before = StoreFiles.segments(whole, folder(lane));
            StoreFiles.Undamaged undamaged = StoreFiles.undamaged(before, now, folder(lane), false);
            found.count("records undamaged", undamaged.whole().size());
            found.count("records damaged or gone", undamaged.damaged());
            found.count("records undamaged, in a torn last write", undamaged.torn());
            byIndex(lane, undamaged, found);
            for (StoreFiles.Segment segment : before) {
                for (StoreFiles.Frame frame : segment.frames()) {
                    if (frame.isMessage()) {
                        byNumber(lane, frame, undamaged, stale, found);
                    }
                }
            }
        }
        bytesKept(now, after, found);
    }

    /** Every undamaged record stands at its index, byte for byte, receipted or not. */
    private void byIndex(Lane lane, StoreFiles.Undamaged undamaged, Findings found) throws Exception {
        Map<Long, byte[]> read = new HashMap<>();
        try (Journal journal = Journal.open(data.resolve("lane-" + lane.number()), JournalOptions.unit(SEGMENT), files);
                JournalReader reader = journal.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                read.put(next.get().index(), next.get().payload());
            }
        }
        for (Map.Entry<Long, byte[]> each : undamaged.whole().entrySet()) {
            byte[] payload = read.get(each.getKey());
            if (!Arrays.equals(each.getValue(), payload)) {
                UpMessage message = UpMessage.parse(each.getValue());
                boolean evicted = hub.told(message.batch().chain(), message.batch().n());
                if (payload != null || !evicted) {
                    found.fault("an undamaged record was lost", lane + " index " + each.getKey());
                }
            }
        }
    }

    private void byNumber(
            Lane lane, StoreFiles.Frame frame, StoreFiles.Undamaged undamaged, boolean stale, Findings found)
            throws Exception {
        UpMessage message = UpMessage.parse(frame.payload());
        if (atHub(message, frame.payload())) {
            return;
        }
        Id8 chain = message.batch().chain();
        String where = lane + " n " + message.batch().n() + " index " + frame.index();
        boolean told = hub.told(chain, message.batch().n());
        if (undamaged.whole().containsKey(frame.index()) && !told) {
            found.fault("an undamaged record did not reach the hub", where);
        } else if (undamaged.whole().containsKey(frame.index()) && !stale) {
            found.count("undamaged, given up for the quota before", 1);
        } else if (told) {
            found.count("lost numbers told in a gap record", 1);
        } else if (frame.index() <= undamaged.knownThrough() && hub.damageAlarms > 0 && !isNamed(chain, undamaged)) {
            // A header proves that there were so many entries, but not whose: a gap record must name the chain.
            found.count("lost with every record that named their chain: told by tamper 7", 1);
        } else if (frame.index() <= undamaged.knownThrough()) {
            found.fault("a lost number is in no gap record", where);
        } else if (hub.damageAlarms > 0) {
            found.count("lost behind the last that is proved: told by tamper 7", 1);
        } else {
            found.count(
                    stale ? "lost behind the end of an older copy" : "lost behind an end that nothing shows", 1);
        }
    }

    /** Whether an undamaged record of the lane, a message or a state, still names the chain. */
    private static boolean isNamed(Id8 chain, StoreFiles.Undamaged undamaged) throws Exception {
        for (StoreFiles.Frame frame : undamaged.frames()) {
            boolean names = frame.isMessage()
                    ? UpMessage.parse(frame.payload()).batch().chain().equals(chain)
                    : frame.isState()
                            && LaneState.decode(frame.payload()).chains().stream()
                                    .anyMatch(each -> each.id.equals(chain));
            if (names) {
                return true;
            }
        }
        return false;
    }

    /** Every damaged file still is where it was, or aside, up to the zeros behind its records. */
    private void bytesKept(Map<String, byte[]> now, Map<String, byte[]> after, Findings found) {
        found.count(
                "files moved aside",
                after.keySet().stream().filter(name -> name.contains("aside/")).count());
        now.forEach((name, bytes) -> {
            int records = StoreFiles.recordsEnd(bytes);
            int behind = Math.min(bytes.length, Math.max(records, SEGMENT - 128));
            boolean kept = !name.endsWith(".seg")
                    || after.values().stream()
                            .anyMatch(file -> Arrays.equals(file, bytes)
                                    || file.length == bytes.length
                                    && Arrays.equals(file, 0, records, bytes, 0, records)
                                    && Arrays.equals(file, behind, bytes.length, bytes, behind, bytes.length));
            if (!kept && evictedBefore(name, bytes)) {
                found.count("evicted segments that an older copy brought back, let go again", 1);
            } else if (!kept) {
                found.fault("bytes of a damaged file are gone", name);
            }
        });
    }

    /**
     * The segment, damaged or not, that the older copy brought back: the hub has all its messages or knows from a gap record that they were
     * given up for the quota, so an eviction that looks interrupted is finished, and takes the file with what was done to it.
     */
    private boolean evictedBefore(String name, byte[] bytes) {
        byte[] copy = older.getOrDefault(name, new byte[0]);
        return copy.length > 0
                && StoreFiles.segments(Map.of(name, copy), "").stream()
                        .filter(segment -> StoreFiles.is(segment, name, bytes))
                        .map(segment -> segment.frames().stream().filter(StoreFiles.Frame::isMessage))
                        .anyMatch(messages -> messages.allMatch(this::isEvicted));
    }

    private boolean isEvicted(StoreFiles.Frame frame) {
        try {
            UpMessage message = UpMessage.parse(frame.payload());
            return atHub(message, frame.payload())
                    || hub.gaps.stream()
                    .anyMatch(gap -> gap.reason() == Gap.Reason.EVICTED
                            && gap.chain().equals(message.batch().chain())
                            && gap.first() <= message.batch().n()
                            && message.batch().n() <= gap.last());
        } catch (ansim.wire.WireException e) {
            return false;
        }
    }
}
