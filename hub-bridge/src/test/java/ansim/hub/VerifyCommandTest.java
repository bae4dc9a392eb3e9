package ansim.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ansim.hub.core.UnitRecord;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Batch;
import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Phase;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.Tamper;
import ansim.wire.TimeQuality;
import ansim.wire.UpMessage;
import ansim.wire.UpRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyCommandTest {
    private static final SigningKey UNIT = SigningKey.fromSeed(new byte[32]);
    private static final Id16 UNIT_ID = new Id16(1, 2);
    private static final byte[] MESSAGE = sign(UNIT_ID);

    private static byte[] sign(Id16 unit) {
        return UpMessage.sign(
                        new Batch(
                                unit,
                                new Id8(3),
                                Lane.ALARM,
                                new Id8(4),
                                5,
                                Optional.of(new Id16(6, 7)),
                                TimeQuality.GNSS,
                                1_763_877_600_000L,
                                8,
                                List.of(new UpRecord(0, Tamper.of(Tamper.What.ENCLOSURE, Phase.RAISED))),
                                OptionalLong.empty(),
                                false,
                                false),
                        UNIT)
                .bytes();
    }

    /** "EdDSA-01: EdDSA - 25519 - sign0" of the COSE working group's examples. */
    private static final String COSE_EXAMPLE =
            "d28445a201270300a10442313154546869732069732074686520636f6e74656e742e5840"
                    + "7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb87"
                    + "11497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d";

    private static final String COSE_EXAMPLE_SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

    @TempDir
    private Path dir;

    private String key = "";

    @BeforeEach
    void writeTheKey() throws IOException {
        key = write("unit.pem", UNIT.verifyKey().toPem().getBytes(StandardCharsets.US_ASCII));
    }

    private String write(String name, byte[] content) throws IOException {
        return Files.write(dir.resolve(name), content).toString();
    }

    private record Ran(int exit, String out, Optional<CommandFailure> failure) {}

    private static Ran run(byte[] standardInput, String... arguments) {
        StringWriter out = new StringWriter();
        List<CommandFailure> failures = new ArrayList<>();
        int exit = new CommandLine(new VerifyCommand(new ByteArrayInputStream(standardInput)))
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(new StringWriter()))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    failures.add((CommandFailure) e);
                    return CommandFailure.EXIT_CODE;
                })
                .execute(arguments);
        return new Ran(exit, out.toString(), failures.stream().findFirst());
    }

    @Test
    void aMessageIsVerifiedInWhateverFormItIsHeld() {
        String base64 = Base64.getEncoder().encodeToString(MESSAGE);
        Map<String, byte[]> forms = Map.of(
                "bytes", MESSAGE,
                "hex", ascii(HexFormat.ofDelimiter(" ").formatHex(MESSAGE) + "\n"),
                "base64", ascii(Base64.getMimeEncoder().encodeToString(MESSAGE)),
                "base64url", ascii(Base64.getUrlEncoder().withoutPadding().encodeToString(MESSAGE)),
                "event",
                        ascii("{\"specversion\":\"1.0\",\"id\":\"x\",\"data\":{\"lat\":1,\"signed\":\"" + base64
                                + "\"}}"),
                "CloudEvents binary", ascii(" {\"data_base64\":\"" + base64 + "\"}"));
        forms.forEach((form, content) -> {
            Ran ran = run(content, "--public-key", key, "-");
            assertEquals(0, ran.exit(), form);
            assertTrue(ran.out().contains("what: enclosure"), ran.out());
            assertTrue(ran.out().contains("time: 2025-11-23T06:00:00Z"), ran.out());
        });
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void theJsonFormSaysTheSameToScripts() throws IOException {
        Ran ran = run(new byte[0], "--json", "--public-key", key, write("message.cose", MESSAGE));
        assertEquals(0, ran.exit());
        assertTrue(ran.out().startsWith("{\"verified\":true,\"typ\":\"ansim.up.v1\""), ran.out());
        assertTrue(ran.out().contains("\"records\":[{\"kind\":\"tamper\""), ran.out());
    }

    @Test
    void aReceiptIsVerifiedWithTheHubsKey() throws IOException {
        SigningKey hub = SigningKey.fromSeed(HexFormat.of().parseHex(COSE_EXAMPLE_SEED));
        Receipt receipt = new Receipt(Map.of(Lane.ALARM, List.of(new Receipted(new Id8(4), 5, new Id8(9)))));
        Command command = new Command("hub", UNIT_ID, OptionalLong.empty(), 1, 2, 0, receipt);
        byte[] message = DownMessage.sign(command, hub).bytes();
        String hubKey = write("hub.pem", ascii(hub.verifyKey().toPem()));
        assertEquals(0, run(message, "--public-key", hubKey, "-").exit());
        Ran wrongKey = run(message, "--public-key", key, "-");
        assertEquals(1, wrongKey.exit());
        assertTrue(wrongKey.failure().orElseThrow().error().contains("names key"));
    }

    @Test
    void oneFlippedBitOfTheSignatureIsAnErrorThatSaysSo() {
        byte[] flipped = MESSAGE.clone();
        flipped[flipped.length - 1] ^= 1;
        Ran ran = run(flipped, "--public-key", key, "-");
        assertEquals(1, ran.exit());
        assertTrue(ran.failure().orElseThrow().error().contains("(signature)"));
        Ran asJson = run(flipped, "--json", "--public-key", key, "-");
        assertEquals(1, asJson.exit());
        assertTrue(asJson.out().startsWith("{\""), asJson.out());
        assertTrue(asJson.out().contains("\"verified\":false"), asJson.out());
        assertTrue(asJson.out().contains("\"reason\":\"signature\""), asJson.out());
    }

    /** A panic of origin 9, which version 1 does not have, signed by {@link #UNIT}. */
    private static final String FLAWED =
            "d284581aa301270448339e2ff917630507106b616e73696d2e75702e7631a05857ab0101025000112233445566778899aabb"
                    + "ccddeeff0348b0b1b2b3b4b5b6b704010548a1a1a1a1a1a1a1a1060107f60801091b0000019aaf4c3b000a1a0001e2400b81"
                    + "830500a41409150116480000000000000000170158407bfe8f210e1113535f87ad90d0e23cf2b9351529f79837e6be7bc1ec"
                    + "28e6a385c5adb487ead1cb3ed5f329ef960655cb97ceb1b2c3007620cfcf8834013c4d02";

    @Test
    void aSignedMessageThatBreaksTheContractIsShownAndStillAFailure() {
        Ran ran = run(ascii(FLAWED), "--public-key", key, "-");
        assertThat(ran, "the signature verifies, but the message breaks the contract: record 0, panic key 20");
        assertTrue(ran.out().contains("bodyHex: a4140915011648"), ran.out());
        assertTrue(run(ascii(FLAWED), "--json", "--public-key", key, "-").out().startsWith("{\"verified\":false,"));
    }

    @Test
    void whatIsNoMessageIsAnErrorThatSaysWhere() {
        Ran ran = run(Arrays.copyOf(MESSAGE, 100), "--public-key", key, "-");
        assertEquals(1, ran.exit());
        assertTrue(ran.failure().orElseThrow().error().contains("(encoding): cut short"));
        assertEquals(1, run(new byte[0], "--public-key", key, "-").exit());
        assertEquals(1, run(ascii("{\"data\":{}}"), "--public-key", key, "-").exit());
        assertEquals(1, run(ascii("{} {}"), "--public-key", key, "-").exit());
    }

    @Test
    void aKeyThatIsMissingOrNoKeyIsAnErrorThatSaysWhatToGive() throws IOException {
        assertThat(run(MESSAGE, "--raw", "-"), "no public key given");
        assertThat(run(MESSAGE, "--data", dir.toString(), "-"), "there is no");
        assertThat(run(MESSAGE, "--public-key", dir.resolve("none.pem").toString(), "-"), "cannot read");
        String privateKey = write("private.pem", ascii(UNIT.toPem()));
        assertThat(run(MESSAGE, "--public-key", privateKey, "-"), "cannot be used: not PEM");
        assertThat(run(MESSAGE, "--public-key", key, dir.resolve("none").toString()), "cannot read");
    }

    @Test
    void withoutAKeyTheHubsRegistryKnowsIt() throws IOException {
        try (Registry registry = Registry.open(dir.resolve(HubFolder.REGISTRY))) {
            UnitRecord taxi = new UnitRecord(
                    UNIT_ID, UNIT.verifyKey(), "서울 33바 1234", "Ansim Taxi", "taxi", Optional.empty(), false);
            assertTrue(registry.add(taxi, 1));
        }
        Ran ran = run(MESSAGE, "--data", dir.toString(), "-");
        assertEquals(0, ran.exit());
        assertTrue(ran.out().startsWith("verified: true\nvehicle: 서울 33바 1234\n"), ran.out());
        byte[] stranger = sign(new Id16(9, 9));
        assertThat(run(stranger, "--data", dir.toString(), "-"), "is not registered");
    }

    private static void assertThat(Ran ran, String error) {
        assertEquals(1, ran.exit());
        String found = ran.failure().orElseThrow().error();
        assertTrue(found.contains(error), found);
        assertTrue(!ran.failure().orElseThrow().tryThis().isEmpty());
    }

    @Test
    void rawVerifiesTheWorkingGroupsExample() throws IOException {
        byte[] seed = HexFormat.of().parseHex(COSE_EXAMPLE_SEED);
        String pem =
                write("cose.pem", ascii(SigningKey.fromSeed(seed).verifyKey().toPem()));
        byte[] message = HexFormat.of().parseHex(COSE_EXAMPLE);
        for (byte[] form : List.of(message, ascii(COSE_EXAMPLE), Arrays.copyOfRange(message, 1, message.length))) {
            Ran ran = run(form, "--raw", "--public-key", pem, "-");
            assertEquals(0, ran.exit());
            assertTrue(ran.out().contains("payloadHex: 546869732069732074686520636f6e74656e742e"), ran.out());
        }
        assertThat(run(message, "--raw", "--external-aad", "00", "--public-key", pem, "-"), "(signature)");
        assertThat(run(message, "--raw", "--external-aad", "0", "--public-key", pem, "-"), "--external-aad");
        assertThat(run(message, "--raw", "--public-key", key, "-"), "(signature)");
        assertEquals(0, run(MESSAGE, "--raw", "--public-key", key, "-").exit());
    }

    @Test
    void aFileBeyondTheLimitIsNotRead() {
        byte[] long17 = new byte[SignedFile.MAX_BYTES + 1];
        CommandFailure failure =
                assertThrows(CommandFailure.class, () -> SignedFile.readAll("-", new ByteArrayInputStream(long17)));
        assertTrue(failure.error().contains("longer than"));
    }
}
