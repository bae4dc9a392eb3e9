package ansim.hub;

import ansim.hub.view.Claims;
import ansim.hub.view.Claims.Claim;
import ansim.hub.view.Claims.State;
import ansim.hub.view.Claims.Wish;
import ansim.hub.view.Registry;
import ansim.trust.ClaimCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units sheet}: cards to print for what waits. */
@Command(
        name = "sheet",
        mixinStandardHelpOptions = true,
        description = {
            "Writes a sheet to print: a card with a QR code for each open claim and each box without one.",
            "The hub does not keep codes. With --new-codes the claims get new ones, and their old ones are void."
        })
final class UnitsSheetCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Mixin
    private HubAddress address = new HubAddress();

    @Parameters(paramLabel = "OUT.html", description = "The file.")
    private Path file = Path.of("");

    @Option(names = "--new-codes", description = "New codes for the claims, printed on their cards.")
    private boolean newCodes;

    @Override
    public Integer call() throws IOException {
        if (!newCodes) {
            ClaimOutputs.notThere(file);
        }
        long nowMs = System.currentTimeMillis();
        PrintWriter out = spec.commandLine().getOut();
        try (Registry registry = UnitsCommand.open(hub);
                ClaimOutputs outputs = new ClaimOutputs(
                        Optional.of(file),
                        Optional.empty(),
                        address.url(hub),
                        HubAddress.authority(hub).authority())) {
            Claims claims = registry.claims();
            List<Claim> open = claims.all().stream()
                    .filter(each -> each.state(nowMs) == State.OPEN)
                    .toList();
            List<ClaimCode> codes =
                    newCodes ? ClaimCodes.make(open.size(), spec.commandLine().getErr()) : List.of();
            Map<Long, Wish> changes = new LinkedHashMap<>();
            for (int i = 0; i < open.size(); i++) {
                Claim each = open.get(i);
                Optional<ClaimCode> code = newCodes ? Optional.of(codes.get(i)) : Optional.empty();
                code.ifPresent(fresh -> changes.put(
                        each.id(),
                        new Wish(
                                each.service(),
                                each.serial(),
                                Optional.of(Claims.Proof.of(fresh)),
                                each.replaces(),
                                each.expiresMs())));
                outputs.add(each.service(), each.serial(), each.expiresMs(), code);
            }
            List<String> boxes = claims.boxes();
            for (String each : boxes) {
                outputs.add(each);
            }
            outputs.force();
            claims.take(List.of(), changes, nowMs);
            outputs.finish();
            out.println(open.size() + boxes.size() + " cards in " + file);
        }
        out.flush();
        return 0;
    }
}
