package ansim.hub;

import ansim.trust.Certificates;
import ansim.trust.TlsKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code hub-bridge ca broker}: who a city's own broker is towards the units and the hub. */
@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = {
            "Writes what a city's own broker needs to be believed by units and hub: ca.pem, broker.crt.pem and broker.key.pem,",
            "as scripts/mosquitto/ansim.conf names them. The certificate lives for a year; the same command renews it, for a new key.",
        },
        footer = {"", "  hub-bridge ca broker --name broker.example --out /etc/mosquitto/ansim"})
final class CaBrokerCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "DNS name or address by which units and hub reach it; may be given several times.")
    private List<String> names = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the files go; made if missing.")
    private Path folder = Path.of("");

    @Override
    public Integer call() throws IOException {
        HubAuthority known = HubAddress.authority(hub);
        TlsKey key = TlsKey.generate(new SecureRandom());
        X509Certificate certificate = known.authority().server(key.publicKey(), names, Instant.now());
        Files.createDirectories(folder);
        // The key first: a broker that starts between the two finds a pair that does not fit, and says so.
        OwnerFile.replace(folder.resolve("broker.key.pem"), key.toPem());
        Files.writeString(folder.resolve("broker.crt.pem"), Certificates.toPem(List.of(certificate)));
        Files.writeString(folder.resolve("ca.pem"), Certificates.toPem(known.trusted()));
        PrintWriter out = spec.commandLine().getOut();
        out.println("until: " + certificate.getNotAfter().toInstant());
        out.flush();
        return 0;
    }
}
