package ansim.edge;

import ansim.edge.keys.Claim;
import ansim.edge.keys.HubTime;
import ansim.edge.keys.KeySteps;
import ansim.edge.keys.KeysException;
import ansim.edge.keys.Step;
import ansim.edge.keys.TrustFiles;
import ansim.edge.keys.TrustFolder;
import ansim.edge.keys.TrustState;
import ansim.settings.CommandFailure;
import ansim.trust.ClaimCode;
import ansim.wire.Id16;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a box a unit of the hub's: its keys are made here, and the hub learns the public halves. */
@Command(
        name = "enrol",
        description = {
            "Enrol this box at the hub: make its two keys (they never leave it), get a certificate for connections, and register "
                    + "the key that signs messages.",
            "",
            "The right to do so is a claim, which hub-bridge units import made: a file " + Claim.FILE
                    + " on a USB stick, which is "
                    + "found by itself, or the code of twelve characters on the box's sheet.",
            "",
            "What was interrupted goes on where it was: the same command again, without the code. An enrolled box renews its "
                    + "keys by itself.",
            ""
        },
        footer = {
            "",
            "  edge-agent enrol                                              (the stick is in the box)",
            "  edge-agent enrol --hub https://hub.example:8443 --code 7K3M-Q2XA-9RTD",
            "  edge-agent enrol --hub https://hub.example:8443               (asks for the code)"
        },
        mixinStandardHelpOptions = true)
final class EnrolCommand implements Callable<Integer> {
    /** Codes that a person may type before the command ends. */
    static final int TRIES = 5;

    private static final List<Path> STICKS = List.of(Path.of("/media"), Path.of("/run/media"), Path.of("/mnt"));
    /** An enrolment replaces no key: the agent does. */
    private static final Duration NEVER = Duration.ofDays(36_500);

    private static final JsonFactory JSON = new JsonFactory();

    private final BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--hub",
            paramLabel = "URL",
            description = "The hub: https://HOST:PORT. A claim's file names it itself.")
    private @Nullable URI hub;

    @Option(names = "--claim", paramLabel = "FILE", description = "The claim's file.")
    private @Nullable Path claimFile;

    @Option(names = "--code", paramLabel = "CODE", description = "The claim's code, XXXX-XXXX-XXXX.")
    private @Nullable String code;

    @Option(
            names = "--serial",
            paramLabel = "NAME",
            description = "The box's own name in the hub's list (default: the board's serial number).")
    private @Nullable String serial;

    @Option(
            names = "--trust",
            paramLabel = "DIR",
            description = "The folder of keys (default: ${DEFAULT-VALUE}).",
            defaultValue = "trust")
    private Path trust = Path.of("trust");

    @Option(names = "--json", description = "Print the result as one JSON object, and no progress.")
    private boolean json;

    @Override
    public Integer call() throws IOException, InterruptedException {
        TrustFolder folder = TrustFolder.at(trust);
        try {
            TrustState state = enrol(folder);
            PrintWriter out = spec.commandLine().getOut();
            out.print(json ? json(state) + "\n" : text(state));
            out.flush();
            return 0;
        } catch (KeysException e) {
            throw new CommandFailure(e.error(), e.tryThis());
        }
    }

    private TrustState enrol(TrustFolder folder) throws KeysException, IOException, InterruptedException {
        TrustState before = folder.load();
        if (before.enrolled() && before.claim().isEmpty()) {
            throw new CommandFailure(
                    "this box is enrolled already, as unit " + before.unit().orElseThrow() + " until "
                            + before.certificateEnd(),
                    "nothing: the agent renews its keys by itself; for another vehicle or hub, another folder: --trust DIR");
        }
        KeySteps steps = new KeySteps(
                folder,
                new HubTime(
                        trust.resolve("hub-time"),
                        TrustFiles.real(),
                        HubTime.built(),
                        SystemClock::synchronised,
                        Instant::now),
                NEVER,
                new SecureRandom());
        Optional<Claim> given = given();
        for (int tries = 1; ; tries++) {
            if (given.isPresent()) {
                folder.claim(given.get());
            } else if (before.claim().isEmpty()) {
                folder.claim(typed(tries));
            }
            try {
                return steps.run(this::progress);
            } catch (KeysException e) {
                boolean again = e.reason() == KeysException.Reason.CODE && given.isEmpty() && tries < TRIES;
                if (e.reason() == KeysException.Reason.CODE) {
                    folder.forgetClaim();
                    before = folder.load();
                }
                if (!again) {
                    throw e;
                }
                spec.commandLine().getErr().println(e.error() + "; try: " + e.tryThis());
            }
        }
    }

    private void progress(Step step) {
        if (!json) {
            spec.commandLine().getErr().println(step.text());
            spec.commandLine().getErr().flush();
        }
    }

    // ---- the claim

    private Optional<Claim> given() {
        String name = serial == null ? Board.serial() : serial;
        if (claimFile != null) {
            return Optional.of(read(claimFile, name));
        }
        if (code != null) {
            return Optional.of(claim(code, name));
        }
        List<Path> found = ClaimFiles.find(STICKS);
        if (found.size() > 1) {
            throw new CommandFailure(
                    "there are several claims: " + found, "the one for this box: edge-agent enrol --claim FILE");
        }
        return found.stream().findFirst().map(file -> read(file, name));
    }

    private Claim read(Path file, String name) {
        try {
            if (Files.size(file) > Claim.MAX_BYTES) {
                throw new CommandFailure(
                        file + " has more than " + Claim.MAX_BYTES + " bytes",
                        "the file that hub-bridge units import made");
            }
            Claim claim = Claim.fromJson(Files.readString(file, StandardCharsets.UTF_8), name);
            return new Claim(hub == null ? claim.hub() : hub, claim.code(), claim.authority(), name);
        } catch (IOException e) {
            throw new CommandFailure(
                    "cannot read " + file + " (" + e + ")", "the stick, mounted so that this user may read it");
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(file + ": " + e.getMessage(), "the file that hub-bridge units import made");
        }
    }

    private Claim claim(String typed, String name) {
        URI at = hub;
        if (at == null) {
            throw new CommandFailure(
                    "a code alone does not say where the hub is", "--hub https://HOST:PORT, as on the sheet");
        }
        try {
            return new Claim(at, ClaimCode.parse(typed), Optional.empty(), name);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()), "the code as on the sheet: XXXX-XXXX-XXXX");
        }
    }

    /** From the terminal, or from a pipe. */
    private Claim typed(int tries) throws IOException {
        if (hub == null) {
            throw noClaim();
        }
        for (int asked = tries; ; asked++) {
            PrintWriter err = spec.commandLine().getErr();
            err.print("Code (XXXX-XXXX-XXXX): ");
            err.flush();
            String line = input.readLine();
            if (line == null) {
                throw noClaim();
            }
            try {
                return claim(line, serial == null ? Board.serial() : serial);
            } catch (CommandFailure e) {
                if (asked >= TRIES) {
                    throw e;
                }
                err.println(e.error());
            }
        }
    }

    private static CommandFailure noClaim() {
        return new CommandFailure(
                "there is no claim: no stick with " + Claim.FILE + " is mounted below " + STICKS
                        + ", and no code was given",
                "edge-agent enrol --hub https://HOST:PORT --code XXXX-XXXX-XXXX");
    }

    // ---- the result

    private String text(TrustState state) {
        return "Enrolled as unit " + state.unit().map(Id16::hex).orElse("") + "; the certificate ends "
                + state.certificateEnd() + " and is renewed before.\n\nIn agent.yaml:\n\n" + yaml(state)
                + "\nThen: edge-agent check --config agent.yaml\n";
    }

    private String yaml(TrustState state) {
        Optional<String> mqtt = state.uplink();
        return "trust: " + trust + "\nhub:\n  uplinks:\n    - mqtt: "
                + mqtt.orElse("tls://HOST:PORT   # the hub did not tell") + "\n";
    }

    private String json(TrustState state) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            out.writeStartObject();
            out.writeStringField("unit", state.unit().map(Id16::hex).orElse(""));
            out.writeStringField("certificateEnd", state.certificateEnd().toString());
            out.writeStringField(
                    "messageKey",
                    state.signer().map(key -> key.verifyKey().kid().hex()).orElse(""));
            out.writeStringField("trust", trust.toString());
            if (state.uplink().isPresent()) {
                out.writeStringField("mqtt", state.uplink().get());
            }
            out.writeStringField("yaml", yaml(state));
            out.writeEndObject();
        }
        return text.toString();
    }
}
