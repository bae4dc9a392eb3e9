package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.Vault;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vault as an operator sees it. */
class VaultCommandTest {
    private static final String CSV = """
            rider,card,home,language,channel,address
            1,62E3086CED,11680,ko,sms,010-0000-0000
            2,2E00AF0EC9,11440,en,,
            """;

    @TempDir
    private Path folder = Path.of("");

    private record Ran(int code, String out, String err) {}

    private Ran run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("vault"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return execute(all.toArray(new String[0]));
    }

    private static Ran execute(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = HubBridge.commandLine()
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
        return new Ran(code, out.toString(), err.toString());
    }

    private Path vault() {
        return folder.resolve("data/vault");
    }

    private void withRiders() throws IOException {
        assertEquals(0, run("init").code());
        Path csv = folder.resolve("riders.csv");
        Files.writeString(csv, CSV);
        Ran imported = run("riders", "import", csv.toString());
        assertEquals("imported 2 riders with 2 cards; the vault has 2\n", imported.out(), imported.err());
    }

    private void openOne() throws IOException {
        SealingKey key = Vault.sealingKey(vault());
        Id16 unit = new Id16(1, 2);
        byte[] card = "62E3086CED".getBytes(StandardCharsets.US_ASCII);
        try (Vault open = Vault.open(vault(), "hub", InstantSource.system())) {
            assertTrue(open.open(key.seal(card, unit, new Id8(3), new SecureRandom()), unit, new Id8(3), "boarded")
                    .isPresent());
        }
    }

    @Test
    void initMakesAKeyThatKeyShowPrintsForTheUnits() throws IOException {
        Ran made = run("init");
        assertEquals(0, made.code(), made.err());
        Ran shown = run("key", "show");
        assertEquals(made.out(), shown.out());
        assertEquals(Vault.sealingKey(vault()), SealingKey.fromPem(shown.out()));
        Ran again = run("init");
        assertEquals(1, again.code());
        assertTrue(again.err().contains("Error: there is a vault in"), again.err());
    }

    @Test
    void aMissingVaultIsAnErrorThatSaysHowToMakeOne() {
        for (List<String> command : List.of(List.of("key", "show"), List.of("riders", "list"))) {
            Ran ran = run(command.toArray(new String[0]));
            assertEquals(1, ran.code());
            assertTrue(ran.err().contains("Try: hub-bridge vault init"), ran.err());
        }
    }

    @Test
    void theListShowsHomesAndCountsButNoCardAndNoAddress() throws IOException {
        withRiders();
        Ran table = run("riders", "list");
        assertTrue(table.out().startsWith("RIDER "), table.out());
        Ran json = run("riders", "list", "--json");
        assertEquals(2, json.out().lines().count());
        assertTrue(
                json.out()
                        .contains(
                                "\"home\":\"11680\",\"language\":\"ko\",\"cards\":1,\"guardians\":1,\"consented\":0,"),
                json.out());
        for (String secret : List.of("62E3086CED", "010-0000-0000")) {
            assertFalse((table.out() + json.out()).contains(secret));
        }
    }

    @Test
    void anImportWithErrorsTellsThemAllAndChangesNothing() throws IOException {
        withRiders();
        Path csv = folder.resolve("more.csv");
        Files.writeString(csv, "rider,card,home,language,channel,address\n3,33\n4,*,11680,ko,,\n");
        Ran ran = run("riders", "import", csv.toString());
        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("Error: line 2: must have the 6 columns"), ran.err());
        assertTrue(ran.err().contains("Error: line 3: card must have"), ran.err());
        assertTrue(ran.err().contains("Error: nothing was imported"), ran.err());
        assertEquals(2, run("riders", "list", "--json").out().lines().count());
    }

    @Test
    void anErasedRiderIsGoneAndWhatIsNoIdIsWrongUse() throws IOException {
        withRiders();
        String list = run("riders", "list", "--json").out();
        String id = list.substring(list.indexOf(":\"") + 2, list.indexOf("\","));
        assertEquals("erased " + id + "\n", run("riders", "erase", id, "--yes").out());
        assertEquals(1, run("riders", "list", "--json").out().lines().count());
        Ran again = run("riders", "erase", id, "--yes");
        assertEquals(1, again.code());
        assertTrue(again.err().contains("Try: hub-bridge vault riders list"), again.err());
        assertEquals(2, run("riders", "erase", "62E3086CED", "--yes").code());
    }

    @Test
    void theLedgerIsPrintedAndVerifiedAndATouchedOneIsAnError() throws IOException {
        withRiders();
        openOne();
        assertTrue(
                run("ledger").out().contains("  hub  boarded  ride 0000000000000003  rider "),
                run("ledger").out());
        assertTrue(run("ledger", "--json").out().startsWith("{\"n\":1,"));
        Ran verified = run("ledger", "verify");
        assertTrue(verified.out().startsWith("1 openings, none touched; last hash "), verified.out());
        Path ledger = vault().resolve("vault-ledger.jsonl");
        Files.writeString(ledger, Files.readString(ledger).replace("boarded", "nothing"));
        Ran touched = run("ledger", "verify");
        assertEquals(1, touched.code());
        assertTrue(touched.err().contains("Error: line 1 of the ledger"), touched.err());
    }

    @Test
    void aVaultOfItsOwnIsNamedByItsFolderAndNeedsNoHub() throws IOException {
        String own = folder.resolve("own").toString();
        assertEquals(0, execute("vault", "init", "--vault", own).code());
        assertEquals(0, execute("vault", "riders", "list", "--vault", own).code());
        assertTrue(Files.exists(folder.resolve("own/vault.key.pem")));
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of("init", "key", "riders", "ledger", "serve")) {
            Ran help = execute("vault", command, "--help");
            assertEquals(0, help.code());
            assertTrue(help.out().startsWith("Usage: hub-bridge vault " + command), help.out());
        }
        assertTrue(execute("vault", "--help").out().contains("vault: {socket: /run/ansim/vault.sock}"));
    }
}
