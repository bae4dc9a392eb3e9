package ansim.hub;

import ansim.hub.vault.Riders;
import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge vault riders}: whom the vault knows, whom they want to be told, and their word on it. */
@Command(
        name = "riders",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Brings riders in, lists, exports, suspends and erases them; records whom they want to be told.",
        subcommands = {
            VaultRidersImport.class,
            VaultRidersShown.ListAll.class,
            VaultRidersShown.Show.class,
            VaultRidersShown.Export.class,
            VaultRidersChanged.AddGuardian.class,
            VaultRidersChanged.RemoveGuardian.class,
            VaultRidersChanged.GiveConsent.class,
            VaultRidersChanged.WithdrawConsent.class,
            VaultRidersChanged.Suspend.class,
            VaultRidersChanged.Resume.class,
            VaultRidersChanged.Erase.class
        })
final class VaultRidersCommand {
    private VaultRidersCommand() {}

    /** One of the vault's riders, on a command line. */
    static class OneRider {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private VaultFolder vault = new VaultFolder();

        @Parameters(index = "0", paramLabel = "RIDER", description = "The vault's id, as riders list prints it.")
        private String rider = "";

        /** The rider's id, in lower case. */
        String id() {
            return id("RIDER", rider);
        }

        /** An id that was given as an argument, in lower case. */
        final String id(String what, String text) {
            String id = text.toLowerCase(Locale.ROOT);
            if (!id.matches("[0-9a-f]{32}")) {
                throw new ParameterException(
                        spec.commandLine(), what + " must be an id as riders list and show print it");
            }
            return id;
        }

        Riders open() throws IOException {
            return Riders.open(vault.folder());
        }

        VaultFolder vault() {
            return vault;
        }

        CommandFailure unknown() {
            return new CommandFailure("there is no rider " + id(), "hub-bridge vault riders list");
        }

        void say(String words) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(words);
            out.flush();
        }
    }

    /** One of a rider's guardians, on a command line. */
    static final class OneGuardian extends OneRider {
        @Parameters(index = "1", paramLabel = "GUARDIAN", description = "The guardian's id, as riders show prints it.")
        private String guardian = "";

        /** The guardian's id, in lower case. */
        String guardian() {
            return id("GUARDIAN", guardian);
        }

        @Override
        CommandFailure unknown() {
            return new CommandFailure(
                    "rider " + id() + " has no guardian " + guardian(), "hub-bridge vault riders show " + id());
        }
    }
}
