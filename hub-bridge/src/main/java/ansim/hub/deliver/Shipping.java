package ansim.hub.deliver;

import ansim.hub.core.Basis;
import ansim.hub.core.Event;
import ansim.hub.core.Input;
import ansim.hub.core.Keep;
import ansim.hub.core.LogEntry;
import ansim.hub.deliver.Destination.Format;
import ansim.hub.deliver.Sink.Body;
import ansim.hub.ledger.Provisions.Outcome;
import ansim.hub.ledger.Provisions.Provision;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What of a log entry goes to a destination, as which bytes, and what is to be written down of it. */
final class Shipping {
    /** On what ground an emergency is told: Act on the Protection and Use of Location Information, Article 29. */
    static final String EMERGENCY = "emergency-rescue";
    /** On what ground the rest of a ride is told: the same Act, Articles 18 and 19. */
    static final String CONSENT = "consent";
    /** On what ground every ride is told: before the text of the setting that opened them. */
    static final String SETTING = "every-ride: ";

    private Shipping() {}

    static List<Notice> notices(LogEntry entry, Notice.Earlier earlier, String district, boolean alarm)
            throws IOException {
        return Notice.of(entry, earlier).stream()
                .filter(each -> each.goes(district, alarm))
                .map(each -> each.as(district))
                .toList();
    }

    /**
     * What the hub itself or the city's app says was signed by no unit, and what was signed of a ride that stays at the hub is not for centres: it goes
     * as a CloudEvent to everybody.
     */
    static Body body(Format wanted, Notice notice, String district) {
        LogEntry entry = notice.entry();
        boolean goes = entry.hasMessage() && !notice.event().isReduced();
        Format format = goes ? wanted : Format.CLOUDEVENTS;
        Map<String, String> attributes = CloudEvent.attributes(notice);
        byte[] bytes =
                format == Format.COSE ? entry.message().bytes() : CloudEvent.encode(notice, district, attributes);
        return new Body(format, bytes, entry.unit().hex(), attributes);
    }

    /** What belongs to a ride or shows one, every alarm, and where a unit is by itself: those are of people. What a pole tells of itself is nobody's. */
    static Optional<Provision> provision(Notice notice, String to) {
        Event event = notice.event();
        Optional<Basis> basis = event.basis().filter(each -> each.why() != Basis.Why.NONE || event.alarm());
        boolean ofRide = event.ride().isPresent() || event.type().isOfRide() || basis.isPresent();
        if (!ofRide && !event.alarm()) {
            return Optional.empty();
        }
        String reason = reason(event);
        return Optional.of(new Provision(
                0,
                to,
                Outcome.GIVEN,
                reason.equals(EMERGENCY) ? Keep.EMERGENCIES : Keep.RIDES,
                reason,
                notice.entry().unit().hex(),
                event.ride()
                        .or(() -> basis.flatMap(Basis::ride))
                        .map(each -> each.hex())
                        .orElse(""),
                notice.id(),
                event.type().word()));
    }

    /** As it was decided; of what was logged before that was written down, as far as it can be told. */
    private static String reason(Event event) {
        if (event.alarm()) {
            return EMERGENCY;
        }
        if (event.basis().isEmpty()) {
            return event.ride().isPresent() ? CONSENT : EMERGENCY;
        }
        Basis basis = event.basis().get();
        return switch (basis.why()) {
            case EMERGENCY -> EMERGENCY;
            case SETTING -> SETTING + basis.text();
            default -> CONSENT;
        };
    }

    /** That something may have been given is all that is left to say: whose it was is in no line any more, and is not written into a new one. */
    static Optional<Provision> provisionOfErased(LogEntry entry, String to) {
        if (entry.type() != Input.Type.ERASED) {
            return Optional.empty();
        }
        return Optional.of(new Provision(0, to, Outcome.PERHAPS, Keep.RIDES, CONSENT, "", "", "", ""));
    }
}
