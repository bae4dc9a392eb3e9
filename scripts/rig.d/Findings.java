package ansim.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What one damaged store came to. */
public final class Findings {
    public final List<Mutation> mutations = new ArrayList<>();
    /** Figures by name. */
    public final Map<String, Long> counts = new TreeMap<>();
    /** What must never be; each with where. */
    public final List<String> faults = new ArrayList<>();

    public boolean refused;
    /** The store's files, by path, before and after the damage. */
    public Map<String, byte[]> made = Map.of();

    public Map<String, byte[]> damaged = Map.of();

    public void count(String what, long n) {
        counts.merge(what, n, Long::sum);
    }

    /** Records a broken promise. */
    public void fault(String what, String where) {
        count("! " + what, 1);
        faults.add(what + ": " + where);
    }
}
