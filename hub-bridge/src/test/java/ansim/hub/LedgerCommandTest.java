package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.Keep;
import ansim.hub.ledger.ProvisionLedger;
import ansim.hub.ledger.Provisions.Outcome;
import ansim.hub.ledger.Provisions.Provision;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LedgerCommandTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--data", folder.toString()));
        return HubBridge.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(new String[0]));
    }

    @Test
    void itIsShownExportedAndVerifiedBesideARunningHubAndOneBitIsFound() throws Exception {
        assertEquals(0, run("ledger", "verify"), err::toString);
        try (ProvisionLedger ledger = ProvisionLedger.open(folder.resolve("ledger"), Map.of(), Clock.systemUTC())) {
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
            assertEquals(0, run("ledger", "list", "--ride", "03"), err::toString);
            assertEquals(2, out.toString().lines().count(), out::toString);
            assertTrue(out.toString().contains("u/c/2/3"), out::toString);
            assertEquals(0, run("ledger", "export"), err::toString);
            assertEquals(5, out.toString().lines().count(), out::toString);
            assertEquals(0, run("ledger", "verify"), err::toString);
            assertTrue(out.toString().contains("rides: 4 provisions, none touched"), out::toString);
        }
        String head = out.toString().lines().findFirst().orElseThrow().replaceFirst(".*head ", "");
        assertEquals(0, run("ledger", "verify", "--kept", head), err::toString);
        assertEquals(2, run("ledger", "verify", "--kept", "rides/4"));
        Path file = folder.resolve("ledger").resolve("rides-000000000001.jsonl");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertEquals(1, run("ledger", "verify"));
        assertTrue(err.toString().contains("of the ledger"), err::toString);
    }
}
