package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The hub's authority: made once, kept from others, renewed, copied; and the doors that it vouches for. */
final class HubAuthorityTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Instant NOW = Instant.parse("2026-11-27T00:00:00Z");

    @TempDir
    private Path folder = Path.of("");

    private HubAuthority open() throws IOException {
        return HubAuthority.open(folder, HubConfig.Ca.NONE, NOW, RANDOM);
    }

    @Test
    void theFirstStartMakesItAndLaterOnesKeepIt() throws IOException {
        HubAuthority made = open();
        for (String name : List.of(HubAuthority.KEY, HubAuthority.CERTIFICATE)) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))));
        }
        assertEquals(made.trusted(), open().trusted());
    }

    @Test
    void aStartThatWasKilledBetweenKeyAndCertificateGoesOnWithThatKey() throws IOException {
        byte[] hash = Certificates.keyHash(open().authority().certificate());
        Files.delete(folder.resolve(HubAuthority.CERTIFICATE));
        org.junit.jupiter.api.Assertions.assertArrayEquals(
                hash, Certificates.keyHash(open().authority().certificate()));
    }

    @Test
    void aKeyThatOthersMayReadOrThatIsGoneOrAnothersIsAConfigurationError() throws IOException {
        open();
        Path key = folder.resolve(HubAuthority.KEY);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        assertTrue(
                assertThrows(SettingsException.class, this::open).getMessage().contains("chmod 600"));
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(key, TlsKey.generate(RANDOM).toPem());
        assertThrows(SettingsException.class, this::open);
        Files.delete(key);
        assertThrows(SettingsException.class, this::open);
    }

    @Test
    void theCitysOwnIsTakenAndItsOldOneTrustedBesideIt() throws IOException {
        TlsKey key = TlsKey.generate(RANDOM);
        Authority city = Authority.found("city", key, NOW, RANDOM);
        Authority before = Authority.found("city before", TlsKey.generate(RANDOM), NOW, RANDOM);
        Path keyFile = folder.resolve("city.key");
        Path certificates = folder.resolve("city.crt");
        OwnerFile.create(keyFile, key.toPem());
        Files.writeString(certificates, Certificates.toPem(List.of(city.certificate(), before.certificate())));
        HubAuthority taken = HubAuthority.open(
                folder, new HubConfig.Ca(Optional.of(keyFile), Optional.of(certificates)), NOW, RANDOM);
        assertEquals(List.of(city.certificate(), before.certificate()), taken.trusted());
        assertEquals(city.certificate(), taken.authority().certificate());
        assertTrue(Files.notExists(folder.resolve(HubAuthority.KEY)));
    }

    @Test
    void renewingGivesTheSameKeyANewCertificateBeforeTheOldOne() throws IOException {
        HubAuthority old = open();
        HubAuthority renewed = HubAuthority.renew(folder, NOW.plus(Duration.ofDays(1)), RANDOM);
        assertEquals(2, renewed.trusted().size());
        assertEquals(old.authority().certificate(), renewed.trusted().get(1));
        assertEquals(
                old.authority().certificate().getPublicKey(),
                renewed.authority().certificate().getPublicKey());
    }

    @Test
    void aCopyIsKeptUpToDateAndNeverReplacesAnothersKey() throws IOException {
        open();
        Path copy = Files.createDirectory(folder.resolve("copy"));
        HubAuthority.keep(folder, copy);
        HubAuthority renewed = HubAuthority.renew(folder, NOW, RANDOM);
        HubAuthority.keep(folder, copy);
        assertEquals(
                renewed.trusted(),
                HubAuthority.open(copy, HubConfig.Ca.NONE, NOW, RANDOM).trusted());
        Path other = Files.createDirectory(folder.resolve("other"));
        HubAuthority.open(other, HubConfig.Ca.NONE, NOW, RANDOM);
        assertThrows(CommandFailure.class, () -> HubAuthority.keep(folder, other));
    }

    @Test
    void aDoorTakesANewCertificateAtTwoThirdsOfItsLife() throws IOException {
        Instant[] clock = {NOW};
        DoorIdentity door = new DoorIdentity(open().authority(), List.of("hub.example"), () -> clock[0], RANDOM);
        TlsIdentity first = door.get();
        clock[0] = NOW.plus(Authority.LEAF_LIFE.multipliedBy(2).dividedBy(3)).minusSeconds(1);
        assertEquals(first, door.get());
        clock[0] = clock[0].plusSeconds(1);
        TlsIdentity second = door.get();
        assertNotEquals(first.leaf(), second.leaf());
        assertEquals(second, door.get());
    }
}
