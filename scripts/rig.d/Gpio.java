import ansim.edge.port.OtherProgram;
import ansim.edge.port.TypingReader;
import ansim.wire.Alighted;
import ansim.wire.Boarded;
import ansim.wire.Body;
import ansim.wire.CommandAck;
import ansim.wire.Contact;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Panic;
import ansim.wire.Phase;
import ansim.wire.RideChange;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What comes of lines that move: runs as a virtual machine's only program, see scripts/rig/gpio. Moves the lines of a simulated chip,
 * and asks the journal of the real agent what it made of them.
 */
final class Gpio {
    private static final String LABEL = "pinctrl-rig";
    private static final int LINES = 8;
    private static final int LAMP = 0;
    private static final int BUTTON = 1;
    private static final int DOOR = 2;
    private static final int D0 = 3;
    private static final int D1 = 4;
    private static final int RELAY = 5;
    private static final int STORED = 6;
    private static final String AGENT = "ansim-edge-agent";

    /** Facility 31 card 337, and the same reader's card 4567 of facility 123; with both parity bits. */
    private static final List<String> CARDS = List.of("10001111100000001010100011", "10111101100010001110101110");

    private static final int DOOR_DEBOUNCE_MS = 50;
    /** What an emulated machine may be late. */
    private static final int LATE_MS = 250;

    private static final int FRAME_END_MS = 25;
    private static final int NUMBERS = 20;
    /** More than the kernel holds for one port. */
    private static final int BURST = 3_000;
    /** What an emulated machine may need to store what it has seen. */
    private static final int PATIENCE_MS = 10_000;
    /** So long nothing must come; the agent polls 50 times a second. */
    private static final int QUIET_MS = 1_500;
    /** The promise: a device that comes back is read within this time. */
    private static final int BACK_MS = 2_000;

    private static final int UNPLUGGED_MS = 3_000;
    /** A loose plug; shorter than the agent takes to look whether its outputs are still there. */
    private static final int LOOSE_MS = 200;

    private static final Map<String, Integer> OURS =
            Map.of("lamp", LAMP, "button", BUTTON, "door", DOOR, "reader", D1, "relay", RELAY, "stored", STORED);

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private final List<String[]> rows = new ArrayList<>();
    private final SimChip chip;
    private final GpioUnit unit;
    private final HubDoor hub;
    private final TypingReader keys;
    private boolean right = true;

    private Gpio(SimChip chip, GpioUnit unit, HubDoor hub, TypingReader keys) {
        this.keys = keys;
        this.chip = chip;
        this.unit = unit;
        this.hub = hub;
    }

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[0]);
        boolean right;
        try (SimChip chip = new SimChip(LABEL, LINES);
                TypingReader keys = new TypingReader()) {
            GpioUnit unit = new GpioUnit(home, devices(chip.name(), keys.device()));
            try (HubDoor hub = new HubDoor(Id16.parse(unit.id.toString()), unit.hubKey);
                    GpioUnit closed = unit) {
                closed.configure(hub.port());
                right = new Gpio(chip, unit, hub, keys).run();
            }
        }
        System.exit(right ? 0 : 1);
    }

    /** The door's line is named as one of the board's header, button and light by their chip's label, the others by its number. */
    private static String devices(String chip, Path keys) {
        return "ports:\n"
                + "  - {name: lamp, gpio: [" + chip + "/" + LAMP + "], profile: meter-lamp}\n"
                + "  - {name: button, gpio: [" + LABEL + "/" + BUTTON + "], profile: panic-button}\n"
                + "  - {name: door, gpio: ['" + DOOR + "'], profile: contact, options: {name: door}}\n"
                + "  - {name: reader, gpio: [" + chip + "/" + D0 + ", " + chip + "/" + D1
                + "], profile: reader-wiegand, options: {bits: [26], same-card: 0s}}\n"
                + "  - {name: keys, evdev: " + keys + ", profile: reader-hid}\n"
                + "outputs:\n  - {name: relay, gpio: " + chip + "/" + RELAY + "}\n"
                + "signals:\n  stored: " + LABEL + "/" + STORED + "\n";
    }

    private boolean run() throws Exception {
        chip.pull(D0, true);
        chip.pull(D1, true);
        start();
        typed();
        numbers();
        ride();
        bounces();
        button();
        lost();
        taken();
        midRide();
        relay();
        unplugged("the chip goes and comes", UNPLUGGED_MS);
        unplugged("a loose plug, " + LOOSE_MS + " ms", LOOSE_MS);
        table();
        return right;
    }

    // ---- what happens

    private void start() throws Exception {
        chip.edges();
        unit.start();
        boolean up = unit.status(Gpio::allUp, PATIENCE_MS);
        boolean ours = user(RELAY).equals(AGENT) && user(STORED).equals(AGENT);
        row("start", "ports up: " + up + ", outputs ours: " + ours, "all five ports up, both outputs taken and low",
                up && ours && !chip.high(RELAY) && !chip.high(STORED));
    }

    private static boolean allUp(com.fasterxml.jackson.databind.JsonNode said) {
        return List.of("lamp", "button", "door", "reader", "keys").stream()
                .allMatch(port -> said.path("ports").path(port).asText().startsWith("up"));
    }

    private void typed() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        keys.type("0012345678");
        List<GpioUnit.Said> said = only(before, 1);
        boolean boarded = said.size() == 1 && by(said.get(0), RideChange.Source.CARD);
        row("a reader that types a number", names(said), "boarded by card", boarded);
    }

    /** Both lines' edges must come in their order: a bit in the wrong place is another card, or none. */
    private void numbers() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        long startNs = System.nanoTime();
        for (int n = 0; n < NUMBERS; n++) {
            number(CARDS.get(n % CARDS.size()));
            Thread.sleep(4 * FRAME_END_MS);
        }
        long us = (System.nanoTime() - startNs - NUMBERS * 4L * FRAME_END_MS * 1_000_000) / 1_000 / NUMBERS / CARDS.get(0).length();
        boolean all = unit.status(said -> said.path("frames").path("reader").asLong() >= NUMBERS, PATIENCE_MS);
        long read = unit.status().map(said -> said.path("frames").path("reader").asLong()).orElse(-1L);
        row("Wiegand, " + NUMBERS + " numbers, " + us + " us a bit", read + " numbers read", "each number, both parities right", all && read == NUMBERS);
        List<GpioUnit.Said> said = unit.since(before, 1, PATIENCE_MS);
        boolean boarded = !said.isEmpty() && said.get(0).body() instanceof Boarded first && first.change().source() == RideChange.Source.CARD;
        row("the first of these taps", names(said), "boarded by card", boarded);
    }

    private void number(String bits) throws IOException {
        for (int i = 0; i < bits.length(); i++) {
            int line = bits.charAt(i) == '0' ? D0 : D1;
            chip.pull(line, false);
            chip.pull(line, true);
        }
    }

    /** The card's ride is confirmed by the lamp and ended by it. */
    private void ride() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        chip.pull(LAMP, true);
        List<GpioUnit.Said> said = only(before, 1);
        row("lamp on within 60 s of the tap", names(said), "the ride that the card has boarded goes on", said.stream().noneMatch(each -> each.body() instanceof Alighted));
        lampOff();
        before = unit.journal();
        chip.pull(LAMP, true);
        said = only(before, 1);
        row("lamp on", names(said), "boarded by lamp", said.size() == 1 && by(said.get(0), RideChange.Source.METER_LAMP));
        before = unit.journal();
        chip.pull(LAMP, false);
        Thread.sleep(150);
        chip.pull(LAMP, true);
        said = unit.since(before, 1, QUIET_MS + 2_000);
        row("lamp off for 150 ms, a bump", names(said), "no event", said.isEmpty());
        lampOff();
    }

    private static boolean by(GpioUnit.Said said, RideChange.Source source) {
        return said.body() instanceof Boarded boarded && boarded.change().source() == source;
    }

    private void lampOff() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        long fromMs = System.nanoTime() / 1_000_000;
        chip.pull(LAMP, false);
        List<GpioUnit.Said> said = only(before, 1);
        boolean one = said.size() == 1 && said.get(0).body() instanceof Alighted;
        row("lamp off", names(said) + at(said, fromMs), "alighted, once", one);
    }

    private void bounces() throws Exception {
        contact("door shuts, 1 edge", 1, true);
        contact("door opens, bouncing", 21, false);
        contact("door shuts, bouncing", 41, true);
        contact("door opens, 1 edge", 1, false);
        List<GpioUnit.Said> before = unit.journal();
        chip.bounce(DOOR, false, 200);
        row("chatter that ends where it began", names(unit.since(before, 1, QUIET_MS)), "no event", unit.since(before, 1, 0).isEmpty());
    }

    private void contact(String what, int times, boolean closed) throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        long fromMs = System.nanoTime() / 1_000_000;
        chip.bounce(DOOR, closed, times);
        long toMs = System.nanoTime() / 1_000_000;
        List<GpioUnit.Said> said = only(before, 1);
        boolean one = said.size() == 1 && said.get(0).body() instanceof Contact door && door.closed() == closed;
        row(what, names(said) + at(said, fromMs), "one event, dated within 0.25 s of its debouncing", one && dated(said, fromMs, toMs + DOOR_DEBOUNCE_MS + LATE_MS));
    }

    private void button() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        chip.bounce(BUTTON, true, 15);
        Thread.sleep(1_500);
        chip.bounce(BUTTON, false, 15);
        List<GpioUnit.Said> said = only(before, 1);
        boolean raised = said.size() == 1 && said.get(0).body() instanceof Panic panic && panic.phase() == Phase.RAISED;
        row("button, 1.5 s, bouncing", names(said), "one panic, raised", raised);
    }

    private void lost() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        unit.agent().signal("STOP");
        chip.bounce(DOOR, true, BURST + 1);
        unit.agent().signal("CONT");
        List<GpioUnit.Said> said = only(before, 1);
        boolean told = unit.says("edges lost", PATIENCE_MS);
        boolean one = said.size() == 1 && said.get(0).body() instanceof Contact door && door.closed();
        row("agent stands still", names(said) + ", loss told: " + told, "one event, the loss in the log", one && told);
    }

    private void taken() throws Exception {
        unit.agent().kill();
        chip.edges();
        boolean busy;
        try (OtherProgram other = new OtherProgram(chip.name(), DOOR)) {
            unit.start();
            busy = unit.says("in use (" + DOOR + " by 'rig-other')", PATIENCE_MS);
        }
        Thread.sleep(BACK_MS);
        boolean up = user(DOOR).equals(AGENT);
        contactAfter("another program has the door's line", "fault told: " + busy + ", ours again: " + up, busy && up);
    }

    /** Linux before 6.6 does not give the chip its number again: what is named by it must be found by where it was plugged in. */
    private void unplugged(String what, int awayMs) throws Exception {
        String before = chip.name();
        boolean held = waitFor(() -> missing().isEmpty());
        chip.unplug();
        boolean told = unit.says("is gone", PATIENCE_MS);
        Thread.sleep(awayMs);
        chip.plug(LINES);
        chip.pull(D0, true);
        chip.pull(D1, true);
        Thread.sleep(BACK_MS);
        List<String> missing = missing();
        boolean low = !chip.high(RELAY);
        contactAfter(what, before + " is " + chip.name() + ", fault told: " + told + ", missing after 2 s: " + missing + ", relay low: " + low, held && told && missing.isEmpty() && low);
    }

    /** Whose line the agent does not hold. */
    private List<String> missing() {
        return OURS.entrySet().stream()
                .filter(line -> !user(line.getValue()).equals(AGENT))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** The door moves after all that, and must be heard. */
    private void contactAfter(String what, String found, boolean so) throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        boolean closed = unit.lastDoor().map(door -> !door).orElse(true);
        chip.pull(DOOR, closed);
        List<GpioUnit.Said> said = only(before, 1);
        boolean one = said.size() == 1 && said.get(0).body() instanceof Contact door && door.closed() == closed;
        row(what, found + ", then " + names(said), "back within 2 s, no edge missed from then on", so && one);
    }

    private void midRide() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        chip.pull(LAMP, true);
        Optional<Id8> ride = rideOf(only(before, 1));
        before = unit.journal();
        unit.agent().kill();
        unit.start();
        List<GpioUnit.Said> said = unit.since(before, 1, 2 * QUIET_MS);
        row("kill -9 in a ride, start, lamp still on", (ride.isEmpty() ? "no ride before, then " : "") + names(said), "no event", ride.isPresent() && said.isEmpty());
        unit.agent().kill();
        chip.pull(LAMP, false);
        unit.start();
        said = only(before, 1);
        boolean ended = said.size() == 1 && said.get(0).body() instanceof Alighted alighted && Optional.of(alighted.change().ride()).equals(ride);
        row("lamp off while the agent is dead", names(said), "the same ride alights", ended);
    }

    private static Optional<Id8> rideOf(List<GpioUnit.Said> said) {
        return said.stream()
                .filter(each -> each.body() instanceof Boarded)
                .map(each -> ((Boarded) each.body()).change().ride())
                .reduce((first, second) -> second);
    }

    private void relay() throws Exception {
        List<GpioUnit.Said> before = unit.journal();
        hub.open();
        boolean there = hub.subscribed.await(60, TimeUnit.SECONDS);
        hub.order("relay", true);
        boolean on = waitFor(() -> high(RELAY));
        hub.order("relay", false);
        boolean off = waitFor(() -> !high(RELAY));
        List<GpioUnit.Said> said = only(before, 2);
        boolean acks = said.size() == 2 && said.stream().allMatch(each -> each.body() instanceof CommandAck);
        row("the hub orders the relay on, off", "connected: " + there + ", high: " + on + ", low: " + off + ", " + names(said), "the line follows, two answers", there && on && off && acks);
        hub.order("relay", true);
        boolean again = waitFor(() -> high(RELAY));
        unit.agent().kill();
        row("kill -9 with the relay on", "high: " + again + ", then line free: " + user(RELAY).isEmpty() + ", low: " + !high(RELAY),
                "the kernel has taken the line back", again && user(RELAY).isEmpty() && !high(RELAY));
        unit.start();
        row("start after it", "relay ours: " + user(RELAY).equals(AGENT) + ", low: " + !high(RELAY), "ours and low", user(RELAY).equals(AGENT) && !high(RELAY));
    }

    // ---- how it is told

    private List<GpioUnit.Said> only(List<GpioUnit.Said> before, int expected) throws Exception {
        unit.since(before, expected, PATIENCE_MS);
        return unit.since(before, expected + 1, QUIET_MS);
    }

    private static boolean dated(List<GpioUnit.Said> said, long fromMs, long toMs) {
        return said.stream().allMatch(each -> each.monoMs() >= fromMs - 1 && each.monoMs() <= toMs + 1);
    }

    private static String at(List<GpioUnit.Said> said, long fromMs) {
        return said.isEmpty() ? "" : " after " + (said.get(0).monoMs() - fromMs) + " ms";
    }

    private String user(int line) {
        return OtherProgram.user(chip.name(), line);
    }

    private boolean high(int line) {
        try {
            return chip.high(line);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean waitFor(BooleanSupplier so) throws InterruptedException {
        long endNs = System.nanoTime() + PATIENCE_MS * 1_000_000L;
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                return false;
            }
            Thread.sleep(10);
        }
        return true;
    }

    private static String names(List<GpioUnit.Said> said) {
        return said.isEmpty() ? "nothing" : String.join(", ", said.stream().map(each -> name(each.body())).toList());
    }

    private static String name(Body body) {
        return switch (body.kind()) {
            case BOARDED -> "boarded (" + ((Boarded) body).change().source() + ")";
            case ALIGHTED -> "alighted (" + ((Alighted) body).change().source() + ")";
            case CONTACT -> ((Contact) body).closed() ? "closed" : "open";
            case PANIC -> "panic " + ((Panic) body).phase();
            case COMMAND_ACK -> "answer " + ((CommandAck) body).outcome();
            default -> body.kind().toString();
        };
    }

    private void row(String what, String found, String promise, boolean met) {
        String[] row = {what, String.valueOf(chip.edges()), found, promise, met ? "met" : "NOT MET"};
        rows.add(row);
        right &= met;
        out.printf("%-8s %s: %s%n", row[4], what, found);
    }

    private void table() {
        out.printf("%n%-38s %6s  %-60s %s%n", "scenario", "edges", "found", "promise");
        rows.forEach(row -> out.printf("%-38s %6s  %-60s %s: %s%n", row[0], row[1], row[2], row[4], row[3]));
    }
}
