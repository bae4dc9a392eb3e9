package ansim.hub;

import ansim.hub.core.Policy;
import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where what belongs to rides and emergencies goes. Each list names districts that have to do with an event: {@code current} under the unit, {@code home} where
 * the rider lives, {@code origin}, {@code destination}. The first that is known owns it, the others watch.
 *
 * @param ride a ride's boarding, its updates, its alighting and its attention
 * @param position its live positions and tracks
 * @param emergency emergencies, which also always go to the district under the unit and to those that it may be in
 * @param catchAll the district of the destination, which the hub warns of at its start when it is none of the centres, that what is outside every district goes to; if not given it stays under "-"
 * @param everyRide the legal ground on which rides of people who are not registered go to centres, too; if not given they stay at the hub, counted
 * @param attention when a ride needs attention
 */
record RoutingConfig(
        @Default("[current, home]") List<Policy.To> ride,
        @Default("[current, home]") List<Policy.To> position,
        @Default("[current, home]") List<Policy.To> emergency,
        Optional<String> catchAll,
        Optional<String> everyRide,
        @Default("{}") Attention attention) {
    RoutingConfig {
        var unused = policy(ride, position, emergency, catchAll, everyRide, attention);
    }

    /**
     * When a ride needs attention; {@code 0s} turns each off, and 0 metres the last.
     *
     * @param lostAfter nothing was heard of the taxi for so long during a ride
     * @param endlessAfter a ride is on for so long
     * @param noPositionAfter a ride that is heard of has no position for so long
     * @param longStopAfter it has not moved by more than 50 m for so long
     * @param movingAwayMetres it is so much further from its destination than it was
     */
    record Attention(
            @Default("10min") @Range(min = 0, max = 86_400_000L)
            Duration lostAfter,

            @Default("6h") @Range(min = 0, max = 604_800_000L)
            Duration endlessAfter,

            @Default("10min") @Range(min = 0, max = 86_400_000L)
            Duration noPositionAfter,

            @Default("20min") @Range(min = 0, max = 86_400_000L)
            Duration longStopAfter,

            @Default("3000") @Range(min = 0, max = 100_000) int movingAwayMetres) {}

    /** As it goes into the log. */
    Policy policy() {
        return policy(ride, position, emergency, catchAll, everyRide, attention);
    }

    private static Policy policy(
            List<Policy.To> ride,
            List<Policy.To> position,
            List<Policy.To> emergency,
            Optional<String> catchAll,
            Optional<String> everyRide,
            Attention attention) {
        return new Policy(
                ride,
                position,
                emergency,
                catchAll,
                everyRide,
                new Policy.Attention(
                        attention.lostAfter().toMillis(),
                        attention.endlessAfter().toMillis(),
                        attention.noPositionAfter().toMillis(),
                        attention.longStopAfter().toMillis(),
                        attention.movingAwayMetres()));
    }
}
