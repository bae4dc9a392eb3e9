package ansim.hub.model;

import ansim.hub.model.Action.Rule;
import ansim.hub.model.Exhaustive.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Random schedules, each with a fair end. A share of them is run beside the real hub's rules. A broken promise is shrunk: every action is left
 * out that is not needed for it.
 */
final class Schedules {
    /** Of so many schedules one is compared with {@code ansim.hub.core}. */
    static final int COMPARED_EVERY = 50;

    private static final int FAULT_EVERY = 5;
    private static final int GUESSES = 1_000;
    private static final Rule[] RULES = Rule.values();

    private final Setting setting;
    private final int length;
    private final long seed;
    private final RealHub.Compared real = new RealHub.Compared();
    private long actions;
    private long crashes;
    private long acknowledged;
    private int roundsMax;
    private int compared;

    /** What came of it. */
    record Result(
            Setting setting,
            int schedules,
            long actions,
            long crashes,
            long acknowledged,
            int compared,
            long decisions,
            int roundsMax,
            Optional<Found> found) {}

    Schedules(Setting setting, int length, long seed) {
        this.setting = setting;
        this.length = length;
        this.seed = seed;
    }

    Result run(int schedules) {
        for (int i = 0; i < schedules; i++) {
            Random random = new Random(seed * 1_000_003 + i);
            boolean comparing = i % COMPARED_EVERY == 0 && setting.broken() == Broken.NONE;
            World world = new World(setting, comparing ? real : RealHub.NONE);
            compared += comparing ? 1 : 0;
            List<Action> done = new ArrayList<>(length);
            try {
                Action action = choose(world, random);
                while (done.size() < length && action != null) {
                    done.add(action);
                    world.apply(action);
                    action = choose(world, random);
                }
                roundsMax = Math.max(roundsMax, Drain.run(world));
            } catch (Violation violation) {
                return result(i + 1, Optional.of(shrink(violation, done)));
            }
            actions += done.size();
            crashes += world.crashes;
            acknowledged += world.promises.acknowledged();
        }
        return result(schedules, Optional.empty());
    }

    private Result result(int schedules, Optional<Found> found) {
        return new Result(
                setting, schedules, actions, crashes, acknowledged, compared, real.decisions, roundsMax, found);
    }

    /** Faults are rarer. Null when a thousand guesses found nothing to do. */
    private static Action choose(World world, Random random) {
        for (int i = 0; i < GUESSES; i++) {
            Rule rule = RULES[random.nextInt(RULES.length)];
            int limit = world.limit(rule);
            if (limit == 0 || (rule.fault && random.nextInt(FAULT_EVERY) > 0)) {
                continue;
            }
            int at = random.nextInt(limit);
            if (world.enabled(rule, at)) {
                return new Action(rule, at);
            }
        }
        return null;
    }

    private Found shrink(Violation violation, List<Action> schedule) {
        List<Action> shortest = new ArrayList<>(schedule);
        Violation last = violation;
        boolean shorter = true;
        while (shorter) {
            shorter = false;
            for (int i = shortest.size() - 1; i >= 0; i--) {
                List<Action> without = new ArrayList<>(shortest);
                without.remove(i);
                Optional<Violation> still = play(without);
                if (still.isPresent() && still.get().of == violation.of) {
                    shortest = without;
                    last = still.get();
                    shorter = true;
                }
            }
        }
        return new Found(last, shortest);
    }

    /** Actions that are not possible any more are passed over. */
    private Optional<Violation> play(List<Action> schedule) {
        World world = new World(setting, setting.broken() == Broken.NONE ? new RealHub.Compared() : RealHub.NONE);
        try {
            for (Action action : schedule) {
                if (world.enabled(action.rule(), action.at())) {
                    world.apply(action);
                }
            }
            Drain.run(world);
            return Optional.empty();
        } catch (Violation violation) {
            return Optional.of(violation);
        }
    }
}
