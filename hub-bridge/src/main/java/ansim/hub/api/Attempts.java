package ansim.hub.api;

import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Wrong passwords, counted in three ways: {@value #FROM_ONE_PLACE} for one name from one address close that pair,
 * {@value #OF_ONE_ADDRESS} from one address close the address, {@value #OF_ONE_NAME} for one name from wherever close the name, each for 15
 * minutes after the last. So nobody can lock somebody else out with a handful of tries, and nobody can guess from many addresses for long.
 *
 * <p>Remembers at most {@value #REMEMBERED} of them; the one that tried longest ago is forgotten first. Any thread.
 */
final class Attempts {
    static final int FROM_ONE_PLACE = 5;
    static final int OF_ONE_ADDRESS = 20;
    static final int OF_ONE_NAME = 100;
    static final int REMEMBERED = 10_000;
    static final Duration CLOSED = Duration.ofMinutes(15);

    private record Key(String who, int most) {}

    private record Wrong(int times, long lastMs) {}

    private final InstantSource clock;
    private final Map<Key, Wrong> wrong = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Wrong> eldest) {
            return size() > REMEMBERED;
        }
    };

    Attempts(InstantSource clock) {
        this.clock = clock;
    }

    private static List<Key> keys(String name, String address) {
        return List.of(
                new Key("p " + name + " " + address, FROM_ONE_PLACE),
                new Key("a " + address, OF_ONE_ADDRESS),
                new Key("n " + name, OF_ONE_NAME));
    }

    /**
     * Counts a try before its password is looked at: many at once get no more of them than one after another.
     *
     * @return false when it is one too many
     */
    synchronized boolean begin(String name, String address) {
        long nowMs = clock.millis();
        for (Key each : keys(name, address)) {
            Wrong tried = wrong.get(each);
            if (tried != null && tried.times() >= each.most() && goesOn(tried, nowMs)) {
                return false;
            }
        }
        for (Key each : keys(name, address)) {
            Wrong before = wrong.get(each);
            wrong.put(each, new Wrong(before != null && goesOn(before, nowMs) ? before.times() + 1 : 1, nowMs));
        }
        return true;
    }

    /** It was right: this pair begins anew, and the other two have one less. */
    synchronized void right(String name, String address) {
        for (Key each : keys(name, address)) {
            Wrong counted = wrong.remove(each);
            if (counted != null && counted.times() > 1 && each.most() != FROM_ONE_PLACE) {
                wrong.put(each, new Wrong(counted.times() - 1, counted.lastMs()));
            }
        }
    }

    private static boolean goesOn(Wrong tried, long nowMs) {
        return nowMs - tried.lastMs() < CLOSED.toMillis();
    }
}
