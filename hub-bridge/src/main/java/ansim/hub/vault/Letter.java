package ansim.hub.vault;

import java.util.List;

/**
 * One message to one address, as it waits in the {@link Outbox}; {@link #toString} does not tell the address.
 *
 * @param seq its place in the outbox
 * @param id 32 hexadecimal digits, the same at every try: a receiver that knows it has it already
 * @param guardian to whom, 32 hexadecimal digits: one guardian's letters go one after the other
 * @param channel mail, sms, api ...
 * @param address of that channel; never logged
 * @param language in which to write
 * @param tries how often it was tried before
 * @param handedMs since when it waits, ms since 1970 UTC
 * @param news what it says
 */
public record Letter(
        long seq,
        String id,
        String guardian,
        String channel,
        String address,
        String language,
        int tries,
        long handedMs,
        News news) {
    /** What a letter says. */
    public sealed interface News {}

    /** Something happened on a ride. */
    public record OfRide(RideNotice.Kind kind, String vehicle, String company, long atMs, RideNotice.Place place)
            implements News {}

    /** To the rider: who was told of their rides. */
    public record OfProvisions(List<Provision> all) implements News {
        public OfProvisions {
            all = List.copyOf(all);
        }
    }

    /**
     * Somebody was given something of a rider.
     *
     * @param to whom: a guardian's name or the end of the address, a centre's district
     * @param toCentre whether it is a centre
     * @param kind of what
     * @param atMs when it was given
     */
    public record Provision(RideNotice.Place to, boolean toCentre, RideNotice.Kind kind, long atMs) {}

    @Override
    public String toString() {
        return channel + " " + id;
    }
}
