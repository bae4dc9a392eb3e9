package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts by the command line. */
final class AccountsCommandTest {
    @TempDir
    private Path folder;

    private Ran accounts(String... rest) {
        String[] all = new String[rest.length + 1];
        all[0] = "accounts";
        System.arraycopy(rest, 0, all, 1, rest.length);
        return Ran.on(folder, all);
    }

    @Test
    void anAccountIsAddedWithAPasswordThatIsShownOnceAndRemoved() {
        Ran added = accounts("add", "gangnam", "--role", "centre", "--district", "11680");
        assertEquals(0, added.code(), added.err());
        assertTrue(added.out().matches("password: [A-Za-z0-9_-]{24}\\R"), added.out());
        assertEquals(1, accounts("add", "gangnam", "--role", "auditor").code());
        List<String> lines = accounts("list").out().lines().toList();
        assertTrue(lines.get(1).matches("gangnam +centre +11680 *"), lines.toString());
        assertTrue(accounts("password", "gangnam").out().startsWith("password: "));
        assertEquals(0, accounts("remove", "gangnam").code());
        assertEquals(1, accounts("remove", "gangnam").code());
    }

    @Test
    void anAccountIsBoundToWhatItsRoleIsBoundTo() {
        assertEquals(1, accounts("add", "a", "--role", "centre").code());
        assertEquals(
                1,
                accounts("add", "a", "--role", "fleet", "--district", "11680").code());
        assertEquals(
                1,
                accounts("add", "a", "--role", "operator", "--district", "11680")
                        .code());
        assertEquals(2, accounts("add", "a", "--role", "king").code());
        assertEquals(1, accounts("list").out().lines().count());
    }
}
