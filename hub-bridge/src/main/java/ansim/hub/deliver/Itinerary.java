package ansim.hub.deliver;

import ansim.hub.deliver.OnTheWay.Step;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Where a courier goes next: to what is new, each entry's events one after the other, and when nothing new waits to what somebody wants again, one
 * range after the other. The courier's turns alone use it.
 */
final class Itinerary {
    private static final long NO_RANGE = -1;

    private final LaneIndex index;
    private final Orders orders;
    private long nextSlot;
    /** Of the entry at {@link #nextSlot}: how many of its events were sent. */
    private int nextPart;
    /** The same of what goes again. */
    private long againSlot = NO_RANGE;

    private int againPart;

    Itinerary(LaneIndex index, Orders orders, long firstSlot) {
        this.index = index;
        this.orders = orders;
        this.nextSlot = firstSlot;
    }

    /**
     * The next one, which is gone to only with {@link #advance}.
     *
     * @param againUnsettled asked at the end of a range: whether something that goes again is on its way or not written down yet
     */
    Optional<Step> next(BooleanSupplier againUnsettled) throws IOException {
        if (nextSlot < index.size()) {
            return Optional.of(new Step(nextSlot, index.at(nextSlot), nextPart, false));
        }
        Optional<Orders.Range> range = orders.next();
        while (range.isPresent()) {
            if (againSlot == NO_RANGE) {
                againSlot = index.slotAfter(range.get().from() - 1);
                againPart = 0;
            }
            if (againSlot < index.size() && index.at(againSlot) <= range.get().through()) {
                return Optional.of(new Step(againSlot, index.at(againSlot), againPart, true));
            }
            if (againUnsettled.getAsBoolean()) {
                return Optional.empty();
            }
            delivered(range.get().through());
            range = orders.next();
        }
        return Optional.empty();
    }

    /**
     * A step is made.
     *
     * @param last of its entry's events
     */
    void advance(Step step, boolean last) {
        if (step.again()) {
            againSlot += last ? 1 : 0;
            againPart = last ? 0 : step.part() + 1;
        } else {
            nextSlot += last ? 1 : 0;
            nextPart = last ? 0 : step.part() + 1;
        }
    }

    /** The range that goes again is delivered up to there. */
    void delivered(long logIndex) throws IOException {
        if (orders.doneThrough(logIndex)) {
            // The next range begins anywhere.
            againSlot = NO_RANGE;
        }
    }

    /**
     * Goes on from what is settled.
     *
     * @param slot the first that is not settled
     * @param taken what is behind it and was taken all the same: it does not come again
     */
    void goBack(long slot, Collection<OnTheWay> taken) {
        nextSlot = slot;
        nextPart = 0;
        againSlot = NO_RANGE;
        for (OnTheWay each : taken) {
            if (each.again) {
                againSlot = each.last ? each.slot + 1 : each.slot;
                againPart = each.last ? 0 : each.place.part() + 1;
            } else {
                nextSlot = each.last ? each.slot + 1 : each.slot;
                nextPart = each.last ? 0 : each.place.part() + 1;
            }
        }
    }
}
