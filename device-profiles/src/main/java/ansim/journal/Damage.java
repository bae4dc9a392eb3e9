package ansim.journal;

import ansim.journal.Recovery.Lost;
import java.util.ArrayList;
import java.util.List;

/** Collects what was found damaged. Thread-safe. */
final class Damage {
    /** Beyond this many ranges the two nearest are reported as one, with what lies between them. */
    static final int MAX_RANGES = 1024;

    private final List<Lost> lost = new ArrayList<>();
    private final List<String> movedAside = new ArrayList<>();
    private boolean clean = true;

    synchronized void uncleanTail() {
        clean = false;
    }

    synchronized void movedAside(String name) {
        if (!movedAside.contains(name)) {
            movedAside.add(name);
        }
    }

    /** Merges with what is known already. */
    synchronized void lost(long first, long last) {
        if (first > last) {
            return;
        }
        long from = first;
        long through = last;
        int at = 0;
        while (at < lost.size() && lost.get(at).last() < from - 1) {
            at++;
        }
        while (at < lost.size() && lost.get(at).first() <= through + 1) {
            Lost known = lost.remove(at);
            from = Math.min(from, known.first());
            through = Math.max(through, known.last());
        }
        lost.add(at, new Lost(from, through));
        if (lost.size() > MAX_RANGES) {
            joinNearest();
        }
    }

    private void joinNearest() {
        int nearest = 1;
        for (int i = 2; i < lost.size(); i++) {
            if (gapBefore(i) < gapBefore(nearest)) {
                nearest = i;
            }
        }
        Lost right = lost.remove(nearest);
        lost.set(nearest - 1, new Lost(lost.get(nearest - 1).first(), right.last()));
    }

    private long gapBefore(int i) {
        return lost.get(i).first() - lost.get(i - 1).last();
    }

    synchronized Recovery snapshot() {
        return new Recovery(clean, lost, movedAside);
    }
}
