package ansim.hub;

import ansim.settings.CommandFailure;
import ansim.settings.SettingsException;
import ansim.trust.Authority;
import ansim.trust.Certificates;
import ansim.trust.TlsKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The hub's authority: {@value #KEY} and {@value #CERTIFICATE} in its data folder, made at the first start, or the city's own.
 *
 * @param authority issues
 * @param trusted whom units' certificates may come from: that one, and further ones of the same file while the city changes its authority
 */
record HubAuthority(Authority authority, List<X509Certificate> trusted) {
    static final String KEY = "ca.key.pem";
    static final String CERTIFICATE = "ca.crt.pem";

    private static final int NAME_BYTES = 4;

    HubAuthority {
        trusted = List.copyOf(trusted);
    }

    /** The city's own if the settings name one, otherwise that of the data folder, which is made if it is missing. */
    static HubAuthority open(HubConfig config, Instant now, SecureRandom random) throws IOException {
        return open(config.data(), config.ca(), now, random);
    }

    static HubAuthority open(Path data, HubConfig.Ca given, Instant now, SecureRandom random) throws IOException {
        if (given.key().isPresent()) {
            Path certificate = given.certificate().orElseThrow();
            return read(given.key().get(), certificate, random)
                    .orElseThrow(() -> OwnerFile.refused(certificate, "must be there, as ca.certificate says"));
        }
        Path key = data.resolve(KEY);
        Path certificate = data.resolve(CERTIFICATE);
        Optional<HubAuthority> known = read(key, certificate, random);
        if (known.isPresent()) {
            return known.get();
        }
        TlsKey made = key(key, random);
        OwnerFile.create(
                certificate, Certificates.toPem(List.of(found(made, now, random).certificate())));
        return read(key, certificate, random).orElseThrow();
    }

    /** A start that was interrupted has left the key: it is taken, for nobody knows its certificate. */
    private static TlsKey key(Path file, SecureRandom random) throws IOException {
        Optional<String> pem = OwnerFile.read(file);
        if (pem.isPresent()) {
            return TlsKey.fromPem(pem.get());
        }
        TlsKey made = TlsKey.generate(random);
        OwnerFile.create(file, made.toPem());
        return made;
    }

    private static Authority found(TlsKey key, Instant now, SecureRandom random) {
        byte[] name = new byte[NAME_BYTES];
        random.nextBytes(name);
        return Authority.found("Ansim hub authority " + HexFormat.of().formatHex(name), key, now, random);
    }

    /** Reads both files; empty when the certificate is not there. */
    private static Optional<HubAuthority> read(Path keyFile, Path certificateFile, SecureRandom random)
            throws IOException {
        String certificates;
        try {
            certificates = Files.readString(certificateFile, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        String key = OwnerFile.read(keyFile)
                .orElseThrow(() -> OwnerFile.refused(
                        keyFile,
                        "must be there beside " + certificateFile + ": put it back from a backup; without it no unit"
                                + " can enrol or renew its certificate"));
        try {
            return Optional.of(
                    new HubAuthority(Authority.fromPem(key, certificates, random), Certificates.fromPem(certificates)));
        } catch (IllegalArgumentException e) {
            throw OwnerFile.refused(
                    certificateFile,
                    "must be an authority's certificate, with its key in " + keyFile + " (" + e.getMessage() + ")");
        }
    }

    /**
     * Copies an authority of the hub's own, if it has one, durable.
     *
     * @throws CommandFailure when another one is there
     * @throws SettingsException when the key can be read by others
     */
    static void keep(Path from, Path to) throws IOException {
        Optional<String> key = OwnerFile.read(from.resolve(KEY));
        Path certificate = from.resolve(CERTIFICATE);
        if (key.isEmpty() || !Files.exists(certificate)) {
            return;
        }
        Optional<String> kept = OwnerFile.read(to.resolve(KEY));
        if (kept.isPresent() && !kept.equals(key)) {
            throw new CommandFailure(
                    to.resolve(KEY) + " is another authority's key", "moving it away if it is of no use, then again");
        }
        if (kept.isEmpty()) {
            OwnerFile.create(to.resolve(KEY), key.get());
        }
        byte[] now = Files.readAllBytes(certificate);
        Path copy = to.resolve(CERTIFICATE);
        if (!Files.exists(copy) || !Arrays.equals(now, Files.readAllBytes(copy))) {
            OwnerFile.replace(copy, new String(now, StandardCharsets.ISO_8859_1));
        }
    }

    /** A new certificate for the authority's own key, before those that there are: what they signed stays believed. */
    static HubAuthority renew(Path data, Instant now, SecureRandom random) throws IOException {
        HubAuthority old = open(data, HubConfig.Ca.NONE, now, random);
        TlsKey key = TlsKey.fromPem(OwnerFile.read(data.resolve(KEY)).orElseThrow());
        String name = Certificates.commonName(old.authority.certificate()).orElse("Ansim hub authority");
        List<X509Certificate> all = new ArrayList<>();
        all.add(Authority.found(name, key, now, random).certificate());
        old.trusted.stream()
                .filter(each -> each.getNotAfter().toInstant().isAfter(now))
                .limit(Certificates.MOST - 1L)
                .forEach(all::add);
        OwnerFile.replace(data.resolve(CERTIFICATE), Certificates.toPem(all));
        return open(data, HubConfig.Ca.NONE, now, random);
    }
}
