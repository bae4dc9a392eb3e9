package ansim.hub.model;
final class Explore {
    private Explore() {}
    public static void main(String[] args) {
        int n = Integer.parseInt(args[0]);
        int max = Integer.parseInt(args[1]);
        for (Setting s : Settings.TINY) {
            long t = System.nanoTime();
            Exhaustive.Result r = new Exhaustive(s, 200, max).run();
            System.out.println(s.name() + " states " + r.states() + " tr " + r.transitions() + " depth " + r.depth() + " whole " + r.whole() + " rounds " + r.roundsMax() + " " + (System.nanoTime() - t) / 1000000 + " ms " + r.found());
        }
        for (Setting s : Settings.LARGE) {
            long t = System.nanoTime();
            Schedules.Result r = new Schedules(s, 60, 1).run(n);
            System.out.println(s.name() + " " + (System.nanoTime() - t) / 1000000 + " ms " + r);
        }
        for (Broken b : Broken.values()) {
            for (Setting s : Settings.TINY) {
                if (b == Broken.NONE) continue;
                long t = System.nanoTime();
                Exhaustive.Result r = new Exhaustive(s.breaking(b), 200, max).run();
                System.out.println(b + " " + s.name() + " " + (System.nanoTime() - t) / 1000000 + " ms " + r.states() + " " + r.found().map(f -> f.violation().getMessage() + f.schedule()));
            }
            for (Setting s : Settings.LARGE) {
                if (b == Broken.NONE) continue;
                Schedules.Result r = new Schedules(s.breaking(b), 60, 1).run(n);
                System.out.println(b + " " + s.name() + " after " + r.schedules() + " " + r.found().map(f -> f.violation().getMessage() + f.schedule()));
            }
        }
    }
}
