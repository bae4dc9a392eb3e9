package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the named values of a frame mean: the part that the decoders {@code fields} and {@code line-pattern} share. At least one meaning;
 * a meaning whose value is not in the frame gives nothing.
 *
 * @param only frames whose named values are these; others say nothing
 * @param tap the value that is a card's number, and nothing else
 * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
 * @param lamp the value that says hired, when it is one of {@code yes}
 * @param contact a contact
 * @param panic a call for help
 * @param measures measured values
 */
record Meaning(
        @Default("{}") Map<String, String> only,
        Optional<String> tap,
        @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard,
        Optional<Flag> lamp,
        Optional<Circuit> contact,
        Optional<Call> panic,
        @Default("[]") List<Measured> measures) {
    Meaning {
        if (tap.isEmpty() && lamp.isEmpty() && contact.isEmpty() && panic.isEmpty() && measures.isEmpty()) {
            throw new IllegalArgumentException("must have one of tap, lamp, contact, panic and measures");
        }
        Set<String> told = told(only, lamp, contact, panic, measures);
        if (tap.filter(told::contains).isPresent()) {
            throw new IllegalArgumentException(
                    "tap must be a value that nothing else is made of: a card's number is wiped (got " + tap.get()
                            + ")");
        }
    }

    /**
     * Yes or no.
     *
     * @param value the named value
     * @param yes what it is when yes
     */
    record Flag(String value, List<String> yes) {}

    /**
     * A contact.
     *
     * @param name what it is, 1 to 32 bytes
     * @param value the named value
     * @param closed what it is when closed
     * @param normally its resting state: away from it is an alarm when it rests closed, or when its name is one of the unit's own
     */
    record Circuit(
            String name,
            String value,
            List<String> closed,
            @Default("open") Contact.Normally normally) {
        Circuit {
            Contact.checkName("name", name);
        }
    }

    /**
     * A call for help, raised when the value becomes one of {@code pressed}.
     *
     * @param value the named value
     * @param pressed what it is while the button is pressed
     * @param origin who calls
     * @param silent shown nowhere on the unit; by default for {@code driver}, {@code duress-card} and {@code lamp}
     */
    record Call(
            String value,
            List<String> pressed,
            @Default("rider") Reading.Origin origin,
            Optional<Boolean> silent) {
        private boolean isSilent() {
            return silent.orElse(origin.silentByDefault());
        }
    }

    /**
     * A measured value.
     *
     * @param name what it is, 1 to 32 bytes; supply (V) and temperature (C) go to health
     * @param value the named value, a decimal number
     * @param scale it is multiplied by this
     * @param unit as it is shown
     */
    record Measured(
            String name,
            String value,
            @Default("1") double scale,
            @Default("") String unit) {
        Measured {
            Contact.checkName("name", name);
        }
    }

    /** Whether this value is a card's number: it becomes no text, which could not be wiped. */
    boolean isCard(String value) {
        return tap.filter(value::equals).isPresent();
    }

    /** The values that it needs as text. */
    Set<String> told() {
        return told(only, lamp, contact, panic, measures);
    }

    private static Set<String> told(
            Map<String, String> only,
            Optional<Flag> lamp,
            Optional<Circuit> contact,
            Optional<Call> panic,
            List<Measured> measures) {
        Set<String> values = new HashSet<>(only.keySet());
        lamp.ifPresent(flag -> values.add(flag.value()));
        contact.ifPresent(circuit -> values.add(circuit.value()));
        panic.ifPresent(call -> values.add(call.value()));
        measures.forEach(measured -> values.add(measured.value()));
        return values;
    }

    /** Refuses a name that the frame does not have. */
    void requireIn(Set<String> names) {
        List<String> unknown = new ArrayList<>(told());
        tap.ifPresent(unknown::add);
        unknown.removeAll(names);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("gives: there is no " + String.join(", ", unknown) + " in a frame, only "
                    + String.join(", ", names.stream().sorted().toList()));
        }
    }

    /** Values to readings, with what must be remembered between frames. One thread. */
    static final class Teller {
        private static final int THOUSANDTHS = 3;
        private static final int CARD_LONGEST = 64;
        private static final Pattern NUMBER = Pattern.compile("[+-]?\\d{1,18}(\\.\\d{1,9})?");

        private final Meaning meaning;
        private final RecentCards cards;
        private Optional<Boolean> hired = Optional.empty();
        private Optional<Boolean> closed = Optional.empty();
        private boolean pressed;
        private int presses;

        Teller(Meaning meaning) {
            this.meaning = meaning;
            cards = new RecentCards(meaning.sameCard().toMillis());
        }

        /**
         * {@link Reject#MALFORMED} when a value cannot be what it is said to be.
         *
         * @param values those of {@link #told} that are in the frame
         * @param card the one of {@link #isCard}, null when it is not in the frame; wiped unless it goes on as a reading
         */
        Reject tell(Map<String, String> values, @Nullable CardNumber card, long monoMs, Consumer<Reading> sink) {
            List<Reading> measures = new ArrayList<>();
            Reject verdict = Reject.NONE;
            boolean meant = isMeant(values);
            if (meant) {
                verdict = card == null || isCard(card) ? measures(values, measures) : Reject.MALFORMED;
            }
            if (!meant || verdict != Reject.NONE) {
                if (card != null) {
                    card.wipe();
                }
                return verdict;
            }
            if (card != null) {
                cards.read(card, monoMs, sink);
            }
            states(values, sink);
            measures.forEach(sink);
            return Reject.NONE;
        }

        private boolean isMeant(Map<String, String> values) {
            return meaning.only().entrySet().stream()
                    .allMatch(only -> only.getValue().equals(values.get(only.getKey())));
        }

        private static boolean isCard(CardNumber card) {
            byte[] characters = card.characters();
            if (characters.length == 0 || characters.length > CARD_LONGEST) {
                return false;
            }
            for (byte each : characters) {
                boolean letter = (each >= 'A' && each <= 'Z') || (each >= 'a' && each <= 'z');
                if (!letter && (each < '0' || each > '9')) {
                    return false;
                }
            }
            return true;
        }

        private Reject measures(Map<String, String> values, List<Reading> measures) {
            for (Measured measured : meaning.measures()) {
                String text = values.get(measured.value());
                if (text != null) {
                    Optional<Reading> measure = measure(measured, text);
                    if (measure.isEmpty()) {
                        return Reject.MALFORMED;
                    }
                    measures.add(measure.get());
                }
            }
            return Reject.NONE;
        }

        private void states(Map<String, String> values, Consumer<Reading> sink) {
            meaning.lamp().filter(flag -> values.containsKey(flag.value())).ifPresent(flag -> {
                boolean now = flag.yes().contains(values.get(flag.value()));
                if (hired.isEmpty() || hired.get() != now) {
                    sink.accept(new Reading.Lamp(now, hired.isEmpty()));
                    hired = Optional.of(now);
                }
            });
            meaning.contact()
                    .filter(circuit -> values.containsKey(circuit.value()))
                    .ifPresent(circuit -> {
                        boolean now = circuit.closed().contains(values.get(circuit.value()));
                        if (closed.isEmpty() || closed.get() != now) {
                            sink.accept(Contact.change(circuit.name(), circuit.normally(), now, closed.isEmpty()));
                            closed = Optional.of(now);
                        }
                    });
            meaning.panic().filter(call -> values.containsKey(call.value())).ifPresent(call -> {
                boolean now = call.pressed().contains(values.get(call.value()));
                if (now && !pressed) {
                    sink.accept(
                            new Reading.PanicPress(call.origin(), Reading.Pattern.PRESS, call.isSilent(), ++presses));
                }
                pressed = now;
            });
        }

        private static Optional<Reading> measure(Measured measured, String text) {
            if (!NUMBER.matcher(text.strip()).matches()) {
                return Optional.empty();
            }
            BigDecimal value = new BigDecimal(text.strip())
                    .multiply(BigDecimal.valueOf(measured.scale()))
                    .movePointRight(THOUSANDTHS)
                    .setScale(0, RoundingMode.HALF_UP);
            return value.unscaledValue().bitLength() < Long.SIZE
                    ? Optional.of(new Reading.Measure(measured.name(), value.longValue(), measured.unit()))
                    : Optional.empty();
        }

        void tick(long monoMs) {
            cards.forget(monoMs);
        }
    }
}
