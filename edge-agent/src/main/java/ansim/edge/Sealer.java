package ansim.edge;

import ansim.wire.Batch;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * Turns drafts into signed messages: the unit's name, its boot, its clock, its key and, while commissioning, the test mark. What it
 * returns is never encoded again. {@link Lanes} calls it under its own lock.
 */
final class Sealer {
    private final Id16 unit;
    private final Id8 boot;
    private SigningKey key;
    private final UnitClock clock;
    private final LongSupplier monoMs;
    private final Commissioning commissioning = new Commissioning();

    Sealer(Id16 unit, Id8 boot, SigningKey key, UnitClock clock, LongSupplier monoMs) {
        this.unit = unit;
        this.boot = boot;
        this.key = key;
        this.clock = clock;
        this.monoMs = monoMs;
    }

    /**
     * Where a message stands.
     *
     * @param n its number in the chain, from 1
     * @param previous first 16 bytes of SHA-256 over the payload before it; empty at n = 1 and in lane 4
     * @param waiting messages of this lane that wait for a receipt
     */
    record Place(Lane lane, Id8 chain, long n, Optional<Id16> previous, long waiting, boolean memoryOnly) {}

    /** Seals drafts in the order of their times, all of one ride at most. */
    UpMessage seal(Place place, List<Draft> drafts) {
        long m0 = drafts.get(0).monoMs();
        long nowMs = monoMs.getAsLong();
        UnitClock.Stamp stamp = clock.at(m0, nowMs);
        List<UpRecord> records = drafts.stream()
                .map(draft -> new UpRecord(Math.max(0, draft.monoMs() - m0), draft.body()))
                .toList();
        OptionalLong waiting = place.waiting() > 0 ? OptionalLong.of(place.waiting()) : OptionalLong.empty();
        Batch batch = new Batch(
                unit,
                boot,
                place.lane(),
                place.chain(),
                place.n(),
                place.previous(),
                stamp.quality(),
                stamp.utcMs(),
                m0,
                records,
                waiting,
                commissioning.active(nowMs),
                place.memoryOnly());
        return UpMessage.sign(batch, key);
    }

    /** Signs with another key from the next message on; a chain goes on under it, for each message names its key. */
    void key(SigningKey next) {
        this.key = next;
    }

    /** What decides on the test mark. */
    Commissioning commissioning() {
        return commissioning;
    }

    /** CLOCK_MONOTONIC ms. */
    long nowMs() {
        return monoMs.getAsLong();
    }

    Id16 unit() {
        return unit;
    }

    Id8 boot() {
        return boot;
    }
}
