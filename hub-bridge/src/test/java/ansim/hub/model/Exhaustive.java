package ansim.hub.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Every state that a setting can reach, breadth first, each once, and from each a fair end. What it finds first is a shortest schedule.
 */
final class Exhaustive {
    private final Setting setting;
    private final int depthMax;
    private final int statesMax;
    private final Seen seen = new Seen();
    private int[] parents = new int[1024];
    private Action[] actions = new Action[1024];
    private int states;

    /** What came of it. */
    record Result(
            Setting setting,
            int states,
            long transitions,
            int depth,
            boolean whole,
            int roundsMax,
            Optional<Found> found) {}

    /** A broken promise and what led to it. */
    record Found(Violation violation, List<Action> schedule) {}

    /** A set of 64-bit keys. */
    private static final class Seen {
        private long[] slots = new long[1 << 12];
        private int size;

        boolean add(long key) {
            if (2 * size > slots.length) {
                long[] old = slots;
                slots = new long[2 * old.length];
                for (long each : old) {
                    if (each != 0) {
                        put(each);
                    }
                }
            }
            boolean added = put(key == 0 ? 1 : key);
            size += added ? 1 : 0;
            return added;
        }

        private boolean put(long key) {
            int at = (int) (key & (slots.length - 1));
            while (slots[at] != 0) {
                if (slots[at] == key) {
                    return false;
                }
                at = (at + 1) & (slots.length - 1);
            }
            slots[at] = key;
            return true;
        }
    }

    Exhaustive(Setting setting, int depthMax, int statesMax) {
        this.setting = setting;
        this.depthMax = depthMax;
        this.statesMax = statesMax;
    }

    private record Node(World world, int number) {}

    Result run() {
        World first = new World(setting, RealHub.NONE);
        seen.add(first.key());
        List<Node> level = List.of(new Node(first, remember(-1, null)));
        long transitions = 0;
        int roundsMax = 0;
        int depth = 0;
        while (!level.isEmpty() && depth < depthMax && states < statesMax) {
            List<Node> next = new ArrayList<>();
            for (Node node : level) {
                for (Action action : node.world.enabled()) {
                    transitions++;
                    try {
                        World world = node.world.copy();
                        world.apply(action);
                        if (states < statesMax && seen.add(world.key())) {
                            next.add(new Node(world, remember(node.number, action)));
                            roundsMax = Math.max(roundsMax, Drain.run(world.copy()));
                        }
                    } catch (Violation violation) {
                        Found found = new Found(violation, schedule(node.number, action));
                        return new Result(
                                setting, states, transitions, depth + 1, false, roundsMax, Optional.of(found));
                    }
                }
            }
            level = next;
            depth++;
        }
        return new Result(setting, states, transitions, depth, level.isEmpty(), roundsMax, Optional.empty());
    }

    private int remember(int parent, Action action) {
        if (states == parents.length) {
            parents = Arrays.copyOf(parents, 2 * states);
            actions = Arrays.copyOf(actions, 2 * states);
        }
        parents[states] = parent;
        actions[states] = action;
        return states++;
    }

    private List<Action> schedule(int node, Action last) {
        List<Action> schedule = new ArrayList<>(List.of(last));
        for (int at = node; parents[at] >= 0; at = parents[at]) {
            schedule.add(actions[at]);
        }
        Collections.reverse(schedule);
        return schedule;
    }
}
