package ansim.hub.vault;

import ansim.hub.vault.RideNotice.Kind;
import ansim.hub.view.Database;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import org.tinylog.Logger;

/** The tables of the vault's database, and the way from version 1, which knew contacts but no consent, and 2, without openings at the console. */
final class VaultSchema {
    private static final int VERSION = 3;
    private static final int ID_BYTES = 16;
    private static final String CONSOLE = """
            CREATE TABLE console_openings (line INTEGER PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE);
            CREATE INDEX console_openings_rider ON console_openings (rider);
            """;
    private static final String TABLES = """
            CREATE TABLE riders (
              id BLOB PRIMARY KEY, home TEXT NOT NULL, language TEXT NOT NULL, secret BLOB NOT NULL, suspended INTEGER NOT NULL,
              added_ms INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE cards (
              digest BLOB PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE) WITHOUT ROWID;
            CREATE INDEX cards_rider ON cards (rider);
            CREATE TABLE guardians (
              id BLOB PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE, channel TEXT NOT NULL,
              contact BLOB NOT NULL, subscriber BLOB, wants INTEGER NOT NULL, own INTEGER NOT NULL, every INTEGER NOT NULL);
            CREATE INDEX guardians_rider ON guardians (rider);
            CREATE INDEX guardians_subscriber ON guardians (subscriber) WHERE subscriber IS NOT NULL;
            CREATE TABLE consents (
              n INTEGER PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE, guardian BLOB,
              given INTEGER NOT NULL, by TEXT NOT NULL, from_ms INTEGER NOT NULL, recorded_ms INTEGER NOT NULL);
            CREATE INDEX consents_guardian ON consents (guardian, n);
            CREATE INDEX consents_rider ON consents (rider);
            CREATE TABLE handles (
              handle BLOB PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE, at_ms INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX handles_rider ON handles (rider);
            CREATE INDEX handles_at ON handles (at_ms);
            CREATE TABLE openings (line INTEGER PRIMARY KEY, rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE);
            CREATE INDEX openings_rider ON openings (rider);
            CREATE TABLE outbox (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,
              guardian BLOB NOT NULL REFERENCES guardians (id) ON DELETE CASCADE,
              rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE,
              handle BLOB, kind TEXT NOT NULL, alarm INTEGER NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, facts BLOB,
              handed_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL, tries INTEGER NOT NULL, done_ms INTEGER, why TEXT NOT NULL);
            CREATE INDEX outbox_waiting ON outbox (channel, alarm, seq) WHERE state = 'waiting';
            CREATE INDEX outbox_guardian ON outbox (guardian, alarm, seq) WHERE state = 'waiting';
            CREATE INDEX outbox_rider ON outbox (rider);
            CREATE INDEX outbox_handle ON outbox (handle);
            CREATE INDEX outbox_done ON outbox (done_ms) WHERE done_ms IS NOT NULL;
            CREATE TABLE provisions (
              seq INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE,
              rider BLOB NOT NULL REFERENCES riders (id) ON DELETE CASCADE,
              facts BLOB NOT NULL, at_ms INTEGER NOT NULL, told INTEGER NOT NULL);
            CREATE INDEX provisions_rider ON provisions (rider, seq);
            CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
            """ + CONSOLE;

    private VaultSchema() {}

    static void bring(Database database, VaultKeys keys, Path file) throws IOException {
        if (database.number("PRAGMA user_version") == VERSION) {
            return;
        }
        database.transaction(() -> {
            long version = database.number("PRAGMA user_version");
            if (version > VERSION) {
                throw new IOException(file + " is of a newer version (" + version + ")");
            }
            if (version == 0) {
                database.script(TABLES);
            } else if (version == 1) {
                fromVersion1(database, keys);
                Logger.info(
                        "{} is now of version 3: guardians are told nothing before their consent is recorded"
                                + " (hub-bridge vault riders consent)",
                        file);
            } else if (version == 2) {
                database.script(CONSOLE);
            }
            database.script("PRAGMA user_version = " + VERSION);
            return VERSION;
        });
    }

    private record Old(byte[] id, String home, String language, byte[] contacts, long addedMs) {}

    private record Card(byte[] digest, byte[] rider) {}

    private static void fromVersion1(Database database, VaultKeys keys) throws IOException {
        List<Old> riders = database.list(
                row -> new Old(row.getBytes(1), row.getString(2), row.getString(3), row.getBytes(4), row.getLong(5)),
                "SELECT id, home, language, contacts, added_ms FROM riders");
        List<Card> cards =
                database.list(row -> new Card(row.getBytes(1), row.getBytes(2)), "SELECT digest, rider FROM cards");
        database.script("DROP TABLE cards; DROP TABLE riders;" + TABLES);
        SecureRandom random = new SecureRandom();
        for (Old old : riders) {
            RiderKey key = keys.newRiderKey();
            database.update(
                    "INSERT INTO riders VALUES (?, ?, ?, ?, 0, ?)",
                    old.id(),
                    old.home(),
                    old.language(),
                    keys.wrap(old.id(), key),
                    old.addedMs());
            JsonNode contacts = new ObjectMapper().readTree(keys.unsealOfVersion1(old.id(), old.contacts()));
            for (JsonNode each : contacts) {
                byte[] id = new byte[ID_BYTES];
                random.nextBytes(id);
                Guardian guardian =
                        Guardian.of(each.path(0).asText(), each.path(1).asText(), Set.of(Kind.BOARDED, Kind.ALIGHTED));
                database.update(
                        "INSERT INTO guardians VALUES (?, ?, ?, ?, ?, ?, 0, 1)",
                        id,
                        old.id(),
                        guardian.channel(),
                        key.seal(RiderKey.CONTACT, ContactJson.bytes(guardian)),
                        guardian.channel().equals(Guardian.API) ? keys.subscriber(guardian.address()) : null,
                        guardian.bits());
            }
        }
        for (Card card : cards) {
            database.update("INSERT INTO cards VALUES (?, ?)", card.digest(), card.rider());
        }
    }
}
