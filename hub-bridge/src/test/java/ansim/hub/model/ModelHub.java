package ansim.hub.model;

import ansim.hub.model.Answer.Named;
import ansim.hub.model.Message.Told;
import java.util.ArrayList;
import java.util.List;

/**
 * The hub: its log, and CONTRACT's rules read off the log anew for every decision, so that nothing here can be remembered wrongly. That the
 * rules are those of {@code ansim.hub.core.Step} is what {@link RealHub} checks.
 */
final class ModelHub {
    /** Chains of a lane that a receipt can name. */
    private static final int CHAINS_IN_RECEIPT = 4;

    private final Broken broken;
    final List<Entry> log = new ArrayList<>();
    int forced;
    int generation = 1;
    boolean due;
    final List<Due> singles = new ArrayList<>();

    /** What the step makes of a message: the names are those of {@code ansim.hub.core.Disposition}. */
    enum Disposition {
        STORED,
        FORK,
        DUPLICATE,
        HOLE
    }

    /**
     * A place in the log.
     *
     * @param message null for a founding: the hub was restored here
     * @param onSide did not raise the chain's last number
     */
    record Entry(Message message, boolean onSide) {
        static final Entry FOUNDING = new Entry(null, false);
    }

    /** A decision: {@code behind} is the flag. */
    record Decided(Disposition disposition, boolean behind) {}

    /** As in {@code ReceiptsDue}. */
    record Due(Named named, Disposition disposition, boolean alone) {}

    ModelHub(Broken broken) {
        this.broken = broken;
    }

    ModelHub copy() {
        ModelHub copy = new ModelHub(broken);
        copy.log.addAll(log);
        copy.forced = forced;
        copy.generation = generation;
        copy.due = due;
        copy.singles.addAll(singles);
        return copy;
    }

    /** {@code Step.decide}. */
    Decided decide(Message message) {
        int lastN = 0;
        boolean same = false;
        boolean other = false;
        for (Entry entry : log) {
            Message stored = entry.message;
            if (stored != null && stored.chain() == message.chain()) {
                lastN = entry.onSide ? lastN : stored.n();
                if (stored.n() == message.n()) {
                    same |= stored.bytes() == message.bytes();
                    other |= stored.bytes() != message.bytes();
                }
            }
        }
        if (message.n() > lastN) {
            boolean placed = covered(message.chain(), lastN, message.n()) || broken == Broken.HOLE_STORED;
            return new Decided(placed ? Disposition.STORED : Disposition.HOLE, false);
        }
        if (same) {
            return new Decided(broken == Broken.DUPLICATE_STORED ? Disposition.FORK : Disposition.DUPLICATE, false);
        }
        return other ? new Decided(Disposition.FORK, false) : new Decided(Disposition.STORED, true);
    }

    private boolean covered(int chain, int lastN, int n) {
        for (int number = lastN + 1; number < n; number++) {
            if (!named(chain, number)) {
                return false;
            }
        }
        return true;
    }

    /** Whether a stored gap record that counts names the number. */
    boolean named(int chain, int n) {
        boolean restored = false;
        boolean started = false;
        for (Entry entry : log) {
            Message stored = entry.message;
            if (stored == null) {
                restored = true;
                continue;
            }
            Told gap = stored.gap();
            boolean permitted = gap.reason() != Message.RECEIPTED_EARLIER || restored || !started;
            if (gap.names(chain, n) && permitted) {
                return true;
            }
            started |= stored.chain() == chain && !entry.onSide;
        }
        return false;
    }

    /** The message arrives: decided, and written but not forced. */
    Decided arrive(Message message) {
        Decided decided = decide(message);
        boolean alone = decided.disposition == Disposition.FORK || decided.behind;
        due = true;
        if (decided.disposition == Disposition.STORED || decided.disposition == Disposition.FORK) {
            log.add(new Entry(message, alone));
        }
        if (decided.disposition != Disposition.HOLE) {
            add(new Due(Named.of(message), decided.disposition, alone));
        }
        return decided;
    }

    private void add(Due made) {
        for (int i = 0; i < singles.size(); i++) {
            Due old = singles.get(i);
            boolean sameKey = old.named.chain() == made.named.chain()
                    && old.alone == made.alone
                    && (made.alone ? old.named.bytes() == made.named.bytes() : old.disposition == made.disposition);
            if (sameKey) {
                if (made.named.n() >= old.named.n()) {
                    singles.set(i, made);
                }
                return;
            }
        }
        singles.add(made);
    }

    /** {@code Committer}: whatever was decided is forced before anything is answered. */
    boolean mayAnswer() {
        return due && (forced == log.size() || broken == Broken.RECEIPT_BEFORE_FSYNC);
    }

    /** {@code ReceiptsDue.take}: the newest of each chain, and what that does not say. */
    List<Answer> answer() {
        List<Answer> answers = new ArrayList<>(2);
        List<Named> whole = whole();
        answers.add(new Answer(generation, whole));
        List<Named> rest = new ArrayList<>();
        for (Due each : singles) {
            if (!says(whole, each)) {
                rest.add(each.named);
            }
        }
        if (!rest.isEmpty()) {
            answers.add(new Answer(generation, rest));
        }
        due = false;
        singles.clear();
        return answers;
    }

    private static boolean says(List<Named> whole, Due due) {
        for (Named each : whole) {
            boolean beyond = due.disposition == Disposition.STORED
                    && each.chain() == due.named.chain()
                    && each.n() >= due.named.n();
            if (beyond || each.equals(due.named)) {
                return true;
            }
        }
        return false;
    }

    /** {@code UnitState.receipt}: the chains heard of last, four of each lane. */
    List<Named> whole() {
        List<Named> whole = new ArrayList<>(4);
        int[] count = new int[4];
        long seen = 0;
        for (int i = log.size() - 1; i >= 0; i--) {
            Message newest = log.get(i).message;
            if (newest == null || (seen & 1L << newest.chain()) != 0) {
                continue;
            }
            seen |= 1L << newest.chain();
            Message last = lastInOrder(newest.chain(), i);
            if (last != null && count[newest.lane()]++ < CHAINS_IN_RECEIPT) {
                whole.add(Named.of(last));
            }
        }
        return whole;
    }

    private Message lastInOrder(int chain, int from) {
        for (int i = from; i >= 0; i--) {
            Entry entry = log.get(i);
            if (entry.message != null && !entry.onSide && entry.message.chain() == chain) {
                return entry.message;
            }
        }
        return null;
    }

    void crash() {
        cut(forced);
    }

    /** {@code hub-bridge restore}. */
    void restored(int entries, int raised) {
        cut(entries);
        generation = raised;
        log.add(Entry.FOUNDING);
        forced = log.size();
    }

    private void cut(int entries) {
        log.subList(entries, log.size()).clear();
        forced = log.size();
        due = false;
        singles.clear();
    }

    /** The bytes in the first entries, as a set. */
    long held(int entries) {
        long held = 0;
        for (int i = 0; i < entries; i++) {
            Message message = log.get(i).message;
            held |= message == null ? 0 : message.bit();
        }
        return held;
    }

    long mix() {
        long mixed = forced * 64L + generation * 2L + (due ? 1 : 0);
        for (Entry entry : log) {
            mixed = Mix.of(mixed, entry.message == null ? 1 : entry.message.mix());
        }
        for (Due each : singles) {
            mixed = Mix.of(
                    mixed, each.named.hashCode(), each.disposition.name().hashCode() * 2L + (each.alone ? 1 : 0));
        }
        return mixed;
    }
}
