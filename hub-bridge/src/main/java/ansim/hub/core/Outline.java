package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.Gap;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * What is left of a message when what it says is erased: its place among the numbers and its hash, so that receipts, duplicates, forks and the
 * messages behind it stay what they were. No position, no ride, no record but gaps, which speak of numbers only.
 *
 * @param unit whose
 * @param boot the boot that sealed it
 * @param lane its lane
 * @param chain its chain
 * @param n its number there
 * @param payloadHash first 16 bytes of SHA-256 over its payload
 * @param quality of the unit's clock
 * @param t0Ms ms since 1970 UTC of its first record; 0 without a clock
 * @param m0Ms CLOCK_MONOTONIC ms of its first record
 * @param memoryOnly whether its chain is not on disk
 * @param gaps the gap records in it that count
 * @param numbersTold whether the hub told an alarm of its own about its number
 */
public record Outline(
        Id16 unit,
        Id8 boot,
        Lane lane,
        Id8 chain,
        long n,
        Id16 payloadHash,
        TimeQuality quality,
        long t0Ms,
        long m0Ms,
        boolean memoryOnly,
        List<Gap> gaps,
        boolean numbersTold) {
    public Outline {
        gaps = List.copyOf(gaps);
    }

    static Outline of(UpMessage message, boolean numbersTold) {
        Batch batch = message.batch();
        List<Gap> gaps = List.of();
        for (UpRecord record : Rules.counting(batch)) {
            if (record.body() instanceof Gap gap) {
                gaps = gaps.isEmpty() ? new ArrayList<>(1) : gaps;
                gaps.add(gap);
            }
        }
        return new Outline(
                batch.unit(),
                batch.boot(),
                batch.lane(),
                batch.chain(),
                batch.n(),
                message.payloadHash(),
                batch.quality(),
                batch.t0Ms(),
                batch.m0Ms(),
                batch.memoryOnly(),
                gaps,
                numbersTold);
    }

    /** The same of a message of whose number the hub told. */
    Outline told() {
        return new Outline(unit, boot, lane, chain, n, payloadHash, quality, t0Ms, m0Ms, memoryOnly, gaps, true);
    }

    /** unit/chain/lane/n. */
    String id() {
        return Output.id(unit, chain, lane, n);
    }

    /** What is behind the id of a fork. */
    String forkSuffix() {
        return "/" + payloadHash.hex().substring(0, 8);
    }

    Receipted receipted() {
        return new Receipted(chain, n, new Id8(payloadHash.hi()));
    }
}
