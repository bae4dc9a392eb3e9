package ansim.hub;

import ansim.hub.view.Registry;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code hub-bridge units claim-pin}: lets one fitter's phone pick plates. */
@Command(
        name = "claim-pin",
        mixinStandardHelpOptions = true,
        description = {
            "Prints a PIN for one fitter's phone. The first phone that enters it may search the plates of open claims",
            "and give them to boxes, until the PIN ends; a second phone needs a PIN of its own."
        })
final class UnitsClaimPinCommand implements Callable<Integer> {
    private static final int MAX_HOURS = 24;
    private static final int DIGITS = 12;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(names = "--hours", paramLabel = "N", description = "How long it lasts, 1 to 24 (default: 8, a shift).")
    private int hours = 8;

    @Override
    public Integer call() throws IOException {
        if (hours < 1 || hours > MAX_HOURS) {
            throw new ParameterException(
                    spec.commandLine(), "--hours must be in [1, " + MAX_HOURS + "] (got " + hours + ")");
        }
        SecureRandom random = new SecureRandom();
        StringBuilder pin = new StringBuilder();
        for (int i = 0; i < DIGITS; i++) {
            pin.append(random.nextInt(10));
        }
        long nowMs = System.currentTimeMillis();
        long untilMs = nowMs + Duration.ofHours(hours).toMillis();
        try (Registry registry = UnitsCommand.open(hub)) {
            registry.fitters().addPin(pin.toString(), nowMs, untilMs);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(pin.substring(0, 4) + " " + pin.substring(4, 8) + " " + pin.substring(8));
        out.flush();
        spec.commandLine().getErr().println("for one phone, until " + UnitsCommand.time(untilMs));
        spec.commandLine().getErr().flush();
        return 0;
    }
}
