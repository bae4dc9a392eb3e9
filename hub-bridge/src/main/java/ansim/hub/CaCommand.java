package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.trust.Certificates;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code hub-bridge ca}: the authority that issues the units' certificates. */
@Command(
        name = "ca",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Shows and renews the authority that issues the certificates of units and doors.",
        subcommands = {CaCommand.Show.class, CaCommand.Renew.class, CaBrokerCommand.class})
final class CaCommand {
    private CaCommand() {}

    /** Prints what others may know of it. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Prints the authority's certificates, and the hash of its key, which claims carry.",
                "It is made now if the hub has never been started. Its key is ca.key.pem in the data folder, or ca.key of",
                "hub.yaml; hub-bridge backup and a mirror keep a copy, restore and promote bring it back."
            })
    static final class Show implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Override
        public Integer call() throws IOException {
            print(HubAddress.authority(hub), spec.commandLine().getOut());
            return 0;
        }
    }

    private static void print(HubAuthority known, PrintWriter out) {
        X509Certificate certificate = known.authority().certificate();
        out.println("key: " + HexFormat.of().formatHex(Certificates.keyHash(certificate)));
        out.println("until: " + certificate.getNotAfter().toInstant());
        out.print(Certificates.toPem(known.trusted()));
        out.flush();
    }

    /** A new certificate for the same key. */
    @Command(
            name = "renew",
            mixinStandardHelpOptions = true,
            description = {
                "Gives the hub's own authority a new certificate for its key, for 20 years. Claims and units go on: they know",
                "the key. The hub takes it up at its next start; units hear of it when they renew their certificates."
            })
    static final class Renew implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Mixin
        private HubFolder hub = new HubFolder();

        @Override
        public Integer call() throws IOException {
            if (hub.configIfAny().map(HubConfig::ca).flatMap(HubConfig.Ca::key).isPresent()) {
                throw new CommandFailure(
                        "the authority is the city's own (ca in hub.yaml)",
                        "renewing it there; its file may hold the old certificate behind the new one");
            }
            print(
                    HubAuthority.renew(hub.data(), Instant.now(), new SecureRandom()),
                    spec.commandLine().getOut());
            return 0;
        }
    }
}
