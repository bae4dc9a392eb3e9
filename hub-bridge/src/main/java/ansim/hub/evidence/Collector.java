package ansim.hub.evidence;

import ansim.hub.core.EntryReader;
import ansim.hub.core.Event;
import ansim.hub.core.Input;
import ansim.hub.core.LogEntry;
import ansim.hub.core.Outline;
import ansim.hub.core.UnitRide;
import ansim.hub.evidence.Evidence.Item;
import ansim.hub.evidence.Evidence.Role;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import ansim.wire.Batch;
import ansim.wire.Id8;
import ansim.wire.Kind;
import ansim.wire.Lane;
import ansim.wire.UpMessage;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log for what belongs into a ride's evidence. Keeps what its unit said in the part that is read: at most {@value #MAX_HEARD}
 * messages. One thread.
 */
public final class Collector {
    /** Messages of the unit in what is read at most: half a year of a taxi. */
    public static final int MAX_HEARD = 1_000_000;

    private static final int TELL_EVERY = 100_000;

    /** There are more messages than fit. */
    public static final class TooMany extends IOException {
        private static final long serialVersionUID = 1L;

        TooMany(String message) {
            super(message);
        }
    }

    /** Where in its lane a chain's messages of the ride lie. */
    private static final class Stretch {
        long first = Long.MAX_VALUE;
        long last;
        /** The stored one before the first; 0 for none. */
        long before;
        /** That behind the last; the greatest number for none. */
        long behind = Long.MAX_VALUE;

        void add(long n) {
            first = Math.min(first, n);
            last = Math.max(last, n);
        }

        void neighbour(long n) {
            if (n < first) {
                before = Math.max(before, n);
            } else if (n > last) {
                behind = Math.min(behind, n);
            }
        }

        boolean holds(long n) {
            return n >= first && n <= last;
        }

        boolean isBeside(long n) {
            return n == before || n == behind;
        }

        /** Whether numbers lie between those of the ride or those beside it. */
        boolean touches(long from, long to) {
            return to > before && from < behind;
        }
    }

    private record Place(Lane lane, Id8 chain) {}

    private record Heard(long index, LogEntry entry, Outline outline) {
        Optional<UpMessage> message() {
            return entry.isErased() ? Optional.empty() : Optional.of(entry.message());
        }
    }

    private final UnitRide wanted;
    private final EntryReader reader;
    private final List<Heard> heard = new ArrayList<>();
    private final Map<Place, Stretch> stretches = new HashMap<>();
    private final Set<Id8> boots = new HashSet<>();
    private long through;

    /**
     * For one ride.
     *
     * @param reader has the ride keys
     */
    public Collector(UnitRide wanted, EntryReader reader) {
        this.wanted = wanted;
        this.reader = reader;
    }

    /**
     * Reads to the end of what is there.
     *
     * @param log where it stands, reading begins
     * @param progress told the index reached now and then
     */
    public void read(JournalReader log, LongConsumer progress) throws IOException {
        for (Optional<Stored> next = log.next(); next.isPresent(); next = log.next()) {
            Stored stored = next.get();
            through = stored.index();
            // Without any key first: opening what other units said would cost most of the time.
            if (isOurs(EntryReader.OUTLINES.read(stored.index(), stored.keyId(), stored.payload()))) {
                hear(stored.index(), reader.read(stored.index(), stored.keyId(), stored.payload()));
            }
            if (through % TELL_EVERY == 0) {
                progress.accept(through);
            }
        }
    }

    /** The log was read up to this entry. */
    public long through() {
        return through;
    }

    private boolean isOurs(LogEntry entry) {
        boolean message = entry.type() == Input.Type.MESSAGE || entry.type() == Input.Type.ERASED;
        return message && entry.outline().unit().equals(wanted.unit());
    }

    private void hear(long index, LogEntry entry) throws TooMany {
        if (heard.size() == MAX_HEARD) {
            throw new TooMany("more than " + MAX_HEARD + " messages of this unit");
        }
        Heard one = new Heard(index, entry, entry.outline());
        heard.add(one);
        if (isOfRide(one)) {
            Outline at = one.outline();
            boots.add(at.boot());
            if (at.lane() != Lane.STATUS) {
                stretches
                        .computeIfAbsent(new Place(at.lane(), at.chain()), place -> new Stretch())
                        .add(at.n());
            }
        }
    }

    private boolean isOfRide(Heard one) {
        return ride(one).filter(wanted.ride()::equals).isPresent();
    }

    private static Optional<Id8> ride(Heard one) {
        return one.message().map(UpMessage::batch).flatMap(Batch::ride);
    }

    /** What the hub told of the ride first: the vehicle as it was then stands in it. Empty when it told nothing. */
    public Optional<Event> told() {
        return heard.stream()
                .filter(this::isOfRide)
                .flatMap(each -> each.entry().output().event().stream())
                .findFirst();
    }

    /** What belongs into the evidence, in the order of the log; empty when the log has no message of the ride. */
    public List<Item> items() throws TooMany {
        List<Item> items = new ArrayList<>();
        for (Heard one : heard) {
            Stretch stretch = stretch(one);
            if (stretch != null) {
                stretch.neighbour(one.outline().n());
            }
        }
        for (Heard one : heard) {
            item(one).ifPresent(items::add);
        }
        if (items.size() > Evidence.MAX_ITEMS) {
            throw new TooMany("more than " + Evidence.MAX_ITEMS + " messages belong to this ride");
        }
        return items;
    }

    private Optional<Item> item(Heard one) {
        if (isOfRide(one)) {
            return Optional.of(signed(one, Role.RIDE));
        }
        Outline at = one.outline();
        Stretch stretch = stretch(one);
        boolean between = stretch != null && stretch.holds(at.n());
        boolean beside = stretch != null && stretch.isBeside(at.n());
        boolean chainOnly =
                one.message().isPresent() && saysNumbersOnly(one.message().get());
        if ((between && ride(one).isPresent())
                || (beside && !chainOnly)
                || (between && one.message().isEmpty())) {
            return Optional.of(
                    new Evidence.Withheld(one.index(), why(one), at.lane(), at.chain(), at.n(), at.payloadHash()));
        }
        if (between || beside || (one.message().isPresent() && explains(at))) {
            return Optional.of(signed(one, Role.CHAIN));
        }
        boolean anchors = boots.contains(at.boot()) && hasAnchor(one);
        return anchors ? Optional.of(signed(one, Role.ANCHOR)) : Optional.empty();
    }

    private @Nullable Stretch stretch(Heard one) {
        return stretches.get(new Place(one.outline().lane(), one.outline().chain()));
    }

    private static Evidence.Withheld.Why why(Heard one) {
        if (one.message().isEmpty()) {
            return Evidence.Withheld.Why.ERASED;
        }
        return ride(one).isPresent() ? Evidence.Withheld.Why.OTHER_RIDE : Evidence.Withheld.Why.OUTSIDE;
    }

    /** Whether it says nothing but what explains numbers and dates. */
    private static boolean saysNumbersOnly(UpMessage message) {
        return message.batch().records().stream()
                .allMatch(each -> each.body().kind() == Kind.GAP || each.body().kind() == Kind.ANCHOR);
    }

    /** Whether it is a gap record about numbers between those of the ride, or just before or behind them. */
    private boolean explains(Outline at) {
        return at.gaps().stream().anyMatch(gap -> {
            Stretch stretch = stretches.get(new Place(gap.lane(), gap.chain()));
            return stretch != null && stretch.touches(gap.first(), gap.last());
        });
    }

    private static boolean hasAnchor(Heard one) {
        return one.message().stream()
                .flatMap(message -> message.batch().records().stream())
                .anyMatch(each -> each.body().kind() == Kind.ANCHOR);
    }

    private static Item signed(Heard one, Role role) {
        Set<String> flags = new LinkedHashSet<>();
        one.entry().output().flags().forEach(flag -> flags.add(flag.word()));
        return new Evidence.Signed(
                one.index(),
                Instant.ofEpochMilli(one.entry().arrivedMs()),
                role,
                flags,
                one.message().orElseThrow());
    }
}
