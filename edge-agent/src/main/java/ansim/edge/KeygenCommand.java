package ansim.edge;

import ansim.settings.CommandFailure;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes the unit's signing key. The private half never leaves the unit and is never overwritten. */
@Command(
        name = "keygen",
        description =
                "Make the unit's signing key (Ed25519): the private half into a file of mode 0600, the public half for the hub.",
        mixinStandardHelpOptions = true)
final class KeygenCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The private key (default: ${DEFAULT-VALUE}).",
            defaultValue = "unit-key.pem")
    private Path out = Path.of("unit-key.pem");

    @Option(names = "--public", paramLabel = "FILE", description = "The public key; printed when no file is named.")
    private @Nullable Path publicOut;

    @Override
    public Integer call() {
        Optional<Path> file = Optional.ofNullable(publicOut);
        // Both are looked at before either is written: a private half alone would be in the way of the next attempt.
        refuse(out);
        file.ifPresent(KeygenCommand::refuse);
        SigningKey key = SigningKey.generate(new SecureRandom());
        write(out, key.toPem(), true);
        String publicPem = key.verifyKey().toPem();
        file.ifPresent(path -> write(path, publicPem, false));
        if (file.isEmpty()) {
            spec.commandLine().getOut().print(publicPem);
            spec.commandLine().getOut().flush();
        }
        spec.commandLine()
                .getErr()
                .println("Key " + key.verifyKey().kid().hex() + ": the private half is in " + out
                        + "; give the public half to: hub-bridge units add --public-key FILE ...");
        return 0;
    }

    private static void refuse(Path file) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw exists(file);
        }
    }

    private static CommandFailure exists(Path file) {
        return new CommandFailure(
                file + " exists, and a key is never overwritten", "another file name, or move that one away first");
    }

    private static void write(Path file, String pem, boolean secret) {
        var owner = PosixFilePermissions.asFileAttribute(
                PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--"));
        var options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        try (var channel = Files.newByteChannel(file, options, owner)) {
            ByteBuffer bytes = ByteBuffer.wrap(pem.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        } catch (IOException e) {
            throw new CommandFailure("cannot write " + file + " (" + e + ")", "a folder that you may write to");
        }
    }
}
