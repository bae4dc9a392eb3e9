package ansim.profile;

import ansim.fuzz.FuzzTarget;
import ansim.profile.ProfileFile.KnownAnswer;
import ansim.settings.Section;
import ansim.settings.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The fuzz targets of framers and decoders. {@code decoder-X}: what comes on the line, through framer, check digits and decoder.
 * {@code body-X}: with a valid frame around it, straight to what reads the content. {@code framer-X}: the framer alone. The seeds
 * are the known answers of the profiles.
 */
public final class ProfileFuzz {
    private ProfileFuzz() {}

    /** Jazzer calls it with the target's name. */
    public static void fuzzerInitialize(String[] args) {
        target = FuzzTarget.named(TARGETS, args[0]);
    }

    /** Jazzer calls it with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws Exception {
        target.body().take(input);
    }

    /** For scripts/fuzz. */
    public static void main(String[] args) throws IOException {
        FuzzTarget.tool(TARGETS, args);
    }

    private static List<FuzzTarget> targets() {
        List<FuzzTarget> all = new ArrayList<>();
        for (DecoderKind kind : DecoderKind.values()) {
            if (!kind.framers.contains(FramerKind.DRIVEN)) {
                decoder(kind, all);
            }
        }
        for (FramerKind kind : FramerKind.values()) {
            all.add(framer(kind));
        }
        return List.copyOf(all);
    }

    /** With and without a frame around what the fuzzer gives. */
    private static void decoder(DecoderKind kind, List<FuzzTarget> all) {
        List<FuzzedDevice.Setting> settings = new ArrayList<>();
        List<byte[]> seeds = new ArrayList<>();
        for (String name : Profile.shipped()) {
            ProfileFile file = Settings.read(name + ".yaml", Profile.source(name), ProfileFile.class);
            if (file.decoder() == kind) {
                known(file, settings, seeds);
            }
        }
        if (kind == DecoderKind.FIELDS) {
            OwnDevices.all().forEach((profile, wrap) -> {
                seeds.add(new FuzzScript.Writer(settings.size())
                        .at(0, wrap.around(HexFormat.of().parseHex("0462E3086CED0812"), new byte[0]))
                        .bytes());
                settings.add(new FuzzedDevice.Setting(profile, wrap));
            });
        }
        String word = ReadingJson.word(kind);
        List<FuzzedDevice.Setting> bare = settings.stream()
                .map(each -> new FuzzedDevice.Setting(each.profile(), FuzzedDevice.Wrap.NONE))
                .toList();
        seeds.addAll(Found.by("decoder-" + word));
        all.add(new FuzzTarget("decoder-" + word, seeds, new FuzzedDevice(bare)));
        if (settings.stream().anyMatch(each -> each.wrap() != FuzzedDevice.Wrap.NONE)) {
            List<byte[]> bodies = new ArrayList<>(Found.by("body-" + word));
            bodies.addAll(bodies(kind, settings.size()));
            all.add(new FuzzTarget("body-" + word, bodies, new FuzzedDevice(settings)));
        }
    }

    private static void known(ProfileFile file, List<FuzzedDevice.Setting> settings, List<byte[]> seeds) {
        Profile profile = Profile.of(file);
        for (KnownAnswer answer : file.knownAnswers()) {
            seeds.add(seed(answer, profile, settings.size()));
            settings.add(new FuzzedDevice.Setting(profile.with(answer.options()), Wraps.of(file.decoder())));
        }
    }

    private static byte[] seed(KnownAnswer answer, Profile profile, int setting) {
        FuzzScript.Writer script = new FuzzScript.Writer(setting);
        answer.text().ifPresent(text -> script.at(0, text.getBytes(StandardCharsets.ISO_8859_1)));
        answer.hex().ifPresent(hex -> script.at(0, HexFormat.of().parseHex(hex.replace(" ", ""))));
        answer.talk().orElse(List.of()).stream()
                .map(TalkRow::parse)
                .filter(Predicate.not(TalkRow::out))
                .forEach(row -> script.at(row.ms(), row.bytes()));
        answer.levels().orElse(List.of()).stream()
                .map(row -> LevelRow.parse(row, profile.lines()))
                .forEach(row -> script.at(row.ms(), (byte) (row.line() | 2 | (row.high() ? 4 : 0))));
        for (String row : answer.pulses().orElse(List.of())) {
            String[] parts = row.strip().split("\\s+", 2);
            byte[] bits = new byte[parts[1].length()];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = (byte) (parts[1].charAt(i) - '0' | KnownAnswers.PULSE_MS << 3);
            }
            script.at(Long.parseLong(parts[0]), bits);
        }
        return script.bytes();
    }

    /** Bodies that get past the first questions, in each setting. */
    private static List<byte[]> bodies(DecoderKind kind, int settings) {
        List<byte[]> seeds = new ArrayList<>();
        for (int setting = 0; setting < settings; setting++) {
            FuzzScript.Writer script = new FuzzScript.Writer(setting);
            int ms = 0;
            for (byte[] body : bodies(kind)) {
                ms += 300;
                script.at(ms, body);
            }
            seeds.add(script.bytes());
        }
        return seeds;
    }

    private static List<byte[]> bodies(DecoderKind kind) {
        return switch (kind) {
            case NMEA0183 ->
                texts(
                        "GPZDA,083000.00,23,11,2026,00,00",
                        "GPRMC,083000.00,A,3733.9000,N,12658.7000,E,19.438,90.00,231126,,,A",
                        "GPGGA,083000.00,3733.9,N,12658.7,E,1,09,0.9,38.2,M,18.0,M,,",
                        "GNGSA,A,3,08,10,16,18,27,,,,,,,,1.2,1.1,0.9",
                        "GNGNS,083001.00,3733.9,N,12658.7,E,AN,09,0.9,38.2,18.0,,",
                        "GPGLL,3733.9,N,12658.7,E,083002.00,A,A",
                        "GPVTG,90.0,T,,M,19.4,N,36.0,K,A",
                        "GPTXT,01,01,02,ANTSTATUS=OPEN");
            case UBX_NMEA -> {
                byte[] pvt = Ubx.pvt("2026-11-23T08:30:00Z", 375650000, 1269783333);
                byte[] body = new byte[93];
                body[0] = 4;
                System.arraycopy(pvt, UbxNmeaFramer.HEADER, body, 1, 92);
                yield List.of(
                        body,
                        FuzzTarget.join(new byte[] {10}, new byte[60]),
                        FuzzTarget.hex("0B00010000").get(0));
            }
            case GPSD ->
                texts(
                        "\"class\":\"TPV\",\"mode\":3,\"time\":\"2026-11-23T08:30:00Z\",\"lat\":37.565,\"lon\":126.978,\"speed\":1.5",
                        "\"class\":\"SKY\",\"hdop\":0.9,\"satellites\":[{\"PRN\":1,\"used\":true}]");
            case PN532 -> FuzzTarget.hex("00", "00", "0101000408041122334455", "010100042007041122334455", "009000");
            case OSDP -> FuzzTarget.hex("4500", "480100", "500000001A00010203C0", "4104", "79", "40");
            case PCSC -> FuzzTarget.hex("00", "013B00", "0311223344" + "9000", "036A82", "02");
            case MODBUS_RTU -> FuzzTarget.hex("007B", "007BFFCE", "FF", "01");
            case HID_READER -> FuzzTarget.hex("020304050607081C", "1E301C");
            default -> FuzzTarget.hex("62E3086CED0812", "01", "00");
        };
    }

    private static List<byte[]> texts(String... texts) {
        List<byte[]> bytes = new ArrayList<>();
        for (String text : texts) {
            bytes.add(text.getBytes(StandardCharsets.US_ASCII));
        }
        return bytes;
    }

    private static FuzzTarget framer(FramerKind kind) {
        String name = "framer-" + ReadingJson.word(kind);
        List<byte[]> seeds = new ArrayList<>(Found.by(name));
        FuzzTarget.Body body = switch (kind) {
            case LEVEL -> FuzzedFramer::levels;
            case PULSES -> FuzzedFramer::pulses;
            case DRIVEN -> FuzzedFramer::driven;
            default ->
                new FuzzedFramer(FRAMERS.getOrDefault(kind, List.of()).stream()
                        .map(options -> framing(kind, options))
                        .toList());
        };
        for (int setting = 0; setting < 3; setting++) {
            FuzzScript.Writer script = new FuzzScript.Writer(setting);
            int ms = 0;
            for (byte[] frame : FRAMES) {
                ms += 40;
                script.at(ms, frame);
            }
            seeds.add(script.at(ms + 700, new byte[] {1, 2, 3}).bytes());
        }
        return new FuzzTarget(name, seeds, body);
    }

    private static FuzzedFramer.Setting framing(FramerKind kind, String options) {
        Section section =
                Settings.read("framer", "options: " + options, Options.class).options();
        Record bound = section.bind(kind.options);
        return new FuzzedFramer.Setting(
                () -> kind.open(bound, LengthFramer.Proof.NONE), MOST_HELD.getOrDefault(kind, 300));
    }

    record Options(Section options) {}

    /** Settings of each framer, short ones too, so that the limits are near. */
    private static final Map<FramerKind, List<String>> FRAMERS = Map.ofEntries(
            Map.entry(FramerKind.NMEA_LINE, List.of("{}", "{longest: 80}")),
            Map.entry(FramerKind.UBX_NMEA, List.of("{}", "{longest: 80, longest-payload: 92, frame-gap: 50ms}")),
            Map.entry(FramerKind.JSON_LINE, List.of("{longest: 256}")),
            Map.entry(FramerKind.EVDEV_RECORD, List.of("{}", "{word: 32}")),
            Map.entry(FramerKind.CARD_FRAME, List.of("{}")),
            Map.entry(FramerKind.MODBUS_ANSWER, List.of("{}", "{address: 17}")),
            Map.entry(FramerKind.PN532_FRAME, List.of("{}")),
            Map.entry(FramerKind.OSDP_REPLY, List.of("{}", "{address: 5}")),
            Map.entry(FramerKind.REPLY_HEAD, List.of("{}")),
            Map.entry(FramerKind.PCSC_MESSAGE, List.of("{}")),
            Map.entry(
                    FramerKind.TERMINATOR,
                    List.of("{}", "{end: 0D 0A, strip: false, longest: 16}", "{end: 0A, longest: 1}")),
            Map.entry(
                    FramerKind.STX_ETX,
                    List.of(
                            "{}",
                            "{escape: dle, longest: 16}",
                            "{start: AA 55, end: 55 AA}",
                            "{start: 10 02, end: 10 03, escape: dle}",
                            "{start: 7E, end: 7E, longest: 8}")),
            Map.entry(
                    FramerKind.LENGTH_PREFIXED,
                    List.of(
                            "{at: 0, bytes: 2, order: little, plus: -2, longest: 8}",
                            "{start: AA 55, at: 2, plus: 5}",
                            "{at: 64, bytes: 2, longest: 1}")),
            Map.entry(FramerKind.FIXED, List.of("{length: 1}", "{start: AA 55, length: 2}", "{length: 9}")),
            Map.entry(FramerKind.IDLE_GAP, List.of("{}", "{shortest: 4, longest: 4}")));

    private static final Map<FramerKind, Integer> MOST_HELD =
            Map.of(FramerKind.UBX_NMEA, 4_096 + 8 + 121, FramerKind.REPLY_HEAD, 2_048, FramerKind.JSON_LINE, 256);

    /** A frame of each framer. */
    private static final List<byte[]> FRAMES = FuzzTarget.hex(
            "2447505458542C30312A36430D0A",
            "B562010701005500",
            "7B22636C617373223A317D0A",
            "0236324533303836434544303803",
            "010302007BF867",
            "0000FF02FED5151600",
            "538008000540689F",
            "525453502F312E3020323030204F4B0D0A435365713A20310D0A0D0A",
            "0300029000",
            "AA5501010000",
            "100210101003",
            "7E617E627E",
            "78".repeat(250));

    /** Behind what they are made of. */
    static final List<FuzzTarget> TARGETS = targets();

    private static FuzzTarget target = TARGETS.get(0);
}
