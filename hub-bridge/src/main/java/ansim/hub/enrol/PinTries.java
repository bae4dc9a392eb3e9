package ansim.hub.enrol;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Wrong PINs of fitters: by address as {@link Tries}, in a table that no box fills, and over all addresses, since whoever has a network of
 * IPv6 has as many addresses as he likes. After {@value #MOST_IN_AN_HOUR} wrong ones within an hour only {@value #A_SECOND} tries a
 * second are looked at, right or wrong: with twelve digits and a hundred PINs open that finds one in some 60 years, and a fitter comes in
 * with the next try. Any thread.
 */
final class PinTries {
    static final int MOST_IN_AN_HOUR = 100;
    static final int A_SECOND = 5;

    private static final long HOUR_MS = Duration.ofHours(1).toMillis();
    private static final long SECOND_MS = 1_000;

    private final Tries byAddress;
    private final InstantSource clock;
    private final Window wrong = new Window(HOUR_MS);
    private final Window looked = new Window(SECOND_MS);

    PinTries(InstantSource clock) {
        this.byAddress = new Tries(clock);
        this.clock = clock;
    }

    /** How many within a time that begins with the first of them. */
    private static final class Window {
        private final long lengthMs;
        private long beganMs;
        private int many;

        Window(long lengthMs) {
            this.lengthMs = lengthMs;
        }

        int many(long nowMs) {
            // A clock that was set back begins anew, too.
            return nowMs - beganMs >= lengthMs || nowMs < beganMs ? 0 : many;
        }

        void count(long nowMs) {
            int before = many(nowMs);
            beganMs = before == 0 ? nowMs : beganMs;
            many = before + 1;
        }
    }

    /** Refuses an address that has tried too often, and whoever comes when too many are wrong. */
    synchronized void check(String address) throws Denied {
        byAddress.check(List.of(address));
        long nowMs = clock.millis();
        if (wrong.many(nowMs) < MOST_IN_AN_HOUR) {
            return;
        }
        if (looked.many(nowMs) >= A_SECOND) {
            throw new Denied(Denied.Reason.BUSY);
        }
        looked.count(nowMs);
    }

    /** One more. */
    synchronized void wrong(String address) {
        byAddress.wrong(List.of(address));
        wrong.count(clock.millis());
    }
}
