package ansim.wire;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** From a kind's number to its body and back: the one place that lists all kinds. */
final class Bodies {
    private static final Map<Kind, String> NAMES = new EnumMap<>(Kind.class);

    static {
        for (Kind kind : Kind.values()) {
            NAMES.put(kind, kind.name().toLowerCase(Locale.ROOT));
        }
    }

    private Bodies() {}

    private static String name(Kind kind, long number) {
        String name = NAMES.get(kind);
        return kind == Kind.UNKNOWN || name == null ? "kind " + number : name;
    }

    static Body read(long number, Item item) throws WireException {
        Kind kind = Kind.of(number);
        Fields fields = Fields.of(item, name(kind, number));
        // Before any field, as in a batch: what must be understood may change what the fields mean.
        fields.refuseNegative();
        return switch (kind) {
            case POSITION -> Position.read(fields);
            case TRACK -> Track.read(fields);
            case BOARDED -> new Boarded(RideChange.read(fields));
            case ALIGHTED -> new Alighted(RideChange.read(fields));
            case PANIC -> Panic.read(fields);
            case TAMPER -> Tamper.read(fields);
            case HEALTH -> Health.read(fields);
            case COMMAND_ACK -> CommandAck.read(fields);
            case CONTACT -> Contact.read(fields);
            case GAP -> Gap.read(fields);
            case ANCHOR -> Anchor.read(fields);
            case PRESENCE -> Presence.read(fields);
            case UNKNOWN -> new Unknown(number, Bytes.of(item.encoded()));
        };
    }

    static CborOut.Value writer(Body body) {
        return switch (body.kind()) {
            case POSITION -> ((Position) body).fields();
            case TRACK -> ((Track) body).fields();
            case BOARDED -> ((Boarded) body).change().fields();
            case ALIGHTED -> ((Alighted) body).change().fields();
            case PANIC -> ((Panic) body).fields();
            case TAMPER -> ((Tamper) body).fields();
            case HEALTH -> ((Health) body).fields();
            case COMMAND_ACK -> ((CommandAck) body).fields();
            case CONTACT -> ((Contact) body).fields();
            case GAP -> ((Gap) body).fields();
            case ANCHOR -> ((Anchor) body).fields();
            case PRESENCE -> ((Presence) body).fields();
            case UNKNOWN -> ((Unknown) body)::write;
        };
    }

    /** The ride that a record belongs to. */
    static Optional<Id8> ride(Body body) {
        return switch (body.kind()) {
            case POSITION -> ((Position) body).ride();
            case TRACK -> ((Track) body).ride();
            case BOARDED -> Optional.of(((Boarded) body).change().ride());
            case ALIGHTED -> Optional.of(((Alighted) body).change().ride());
            case PANIC -> ((Panic) body).ride();
            case TAMPER, HEALTH, COMMAND_ACK, CONTACT, GAP, ANCHOR, PRESENCE, UNKNOWN -> Optional.empty();
        };
    }
}
