package ansim.edge.keys;

import ansim.edge.keys.TrustState.Wish;
import ansim.trust.Certificates;
import ansim.trust.TlsKey;
import ansim.wire.KeyConfirmation;
import ansim.wire.KeyRegistration;
import ansim.wire.NextHubKey;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import ansim.wire.VerifyKey;
import ansim.wire.WireException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The unit's keys on disk (docs/enrolment.md): one folder, mode 0700, its files 0600.
 *
 * <p>Guarantees that a file is there as a whole or not at all, and is durable when {@link #put} returns; that keys which others may read
 * are refused; that {@link #takeTls} and {@link #takeMessage} leave a key with its certificate, or its confirmation, wherever they are
 * stopped. Any thread; one lock.
 */
public final class TrustFolder {
    static final String TLS_KEY = "tls.key.pem";
    static final String TLS_CHAIN = "tls.crt.pem";
    static final String MESSAGE_KEY = "message.key.pem";
    static final String CONFIRMATION = "message.confirmed";
    static final String AUTHORITIES = "ca.crt.pem";
    static final String HUB_KEY = "hub.pub.pem";
    static final String VAULT_KEY = "vault.pub.pem";
    static final String HUB = "hub.json";
    /** Put before a name: the same while it is being renewed. */
    static final String NEXT = "next.";

    static final String NEXT_REQUEST = NEXT + "message.request";
    static final String CLAIM = NEXT + "claim.json";
    static final String WISHES = NEXT + "wishes";

    /** Put behind a name: a file that is being written. */
    private static final String UNFINISHED = ".new";

    private static final String FROM = "From: ";

    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_FOLDER = PosixFilePermissions.fromString("rwx------");

    private final Path folder;
    private final TrustFiles files;

    public TrustFolder(Path folder, TrustFiles files) {
        this.folder = folder;
        this.files = files;
    }

    /** The folder on the machine's own disk. */
    public static TrustFolder at(Path folder) {
        return new TrustFolder(folder, TrustFiles.real());
    }

    public Path path() {
        return folder;
    }

    /** Where the rider vault's key lies once it has been fetched; units that read no cards have none. */
    public Path vaultKey() {
        return folder.resolve(VAULT_KEY);
    }

    /** Reads everything; an empty or absent folder is the state of a box that was just unpacked. */
    public synchronized TrustState load() throws KeysException {
        refuseOpenFiles();
        TrustState.Tls tls = tls("");
        TrustState.Tls nextTls = tls(NEXT);
        TrustState.Message message = message("");
        TrustState.Message nextMessage = message(NEXT);
        return new TrustState(
                tls,
                nextTls,
                message,
                nextMessage,
                cose(NEXT_REQUEST, KeyRegistration::parse),
                text(AUTHORITIES, Certificates::fromPem).orElse(List.of()),
                new TrustState.Hub(
                        text(HUB_KEY, VerifyKey::fromPem),
                        text(NEXT + HUB_KEY, TrustFolder::nextHubKey),
                        text(HUB, json(HubAddress::fromJson)),
                        text(VAULT_KEY, SealingKey::fromPem)),
                text(CLAIM, json -> Claim.fromJson(json, "unknown")),
                text(WISHES, TrustFolder::wishes).orElse(Set.of()));
    }

    private TrustState.Tls tls(String prefix) throws KeysException {
        return new TrustState.Tls(
                text(prefix + TLS_KEY, TlsKey::fromPem),
                text(prefix + TLS_CHAIN, Certificates::fromPem).orElse(List.of()));
    }

    private TrustState.Message message(String prefix) throws KeysException {
        return new TrustState.Message(
                text(prefix + MESSAGE_KEY, SigningKey::fromPem), cose(prefix + CONFIRMATION, KeyConfirmation::parse));
    }

    private void refuseOpenFiles() throws KeysException {
        try {
            List<String> names = files.list(folder);
            if (!names.isEmpty() && !OWNER_FOLDER.containsAll(files.permissions(folder))) {
                throw files(folder + " must be its owner's only", "chmod 700 " + folder);
            }
            for (String name : names) {
                Path file = folder.resolve(name);
                if (secret(name) && !OWNER_FILE.containsAll(files.permissions(file))) {
                    throw files(file + " must be readable by its owner only", "chmod 600 " + file);
                }
            }
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static boolean secret(String name) {
        return name.contains(".key.pem") || name.startsWith(CLAIM);
    }

    private static Set<Wish> wishes(String text) {
        return text.lines()
                .map(line -> Wish.valueOf(line.strip()))
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Wish.class)));
    }

    private static NextHubKey nextHubKey(String text) {
        if (!text.startsWith(FROM)) {
            throw new IllegalArgumentException("must begin with " + FROM);
        }
        long fromS = Long.parseLong(text.substring(FROM.length(), text.indexOf('\n')));
        return new NextHubKey(VerifyKey.fromPem(text), fromS);
    }

    /** A reader of JSON as one of text. */
    private interface JsonReader<T> {
        T read(String json) throws IOException;
    }

    private static <T> Function<String, T> json(JsonReader<T> reader) {
        return text -> {
            try {
                return reader.read(text);
            } catch (IOException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        };
    }

    private <T> Optional<T> text(String name, Function<String, T> parse) throws KeysException {
        Path file = folder.resolve(name);
        try {
            return files.read(file).map(bytes -> parse.apply(new String(bytes, StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (IllegalArgumentException e) {
            throw broken(file, e);
        }
    }

    /** A reader of a signed message. */
    private interface CoseReader<T> {
        T parse(byte[] bytes) throws WireException;
    }

    private <T> Optional<T> cose(String name, CoseReader<T> reader) throws KeysException {
        Path file = folder.resolve(name);
        try {
            Optional<byte[]> bytes = files.read(file);
            return bytes.isPresent() ? Optional.of(reader.parse(bytes.get())) : Optional.empty();
        } catch (IOException e) {
            throw unreadable(file, e);
        } catch (WireException e) {
            throw broken(file, e);
        }
    }

    private static KeysException unreadable(Path file, IOException e) {
        return files(file + " cannot be read (" + e + ")", "the user that runs the agent: it must own " + file);
    }

    private static KeysException broken(Path file, Exception e) {
        return files(
                file + " is not what it must be: " + e.getMessage(),
                "the folder from a backup, or an empty one and a new code: hub-bridge units import");
    }

    private static KeysException files(String error, String tryThis) {
        return new KeysException(KeysException.Reason.FILES, error, tryThis);
    }

    // ---- changes, each durable when it returns

    /**
     * Makes durable what is seen. A process that was killed may have left a name that the disk does not know yet: what it stands for is
     * not to be used before a power cut can no longer take it back, for the hub forgets the key before.
     */
    synchronized void settle() throws IOException {
        if (!files.list(folder).isEmpty()) {
            files.forceFolder(folder);
        }
    }

    synchronized void put(String name, String text) throws IOException {
        put(name, text.getBytes(StandardCharsets.UTF_8));
    }

    synchronized void put(String name, byte[] content) throws IOException {
        files.createFolder(folder);
        Path unfinished = folder.resolve(name + UNFINISHED);
        files.write(unfinished, content);
        files.rename(unfinished, folder.resolve(name));
        files.forceFolder(folder);
    }

    /** The key goes first: it is found beside the chain that still waits, and the other way round would leave an old key alone. */
    synchronized void takeTls() throws IOException {
        takeNext(TLS_KEY);
        takeNext(TLS_CHAIN);
        grant(Wish.CERTIFICATE);
    }

    /** The request goes first: nobody would look for it later. Then the key: the confirmation that still waits is its own. */
    synchronized void takeMessage() throws IOException {
        delete(NEXT_REQUEST);
        takeNext(MESSAGE_KEY);
        takeNext(CONFIRMATION);
        grant(Wish.MESSAGE_KEY);
    }

    synchronized void takeHubKey() throws IOException {
        takeNext(HUB_KEY);
    }

    private void takeNext(String name) throws IOException {
        if (files.read(folder.resolve(NEXT + name)).isPresent()) {
            files.rename(folder.resolve(NEXT + name), folder.resolve(name));
            // Now, not with the next one: the order of two renames is kept by a disk only if it was told so.
            files.forceFolder(folder);
        }
    }

    synchronized void nextHubKey(NextHubKey next) throws IOException {
        put(NEXT + HUB_KEY, FROM + next.fromS() + "\n" + next.key().toPem());
    }

    synchronized void delete(String name) throws IOException {
        files.delete(folder.resolve(name));
        files.forceFolder(folder);
    }

    /** Keeps what is asked for until it is done, over restarts. */
    public synchronized void wish(Set<Wish> more) throws IOException, KeysException {
        Set<Wish> all = EnumSet.copyOf(more);
        all.addAll(text(WISHES, TrustFolder::wishes).orElse(Set.of()));
        putWishes(all);
    }

    synchronized void grant(Wish wish) throws IOException {
        Optional<byte[]> text = files.read(folder.resolve(WISHES));
        if (text.isPresent()) {
            Set<Wish> left = EnumSet.noneOf(Wish.class);
            left.addAll(wishes(new String(text.get(), StandardCharsets.UTF_8)));
            if (left.remove(wish)) {
                putWishes(left);
            }
        }
    }

    private void putWishes(Set<Wish> wishes) throws IOException {
        if (wishes.isEmpty()) {
            delete(WISHES);
        } else {
            put(WISHES, wishes.stream().map(each -> each.name() + "\n").collect(Collectors.joining()));
        }
    }

    /**
     * Begins with a claim, or goes on with the same one. Another one begins anew: what lies here is in force nowhere, for the unit is not
     * enrolled.
     *
     * @throws KeysException if the unit is enrolled: its keys are never thrown away
     */
    public synchronized void claim(Claim claim) throws KeysException, IOException {
        TrustState state = load();
        if (state.claim().map(claim::same).orElse(false)) {
            return;
        }
        if (state.enrolled()) {
            throw files("the unit is enrolled, and its keys are kept", "another folder: --trust DIR");
        }
        reset();
        put(CLAIM, claim.toJson());
    }

    /** A claim that the hub does not know. */
    public synchronized void forgetClaim() throws IOException {
        delete(CLAIM);
    }

    private void reset() throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : Arrays.asList(
                TLS_KEY, TLS_CHAIN, MESSAGE_KEY, CONFIRMATION, AUTHORITIES, HUB_KEY, VAULT_KEY, HUB, CLAIM)) {
            names.add(name);
            names.add(NEXT + name);
        }
        names.add(NEXT_REQUEST);
        names.add(WISHES);
        files.createFolder(folder);
        for (String name : names) {
            files.delete(folder.resolve(name));
        }
        files.forceFolder(folder);
    }
}
