package ansim.hub;

import ansim.hub.core.Keep;
import ansim.settings.Default;
import ansim.settings.Range;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How deliveries are kept within bounds, where centres read event streams, and how long it is kept who was given what.
 *
 * @param maxWaiting entries that may wait, all cursors that are no alarms' taken together; above that the oldest of the cursor furthest behind are
 *     dropped as a counted range of its dead letters
 * @param streams where centres read their event streams; if not given, nowhere
 * @param ledger how long the record of provisions is kept
 */
record DeliverySettings(
        @Default("200000000") @Range(min = 1_000, max = 100_000_000_000L)
        long maxWaiting,

        Optional<Streams> streams,
        @Default("{}") Kept ledger) {

    /**
     * The server of the event streams.
     *
     * @param listen address and port; port 0 takes any free one
     * @param names DNS names and addresses by which centres reach it, for the certificate of the hub's authority; if not given, the door's
     * @param insecurePlaintext no TLS: then only a loopback address
     */
    record Streams(
            @Default("\"127.0.0.1:8444\"") String listen,
            @Default("[]") List<String> names,
            @Default("false") boolean insecurePlaintext) {
        Streams {
            InetSocketAddress address = HubConfig.addressOf(listen);
            if (insecurePlaintext && !address.getAddress().isLoopbackAddress()) {
                throw new IllegalArgumentException("streams.insecure-plaintext allows only a loopback address, such as"
                        + " 127.0.0.1:8444 (got \"" + listen + "\")");
            }
            ReachedBy.checkNames(names);
        }

        InetSocketAddress address() {
            return HubConfig.addressOf(listen);
        }
    }

    /**
     * How long a record of a provision is kept. The law asks for six months at least.
     *
     * @param rides of what belongs to a ride without an emergency
     * @param emergencies of emergencies
     */
    record Kept(
            @Default("365d") @Range(min = 15_811_200_000L, max = 3_155_760_000_000L)
            Duration rides,

            @Default("1095d") @Range(min = 15_811_200_000L, max = 3_155_760_000_000L)
            Duration emergencies) {
        Map<Keep, Duration> perClass() {
            Map<Keep, Duration> all = new EnumMap<>(Keep.class);
            all.put(Keep.RIDES, rides);
            all.put(Keep.EMERGENCIES, emergencies);
            return all;
        }

        /** For what may be of either: who was shown what by the API. */
        Duration longest() {
            return rides.compareTo(emergencies) > 0 ? rides : emergencies;
        }
    }

    /** Whether centres read streams over TLS, with a certificate of the hub's authority. */
    boolean hasTls() {
        return streams.filter(each -> !each.insecurePlaintext()).isPresent();
    }
}
