import ansim.hub.view.Database;
import ansim.hub.view.Registry;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How long a hub with many units takes from its start until its doors are open: the first time, when all of them go into the log, after a clean
 * stop, and after kill -9. The real program, as a process; the seconds are this machine's.
 */
final class StartCost {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final String[] DISTRICTS = {"11680", "11650", "11710", "11440", "11140"};

    private StartCost() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int units = Integer.parseInt(arguments[1]);
        Path data = Files.createDirectories(folder.resolve("data"));
        register(data.resolve("registry.db"), units);
        Path config = folder.resolve("hub.yaml");
        Files.writeString(config, """
                data: %s
                door: {listen: 127.0.0.1:0, insecure-plaintext: true}
                console: {listen: 127.0.0.1:0}
                """.formatted(data));
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                "ansim.hub.HubBridge",
                "run",
                "--config",
                config.toString());
        Program hub = new Program("hub", folder.resolve("hub.log"), command, Map.of());
        System.out.printf("%-28s %10s%n", "start with " + units + " units", "s to open");
        row("the first", hub);
        hub.end(PATIENCE);
        row("after a clean stop", hub);
        hub.kill();
        row("after kill -9", hub);
        hub.end(PATIENCE);
    }

    private static void row(String name, Program hub) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        hub.start();
        if (!hub.says("units connect to", PATIENCE)) {
            throw new IOException("the hub did not start: see hub.log");
        }
        System.out.printf("%-28s %10.1f%n", name, (System.nanoTime() - begun) / 1e9);
    }

    /** In one transaction: the import of so many is not what is measured. */
    private static void register(Path file, int units) throws IOException {
        Registry.open(file).close();
        try (Database database = Database.open(file, Database.Durability.FULL)) {
            long nowMs = System.currentTimeMillis();
            database.transaction(() -> {
                for (int i = 1; i <= units; i++) {
                    insert(database, i, nowMs);
                }
                return database.update("UPDATE sequence SET value = ?", units);
            });
        }
    }

    private static void insert(Database database, int number, long nowMs) throws IOException {
        VerifyKey key = SigningKey.generate(RANDOM).verifyKey();
        byte[] unit = new byte[16];
        RANDOM.nextBytes(unit);
        database.update(
                "INSERT INTO units (unit, vehicle, company, kind, district, grp, added_ms, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                unit,
                "서울 31바 " + number,
                "운수" + number % 250,
                "taxi",
                DISTRICTS[number % DISTRICTS.length],
                "조" + number % 40,
                nowMs + number,
                number);
        database.update(
                "INSERT INTO message_keys (unit, kid, public_key, registered_ms) VALUES (?, ?, ?, ?)",
                unit,
                key.kid().bytes(),
                key.spki(),
                nowMs);
    }
}
