package ansim.hub;

import ansim.settings.CommandFailure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code promote} and {@code restore} are told, for {@code @Mixin}, and how a {@link Promotion} is run and told of. */
final class PromotionOptions {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(paramLabel = "DIR", description = "What to go on from; it is only read.")
    private Path from = Path.of("");

    @Option(
            names = "--replace",
            description = "Also when the data folder holds a log that is ahead of DIR or of another hub.")
    private boolean replace;

    /**
     * Does it.
     *
     * @param next what to think of before the hub is started
     * @return the exit code
     */
    int run(Promotion.Source kind, String next) {
        Path data = hub.data();
        PrintWriter out = spec.commandLine().getOut();
        try {
            Files.createDirectories(data);
            List<String> told = new Promotion(kind, from, data, replace).run();
            out.println(kind.command() + "d " + from + " into " + data + ":");
            told.forEach(out::println);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot " + kind.command() + " " + from + ": " + e, "checking both disks, then again");
        }
        out.println("Next: hub-bridge run; " + next);
        out.flush();
        return 0;
    }
}
