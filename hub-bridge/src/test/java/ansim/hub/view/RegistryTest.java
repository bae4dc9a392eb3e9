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
