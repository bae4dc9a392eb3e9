package ansim.hub;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code hub-bridge promote DIR}: the first disk is gone, the hub goes on from the mirror of its log. */
@Command(
        name = "promote",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the hub's data folder from the mirror of its log, when the first disk is gone.",
            "DIR is what hub.yaml had as log.mirror.",
            "Receipts waited for both disks, so nothing that was answered is lost. The generation is raised all the",
            "same: should the mirror have been left out for a while, the units send again what it lacks.",
            "The mirror is copied and stays as it is: it may go on as the mirror, or log.mirror names a new",
            "directory on another disk. What the data folder still holds is moved aside, never deleted.",
            "Interrupted, it goes on when it is run again."
        })
final class PromoteCommand implements Callable<Integer> {
    @Mixin
    private PromotionOptions options = new PromotionOptions();

    @Override
    public Integer call() {
        return options.run(
                Promotion.Source.MIRROR,
                "let log.mirror name a directory on another disk than the data folder, or remove it");
    }
}
