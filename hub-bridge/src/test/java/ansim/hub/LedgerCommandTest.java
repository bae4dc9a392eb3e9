package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Keep;
import ansim.hub.ledger.ChainedFile;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.ledger.ProvisionLedger;
import ansim.hub.ledger.Provisions.Outcome;
import ansim.hub.ledger.Provisions.Provision;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerCommandTest {
    @TempDir
    Path folder;

    private Ran ran = new Ran(0, "", "");

    private int run(String... arguments) {
        ran = Ran.on(folder, arguments);
        return ran.code();
    }

    @Test
    void itIsShownExportedAndVerifiedBesideARunningHubAndOneBitIsFound() throws Exception {
        assertEquals(0, run("ledger", "verify"), ran::err);
        try (LedgerKeys keys = LedgerKeys.open(folder.resolve(LedgerKeys.FILE), new SecureRandom());
                ProvisionLedger ledger =
                        ProvisionLedger.open(folder.resolve("ledger"), keys, Map.of(), Clock.systemUTC())) {
            for (int i = 0; i < 5; i++) {
                Keep keep = i == 4 ? Keep.EMERGENCIES : Keep.RIDES;
                ledger.add(new Provision(
                                1_800_000_000_000L + i,
                                "11680 mqtt tcp://centre.example:1883",
                                Outcome.GIVEN,
                                keep,
                                "consent",
                                "aa".repeat(16),
                                "0" + i,
                                "u/c/2/" + i,
                                "ansim.ride.boarded"))
                        .get(60, TimeUnit.SECONDS);
            }
            assertEquals(0, run("ledger", "list", "--ride", "03"), ran::err);
            assertEquals(2, ran.out().lines().count(), ran::out);
            assertTrue(ran.out().contains("u/c/2/3"), ran::out);
            assertEquals(0, run("ledger", "export"), ran::err);
            assertEquals(5, ran.out().lines().count(), ran::out);
            assertTrue(ran.out().contains("\"open\":{\"unit\":\"" + "aa".repeat(16) + "\",\"ride\":\"00\""), ran::out);
            assertEquals(0, run("ledger", "export", "--since", "2027-01-15T08:00:00.003Z"), ran::err);
            assertEquals(2, ran.out().lines().count(), ran::out);
            assertEquals(0, run("ledger", "list", "--since", "2027-01-17"), ran::err);
            assertEquals(1, ran.out().lines().count(), "the heading alone");
            assertEquals(0, run("ledger", "list", "--last", "1"), ran::err);
            assertEquals(3, ran.out().lines().count(), ran::out);
            assertEquals(0, run("ledger", "verify"), ran::err);
            assertTrue(ran.out().contains("rides: 4 provisions, none touched"), ran::out);
            assertTrue(ran.out().contains("access: 0 lines of reads by the API, none touched"), ran::out);
        }
        String head = ran.out().lines().findFirst().orElseThrow().replaceFirst(".*head ", "");
        assertEquals(0, run("ledger", "verify", "--kept", head), ran::err);
        assertEquals(2, run("ledger", "verify", "--kept", "rides/4"));
        Path file = folder.resolve("ledger").resolve("rides-000000000001.jsonl");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertEquals(1, run("ledger", "verify"));
        assertTrue(ran.err().contains("of the ledger"), ran::err);
    }

    /** The text was compared with that of the lines: nothing matched, and an officer was shown an empty table. */
    @Test
    void aTimeThatIsNoneAndACountBelowOneAreWrongUseAndNotAnEmptyTable() throws Exception {
        Files.createDirectory(folder.resolve("ledger"));
        for (String since : List.of("yesterday", "27.11.2026", "2026-13-01", "2026-11", "")) {
            for (String command : List.of("list", "export")) {
                assertEquals(2, run("ledger", command, "--since", since), since);
                assertTrue(ran.err().contains("--since must be a time such as 2026-11-27"), ran.err());
            }
        }
        assertEquals(2, run("ledger", "list", "--last", "-5"));
        assertEquals(2, run("ledger", "list", "--last", "0"));
        assertEquals(0, run("ledger", "list", "--since", "2026-11-27T03:00"), ran::err);
    }

    /** Only a start of the hub looked at it, and at all of it. */
    @Test
    void whoReadWhatByTheApiIsVerifiedAsWell() throws Exception {
        Path file = Files.createDirectory(folder.resolve("ledger")).resolve("access-000000000001.jsonl");
        try (ChainedFile chain = ChainedFile.open(file, ChainedFile.Head.NONE)) {
            chain.append(List.of(JsonNodeFactory.instance.objectNode().put("who", "kim")));
        }
        assertEquals(0, run("ledger", "verify"), ran::err);
        String head = ran.out().lines().reduce((a, b) -> b).orElseThrow().replaceFirst(".*head ", "");
        assertTrue(head.startsWith("access/1/"), ran::out);
        assertEquals(0, run("ledger", "verify", "--kept", head), ran::err);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertEquals(1, run("ledger", "verify"));
        assertTrue(ran.err().contains("access: line 1"), ran::err);
    }
}
