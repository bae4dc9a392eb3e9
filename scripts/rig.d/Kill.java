import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** {@code kill -9} of agents, hub and centres at random moments under load, alone and together. See scripts/rig/kill. */
final class Kill {
    private static final int TAXIS = 2;
    private static final int POLES = 2;
    private static final int WARM_UP_MS = 3_000;
    private static final int AGENT_PAUSE_MS = 1_800;
    private static final int HUB_PAUSE_MS = 2_500;
    private static final int BROKER_PAUSE_MS = 5_000;
    /** Of the hub's kills: an agent at the same moment, a centre at the same moment. */
    private static final int TOGETHER_IN = 3;

    private static final int CENTRE_IN = 4;
    private static final int PROGRESS_S = 10;
    private static final Duration DRAIN = Duration.ofMinutes(10);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final City city;
    private final int kills;
    private final long seed;
    private final AtomicInteger agentKills = new AtomicInteger();
    private final AtomicInteger hubKills = new AtomicInteger();
    private final AtomicInteger centreKills = new AtomicInteger();
    private final AtomicInteger brokerKills = new AtomicInteger();
    private final AtomicInteger together = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final List<Thread> starting = Collections.synchronizedList(new ArrayList<>());

    private Kill(City city, int kills, long seed) {
        this.city = city;
        this.kills = kills;
        this.seed = seed;
    }

    public static void main(String[] args) throws Exception {
        int kills = Integer.parseInt(args[1]);
        long seed = Long.parseLong(args[2]);
        int code;
        boolean broker = Boolean.parseBoolean(args[3]);
        Path dir = Path.of(args[0]);
        try (City city = broker ? City.behindMosquitto(dir) : new City(dir)) {
            code = new Kill(city, kills, seed).run();
        }
        System.exit(code);
    }

    private int run() throws Exception {
        long startNs = System.nanoTime();
        for (int i = 0; i < TAXIS + POLES; i++) {
            boolean taxi = i < TAXIS;
            String name = taxi ? "taxi-" + (i + 1) : "pole-" + (i - TAXIS + 1);
            City.SimUnit unit = city.unit(name, taxi, city.dir.resolve("units/" + name + "/data"), seed + i);
            unit.people().start();
            started(unit.startAgent(), unit.name());
        }
        Thread.sleep(WARM_UP_MS);
        Thread agents = thread("agents", this::killAgents);
        Thread hubs = thread("hub", this::killHub);
        Thread brokers = thread("broker", this::killBroker);
        for (Instant tell = Instant.now(); agents.isAlive() || hubs.isAlive() || brokers.isAlive(); Thread.sleep(200)) {
            if (Instant.now().isAfter(tell)) {
                tell = Instant.now().plusSeconds(PROGRESS_S);
                out.printf("kills so far: agents %d, hub %d, centres %d%n", agentKills.get(), hubKills.get(), centreKills.get());
            }
        }
        for (Thread each : List.copyOf(starting)) {
            each.join();
        }
        return verdict(startNs);
    }

    /** Everybody up, nobody does anything more, everything delivered. */
    private int verdict(long startNs) throws Exception {
        List<City.SimUnit> units = List.copyOf(city.units);
        for (City.SimUnit unit : units) {
            unit.people().end(STOP);
        }
        Verdict verdict = new Verdict(city);
        for (City.SimUnit unit : units) {
            if (!Verdict.drained(unit, DRAIN)) {
                verdict.errors.add(unit.name() + " still holds messages: " + unit.status());
            }
        }
        if (failed.get() > 0) {
            verdict.errors.add(failed.get() + " starts after a kill failed: see " + city.dir.resolve("logs"));
        }
        verdict.rows.put("kill -9: agents / hub / centres", agentKills + " / " + hubKills + " / " + centreKills);
        if (city.broker.isPresent()) {
            verdict.rows.put("kill -9 of the broker, with what it had PUBACKed", brokerKills.toString());
            verdict.json.put("brokerKills", brokerKills.get());
        }
        verdict.rows.put("of them agent and hub at the same moment", together.toString());
        verdict.rows.put("starts failed (must be 0)", failed.toString());
        verdict.json.put("rig", "kill").put("seed", seed).put("agentKills", agentKills.get()).put("hubKills", hubKills.get());
        verdict.json.put("centreKills", centreKills.get()).put("together", together.get()).put("startsFailed", failed.get());
        verdict.json.put("seconds", (System.nanoTime() - startNs) / 1_000_000_000);
        return verdict.tell("kill", generation());
    }

    /** The generation that the hub named at its first start. */
    private long generation() throws IOException {
        return City.generation(city.hub.log());
    }

    private interface Killing {
        void run() throws IOException, InterruptedException;
    }

    private Thread thread(String name, Killing killing) {
        Thread thread = new Thread(
                () -> {
                    try {
                        killing.run();
                    } catch (IOException | InterruptedException e) {
                        failed.incrementAndGet();
                        out.println("Error: " + name + ": " + e);
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void killAgents() throws IOException, InterruptedException {
        Random random = new Random(seed * 31 + 1);
        while (agentKills.get() < kills) {
            Thread.sleep(random.nextInt(AGENT_PAUSE_MS));
            City.SimUnit unit = city.units.get(random.nextInt(city.units.size()));
            synchronized (unit) {
                unit.agent().kill();
                agentKills.incrementAndGet();
                started(unit.startAgent(), unit.name());
            }
        }
    }

    private void killHub() throws IOException, InterruptedException {
        Random random = new Random(seed * 31 + 2);
        while (hubKills.get() < kills) {
            Thread.sleep(random.nextInt(HUB_PAUSE_MS));
            int centre = random.nextInt(CENTRE_IN * city.centres.size());
            Optional<City.SimUnit> with = random.nextInt(TOGETHER_IN) == 0
                    ? Optional.of(city.units.get(random.nextInt(city.units.size())))
                    : Optional.empty();
            if (with.isPresent()) {
                killTogether(with.get());
            } else {
                city.hub.kill();
            }
            hubKills.incrementAndGet();
            if (centre < city.centres.size()) {
                city.centres.get(centre).kill();
                centreKills.incrementAndGet();
                started(city.startCentre(centre), city.centres.get(centre).name());
            }
            started(city.startHub(), "hub");
        }
    }

    /** Half as often as the hub; nothing when there is none. */
    private void killBroker() throws IOException, InterruptedException {
        Random random = new Random(seed * 31 + 3);
        while (city.broker.isPresent() && brokerKills.get() < (kills + 1) / 2) {
            Thread.sleep(random.nextInt(BROKER_PAUSE_MS));
            city.broker.get().kill();
            brokerKills.incrementAndGet();
            started(city.startBroker(), "mosquitto");
        }
    }

    /** The agent starts again by itself, so that either may be there first. */
    private void killTogether(City.SimUnit unit) throws InterruptedException {
        CountDownLatch killed = new CountDownLatch(1);
        starting.add(thread(unit.name() + "-starts", () -> {
            synchronized (unit) {
                unit.agent().kill();
                killed.countDown();
                agentKills.incrementAndGet();
                started(unit.startAgent(), unit.name());
            }
        }));
        killed.await();
        city.hub.kill();
        together.incrementAndGet();
    }

    private void started(boolean well, String name) {
        if (!well) {
            failed.incrementAndGet();
            out.println("Error: " + name + " did not start; see " + city.dir.resolve("logs"));
        }
    }
}
