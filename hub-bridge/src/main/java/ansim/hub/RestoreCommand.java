package ansim.hub;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hub-bridge restore DIR}: the log is gone, the hub goes on from a backup. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the hub's data folder from a backup, with a raised generation: the units then send again",
            "whatever they still hold, so what the backup lacks comes again as far as it was not deleted.",
            "DIR is what hub-bridge backup wrote.",
            "With a mirror (log.mirror) use promote instead: the mirror lacks nothing that was receipted.",
            "What the data folder still holds is moved aside, never deleted. Interrupted, it goes on when it is run again."
        })
final class RestoreCommand implements Callable<Integer> {
    @Mixin
    private PromotionOptions options = new PromotionOptions();

    @Override
    public Integer call() {
        return options.run(
                Promotion.Source.BACKUP,
                "if there was a mirror of the lost log, log.mirror must name an empty directory");
    }
}
