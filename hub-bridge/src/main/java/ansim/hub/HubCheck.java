package ansim.hub;

import ansim.hub.deliver.Destination;
import ansim.hub.guardian.GuardianSettings;
import ansim.hub.guardian.Texts;
import ansim.hub.vault.Vault;
import ansim.settings.CommandFailure;
import ansim.settings.Problem;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can be said of a hub's settings before it runs: what would stop its start, and what may be on purpose. Each file that the settings name is
 * read as {@code run} reads it, so it says nothing of another user's rights. Opens no address and no connection, changes nothing. One thread.
 */
final class HubCheck {
    private final String file;
    private final Set<Problem> problems = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private Optional<HubConfig> config = Optional.empty();

    /** Reads what a start would read. */
    private interface Reading {
        void run() throws IOException;
    }

    private HubCheck(Path file) {
        this.file = file.toString();
    }

    /** Checks everything; {@link #problems} and {@link #warnings} say what was found. */
    static HubCheck of(Path file) {
        HubCheck check = new HubCheck(file);
        try {
            HubConfig config = Settings.load(file, HubConfig.class);
            check.config = Optional.of(config);
            check.keys(config);
            check.centres(config);
            config.guardians().ifPresent(check::guardians);
            check.surroundings(config);
        } catch (SettingsException e) {
            check.problems.addAll(e.problems());
        }
        return check;
    }

    /** What must be mended, each once. */
    List<Problem> problems() {
        return List.copyOf(problems);
    }

    /** What may be right later, or on purpose. */
    List<String> warnings() {
        return warnings;
    }

    /** The values in force as YAML that {@code run} would take; before them, as comments, where units, boxes and people find the hub. */
    String effective() {
        return config.map(all -> addresses(all) + Settings.effective(all)).orElse("");
    }

    private static String addresses(HubConfig config) {
        StringBuilder text = new StringBuilder();
        ReachedBy names = config.reachedBy();
        if (config.opensDoor()) {
            String scheme = config.isInsecure() ? "tcp" : "tls";
            line(text, "units", scheme, names.ofDoor(), config.door().address().getPort());
        }
        config.coap()
                .ifPresent(at -> line(
                        text, "units", "coaps", names.ofCoap(), at.address().getPort()));
        config.enrolmentDoor()
                .ifPresent(at -> line(
                        text,
                        "boxes enrol",
                        "https",
                        names.ofEnrolment(),
                        at.address().getPort()));
        return text.toString();
    }

    private static void line(StringBuilder text, String who, String scheme, List<String> names, int port) {
        String name = names.get(0);
        text.append("# ").append(who).append(": ").append(ReachedBy.url(scheme, name, port));
        text.append(name.equals("localhost") ? " (from this machine only)\n" : "\n");
    }

    private void keys(HubConfig config) {
        reads("data", () -> HubKey.keys(config.data().resolve(HubFolder.KEY)));
        boolean authority =
                config.ca().key().isPresent() || Files.exists(config.data().resolve(HubAuthority.CERTIFICATE));
        if (authority) {
            reads("ca", () -> HubAuthority.open(config, Instant.now(), new SecureRandom()));
        }
        config.broker().ifPresent(broker -> reads("broker", () -> HubDoors.checkFiles(broker)));
        reads("vault", () -> HubDoors.vaultKey(config));
        config.api().ifPresent(api -> {
            api.key().ifPresent(key -> reads("api.key", () -> secret(key)));
            api.certificate()
                    .ifPresent(at -> reads("api.certificate", () -> Files.readString(at, StandardCharsets.ISO_8859_1)));
        });
    }

    private static void secret(Path key) throws IOException {
        var unused = OwnerFile.read(key).orElseThrow(() -> OwnerFile.refused(key, "must be there"));
    }

    private void centres(HubConfig config) {
        List<Destination> centres = config.centres();
        for (int i = 0; i < centres.size(); i++) {
            List<Destination.Target> sinks = centres.get(i).sinks();
            for (int j = 0; j < sinks.size(); j++) {
                reads("centres[" + i + "].sinks[" + j + "]", sinks.get(j)::checkFiles);
            }
        }
    }

    private void guardians(GuardianSettings settings) {
        reads("guardians", () -> Texts.open(settings.templates(), settings.language(), ZoneId.systemDefault()));
        settings.mail()
                .flatMap(GuardianSettings.MailServer::password)
                .ifPresent(at -> reads("guardians.mail.password", () -> Guardians.secret(at)));
        for (GuardianSettings.Hook hook : settings.webhooks()) {
            reads("guardians.webhooks", () -> Guardians.secret(hook.secret()));
        }
    }

    private void surroundings(HubConfig config) {
        warnings.addAll(config.warnings());
        folder("data", config.data());
        config.log().mirror().ifPresent(mirror -> mirror(config.data(), mirror));
        if (config.vault().socket().isEmpty() && !Vault.isIn(config.vaultFolder())) {
            warnings.add(
                    "vault: there is no rider vault in " + config.vaultFolder() + ": cards stay sealed, and units that"
                            + " enrol before there is one seal theirs to nobody. hub-bridge vault init makes it");
        }
        if (config.centres().isEmpty()) {
            warnings.add("centres: none is named, so nobody is sent anything");
        }
        if (config.isInsecure()) {
            warnings.add("insecure-plaintext: whoever reaches the door can be any unit; for tests on one machine only");
        }
    }

    private void mirror(Path data, Path mirror) {
        folder("log.mirror", mirror);
        if (Files.exists(data) && Files.exists(mirror)) {
            reads("log.mirror", () -> {
                if (MirrorFolder.sameDisk(data, mirror)) {
                    warnings.add(
                            "log.mirror: " + mirror + " is on the same disk as the data folder: it does not protect"
                                    + " from the loss of that disk (is the second disk mounted?)");
                }
            });
        }
    }

    private void folder(String key, Path folder) {
        Path existing = folder.toAbsolutePath();
        if (!Files.exists(existing)) {
            warnings.add(key + ": there is no " + folder + " yet; run makes it");
        }
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            warnings.add(key + ": this user may not write to " + existing);
        }
    }

    private void reads(String key, Reading reading) {
        try {
            reading.run();
        } catch (SettingsException e) {
            e.problems().forEach(each -> problem(key, each.file() + ": " + each.rule()));
        } catch (CommandFailure e) {
            problem(key, e.error() + " (" + e.tryThis() + ")");
        } catch (IOException e) {
            problem(key, Reasons.of(e));
        } catch (IllegalArgumentException e) {
            problem(key, String.valueOf(e.getMessage()));
        }
    }

    private void problem(String key, String rule) {
        problems.add(new Problem(file, 0, key, "", rule));
    }
}
