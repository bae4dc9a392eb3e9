package ansim.hub.model;

import ansim.hub.model.Action.Rule;

/** The fair end of a schedule: no more faults, and everybody does what is to be done, in turn. It must come to rest. */
final class Drain {
    /** Rounds at most; ten times what a quiet end takes. */
    static final int ROUNDS = 40;

    private Drain() {}

    /** Returns the rounds it took. */
    static int run(World world) {
        for (int round = 0; round < ROUNDS; round++) {
            if (round > 0 && atRest(world)) {
                world.promises.checkAtRest(world.hub);
                return round;
            }
            round(world);
        }
        throw new Violation(Violation.Of.DEADLOCK, "not at rest after " + ROUNDS + " fair rounds");
    }

    private static boolean atRest(World world) {
        return world.up.isEmpty() && world.down.isEmpty() && world.unit.rests();
    }

    private static void round(World world) {
        forceUnit(world);
        world.apply(new Action(Rule.RECONNECT, 0));
        boolean sent = true;
        while (sent) {
            sent = false;
            for (int chain = 0; chain < world.chains(); chain++) {
                if (world.unit.chain(chain) != null && world.unit.maySend(world.unit.chain(chain))) {
                    world.apply(new Action(Rule.SEND, chain));
                    sent = true;
                }
            }
            forceUnit(world);
            while (!world.up.isEmpty()) {
                world.apply(new Action(Rule.ARRIVE, 0));
            }
        }
        if (world.hub.forced < world.hub.log.size()) {
            world.apply(new Action(Rule.HUB_FORCE, 0));
        }
        if (world.hub.mayAnswer()) {
            world.apply(new Action(Rule.RECEIPT, 0));
        }
        while (!world.down.isEmpty()) {
            world.apply(new Action(Rule.TAKE_RECEIPT, 0));
        }
        forceUnit(world);
    }

    private static void forceUnit(World world) {
        for (int lane = 1; lane <= world.setting.lanes(); lane++) {
            if (world.unit.unforced(lane)) {
                world.apply(new Action(Rule.FORCE, lane));
            }
        }
    }
}
