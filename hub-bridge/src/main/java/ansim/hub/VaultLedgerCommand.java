package ansim.hub;

import ansim.hub.vault.LedgerFile;
import ansim.hub.vault.Riders;
import ansim.settings.CommandFailure;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge vault ledger}: who opened what. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description = {
            "Prints who opened which card, when and why: first what the vault opened (vault-ledger.jsonl), then what",
            "commands opened (vault-console.jsonl), all of both, their chains checked on the way.",
            "A dash for the rider: the card was nobody's. The rider's id is sealed in the files: when the rider is",
            "erased, or was not brought in after all, nothing says whom a line is about. A command that opens",
            "somebody's card for another rider leaves a line more, about whose it was."
        },
        subcommands = VaultLedgerCommand.Verify.class)
final class VaultLedgerCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private VaultFolder vault = new VaultFolder();

    @Option(names = "--json", description = "The lines as they stand in the files.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try (Riders riders = Riders.open(vault.folder())) {
            for (LedgerFile file : LedgerFile.values()) {
                try {
                    var unused = file.read(vault.folder(), line -> out.println(json ? line : text(file, line, riders)));
                } catch (IOException e) {
                    throw touched(e);
                }
            }
        }
        out.flush();
        return 0;
    }

    private static String text(LedgerFile file, String line, Riders riders) {
        try {
            JsonNode said = JSON.readTree(line);
            return String.join(
                    "  ",
                    said.path("at").asText(),
                    said.path("who").asText(),
                    why(said),
                    "ride " + said.path("ride").asText(),
                    "rider " + rider(file, said, riders));
        } catch (IOException e) {
            throw new CommandFailure(
                    String.valueOf(e.getMessage()), "keep ledgers and vault.db as they are, and ask who changed them");
        }
    }

    /** At the console with the command, and what for. */
    private static String why(JsonNode said) {
        String why = said.path("why").asText();
        String reason = said.path("reason").asText();
        return said.has("command")
                ? why + " by " + said.path("command").asText() + (reason.isEmpty() ? "" : " (" + reason + ")")
                : why;
    }

    /** Lines of earlier versions have the rider's id as it is. */
    private static String rider(LedgerFile file, JsonNode said, Riders riders) throws IOException {
        return said.has("person")
                ? riders.riderOf(
                                file,
                                said.path("n").asLong(),
                                said.path("person").asText())
                        .orElse("erased")
                : said.path("rider").asText("-");
    }

    private static CommandFailure touched(IOException why) {
        return new CommandFailure(
                String.valueOf(why.getMessage()),
                "keep the file as it is, and compare it with its newest backup: whoever can write it is at fault");
    }

    /** Is it whole? */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = {
                "Checks that no byte of either ledger was changed, no line taken out or put in, and prints the last number",
                "and hash of each. Keep these elsewhere: they show a ledger whose end was cut off, or that is gone."
            })
    static final class Verify implements Callable<Integer> {
        /** Who writes may be in the middle of a line. */
        private static final int TRIES = 4;

        private static final long BETWEEN_MS = 250;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            for (LedgerFile file : LedgerFile.values()) {
                LedgerFile.Verified verified = verified(file, vault.folder());
                out.println(verified.lines() + " openings" + (file == LedgerFile.CONSOLE ? " at the console" : "")
                        + ", none touched; last hash " + verified.hash());
            }
            out.flush();
            return 0;
        }

        private static LedgerFile.Verified verified(LedgerFile file, Path folder) {
            IOException last = new IOException();
            for (int tries = 1; tries <= TRIES; tries++) {
                try {
                    return file.verify(folder);
                } catch (IOException e) {
                    last = e;
                    pause();
                }
            }
            throw touched(last);
        }

        private static void pause() {
            try {
                TimeUnit.MILLISECONDS.sleep(BETWEEN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
