package ansim.hub.view;

import java.io.IOException;

/**
 * The tables of {@code views.db}. {@code heard} and {@code driven} are {@link Unwritten}'s, the state after the index in {@code slices};
 * all others are the state after that in {@code place}. {@code plates} has each vehicle number, blanks aside, that a unit has had on a ride: it
 * is as small as the city's taxis are few, and leads from a part of a number to the rides.
 */
final class ViewSchema {
    /** Raised with every change of the tables: an older file is made again. */
    static final int VERSION = 13;

    private static final String TABLES = """
            CREATE TABLE place (one INTEGER PRIMARY KEY CHECK (one = 1), log INTEGER NOT NULL, position INTEGER NOT NULL);
            CREATE TABLE districts (one INTEGER PRIMARY KEY CHECK (one = 1), geojson BLOB NOT NULL);
            CREATE TABLE slices (slice INTEGER PRIMARY KEY, position INTEGER NOT NULL);
            CREATE TABLE units (
              unit BLOB PRIMARY KEY, vehicle TEXT NOT NULL, company TEXT NOT NULL, kind TEXT NOT NULL, revoked INTEGER NOT NULL)
              WITHOUT ROWID;
            CREATE TABLE heard (
              unit BLOB PRIMARY KEY, seen_ms INTEGER, lat_e7 INTEGER, lon_e7 INTEGER, place_kind TEXT, place_ms INTEGER,
              district TEXT, place_key INTEGER, duty INTEGER, duty_ms INTEGER, health_ms INTEGER, health TEXT, health_key INTEGER,
              open_lat_e7 INTEGER, open_lon_e7 INTEGER, open_kind TEXT, open_ms INTEGER, open_district TEXT, open_key INTEGER)
              WITHOUT ROWID;
            CREATE TABLE rides (
              unit BLOB NOT NULL, ride BLOB NOT NULL, vehicle TEXT NOT NULL, company TEXT NOT NULL,
              boarded_ms INTEGER, updated_ms INTEGER, named_ms INTEGER, alighted_ms INTEGER,
              boarded_id TEXT, updated_id TEXT, named_id TEXT, alighted_id TEXT,
              source TEXT NOT NULL, log_index INTEGER NOT NULL, test INTEGER NOT NULL,
              boarded_quality TEXT, alighted_quality TEXT, destination TEXT NOT NULL, attention TEXT NOT NULL,
              known INTEGER NOT NULL, passed TEXT NOT NULL, sent TEXT NOT NULL, PRIMARY KEY (unit, ride)) WITHOUT ROWID;
            CREATE INDEX rides_newest ON rides (log_index);
            CREATE INDEX rides_open ON rides (log_index) WHERE alighted_ms IS NULL;
            CREATE INDEX rides_in_unit ON rides (unit, log_index) WHERE alighted_ms IS NULL;
            CREATE INDEX rides_of_unit ON rides (unit, log_index);
            CREATE INDEX rides_of_company ON rides (company, log_index);
            CREATE INDEX rides_id ON rides (ride);
            CREATE INDEX rides_boarded ON rides (min(coalesce(boarded_ms, updated_ms), coalesce(updated_ms, boarded_ms)));
            CREATE INDEX rides_attention ON rides (log_index) WHERE attention <> '';
            CREATE INDEX rides_closed ON rides (alighted_ms) WHERE alighted_ms IS NOT NULL;
            CREATE TABLE plates (plate TEXT NOT NULL, unit BLOB NOT NULL, PRIMARY KEY (plate, unit)) WITHOUT ROWID;
            CREATE INDEX plates_unit ON plates (unit);
            CREATE TABLE driven (
              unit BLOB NOT NULL, ride BLOB NOT NULL, districts TEXT NOT NULL, owner TEXT NOT NULL, seen_ms INTEGER NOT NULL,
              length_m INTEGER NOT NULL, course BLOB, test INTEGER NOT NULL, sent TEXT NOT NULL, PRIMARY KEY (unit, ride)) WITHOUT ROWID;
            CREATE TABLE emergencies (
              unit BLOB NOT NULL, alarm BLOB NOT NULL, vehicle TEXT NOT NULL, company TEXT NOT NULL, unit_kind TEXT NOT NULL,
              raised_ms INTEGER NOT NULL, newest_ms INTEGER NOT NULL, cancelled_ms INTEGER, presses INTEGER NOT NULL,
              origin TEXT NOT NULL, districts TEXT NOT NULL, lat_e7 INTEGER, lon_e7 INTEGER, ride BLOB, flags TEXT NOT NULL,
              key INTEGER, PRIMARY KEY (unit, alarm)) WITHOUT ROWID;
            CREATE INDEX emergencies_newest ON emergencies (newest_ms);
            CREATE TABLE events (
              log_index INTEGER PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, unit BLOB NOT NULL, vehicle TEXT NOT NULL,
              districts TEXT NOT NULL, alarm INTEGER NOT NULL, at_ms INTEGER NOT NULL, arrived_ms INTEGER NOT NULL,
              ride BLOB, details TEXT NOT NULL, flags TEXT NOT NULL, key INTEGER);
            CREATE INDEX events_key ON events (key);
            CREATE INDEX events_id ON events (id);
            CREATE TABLE commands (
              unit BLOB NOT NULL, number INTEGER NOT NULL, verb INTEGER NOT NULL, body BLOB NOT NULL, request BLOB NOT NULL,
              expires_s INTEGER NOT NULL, ordered_by TEXT NOT NULL, ordered_ms INTEGER NOT NULL, outcome INTEGER,
              answered_ms INTEGER, log_index INTEGER NOT NULL, PRIMARY KEY (unit, number)) WITHOUT ROWID;
            CREATE INDEX commands_index ON commands (log_index);
            CREATE TABLE counts (
              day TEXT NOT NULL, district TEXT NOT NULL, boarded INTEGER NOT NULL, alighted INTEGER NOT NULL,
              emergencies INTEGER NOT NULL, PRIMARY KEY (day, district)) WITHOUT ROWID;
            """;

    private ViewSchema() {}

    /** In an empty file. */
    static void create(Database database, long log) throws IOException {
        database.transaction(() -> {
            database.script(TABLES);
            database.script("PRAGMA user_version = " + VERSION);
            for (int slice = 0; slice < Unwritten.SLICES; slice++) {
                database.update("INSERT INTO slices VALUES (?, 0)", slice);
            }
            return database.update("INSERT INTO place VALUES (1, ?, 0)", log);
        });
    }
}
