package ansim.hub;

import ansim.hub.core.Order;
import ansim.hub.view.OrderTable;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Bytes;
import ansim.wire.CommissioningOrder;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.OtherVerb;
import ansim.wire.OutputOrder;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge commands send}: orders one unit to do something. */
@Command(
        name = "send",
        description = {
            "Orders a unit to do something.",
            "The hub sends it when the unit is there, again until the unit has answered, and not after its time. ORDER is one of:",
            "  output NAME on|off   switches an output of the unit; --seconds: it goes off by itself",
            "  commission           what the unit tells is a test; --minutes: for how long (default 30), 0 ends it",
            "  re-enrol             the unit makes new keys and has them certified",
            "  diagnose             the unit tells how it is"
        },
        mixinStandardHelpOptions = true)
final class CommandsSendCommand implements Callable<Integer> {
    /** Orders about what is going on just now are of no use later. */
    private static final Duration AT_ONCE = Duration.ofMinutes(10);

    private static final Duration SOME_TIME = Duration.ofDays(30);

    /** How long is waited for a running hub to take it. */
    private static final Duration WAIT = Duration.ofSeconds(5);

    private static final long LOOK_MS = 50;
    private static final byte[] EMPTY_MAP = {(byte) 0xa0};

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private HubFolder hub = new HubFolder();

    @Parameters(index = "0", paramLabel = "UNIT", description = "Its id.")
    private String unit = "";

    @Parameters(index = "1..*", arity = "1..3", paramLabel = "ORDER", description = "What to do, see above.")
    private List<String> order = List.of();

    @Option(names = "--seconds", paramLabel = "N", description = "After so long an output goes off by itself.")
    private Optional<Long> seconds = Optional.empty();

    @Option(names = "--minutes", paramLabel = "N", description = "How long a unit is commissioned: 0 to 30.")
    private Optional<Integer> minutes = Optional.empty();

    @Option(
            names = "--within",
            paramLabel = "MINUTES",
            description = {
                "Not to be done later than so long from now (default: 10 min for output and commission,",
                "30 days for re-enrol and diagnose)."
            })
    private Optional<Integer> within = Optional.empty();

    @Option(names = "--by", paramLabel = "NAME", description = "Who orders it (default: the user of this system).")
    private String by = System.getProperty("user.name", "");

    @Override
    public Integer call() throws IOException, InterruptedException {
        Id16 id = UnitsCommand.unitId(spec, unit);
        OtherVerb verb = verb();
        Duration lasts = within.map(Duration::ofMinutes).orElse(usual(verb));
        Id8 request = Id8.random(new SecureRandom());
        try (Registry registry = UnitsCommand.open(hub)) {
            if (UnitsCommand.unit(registry, id).unit().revoked()) {
                throw new CommandFailure(
                        "the unit " + unit + " is revoked, it is told nothing",
                        "hub-bridge units restore-trust " + unit);
            }
            long nowMs = System.currentTimeMillis();
            Order made = made(id, request, verb, (nowMs + lasts.toMillis()) / 1000);
            registry.orders().add(List.of(made), nowMs);
            tell(await(registry.orders(), request), verb);
        }
        return 0;
    }

    private Order made(Id16 id, Id8 request, OtherVerb verb, long expS) {
        try {
            return new Order(id, request, verb, expS, by);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private void tell(OrderTable.Row row, OtherVerb verb) {
        String what = CommandsCommand.words(verb);
        if (row.refused().isPresent()) {
            throw new CommandFailure(
                    "the hub does not take it: " + row.refused().get(), "hub-bridge commands list " + unit);
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                row.isOpen()
                        ? what + ": no hub runs; it is sent when one does, before "
                                + UnitsCommand.time(row.order().expS() * 1000)
                        : "command " + row.order().number() + ", " + what + ": hub-bridge commands list " + unit
                                + " shows the answer");
        out.flush();
    }

    private static OrderTable.Row await(OrderTable orders, Id8 request) throws IOException, InterruptedException {
        long untilNanos = System.nanoTime() + WAIT.toNanos();
        OrderTable.Row row = orders.row(request).orElseThrow();
        while (row.isOpen() && System.nanoTime() < untilNanos) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            row = orders.row(request).orElseThrow();
        }
        return row;
    }

    private static Duration usual(OtherVerb verb) {
        boolean now = verb.number() == OutputOrder.NUMBER || verb.number() == CommissioningOrder.NUMBER;
        return now ? AT_ONCE : SOME_TIME;
    }

    private OtherVerb verb() {
        String name = order.get(0);
        check(name.equals("output") ? 3 : 1, "output", seconds.isPresent(), "--seconds");
        check(order.size(), "commission", minutes.isPresent(), "--minutes");
        try {
            return switch (name) {
                case "output" -> new OutputOrder(order.get(1), isOn(order.get(2)), most()).verb();
                case "commission" ->
                    new CommissioningOrder(Math.multiplyExact(minutes.orElse(CommissioningOrder.LONGEST_S / 60), 60))
                            .verb();
                case "re-enrol" -> new OtherVerb(CommandsCommand.RE_ENROL, Bytes.of(EMPTY_MAP));
                case "diagnose" -> new OtherVerb(CommandsCommand.DIAGNOSE, Bytes.of(EMPTY_MAP));
                default -> throw wrong("no such order: " + name);
            };
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private OptionalLong most() {
        return seconds.isPresent() ? OptionalLong.of(seconds.get()) : OptionalLong.empty();
    }

    /** The number of words, and that an option is one of this order. */
    private void check(int words, String optionOf, boolean given, String option) {
        if (order.size() != words) {
            throw wrong(order.get(0) + (words == 1 ? " takes nothing more" : " takes NAME and on or off"));
        }
        if (given && !order.get(0).equals(optionOf)) {
            throw wrong(option + " is for " + optionOf);
        }
    }

    private boolean isOn(String word) {
        if (!word.equals("on") && !word.equals("off")) {
            throw wrong("on or off, not " + word);
        }
        return word.equals("on");
    }

    private ParameterException wrong(String why) {
        return new ParameterException(spec.commandLine(), why);
    }
}
