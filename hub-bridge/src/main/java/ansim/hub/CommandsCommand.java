package ansim.hub;

import ansim.wire.CommissioningOrder;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import ansim.wire.WireException;
import picocli.CommandLine.Command;

/** What units are ordered to do. A running hub takes an order over within a second. */
@Command(
        name = "commands",
        description = "Orders units to do something, and shows what became of it.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {CommandsSendCommand.class, CommandsListCommand.class})
final class CommandsCommand {
    /** Verbs without a body to look into. */
    static final int RE_ENROL = 6;

    static final int DIAGNOSE = 7;

    private CommandsCommand() {}

    /** For people: what a verb is about. */
    static String words(OtherVerb verb) {
        try {
            return switch (verb.number()) {
                case 2 -> "alert";
                case 3 -> "cancel-alert";
                case OutputOrder.NUMBER -> words(OutputOrder.of(verb));
                case 5 -> "configuration";
                case RE_ENROL -> "re-enrol";
                case DIAGNOSE -> "diagnose";
                case NextHubKey.NUMBER -> words(NextHubKey.of(verb));
                case CommissioningOrder.NUMBER -> words(CommissioningOrder.of(verb));
                default -> "verb " + verb.number();
            };
        } catch (WireException e) {
            return "verb " + verb.number() + " (" + e.getMessage() + ")";
        }
    }

    private static String words(OutputOrder order) {
        String most = order.atMostS().isPresent() ? " for " + order.atMostS().getAsLong() + " s" : "";
        return "output " + order.name() + (order.on() ? " on" : " off") + most;
    }

    private static String words(NextHubKey next) {
        return "next-hub-key " + next.key().kid().hex() + " from " + UnitsCommand.time(next.fromS() * 1000);
    }

    private static String words(CommissioningOrder order) {
        return order.forS() == 0 ? "commission end" : "commission for " + order.forS() / 60 + " min";
    }
}
