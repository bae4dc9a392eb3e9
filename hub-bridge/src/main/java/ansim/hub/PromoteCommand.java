package ansim.hub;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge promote DIR}: the first disk is gone, the hub goes on from the mirror of its log. */
@Command(
        name = "promote",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the hub's data folder from the mirror of its log, when the first disk is gone.",
            "Receipts waited for both disks, so nothing that was answered is lost and the generation stays.",
            "The mirror is copied and stays as it is: it may go on as the mirror, or log.mirror names a new",
            "directory on another disk. What the data folder still holds is moved aside, never deleted.",
            "Interrupted, it goes on when it is run again."
        })
final class PromoteCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "DIR", description = "The mirror: what hub.yaml had as log.mirror.")
    private Path mirror = Path.of("");

    @Option(
            names = "--replace",
            description = "Also when the data folder holds a log that is ahead of the mirror or of another hub.")
    private boolean replace;

    @Override
    public Integer call() {
        Path data = hub.data();
        PrintWriter out = spec.commandLine().getOut();
        try {
            Files.createDirectories(data);
            List<String> told = new Promotion(Promotion.Source.MIRROR, mirror, data, replace).run();
            out.println("promoted " + mirror + " into " + data + ":");
            told.forEach(out::println);
        } catch (IOException e) {
            throw new CommandFailure("cannot promote " + mirror + ": " + e, "checking both disks, then again");
        }
        out.println("Next: hub-bridge run; let log.mirror name a directory on another disk than " + data
                + ", or remove it");
        out.flush();
        return 0;
    }
}
