package ansim.hub;

import ansim.hub.core.Order;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.hub.view.Registry.Registered;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.NextHubKey;
import ansim.wire.OtherVerb;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code hub-bridge key rotate}: chooses the hub's next signing key and has every unit told of it (verb 9, signed by the present key).
 *
 * <p>Guarantees that the next key is durable in the hub's key file before any unit is ordered anything, and that run again before its
 * moment it goes on with the same key, for units that were not told yet. Nothing is deleted: the keys before stay in the file, and a unit
 * that has not acknowledged hears the key before until it has.
 */
@Command(
        name = "rotate",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the hub's next signing key and tells every unit of it. The present key signs until the next one's moment, and",
            "after it for every unit that has not acknowledged yet. Run again before that moment it tells units that have come in",
            "since. A unit that is told by nobody asks the hub's enrolment door when it hears the new key."
        })
final class KeyRotateCommand implements Callable<Integer> {
    /** For how long a unit may be away after the next key's moment and still be told by the key before. */
    private static final Duration TOLD_FOR = Duration.ofDays(400);

    private static final int MAX_DAYS = 365;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(
            names = "--days",
            paramLabel = "N",
            defaultValue = "14",
            description = "After so many days the next key signs (default: ${DEFAULT-VALUE}).")
    private int days;

    @Override
    public Integer call() throws IOException {
        if (days < 0 || days > MAX_DAYS) {
            throw new ParameterException(
                    spec.commandLine(), "--days must be in [0, " + MAX_DAYS + "] (got " + days + ")");
        }
        Instant now = Instant.now();
        Path file = hub.file(HubFolder.KEY);
        HubKeys keys = HubKey.keys(file)
                .orElseThrow(() -> new CommandFailure(
                        "there is no " + file + " yet", "hub-bridge run, which makes the key at its first start"));
        try (Registry registry = UnitsCommand.open(hub)) {
            Optional<HubKeys.Dated> begun = keys.next(now);
            HubKeys.Dated next = begun.isPresent() ? begun.get() : made(file, keys, now);
            List<Registered> units = registry.units().stream()
                    .filter(each ->
                            !each.unit().revoked() && !each.unit().keys().isEmpty())
                    .toList();
            int told = tell(registry, units, next, now);
            report(units, next, begun.isPresent(), told);
        }
        return 0;
    }

    /** A whole second, as the units are told. */
    private HubKeys.Dated made(Path file, HubKeys keys, Instant now) throws IOException {
        Instant from =
                now.plus(Duration.ofDays(days)).truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
        HubKeys.Dated next = new HubKeys.Dated(SigningKey.generate(new SecureRandom()), from);
        HubKeys more;
        try {
            more = keys.with(next);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    String.valueOf(e.getMessage()),
                    "taking the oldest keys out of " + file + ": no unit believes them");
        }
        OwnerFile.replace(file, more.text());
        return next;
    }

    /** Orders it of every unit that was not ordered it yet. */
    private int tell(Registry registry, List<Registered> units, HubKeys.Dated next, Instant now) throws IOException {
        OtherVerb verb = new NextHubKey(next.key().verifyKey(), next.from().getEpochSecond()).verb();
        Set<Id16> told = new HashSet<>();
        for (OrderTable.Row row : registry.orders().rows()) {
            if (row.order().verb().equals(verb) && row.refused().isEmpty()) {
                told.add(row.order().unit());
            }
        }
        SecureRandom random = new SecureRandom();
        long expS = next.from().plus(TOLD_FOR).getEpochSecond();
        List<Order> orders = units.stream()
                .filter(each -> !told.contains(each.unit().unit()))
                .map(each -> new Order(each.unit().unit(), Id8.random(random), verb, expS, "key rotate"))
                .toList();
        registry.orders().add(orders, now.toEpochMilli());
        return orders.size();
    }

    private void report(List<Registered> units, HubKeys.Dated next, boolean begun, int told) {
        PrintWriter out = spec.commandLine().getOut();
        out.print("kid: " + next.key().verifyKey().kid().hex() + ", from " + next.from()
                + (begun ? " (chosen before)" : "") + "\n"
                + next.key().verifyKey().toPem());
        out.println(told + (told == 1 ? " unit is" : " units are") + " told; hub-bridge commands list shows who has"
                + " acknowledged");
        long byHand =
                units.stream().filter(each -> each.box().serial().isEmpty()).count();
        if (byHand > 0) {
            out.println(byHand + " of " + units.size() + " units were added by hand: those with hub: {key: FILE} answer"
                    + " unknown, give them this key at that moment");
        }
        out.flush();
    }
}
