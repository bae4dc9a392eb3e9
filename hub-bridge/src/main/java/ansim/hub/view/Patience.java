package ansim.hub.view;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long a page of a list is looked for. It ends between two steps, of which there is always one: whoever goes on comes to the end, however
 * slow the disk is. Any thread.
 *
 * @param page from its beginning on
 * @param nanos a clock that only goes forward, such as {@link System#nanoTime}
 */
public record Patience(Duration page, LongSupplier nanos) {
    /** Well below what whoever asks waits for an answer. */
    public static final Patience USUAL = new Patience(Duration.ofSeconds(3), System::nanoTime);

    /** One page. */
    record Page(long begunNanos, Patience patience) {
        boolean isOver() {
            return patience.nanos.getAsLong() - begunNanos > patience.page.toNanos();
        }
    }

    Page begin() {
        return new Page(nanos.getAsLong(), this);
    }
}
