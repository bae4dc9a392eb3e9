package ansim.hub.core;

import ansim.wire.Batch;
import ansim.wire.TimeQuality;
import org.jspecify.annotations.Nullable;

/** When something happened, and whether that is long ago. Pure. */
final class Dating {
    /** An alarm that happened longer ago than this is late. */
    static final long LATE_MS = 120_000;

    private Dating() {}

    private static boolean trusted(TimeQuality quality) {
        return quality.compareTo(TimeQuality.NTP) <= 0;
    }

    /** So far a clock that was held over may have gone wrong and still be believed, ms: weeks of a quartz. */
    static final long HELD_OVER_MS = 60_000;

    /**
     * Dates a record: by the unit's clock if it can be trusted, else by the anchor of its boot, else between the message before it in its chain and the
     * earliest that anything of its boot can have happened by; by a clock held over, if that says no more than {@value #HELD_OVER_MS} ms outside of it.
     */
    static When date(@Nullable Boot boot, @Nullable Chain chain, Batch batch, long dtMs, long arrivedMs) {
        TimeQuality quality = batch.quality();
        if (trusted(quality)) {
            return When.at(batch.t0Ms() + dtMs, quality, When.Source.UNIT);
        }
        long monoMs = batch.m0Ms() + dtMs;
        if (boot != null && boot.anchored) {
            return When.at(boot.utcMs(monoMs), quality, When.Source.ANCHOR);
        }
        long slackMs = Math.min(arrivedMs - batch.m0Ms(), boot == null ? Long.MAX_VALUE : boot.slackMs);
        long toMs = monoMs + slackMs;
        long fromMs = Math.min(chain == null ? 0 : chain.datedMs, toMs);
        long saidMs = batch.t0Ms() + dtMs;
        if (quality == TimeQuality.HELD_OVER && saidMs >= fromMs - HELD_OVER_MS && saidMs <= toMs + HELD_OVER_MS) {
            return When.at(saidMs, quality, When.Source.UNIT);
        }
        return new When(fromMs, toMs, quality, When.Source.NEIGHBOURS);
    }

    /** Whether an anchor of its boot would date it better. */
    static boolean provisional(When when) {
        return !trusted(when.quality()) && when.source() != When.Source.ANCHOR;
    }

    static Mark redate(Mark mark, Boot boot) {
        if (!mark.boot().equals(boot.id) || trusted(mark.when().quality())) {
            return mark;
        }
        return mark.dated(When.at(boot.utcMs(mark.monoMs()), mark.when().quality(), When.Source.ANCHOR));
    }

    /** CONTRACT, <i>late alarm</i>. In doubt it is live. */
    static boolean late(When when, @Nullable Boot boot, long monoMs, long arrivedMs) {
        if (!provisional(when)) {
            return arrivedMs - when.ms() > LATE_MS;
        }
        return boot != null && boot.newestMonoMs - monoMs > LATE_MS;
    }
}
