package ansim.hub;

import ansim.hub.core.UnitRecord;
import ansim.hub.evidence.Examination;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Describe;
import ansim.wire.DownMessage;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.RawCose;
import ansim.wire.UnitKeyVerifier;
import ansim.wire.UpMessage;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code hub-bridge verify}: checks one signed message and shows what it says. Exit 0 only if the signature verifies. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = {
            "Verifies a signed message and prints it.",
            "FILE holds its bytes, also as hex or base64 text, or an event's JSON with the signed bytes inside; - reads standard input.",
            "It may also be a ride's evidence, as hub-bridge evidence writes it: then every message, every chain and the hub's seal are",
            "checked with nothing but the file; --public-key is then the hub's, to compare (hub-bridge key show prints it)."
        })
final class VerifyCommand implements Callable<Integer> {
    private static final String KEY_WANTED =
            "give the signer's public key with --public-key KEY.pem, or the hub with --config FILE or --data DIR";

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--public-key",
            paramLabel = "KEY.pem",
            description = "The signer's public key (SubjectPublicKeyInfo); without it the hub's registry is asked.")
    private @Nullable Path publicKey;

    @Mixin
    private HubFolder hub = new HubFolder();

    @Option(names = "--raw", description = "Any COSE_Sign1, not only a message between a unit and the hub.")
    private boolean raw;

    @Option(
            names = "--external-aad",
            paramLabel = "HEX",
            defaultValue = "",
            description = "With --raw: what else was signed (RFC 9052, 4.3).")
    private String externalAad = "";

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "The message, or - for standard input.")
    private String file = "";

    private final InputStream standardInput;

    /** For picocli. */
    VerifyCommand() {
        this(System.in);
    }

    VerifyCommand(InputStream standardInput) {
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() {
        byte[] content = SignedFile.readAll(file, standardInput);
        if (!raw && Examination.isEvidence(content)) {
            return examine(content);
        }
        try {
            Map<String, Object> description = raw ? verifyRaw(content) : verifyMessage(content);
            return show(description);
        } catch (WireException e) {
            return failed(e);
        }
    }

    private int examine(byte[] content) {
        Examination made;
        try {
            made = Examination.of(content, publicKey == null ? List.of() : List.of(givenKey()));
        } catch (Examination.NotEvidence e) {
            throw new CommandFailure(
                    file + " is no evidence that can be examined: " + e.getMessage(),
                    "the file as hub-bridge evidence wrote it");
        }
        boolean verified = made.problems().isEmpty();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("verified", verified);
        result.putAll(made.description());
        print(result);
        if (verified || json) {
            return verified ? 0 : CommandFailure.EXIT_CODE;
        }
        throw new CommandFailure(
                file + " is not what the unit and the hub signed: "
                        + made.problems().get(0)
                        + (made.problems().size() == 1
                                ? ""
                                : ", and " + (made.problems().size() - 1) + " more above"),
                "another copy of the file; what the other messages say still stands");
    }

    /** A message may be what its unit signed and still break the contract: an operator must see both. */
    private int show(Map<String, Object> description) {
        Object flaw = description.get("flaw");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("verified", flaw == null);
        result.putAll(description);
        print(result);
        if (flaw == null) {
            return 0;
        }
        if (!json) {
            throw new CommandFailure(
                    file + ": the signature verifies, but the message breaks the contract: " + flaw,
                    "have the unit's software looked at; what could be read is printed above");
        }
        return CommandFailure.EXIT_CODE;
    }

    private int failed(WireException e) {
        String reason = e.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (!json) {
            throw new CommandFailure(
                    file + " is not verified (" + reason + "): " + e.getMessage(),
                    e.reason() == WireException.Reason.SIGNATURE
                            ? "check that the key is the signer's; if it is, the bytes are not what was signed"
                            : "check that the file holds the bytes as they were received"
                                    + (raw ? "" : "; --raw verifies any other COSE_Sign1"));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("verified", false);
        result.put("reason", reason);
        result.put("error", String.valueOf(e.getMessage()));
        print(result);
        return CommandFailure.EXIT_CODE;
    }

    private void print(Map<String, Object> result) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        out.print(json ? Describe.json(result) + "\n" : Describe.text(result));
        out.flush();
    }

    private Map<String, Object> verifyRaw(byte[] content) throws WireException {
        byte[] aad;
        try {
            aad = HexFormat.of().parseHex(externalAad);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    "--external-aad is not hexadecimal: " + e.getMessage(), "give two digits per byte");
        }
        try {
            RawCose.Verified verified = RawCose.verify(SignedFile.bytes(content), pem(), aad);
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("algorithm", verified.algorithm());
            out.put("protectedHex", verified.protectedHeader().hex());
            out.put("payloadBytes", verified.payload().length());
            out.put("payloadHex", verified.payload().hex());
            return out;
        } catch (IllegalArgumentException e) {
            throw unusableKey(e);
        }
    }

    private Map<String, Object> verifyMessage(byte[] content) throws WireException {
        byte[] bytes = SignedFile.message(content);
        try {
            return verifyUp(UpMessage.parseLeniently(bytes));
        } catch (WireException notUp) {
            if (notUp.reason() != WireException.Reason.HEADER) {
                throw notUp;
            }
            return verifyDown(bytes, notUp);
        }
    }

    private Map<String, Object> verifyUp(UpMessage message) throws WireException {
        Map<String, Object> out = new LinkedHashMap<>();
        VerifyKey key;
        if (publicKey == null) {
            UnitRecord unit = registered(message.batch().unit());
            key = unit.key(message.kid()).orElseGet(unit::key);
            out.put("vehicle", unit.vehicle());
            out.put("company", unit.company());
            out.put("revoked", unit.revoked());
        } else {
            key = givenKey();
        }
        check(message.kid(), key, message.verify(UnitKeyVerifier.INSTANCE, key), message);
        out.putAll(Describe.fields(message));
        return out;
    }

    private Map<String, Object> verifyDown(byte[] bytes, WireException notUp) throws WireException {
        DownMessage message;
        try {
            message = DownMessage.parse(bytes);
        } catch (WireException notDown) {
            throw notDown.reason() == WireException.Reason.HEADER ? notUp : notDown;
        }
        VerifyKey key = publicKey == null ? hubKey(message.kid()) : givenKey();
        check(message.kid(), key, message.verify(UnitKeyVerifier.INSTANCE, key), message);
        return Describe.fields(message);
    }

    private UnitRecord registered(Id16 unit) {
        Path file = hub.file(HubFolder.REGISTRY);
        if (!Files.exists(file)) {
            throw new CommandFailure("there is no " + file, KEY_WANTED);
        }
        try (Registry registry = Registry.open(file)) {
            return registry.unit(unit)
                    .map(Registry.Registered::unit)
                    .orElseThrow(
                            () -> new CommandFailure("unit " + unit + " is not registered in " + file, KEY_WANTED));
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e, "check the folder and its permissions");
        }
    }

    /** The one that the message names, if the hub has or had it. */
    private VerifyKey hubKey(Id8 kid) {
        Path file = hub.file(HubFolder.KEY);
        try {
            HubKeys keys = HubKey.keys(file).orElseThrow(() -> new CommandFailure("there is no " + file, KEY_WANTED));
            return keys.keys().stream()
                    .map(each -> each.key().verifyKey())
                    .filter(each -> each.kid().equals(kid))
                    .findFirst()
                    .orElseGet(() -> keys.present(Instant.now()).verifyKey());
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + e, "check the folder and its permissions");
        }
    }

    private static void check(Id8 kid, VerifyKey key, boolean verifies, Object message) throws WireException {
        if (verifies) {
            return;
        }
        throw WireException.signature(
                kid.equals(key.kid())
                        ? "the signature of " + message + " does not verify under " + key
                        : message + " names key " + kid + ", but this is " + key);
    }

    private VerifyKey givenKey() {
        try {
            return VerifyKey.fromPem(pem());
        } catch (IllegalArgumentException e) {
            throw unusableKey(e);
        }
    }

    private String pem() {
        Path path = publicKey;
        if (path == null) {
            throw new CommandFailure("no public key given", KEY_WANTED);
        }
        try {
            return Files.readString(path, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + path + ": " + e, "check the name and its permissions");
        }
    }

    private CommandFailure unusableKey(IllegalArgumentException e) {
        return new CommandFailure(
                publicKey + " cannot be used: " + e.getMessage(),
                "give a file that begins with '-----BEGIN PUBLIC KEY-----', as keygen and openssl pkey -pubout write it");
    }
}
