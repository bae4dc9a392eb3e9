package ansim.hub.intake;

import ansim.wire.Id16;
import java.util.function.LongSupplier;

/**
 * What a door and its sessions work with.
 *
 * @param orders what units are ordered
 * @param signer signs what goes down
 * @param clock ms since 1970 UTC, by which certificates and orders end
 */
record Rooms(
        Verification verification,
        Committer committer,
        OrderBook orders,
        DownSigner signer,
        Tally tally,
        LongSupplier clock) {
    long nowMs() {
        return clock.getAsLong();
    }

    /** Whether a unit is registered and not shut out. */
    boolean isAllowed(Id16 unit) {
        return verification
                .registered(unit)
                .filter(record -> !record.isShutOut(nowMs()))
                .isPresent();
    }
}
