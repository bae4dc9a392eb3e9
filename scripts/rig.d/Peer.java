package ansim.rig;

import ansim.journal.Entry;
import ansim.journal.Journal;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.journal.JournalReader;
import ansim.journal.Stored;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * One store of {@code scripts/rig/peers}: {@code write KIND WHERE PACE_MS ACKNOWLEDGED} puts numbered events of {@value #BYTES} bytes into
 * it and notes each one after the store's own acknowledgement; {@code read KIND WHERE ACKNOWLEDGED} prints how many of those are missing.
 */
public final class Peer {
    static final int BYTES = 300;
    private static final int NUMBER = 12;

    private interface Store {
        void put(byte[] event) throws Exception;
    }

    private Peer() {}

    public static void main(String[] args) throws Exception {
        if (args[0].equals("write")) {
            write(open(args[1], args[2]), Integer.parseInt(args[3]), Path.of(args[4]));
        }
        Set<Long> there = args[1].equals("journal")
                ? journal(Path.of(args[2]))
                : args[1].startsWith("sqlite") ? sqlite(Path.of(args[2])) : lines(Path.of(args[2]));
        Set<Long> acknowledged = lines(Path.of(args[3]));
        long lost = acknowledged.stream().filter(n -> !there.contains(n)).count();
        System.out.println(acknowledged.size() + " " + lost);
    }

    private static void write(Store store, int paceMs, Path acknowledged) throws Exception {
        Random random = new Random(1);
        try (FileOutputStream out = new FileOutputStream(acknowledged.toFile(), true)) {
            for (long n = 1; ; n++) {
                StringBuilder text = new StringBuilder(String.format("%0" + NUMBER + "d", n));
                while (text.length() < BYTES) {
                    text.append((char) ('a' + random.nextInt(26)));
                }
                store.put(text.toString().getBytes(StandardCharsets.US_ASCII));
                out.write((n + "\n").getBytes(StandardCharsets.US_ASCII));
                LockSupport.parkNanos(paceMs * 1_000_000L);
            }
        }
    }

    private static Store open(String kind, String where) throws Exception {
        if (kind.equals("journal")) {
            Journal journal = Journal.open(Path.of(where), JournalOptions.unit(1024 * 1024), JournalFiles.real());
            return event -> journal.append(Entry.message(event));
        }
        if (kind.startsWith("sqlite")) {
            Connection database = connect(Path.of(where));
            try (Statement set = database.createStatement()) {
                if (kind.contains("wal")) {
                    set.execute("pragma journal_mode=wal");
                }
                set.execute("pragma synchronous=" + (kind.endsWith("normal") ? "normal" : "full"));
                set.execute("create table if not exists spooler (id integer primary key autoincrement, message blob)");
            }
            return event -> {
                try (PreparedStatement insert = database.prepareStatement("insert into spooler (message) values (?)")) {
                    insert.setBytes(1, event);
                    insert.executeUpdate();
                }
            };
        }
        MqttClient client = new MqttClient(where, "rig", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        client.connect(options);
        return event -> client.publish("e/rig", event, 1, false);
    }

    private static Connection connect(Path folder) throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("spooler.db"));
    }

    private static Set<Long> journal(Path folder) throws Exception {
        Set<Long> found = new HashSet<>();
        try (Journal journal = Journal.open(folder, JournalOptions.unit(1024 * 1024), JournalFiles.real());
                JournalReader reader = journal.reader(1)) {
            for (Optional<Stored> next = reader.next(); next.isPresent(); next = reader.next()) {
                found.add(number(new String(next.get().payload(), StandardCharsets.US_ASCII)));
            }
        }
        return found;
    }

    private static Set<Long> sqlite(Path folder) throws Exception {
        Set<Long> found = new HashSet<>();
        try (Connection database = connect(folder);
                Statement query = database.createStatement();
                ResultSet rows = query.executeQuery("select message from spooler")) {
            while (rows.next()) {
                found.add(number(new String(rows.getBytes(1), StandardCharsets.US_ASCII)));
            }
        } catch (java.sql.SQLException nothingThere) {
            System.err.println("sqlite: " + nothingThere.getMessage());
        }
        return found;
    }

    private static Set<Long> lines(Path file) throws Exception {
        Set<Long> found = new HashSet<>();
        for (String line : Files.readString(file, StandardCharsets.ISO_8859_1).split("\n")) {
            if (!line.isEmpty()) {
                found.add(number(line));
            }
        }
        return found;
    }

    private static long number(String text) {
        return Long.parseLong(text.substring(0, Math.min(NUMBER, text.length())));
    }
}
