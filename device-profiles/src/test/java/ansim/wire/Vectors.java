package ansim.wire;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What the files {@code golden/*.hex} say. The files were made by another program in another language, with the keys of
 * {@link Seal}, and are never written again.
 */
final class Vectors {
    static final Id16 UNIT = Id16.parse("00112233-4455-6677-8899-aabbccddeeff");
    static final Id8 BOOT = Id8.parse("b0b1b2b3b4b5b6b7");
    static final Id8 RIDE = Id8.parse("1011121314151617");
    static final Id8 ALARM = Id8.parse("d1d2d3d4d5d6d7d8");
    static final long T0_MS = 1_763_877_600_000L;
    static final Pos ROUGH = Pos.of(375_665_000, 1_269_780_000);
    static final Pos SHARP = new Pos(375_665_000, 1_269_780_000, OptionalInt.of(25));

    private static final Id16 ZERO = new Id16(0, 0);
    private static final Id16 COUNTING = Id16.parse("000102030405060708090a0b0c0d0e0f");

    private Vectors() {}

    static byte[] hex(String name) {
        String digits = ContractTest.read("golden/" + name + ".hex").replaceAll("\\s", "");
        return HexFormat.of().parseHex(digits);
    }

    static Id8 chain(Lane lane) {
        return switch (lane) {
            case ALARM -> Id8.parse("a1a1a1a1a1a1a1a1");
            case EVENT -> Id8.parse("a2a2a2a2a2a2a2a2");
            case TRACK -> Id8.parse("a3a3a3a3a3a3a3a3");
            case STATUS -> new Id8(7);
        };
    }

    /** One record at GNSS time with nothing out of the ordinary. */
    static Batch plain(Lane lane, long n, Optional<Id16> previous, Body body) {
        return timed(lane, n, previous, TimeQuality.GNSS, List.of(new UpRecord(0, body)));
    }

    private static Batch timed(
            Lane lane, long n, Optional<Id16> previous, TimeQuality quality, List<UpRecord> records) {
        return new Batch(
                UNIT,
                BOOT,
                lane,
                chain(lane),
                n,
                previous,
                quality,
                quality == TimeQuality.UNKNOWN ? 0 : T0_MS,
                123_456,
                records,
                OptionalLong.empty(),
                false,
                false);
    }

    private static Batch marked(Batch from, OptionalLong waiting, boolean test, boolean memoryOnly) {
        return new Batch(
                from.unit(),
                from.boot(),
                from.lane(),
                from.chain(),
                from.n(),
                from.previous(),
                from.quality(),
                from.t0Ms(),
                from.m0Ms(),
                from.records(),
                waiting,
                test,
                memoryOnly);
    }

    private static Bytes counting(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return Bytes.of(bytes);
    }

    static Map<String, Batch> up() throws WireException {
        Map<String, Batch> all = new LinkedHashMap<>();
        rides(all);
        alarms(all);
        others(all);
        return all;
    }

    private static void rides(Map<String, Batch> all) throws WireException {
        Position position = new Position(
                SHARP,
                OptionalInt.of(1389),
                OptionalInt.of(27155),
                OptionalInt.of(3),
                OptionalInt.of(412),
                Optional.of(RIDE));
        all.put("position", plain(Lane.STATUS, 300, Optional.empty(), position));
        Boarded first = new Boarded(RideChange.of(RIDE, Optional.of(SHARP), RideChange.Source.METER_LAMP));
        all.put(
                "boarded-first",
                marked(plain(Lane.EVENT, 1, Optional.empty(), first), OptionalLong.of(0), false, false));
        Boarded second = new Boarded(new RideChange(
                Optional.of(SHARP),
                RIDE,
                Optional.of(counting(100)),
                RideChange.Source.CARD,
                OptionalInt.of(2),
                OptionalInt.of(RideChange.TAP_AT_SPEED)));
        Id16 before = UpMessage.parse(hex("boarded-first")).payloadHash();
        all.put("boarded-second", plain(Lane.EVENT, 2, Optional.of(before), second));
        Alighted alighted = new Alighted(RideChange.of(RIDE, Optional.empty(), RideChange.Source.METER_LAMP));
        all.put("alighted", plain(Lane.EVENT, 70_000, Optional.of(COUNTING), alighted));
        List<Integer> deltas = new ArrayList<>();
        IntStream.range(0, 29).forEach(i -> {
            deltas.add(1200 - 40 * i);
            deltas.add(-900 + 17 * i);
        });
        List<Integer> speeds = IntStream.range(0, 30).mapToObj(i -> 1389).collect(Collectors.toList());
        Track track = new Track(SHARP, 1000, deltas, speeds, Optional.of(RIDE));
        Batch tracked = plain(Lane.TRACK, 1L << 32, Optional.of(COUNTING), track);
        all.put("track", marked(tracked, OptionalLong.of(3), false, false));
    }

    private static void alarms(Map<String, Batch> all) {
        Panic panic = new Panic(
                Optional.of(SHARP),
                Optional.of(RIDE),
                Panic.Origin.RIDER,
                Panic.Pattern.LONG,
                ALARM,
                Phase.RAISED,
                OptionalLong.of(3));
        all.put("panic", plain(Lane.ALARM, 1, Optional.empty(), panic));
        Panic undated = new Panic(
                Optional.empty(),
                Optional.empty(),
                Panic.Origin.DRIVER,
                Panic.Pattern.PRESS,
                ALARM,
                Phase.REPEATED,
                OptionalLong.empty());
        Batch unknownTime =
                timed(Lane.ALARM, 1, Optional.empty(), TimeQuality.UNKNOWN, List.of(new UpRecord(0, undated)));
        all.put("panic-undated-in-memory", marked(unknownTime, OptionalLong.empty(), false, true));
        Tamper tamper = new Tamper(Tamper.What.NUMBERS.code(), Phase.RAISED, OptionalLong.of(2));
        Batch tampered = plain(Lane.ALARM, 24, Optional.of(ZERO), tamper);
        all.put("tamper", marked(tampered, OptionalLong.empty(), true, false));
        Gap gap = new Gap(Lane.TRACK, chain(Lane.TRACK), 1, 500, Gap.Reason.EVICTED);
        all.put("gap", plain(Lane.ALARM, 255, Optional.of(ZERO), gap));
    }

    private static void others(Map<String, Batch> all) {
        Contact contact = new Contact("문 door", false, Optional.of(ROUGH));
        all.put("contact", plain(Lane.EVENT, 256, Optional.of(ZERO), contact));
        UpRecord anchor = new UpRecord(0, new Anchor(BOOT, 99_999, T0_MS));
        all.put("anchor", timed(Lane.EVENT, 65_535, Optional.of(ZERO), TimeQuality.GNSS_PPS, List.of(anchor)));
        UpRecord ack = new UpRecord(0, new CommandAck(17, CommandAck.Outcome.UNKNOWN));
        all.put("command-ack", timed(Lane.EVENT, 65_536, Optional.of(ZERO), TimeQuality.NTP, List.of(ack)));
        Health health = new Health(
                86_400,
                OptionalLong.of(20_480),
                OptionalInt.of(-12),
                List.of(0L, 1L, 2L, 3L),
                List.of(0L, 0L, 0L, 9L),
                OptionalInt.of(-87),
                Map.of("lamp", 1L, "gnss", 0L, "reader", 2L),
                OptionalLong.of(12_600),
                List.of(3L, 11L, 9L, 0L),
                Map.of("agent", "0.1.0", "profile", "1"),
                OptionalLong.of(90),
                OptionalInt.of(1),
                OptionalLong.of(-1500),
                OptionalLong.of(7400));
        List<UpRecord> status = List.of(new UpRecord(0, health), new UpRecord(5, Presence.near(ROUGH, true)));
        all.put("health-and-presence", timed(Lane.STATUS, 1, Optional.empty(), TimeQuality.HELD_OVER, status));
        Unknown later = new Unknown(13, Bytes.of(Diag.encode("{1: \"later\", 2: [true, null]}")));
        Unknown own = new Unknown(64, Bytes.of(Diag.encode("{}")));
        List<UpRecord> unknown = List.of(new UpRecord(0, later), new UpRecord(UpRecord.MAX_DT_MS, own));
        all.put("unknown-kinds", timed(Lane.EVENT, 1, Optional.empty(), TimeQuality.GNSS, unknown));
    }

    static Map<String, Command> down() {
        Map<String, Command> all = new LinkedHashMap<>();
        Receipted first = new Receipted(chain(Lane.ALARM), 1, new Id8(0));
        Receipted second = new Receipted(chain(Lane.EVENT), 70_000, Id8.parse("0001020304050607"));
        Receipted third = new Receipted(Id8.parse("a9a9a9a9a9a9a9a9"), 2, Id8.parse("08090a0b0c0d0e0f"));
        Receipted fourth = new Receipted(chain(Lane.STATUS), 300, new Id8(0));
        Map<Lane, List<Receipted>> lanes =
                Map.of(Lane.ALARM, List.of(first), Lane.EVENT, List.of(second, third), Lane.STATUS, List.of(fourth));
        all.put("receipt", command(OptionalLong.empty(), T0_MS / 1000, 0, new Receipt(lanes)));
        Refused refused = new Refused(Map.of(
                Lane.TRACK, new Refused.Refusal(COUNTING, Refused.Reason.ENCODING),
                Lane.ALARM,
                        new Refused.Refusal(Id16.parse("101112131415161718191a1b1c1d1e1f"), Refused.Reason.SIGNATURE)));
        all.put("refused", command(OptionalLong.empty(), T0_MS / 1000, 0, refused));
        OtherVerb output = new OtherVerb(4, Bytes.of(Diag.encode("{1: \"siren\", 2: true, 3: 600}")));
        all.put("output", command(OptionalLong.of(T0_MS / 1000 + 60), 0xffff_ffffL, 18, output));
        OtherVerb reEnrol = new OtherVerb(6, Bytes.of(Diag.encode("{}")));
        all.put("re-enrol", command(OptionalLong.empty(), T0_MS / 1000, 0xffff_ffffL, reEnrol));
        return all;
    }

    private static Command command(OptionalLong expS, long generation, long number, Verb verb) {
        return new Command("hub", UNIT, expS, T0_MS / 1000, generation, number, verb);
    }
}
