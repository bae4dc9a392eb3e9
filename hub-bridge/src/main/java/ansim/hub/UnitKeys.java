package ansim.hub;

import ansim.hub.deliver.Receiver;
import ansim.hub.deliver.Receiver.KnownKey;
import ansim.hub.view.Registry;
import ansim.settings.CommandFailure;
import ansim.wire.Id8;
import ansim.wire.VerifyKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The units' public keys for a centre, from the hub's registry or from PEM files. A key that is not known yet is looked for again,
 * at most once a second. Thread-safe.
 */
final class UnitKeys implements Receiver.Keys, AutoCloseable {
    private static final long RELOAD_NS = 1_000_000_000L;
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----.*?-----END PUBLIC KEY-----", Pattern.DOTALL);

    /** Reads all keys anew. */
    private interface Source {
        List<KnownKey> read() throws IOException;
    }

    private final Source source;
    private final AutoCloseable closing;
    private Map<Id8, KnownKey> known = Map.of();
    private long readNs;

    private UnitKeys(Source source, AutoCloseable closing) throws IOException {
        this.source = source;
        this.closing = closing;
        reload();
    }

    static UnitKeys open(Optional<Path> place) throws IOException {
        if (place.isEmpty()) {
            return new UnitKeys(List::of, () -> {});
        }
        Path path = place.get();
        if (!Files.exists(path)) {
            throw new CommandFailure(path + " does not exist", "--units with the hub's registry.db, or a PEM file");
        }
        if (path.toString().endsWith(".db")) {
            Registry registry = Registry.open(path);
            return new UnitKeys(() -> registered(registry), registry);
        }
        return new UnitKeys(() -> pem(path), () -> {});
    }

    private static List<KnownKey> registered(Registry registry) throws IOException {
        return registry.units().stream()
                .flatMap(each -> each.unit().keys().stream()
                        .map(key -> new KnownKey(key, Optional.of(each.unit().unit()))))
                .toList();
    }

    private static List<KnownKey> pem(Path place) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(place)) {
            try (var pems = Files.newDirectoryStream(place, "*.pem")) {
                pems.forEach(files::add);
            }
        } else {
            files.add(place);
        }
        List<KnownKey> keys = new ArrayList<>();
        for (Path file : files) {
            Matcher blocks = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            while (blocks.find()) {
                keys.add(new KnownKey(VerifyKey.fromPem(blocks.group() + "\n"), Optional.empty()));
            }
        }
        return keys;
    }

    @Override
    public synchronized Optional<KnownKey> find(Id8 kid) throws IOException {
        if (!known.containsKey(kid) && System.nanoTime() - readNs > RELOAD_NS) {
            reload();
        }
        return Optional.ofNullable(known.get(kid));
    }

    private synchronized void reload() throws IOException {
        Map<Id8, KnownKey> fresh = new HashMap<>();
        for (KnownKey key : source.read()) {
            fresh.put(key.key().kid(), key);
        }
        known = fresh;
        readNs = System.nanoTime();
    }

    @Override
    public void close() throws IOException {
        try {
            closing.close();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
