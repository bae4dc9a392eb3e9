package ansim.hub.view;

import java.io.IOException;
import java.nio.file.Path;

/** The tables of {@code registry.db}, and how those of an earlier version become these. */
final class RegistrySchema {
    private static final int VERSION = 3;

    private static final String COMMON = """
            CREATE TABLE IF NOT EXISTS sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
            INSERT OR IGNORE INTO sequence VALUES (1, 0);
            CREATE TABLE IF NOT EXISTS districts (
              seq INTEGER PRIMARY KEY,
              geojson BLOB NOT NULL,
              origin TEXT NOT NULL,
              imported_ms INTEGER NOT NULL);
            """;

    private static final String UNITS = """
            CREATE TABLE units (
              unit BLOB PRIMARY KEY CHECK (length(unit) = 16),
              vehicle TEXT NOT NULL,
              company TEXT NOT NULL,
              kind TEXT NOT NULL,
              lat_e7 INTEGER,
              lon_e7 INTEGER,
              district TEXT NOT NULL,
              grp TEXT NOT NULL,
              serial TEXT,
              tls_key BLOB,
              tls_next BLOB,
              certificate_until_ms INTEGER,
              added_ms INTEGER NOT NULL,
              revoked_ms INTEGER,
              drains_until_ms INTEGER,
              replaced_by BLOB,
              seq INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX units_seq ON units (seq);
            CREATE INDEX units_vehicle ON units (vehicle);
            CREATE TABLE message_keys (
              number INTEGER PRIMARY KEY,
              unit BLOB NOT NULL REFERENCES units,
              kid BLOB NOT NULL UNIQUE CHECK (length(kid) = 8),
              public_key BLOB NOT NULL UNIQUE,
              registered_ms INTEGER NOT NULL);
            CREATE INDEX message_keys_unit ON message_keys (unit);
            CREATE TABLE past_services (
              number INTEGER PRIMARY KEY,
              unit BLOB NOT NULL REFERENCES units,
              until_ms INTEGER NOT NULL,
              vehicle TEXT NOT NULL,
              company TEXT NOT NULL);
            CREATE INDEX past_services_unit ON past_services (unit);
            """;

    private static final String CLAIMS = """
            CREATE TABLE boxes (serial TEXT PRIMARY KEY, imported_ms INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE claims (
              id INTEGER PRIMARY KEY,
              vehicle TEXT NOT NULL,
              company TEXT NOT NULL,
              kind TEXT NOT NULL,
              lat_e7 INTEGER,
              lon_e7 INTEGER,
              district TEXT NOT NULL,
              grp TEXT NOT NULL,
              locator BLOB UNIQUE CHECK (length(locator) = 8),
              pin_key BLOB CHECK (length(pin_key) = 16),
              secret_hash BLOB CHECK (length(secret_hash) = 32),
              serial TEXT,
              unit BLOB UNIQUE,
              tls_key BLOB,
              replaces BLOB,
              created_ms INTEGER NOT NULL,
              expires_ms INTEGER NOT NULL,
              used_ms INTEGER,
              revoked_ms INTEGER);
            CREATE INDEX claims_vehicle ON claims (vehicle);
            CREATE TABLE fitters (
              hash BLOB PRIMARY KEY CHECK (length(hash) = 32),
              pin INTEGER NOT NULL,
              expires_ms INTEGER NOT NULL) WITHOUT ROWID;
            """;

    private static final String ORDERS = """
            CREATE TABLE orders (
              row INTEGER PRIMARY KEY AUTOINCREMENT,
              request BLOB NOT NULL UNIQUE CHECK (length(request) = 8),
              unit BLOB NOT NULL,
              verb INTEGER NOT NULL,
              body BLOB NOT NULL,
              expires_s INTEGER NOT NULL,
              ordered_by TEXT NOT NULL,
              ordered_ms INTEGER NOT NULL,
              command INTEGER,
              refused TEXT,
              sent_ms INTEGER);
            CREATE INDEX orders_open ON orders (row) WHERE command IS NULL AND refused IS NULL;
            """;

    /** What people find units by; of version 3. */
    private static final String FINDING = """
            CREATE INDEX units_added ON units (added_ms);
            CREATE INDEX units_company ON units (company);
            CREATE INDEX units_district ON units (district);
            CREATE INDEX units_group ON units (grp);
            CREATE INDEX units_revoked ON units (revoked_ms) WHERE revoked_ms IS NOT NULL;
            """;

    private static final String FROM_1 = """
            INSERT INTO units SELECT unit, vehicle, company, kind, lat_e7, lon_e7, '', '', NULL, NULL, NULL, NULL, added_ms,
              revoked_ms, NULL, NULL, seq FROM units_1;
            INSERT INTO message_keys (unit, kid, public_key, registered_ms)
              SELECT unit, kid, public_key, added_ms FROM units_1 ORDER BY added_ms, unit;
            DROP TABLE units_1;
            """;

    private RegistrySchema() {}

    /** Makes the tables, or brings those of an earlier version up to date; whole or not at all. */
    static void bringUpToDate(Database database, Path file) throws IOException {
        if (version(database, file) < VERSION) {
            database.transaction(() -> {
                long from = version(database, file);
                if (from < 2) {
                    toTwo(database, from == 1);
                }
                if (from < VERSION) {
                    database.script(ORDERS);
                    database.script(FINDING);
                    database.script("PRAGMA user_version = " + VERSION);
                }
                return VERSION;
            });
        }
    }

    private static void toTwo(Database database, boolean fromOne) throws IOException {
        database.script(COMMON);
        if (fromOne) {
            database.script("ALTER TABLE units RENAME TO units_1; DROP INDEX units_seq;");
        }
        database.script(UNITS);
        database.script(CLAIMS);
        if (fromOne) {
            database.script(FROM_1);
        }
    }

    private static long version(Database database, Path file) throws IOException {
        long version = database.number("PRAGMA user_version");
        if (version > VERSION) {
            throw new IOException(
                    file + " is of a newer version (" + version + ", this program knows " + VERSION + ")");
        }
        return version;
    }
}
