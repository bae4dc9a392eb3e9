package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.UpMessage;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the step decided. For everything that is logged it is stored with the input, and replay takes it over as it stands.
 *
 * @param disposition what to do with the input
 * @param id unit/chain/lane/n, for a fork followed by / and 8 hexadecimal digits of its hash; empty for what is no message
 * @param flags what else is to be known
 * @param reason why it is suspect, quarantined, refused or a hole
 * @param links where it stands in its chain
 * @param receipted what to tell the unit once this is committed; for a hole what the hub holds of the chain, if anything
 * @param event what is delivered of it
 * @param lookup where to look before deciding again
 * @param numbersAlarm what the hub itself has to tell of it, whether or not the message is an event: tamper 9, always an alarm. Its id is
 *     {@link #numbersAlarmId}
 * @param again what of earlier entries goes out before this entry's own event
 */
public record Output(
        Disposition disposition,
        String id,
        Set<Flag> flags,
        Optional<String> reason,
        Links links,
        Optional<Receipted> receipted,
        Optional<Event> event,
        Optional<Lookup> lookup,
        Optional<Event> numbersAlarm,
        List<Again> again) {
    /**
     * An earlier entry's event that some destinations may see only now.
     *
     * @param index of that entry; it goes out under its own id
     * @param districts who gets it; {@value #EVERYBODY} stands for destinations that get everything
     */
    public record Again(long index, List<String> districts) {
        /** As a district: who gets everything. */
        public static final String EVERYBODY = "*";

        public Again {
            districts = List.copyOf(districts);
        }
    }

    /** What is behind a message's id in the id of the hub's own alarm about its number. */
    public static final String NUMBERS = "/numbers";

    /** What is behind a boarding's id in the id of what the rider vault made known of it. */
    public static final String VAULT = "/vault";

    public Output {
        flags = Flag.shared(flags);
        again = List.copyOf(again);
    }

    /** Without anything that goes out again. */
    public Output(
            Disposition disposition,
            String id,
            Set<Flag> flags,
            Optional<String> reason,
            Links links,
            Optional<Receipted> receipted,
            Optional<Event> event,
            Optional<Lookup> lookup,
            Optional<Event> numbersAlarm) {
        this(disposition, id, flags, reason, links, receipted, event, lookup, numbersAlarm, List.of());
    }

    /** For a message that is logged. Its id and its receipt follow from the message. */
    static Output logged(
            Disposition disposition,
            UpMessage message,
            Set<Flag> flags,
            Optional<String> reason,
            Links links,
            Optional<Event> event) {
        Batch batch = message.batch();
        String id = idOf(message, flags);
        Receipted receipted = new Receipted(batch.chain(), batch.n(), message.payloadHash8());
        return logged(disposition, id, receipted, flags, reason, links, event);
    }

    /** For a message whose content is erased: what is left of what was decided. */
    static Output erased(Disposition disposition, Outline outline, Set<Flag> flags, Links links) {
        String id = outline.id() + (flags.contains(Flag.FORK) ? outline.forkSuffix() : "");
        return logged(disposition, id, outline.receipted(), flags, Optional.empty(), links, Optional.empty());
    }

    private static Output logged(
            Disposition disposition,
            String id,
            Receipted receipted,
            Set<Flag> flags,
            Optional<String> reason,
            Links links,
            Optional<Event> event) {
        return new Output(
                disposition,
                id,
                flags,
                reason,
                links,
                Optional.of(receipted),
                event,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** The same with an alarm of the hub's own. */
    Output with(Optional<Event> alarm) {
        if (alarm.isEmpty() && numbersAlarm.isEmpty()) {
            return this;
        }
        return new Output(disposition, id, flags, reason, links, receipted, event, lookup, alarm, again);
    }

    /** The same with what goes out before it. */
    Output with(List<Again> before) {
        return new Output(disposition, id, flags, reason, links, receipted, event, lookup, numbersAlarm, before);
    }

    /** The message's own id and {@value #NUMBERS}: the message is what shows it. */
    public String numbersAlarmId() {
        return id + NUMBERS;
    }

    /** unit/chain/lane/n. */
    static String idOf(UpMessage message) {
        Batch batch = message.batch();
        return id(batch.unit(), batch.chain(), batch.lane(), batch.n());
    }

    private static String idOf(UpMessage message, Set<Flag> flags) {
        return idOf(message) + (flags.contains(Flag.FORK) ? forkSuffix(message) : "");
    }

    static String id(Id16 unit, Id8 chain, Lane lane, long n) {
        StringBuilder id = new StringBuilder(ID_CHARS);
        hex(id, unit.hi());
        hex(id, unit.lo());
        id.append('/');
        hex(id, chain.bits());
        return id.append('/').append(lane.number()).append('/').append(n).toString();
    }

    private static void hex(StringBuilder to, long bits) {
        for (int shift = Long.SIZE - 4; shift >= 0; shift -= 4) {
            to.append("0123456789abcdef".charAt((int) (bits >>> shift) & 0xf));
        }
    }

    /** As many as the longest number takes with all that is before it. */
    private static final int ID_CHARS = 32 + 1 + 16 + 3 + 19;

    /** The flags of the hub's own alarm: the message may be a fitter's test, but that its number shows a clone is none. */
    public Set<Flag> numbersAlarmFlags() {
        EnumSet<Flag> real = EnumSet.noneOf(Flag.class);
        real.addAll(flags);
        real.remove(Flag.TEST);
        return Flag.shared(real);
    }

    private static String forkSuffix(UpMessage message) {
        return "/" + message.payloadHash8().hex().substring(0, 8);
    }

    /** For what is no message: logged as it is. */
    static Output plain() {
        return new Output(
                Disposition.STORED,
                "",
                Set.of(),
                Optional.empty(),
                Links.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** For a vault's answer about a boarding. */
    static Output named(UpMessage boarding, Set<Flag> flags, Optional<Event> event) {
        return told(idOf(boarding, flags) + VAULT, flags, event);
    }

    /** For what a tick brought up. */
    static Output ticked(Input.Tick tick, Set<Flag> flags, Optional<Event> event) {
        String what = event.map(Event::details)
                .map(details -> "/" + details.get("reason") + "/" + details.get("phase"))
                .orElse("");
        return told(idOf(tick.ride()) + "/" + tick.arrivedMs() + what, flags, event);
    }

    /** For a ride's destination. */
    static Output destined(Input.DestinationSaid said, Set<Flag> flags, Optional<Event> event) {
        return told(idOf(said.ride()) + "/destination/" + said.request(), flags, event);
    }

    private static String idOf(UnitRide ride) {
        return ride.unit().hex() + "/ride/" + ride.ride().hex();
    }

    private static Output told(String id, Set<Flag> flags, Optional<Event> event) {
        return new Output(
                Disposition.STORED,
                id,
                flags,
                Optional.empty(),
                Links.NONE,
                Optional.empty(),
                event,
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** For what the city's app said. */
    static Output app(Input.AppEmergency app, Set<Flag> flags, Optional<Event> event) {
        return told(app.id(), flags, event);
    }

    /** For a message that is not logged. */
    static Output answer(Disposition disposition, String id, String reason, Optional<Receipted> receipted) {
        return new Output(
                disposition,
                id,
                Set.of(),
                Optional.of(reason),
                Links.NONE,
                receipted,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** For a message whose number is too old for the state. */
    static Output needs(String id, Lookup lookup) {
        return new Output(
                Disposition.NEEDS_LOOKUP,
                id,
                Set.of(),
                Optional.empty(),
                Links.NONE,
                Optional.empty(),
                Optional.empty(),
                Optional.of(lookup),
                Optional.empty(),
                List.of());
    }

    public boolean has(Flag flag) {
        return flags.contains(flag);
    }
}
