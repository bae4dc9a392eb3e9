package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.vault.Began;
import ansim.hub.vault.RideNotice;
import ansim.hub.vault.Vault;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
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

    private Ran run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("vault"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return Ran.of(all.toArray(new String[0]));
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

    private String openOne() throws IOException {
        SealingKey key = Vault.sealingKey(vault());
        Id16 unit = new Id16(1, 2);
        byte[] card = "62E3086CED".getBytes(StandardCharsets.US_ASCII);
        try (Vault open = Vault.open(vault(), "hub", InstantSource.system())) {
            return open.open(
                            key.seal(card, unit, new Id8(3), new SecureRandom()),
                            unit,
                            new Id8(3),
                            Began.at(System.currentTimeMillis()),
                            "boarded")
                    .orElseThrow()
                    .handle();
        }
    }

    @Test
    void initMakesAKeyThatKeyShowPrintsForTheUnits() throws IOException {
        Ran made = run("init");
        assertEquals(0, made.code(), made.err());
        assertTrue(made.err().contains("commands send UNIT re-enrol"), "and what units need that are there already");
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

    private String rider() {
        String list = run("riders", "list", "--json").out();
        return list.lines()
                .filter(line -> line.contains("11680"))
                .map(line -> line.substring(line.indexOf(":\"") + 2, line.indexOf("\",")))
                .findFirst()
                .orElseThrow();
    }

    private String guardian(String rider) {
        return run("riders", "show", rider)
                .out()
                .lines()
                .filter(line -> line.contains("  sms  "))
                .map(line -> line.substring(0, 32))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void consentAndItsWithdrawalAreRecordedWithWhoTookThemDown() throws IOException {
        withRiders();
        String rider = rider();
        String guardian = guardian(rider);
        assertTrue(
                run("riders", "show", rider).out().contains("…0000  boarded alighted  no"),
                run("riders", "show", rider).out());
        assertEquals(2, run("riders", "consent", rider, guardian).code(), "who says so?");
        assertEquals(
                0,
                run("riders", "consent", rider, guardian, "--by", "desk 3", "--from", "2026-11-01")
                        .code());
        assertTrue(
                run("riders", "show", rider).out().contains("given from 2026-"),
                run("riders", "show", rider).out());
        assertTrue(run("riders", "list", "--json").out().contains("\"consented\":1"));
        assertEquals(
                0, run("riders", "withdraw", rider, guardian, "--by", "desk 3").code());
        assertTrue(run("riders", "list", "--json").out().lines().allMatch(line -> line.contains("\"consented\":0")));
        String nobody = "0".repeat(32);
        assertTrue(run("riders", "consent", rider, nobody, "--by", "desk 3")
                .err()
                .contains("Try: hub-bridge vault riders show"));
    }

    @Test
    void aSuspendedRiderIsShownAsSoAndResumes() throws IOException {
        withRiders();
        String rider = rider();
        assertEquals(
                "suspended " + rider + "\n",
                run("riders", "suspend", rider, "--by", "letter of 3 May").out());
        assertTrue(run("riders", "list").out().contains("suspended"));
        assertEquals(
                "resumed " + rider + "\n",
                run("riders", "resume", rider, "--by", "desk 3").out());
        assertTrue(run("riders", "show", rider).out().contains("rider  suspended from"));
        assertEquals(1, run("riders", "suspend", "0".repeat(32), "--by", "x").code());
    }

    @Test
    void anExportHasAllOfARiderAndNoCard() throws IOException {
        withRiders();
        openOne();
        String export = run("riders", "export", rider()).out();
        for (String part : List.of("010-0000-0000", "\"why\" : \"boarded\"", "\"letters\" : [ ]", "\"cards\" : 1")) {
            assertTrue(export.contains(part), export);
        }
        assertFalse(export.contains("62E3086CED") || export.contains("person"), export);
    }

    @Test
    void aGuardianIsAddedByAnAddressFromStandardInputAndRemovedAgain() throws IOException {
        withRiders();
        String rider = rider();
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("father@example.org\n".getBytes(StandardCharsets.UTF_8)));
        Ran added = run("riders", "add-guardian", rider, "mail", "--name", "Father", "--tells", "emergency");
        System.setIn(before);
        assertTrue(added.out().startsWith("guardian "), added.err());
        assertTrue(
                run("riders", "show", rider).out().contains("  mail     Father"),
                run("riders", "show", rider).out());
        String id = added.out().substring("guardian ".length()).strip();
        assertEquals(
                "removed " + id + "\n",
                run("riders", "remove-guardian", rider, id).out());
        assertEquals(1, run("riders", "remove-guardian", rider, id).code());
    }

    @Test
    void theNoticesAreListedByIdAndHandleWithoutAnAddress() throws IOException {
        withRiders();
        String rider = rider();
        run("riders", "consent", rider, guardian(rider), "--by", "desk 3");
        String handle = openOne();
        try (Vault open = Vault.open(vault(), "hub", InstantSource.system())) {
            open.hand(List.of(new RideNotice(
                    "e1", RideNotice.Kind.BOARDED, List.of(handle), "12", "c", 0, RideNotice.Place.NONE, List.of())));
        }
        Ran table = run("notices");
        assertTrue(table.out().contains(handle + "  boarded  sms"), table.out());
        assertTrue(table.out().endsWith("waiting 1\n"), table.out());
        Ran json = run("notices", "--json");
        assertTrue(json.out().contains("\"state\":\"waiting\""), json.out());
        assertTrue(json.out().endsWith("{\"counts\":{\"waiting\":1}}\n"), json.out());
        assertFalse((table.out() + json.out()).contains("010-0000"));
    }

    @Test
    void anErasedRidersOpeningsAreNobodysInTheLedger() throws IOException {
        withRiders();
        openOne();
        String rider = rider();
        assertTrue(
                run("ledger").out().endsWith("rider " + rider + "\n"),
                run("ledger").out());
        run("riders", "erase", rider, "--yes");
        assertTrue(run("ledger").out().endsWith("rider erased\n"), run("ledger").out());
        assertEquals(0, run("ledger", "verify").code());
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
        assertTrue(touched.err().contains("Error: vault-ledger.jsonl: line 1 of the ledger"), touched.err());
    }

    /** An import opened sealed cards, and no ledger had a line of it. */
    @Test
    void cardsThatAnImportOpensStandInALedgerThatIsListedExportedAndVerifiedWithTheOther() throws IOException {
        withRiders();
        openOne();
        Id16 unit = new Id16(1, 2);
        String sealed = Vault.sealingKey(vault())
                .seal("ABCDEF".getBytes(StandardCharsets.US_ASCII), unit, new Id8(3), new SecureRandom())
                .hex();
        Path csv = folder.resolve("sealed.csv");
        Files.writeString(
                csv,
                "rider,card,home,language,channel,address\n9,sealed:" + unit.hex() + ":" + new Id8(3).hex() + ":"
                        + sealed + ",11500,ko,,\n");
        assertEquals(
                2,
                run("riders", "import", csv.toString(), "--reason", "x".repeat(201))
                        .code());
        Ran imported = run("riders", "import", csv.toString(), "--reason", "desk 3");
        assertEquals(0, imported.code(), imported.err());
        String rider = run("riders", "list", "--json")
                .out()
                .lines()
                .filter(line -> line.contains("11500"))
                .map(line -> line.substring(line.indexOf(":\"") + 2, line.indexOf("\",")))
                .findFirst()
                .orElseThrow();
        List<String> listed = run("ledger").out().lines().toList();
        assertEquals(2, listed.size(), listed.toString());
        String who = System.getProperty("user.name");
        assertTrue(
                listed.get(1).contains(who + "  registered by vault riders import (desk 3)  ride 0000000000000003"),
                listed.get(1));
        assertTrue(listed.get(1).endsWith("rider " + rider), listed.get(1));
        assertTrue(run("riders", "export", rider).out().contains("\"command\" : \"vault riders import\""));
        Ran verified = run("ledger", "verify");
        assertTrue(verified.out().startsWith("1 openings, none touched; last hash "), verified.out());
        assertTrue(verified.out().contains("\n1 openings at the console, none touched; last hash "), verified.out());

        Path ledger = vault().resolve("vault-console.jsonl");
        String whole = Files.readString(ledger);
        Files.writeString(ledger, whole.replace("desk 3", "desk 4"));
        Ran touched = run("ledger", "verify");
        assertEquals(1, touched.code());
        assertTrue(touched.err().contains("Error: vault-console.jsonl: line 1 of the ledger"), touched.err());
        assertEquals(1, run("ledger").code());
        Files.writeString(ledger, whole);
        run("riders", "erase", rider, "--yes");
        assertTrue(run("ledger").out().endsWith("rider erased\n"), run("ledger").out());
        assertEquals(0, run("ledger", "verify").code());
    }

    @Test
    void aVaultOfItsOwnIsNamedByItsFolderAndNeedsNoHub() throws IOException {
        String own = folder.resolve("own").toString();
        assertEquals(0, Ran.of("vault", "init", "--vault", own).code());
        assertEquals(0, Ran.of("vault", "riders", "list", "--vault", own).code());
        assertTrue(Files.exists(folder.resolve("own/vault.key.pem")));
    }

    @Test
    void everyCommandExplainsItself() {
        for (String command : List.of("init", "key", "riders", "notices", "ledger", "serve")) {
            Ran help = Ran.of("vault", command, "--help");
            assertEquals(0, help.code());
            assertTrue(help.out().startsWith("Usage: hub-bridge vault " + command), help.out());
        }
        assertTrue(Ran.of("vault", "--help").out().contains("vault: {socket: /run/ansim/vault.sock}"));
    }
}
