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

/** {@code hub-bridge restore DIR}: the log is gone, the hub goes on from a backup. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the hub's data folder from a backup, with a raised generation: the units then send again",
            "whatever they still hold, so what the backup lacks comes again as far as it was not deleted.",
            "With a mirror (log.mirror) use promote instead: the mirror lacks nothing that was receipted.",
            "What the data folder still holds is moved aside, never deleted. Interrupted, it goes on when it is run again."
        })
final class RestoreCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "DIR", description = "What hub-bridge backup wrote.")
    private Path backup = Path.of("");

    @Option(
            names = "--replace",
            description = "Also when the data folder holds a log that is ahead of the backup or of another hub.")
    private boolean replace;

    @Override
    public Integer call() {
        Path data = hub.data();
        PrintWriter out = spec.commandLine().getOut();
        try {
            Files.createDirectories(data);
            List<String> told = new Promotion(Promotion.Source.BACKUP, backup, data, replace).run();
            out.println("restored " + backup + " into " + data + ":");
            told.forEach(out::println);
        } catch (IOException e) {
            throw new CommandFailure("cannot restore " + backup + ": " + e, "checking both disks, then again");
        }
        out.println(
                "Next: hub-bridge run; if there was a mirror of the lost log, log.mirror must name an empty directory");
        out.flush();
        return 0;
    }
}
