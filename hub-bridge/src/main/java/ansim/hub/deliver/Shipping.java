package ansim.hub.deliver;

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

    private Shipping() {}

    static List<Notice> notices(LogEntry entry, Notice.Earlier earlier, String district, boolean alarm)
            throws IOException {
        return Notice.of(entry, earlier).stream()
                .filter(each -> each.goes(district, alarm))
                .map(each -> each.as(district))
                .toList();
    }

    /** What the hub itself or the city's app says was signed by no unit: it goes as a CloudEvent to everybody. */
    static Body body(Format wanted, Notice notice, String district) {
        LogEntry entry = notice.entry();
        Format format = entry.hasMessage() ? wanted : Format.CLOUDEVENTS;
        Map<String, String> attributes = CloudEvent.attributes(notice);
        byte[] bytes =
                format == Format.COSE ? entry.message().bytes() : CloudEvent.encode(notice, district, attributes);
        return new Body(format, bytes, entry.unit().hex(), attributes);
    }

    /** What belongs to a ride, and every alarm: those are of people. What a pole tells of itself is nobody's. */
    static Optional<Provision> provision(Notice notice, String to) {
        Event event = notice.event();
        if (event.ride().isEmpty() && !event.alarm()) {
            return Optional.empty();
        }
        return Optional.of(new Provision(
                0,
                to,
                Outcome.GIVEN,
                event.alarm() ? Keep.EMERGENCIES : Keep.RIDES,
                event.alarm() ? EMERGENCY : CONSENT,
                notice.entry().unit().hex(),
                event.ride().map(each -> each.hex()).orElse(""),
                notice.id(),
                event.type().word()));
    }

    /** That something may have been given is all that is left to say: whose it was is in no line any more, and is not written into a new one. */
    static Optional<Provision> provisionOfErased(LogEntry entry, String to) {
        if (entry.type() != Input.Type.ERASED) {
            return Optional.empty();
        }
        return Optional.of(new Provision(0, to, Outcome.PERHAPS, Keep.RIDES, CONSENT, "", "", "", ""));
    }
}
