package ansim.hub.view;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("registry.db");
    }

    private UnitRecord taxi(long id) {
        return new UnitRecord(
                new Id16(id, id),
                SigningKey.generate(random).verifyKey(),
                "서울 31바 " + id,
                "한빛운수",
                "taxi",
                Optional.empty(),
                false);
    }

    @Test
    void whatWasAddedIsThereAfterOpeningAgain() throws IOException {
        UnitRecord taxi = taxi(1);
        UnitRecord pole = new UnitRecord(
                new Id16(2, 2),
                SigningKey.generate(random).verifyKey(),
                "CCTV 강남-017",
                "강남구",
                "cctv-pole",
                Optional.of(Pos.of(375_000_000, 1_270_000_000)),
                false);
        try (Registry registry = Registry.open(file())) {
            assertTrue(registry.add(taxi, 10));
            assertTrue(registry.add(pole, 20));
        }
        try (Registry registry = Registry.open(file())) {
            assertEquals(
                    List.of(taxi, pole),
                    registry.units().stream().map(Registry.Registered::unit).toList());
            assertEquals(pole, registry.unit(pole.unit()).orElseThrow().unit());
            assertEquals(taxi, registry.unitOf(taxi.key()).orElseThrow().unit());
            assertEquals(20, registry.unit(pole.unit()).orElseThrow().addedMs());
        }
    }

    @Test
    void manyUnitsAreAddedAtOnceAndThoseThatAreThereStayAsTheyAre() throws IOException {
        UnitRecord first = taxi(1);
        UnitRecord second = taxi(2);
        try (Registry registry = Registry.open(file())) {
            assertTrue(registry.add(first, 1));
            assertEquals(1, registry.addAll(List.of(taxi(1), second), 2));
            assertEquals(
                    List.of(first, second),
                    registry.units().stream().map(Registry.Registered::unit).toList());
            assertEquals(2, registry.changesSince(0).size());
        }
    }

    @Test
    void oneUnitIdAndOneKeyAreThereOnce() throws IOException {
        UnitRecord first = taxi(1);
        UnitRecord sameKey =
                new UnitRecord(new Id16(9, 9), first.key(), "other", "other", "taxi", Optional.empty(), false);
        try (Registry registry = Registry.open(file())) {
            assertTrue(registry.add(first, 1));
            assertFalse(registry.add(sameKey, 2));
            assertFalse(registry.add(taxi(1), 3));
            assertEquals(1, registry.units().size());
            assertEquals(1, registry.changesSince(0).size());
        }
    }

    @Test
    void aRevokedUnitStaysAndCannotBeRevokedTwiceNorComeBack() throws IOException {
        UnitRecord taxi = taxi(1);
        try (Registry registry = Registry.open(file())) {
            registry.add(taxi, 1);
            assertTrue(registry.revoke(taxi.unit(), 50));
            assertFalse(registry.revoke(taxi.unit(), 60));
            assertFalse(registry.revoke(new Id16(7, 7), 60));
            Registry.Registered found = registry.unit(taxi.unit()).orElseThrow();
            assertEquals(OptionalLong.of(50), found.revokedMs());
            assertTrue(found.unit().revoked());
            assertFalse(registry.add(taxi, 70));
        }
    }

    @Test
    void anotherProcessSeesWhatHasChangedSinceItLooked() throws IOException {
        try (Registry cli = Registry.open(file());
                Registry hub = Registry.open(file())) {
            long before = hub.dataVersion();
            UnitRecord a = taxi(1);
            UnitRecord b = taxi(2);
            cli.add(a, 1);
            cli.add(b, 2);
            cli.importDistricts("{}".getBytes(StandardCharsets.UTF_8), "seoul.geojson", 3);
            cli.revoke(a.unit(), 4);
            assertNotEquals(before, hub.dataVersion());

            List<Registry.Change> all = hub.changesSince(0);
            assertEquals(3, all.size());
            assertEquals(b, ((Registry.Change.Unit) all.get(0)).unit());
            assertEquals(
                    "seoul.geojson",
                    ((Registry.Change.Districts) all.get(1)).map().origin());
            assertEquals(a.revoke(), ((Registry.Change.Unit) all.get(2)).unit());
            assertEquals(
                    all.subList(2, 3), hub.changesSince(all.get(1).seq()), "what was taken over does not come again");
            assertEquals(List.of(), hub.changesSince(all.get(2).seq()));
        }
    }

    /** What version 1 of this program left behind. */
    @Test
    void aRegistryOfSchema1KeepsItsUnitsKeysAndSequence() throws Exception {
        UnitRecord taxi = taxi(1);
        UnitRecord gone = taxi(2);
        try (java.sql.Connection old = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file());
                java.sql.Statement statement = old.createStatement()) {
            statement.executeUpdate("""
                    CREATE TABLE sequence (one INTEGER PRIMARY KEY CHECK (one = 1), value INTEGER NOT NULL);
                    INSERT INTO sequence VALUES (1, 7);
                    CREATE TABLE units (
                      unit BLOB PRIMARY KEY CHECK (length(unit) = 16), public_key BLOB NOT NULL UNIQUE,
                      kid BLOB NOT NULL UNIQUE CHECK (length(kid) = 8), vehicle TEXT NOT NULL, company TEXT NOT NULL,
                      kind TEXT NOT NULL, lat_e7 INTEGER, lon_e7 INTEGER, added_ms INTEGER NOT NULL, revoked_ms INTEGER,
                      seq INTEGER NOT NULL) WITHOUT ROWID;
                    CREATE INDEX units_seq ON units (seq);
                    CREATE TABLE districts (seq INTEGER PRIMARY KEY, geojson BLOB NOT NULL, origin TEXT NOT NULL,
                      imported_ms INTEGER NOT NULL);
                    INSERT INTO districts VALUES (5, x'7b7d', 'seoul.geojson', 4);
                    PRAGMA user_version = 1;
                    """);
            try (java.sql.PreparedStatement insert =
                    old.prepareStatement("INSERT INTO units VALUES (?, ?, ?, ?, ?, 'taxi', 375, 1270, ?, ?, ?)")) {
                int seq = 6;
                for (UnitRecord each : List.of(taxi, gone)) {
                    insert.setBytes(1, each.unit().bytes());
                    insert.setBytes(2, each.key().spki());
                    insert.setBytes(3, each.key().kid().bytes());
                    insert.setString(4, each.vehicle());
                    insert.setString(5, each.company());
                    insert.setLong(6, seq);
                    insert.setObject(7, seq == 7 ? 99L : null);
                    insert.setInt(8, seq++);
                    insert.executeUpdate();
                }
            }
        }
        for (int start = 1; start <= 2; start++) {
            try (Registry registry = Registry.open(file())) {
                Registry.Registered kept = registry.unit(taxi.unit()).orElseThrow();
                assertEquals(List.of(taxi.key()), kept.unit().keys());
                assertEquals(Pos.of(375, 1270), kept.unit().place().orElseThrow());
                assertEquals(6, kept.addedMs());
                assertEquals(
                        OptionalLong.of(99),
                        registry.unit(gone.unit()).orElseThrow().revokedMs());
                assertEquals(
                        List.of(5L, 6L, 7L),
                        registry.changesSince(0).stream()
                                .map(Registry.Change::seq)
                                .toList());
                assertFalse(registry.add(gone, 1), "a key stays taken");
            }
        }
    }

    @Test
    void aMovedUnitKeepsWhatItWasWithTheDate() throws IOException {
        UnitRecord taxi = taxi(1);
        try (Registry registry = Registry.open(file())) {
            registry.add(taxi, 1);
            long before = registry.changesSince(0).get(0).seq();
            UnitRecord.Service next = new UnitRecord.Service("서울 1", "다른 운수", "taxi", Optional.empty(), "", "night");
            assertTrue(registry.move(taxi.unit(), next, 50));
            assertFalse(registry.move(new Id16(7, 7), next, 50));
            UnitRecord moved = registry.unit(taxi.unit()).orElseThrow().unit();
            assertEquals(next, moved.service());
            assertEquals(List.of(new UnitRecord.Past(50, taxi.vehicle(), taxi.company())), moved.past());
            assertEquals(1, registry.changesSince(before).size());
            for (int i = 0; i < UnitRecord.MAX_PAST; i++) {
                registry.move(taxi.unit(), next, 100 + i);
            }
            assertEquals(
                    UnitRecord.MAX_PAST,
                    registry.unit(taxi.unit()).orElseThrow().unit().past().size(),
                    "the oldest of them goes");
        }
    }

    @Test
    void theNewestImportOfDistrictsIsInForce() throws IOException {
        byte[] second = "{\"type\":\"FeatureCollection\"}".getBytes(StandardCharsets.UTF_8);
        try (Registry registry = Registry.open(file())) {
            assertTrue(registry.districts().isEmpty());
            registry.importDistricts(new byte[] {1}, "first", 1);
            registry.importDistricts(second, "second", 2);
            Registry.ImportedMap map = registry.districts().orElseThrow();
            assertEquals("second", map.origin());
            assertArrayEquals(second, map.geojson());
        }
    }

    @Test
    void theFileIsForItsOwnerOnly() throws IOException {
        try (Registry registry = Registry.open(file())) {
            registry.add(taxi(1), 1);
            for (Path each : List.of(file(), folder.resolve("registry.db-wal"))) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(each)));
            }
        }
    }

    @Test
    void aFileOfANewerVersionIsRefusedAndNotTouched() throws IOException {
        Registry.open(file()).close();
        try (Database database = Database.open(file(), Database.Durability.FULL)) {
            database.script("PRAGMA user_version = 99");
        }
        IOException refused = assertThrows(IOException.class, () -> Registry.open(file()));
        assertTrue(String.valueOf(refused.getMessage()).contains("newer version"));
    }

    @Test
    void whatIsNoDatabaseIsAnErrorThatNamesTheFile() throws IOException {
        Files.writeString(file(), "this is not a database, and long enough to be looked at as one".repeat(20));
        IOException refused = assertThrows(IOException.class, () -> Registry.open(file()));
        assertTrue(String.valueOf(refused.getMessage()).contains("registry.db"));
    }
}
