package ansim.edge;

import ansim.edge.keys.HubTime;
import ansim.edge.keys.TrustState;
import ansim.edge.port.OutputConfig;
import ansim.edge.port.PortConfig;
import ansim.edge.port.Ports;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.settings.Default;
import ansim.settings.Problem;
import ansim.settings.Section;
import ansim.settings.Settings;
import ansim.settings.SettingsException;
import ansim.wire.Id16;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What can be said of a unit's configuration before it runs: what stops the agent or a port of it, and what is not as it should
 * be just now. Reads files, opens no device and no connection, changes nothing. One thread.
 */
final class ConfigCheck {
    private static final long MIB = 1024 * 1024;
    private static final String SIMULATED = "sim:";
    private static final Path DEV = Path.of("/dev");
    private static final String CHIP = "gpiochip";
    private static final String FIRST_CHIP = CHIP + "0";

    private final Set<Problem> problems = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private final Map<String, Profile> profiles = new LinkedHashMap<>();
    private Optional<AgentConfig> config = Optional.empty();
    private String summary = "";

    private record PortsPart(@Default("[]") List<Section> ports) {}

    private record OutputsPart(@Default("[]") List<Section> outputs) {}

    private ConfigCheck() {}

    /** Checks everything; {@link #problems} and {@link #warnings} say what was found. */
    static ConfigCheck of(Path file) {
        ConfigCheck check = new ConfigCheck();
        Set<Problem> absent = new LinkedHashSet<>();
        UnitFiles.Parts parts = UnitFiles.read(file, check.problems, absent);
        check.config = parts.config();
        absent.forEach(key -> check.warnings.add(key.path() + ": " + key.value() + " " + key.rule()));
        Optional<Section> whole = UnitFiles.attempt(() -> Settings.section(file), check.problems);
        whole.flatMap(section -> UnitFiles.attempt(() -> UnitFiles.part(section, PortsPart.class), check.problems))
                .ifPresent(part -> part.ports().forEach(check::port));
        whole.flatMap(section -> UnitFiles.attempt(() -> UnitFiles.part(section, OutputsPart.class), check.problems))
                .ifPresent(part -> part.outputs().forEach(check::output));
        check.config.ifPresent(config -> {
            check.surroundings(config);
            check.cards(config, parts);
            check.place(config);
            check.data(config);
        });
        parts.trust().filter(TrustState::enrolled).ifPresent(check::trust);
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

    /** The values in force as YAML that {@code run} would take; the profiles' as comments below it. */
    String effective() {
        StringBuilder yaml = new StringBuilder(summary);
        config.ifPresent(all -> yaml.append(Settings.effective(all)));
        profiles.forEach((port, profile) -> {
            yaml.append("# port ").append(port).append(", in force:\n");
            profile.effective()
                    .lines()
                    .forEach(line -> yaml.append("#   ").append(line).append('\n'));
        });
        return yaml.toString();
    }

    private void port(Section section) {
        Optional<PortConfig> bound = UnitFiles.attempt(() -> section.bind(PortConfig.class), problems);
        if (bound.isEmpty()) {
            return;
        }
        PortConfig port = bound.get();
        profile(section, port.name(), port.profile(), () -> Ports.profileOf(port));
    }

    private void output(Section section) {
        UnitFiles.attempt(() -> section.bind(OutputConfig.class), problems)
                .ifPresent(output -> profile(section, output.name(), output.profile(), output::loaded));
    }

    private void profile(Section section, String name, String profile, Supplier<Profile> loaded) {
        try {
            profiles.put(name, loaded.get());
            // The known answers hold for the profile as it is written; a port's options change what it gives.
            for (String failed : Profile.load(profile).failedAnswers()) {
                problems.add(section.problemAt("profile", "does not give its own known answers: " + failed));
            }
        } catch (SettingsException e) {
            for (Problem problem : e.problems()) {
                boolean placed = problem.line() > 0;
                problems.add(placed ? problem : section.problemAt("profile", problem.rule()));
            }
        }
    }

    private void surroundings(AgentConfig config) {
        Map<String, String> users = new LinkedHashMap<>();
        for (PortConfig port : config.ports()) {
            for (String device : port.gpio().orElse(List.of(port.device()))) {
                String why = port.gpio().isPresent()
                        ? "the kernel gives a line to one of them only"
                        : "two readers of one line take from each other what it says";
                claim(users, device, port.name(), why);
                file(port, device).ifPresent(path -> device(port, path));
            }
        }
        for (OutputConfig output : config.outputs()) {
            claim(users, output.gpio(), output.name(), "the kernel gives a line to one of them only");
        }
        config.commissioning()
                .contact()
                .filter(this::unknownContact)
                .ifPresent(name -> warnings.add("commissioning.contact: no port has a contact named " + name
                        + ", so no fitter can begin it at the unit"));
        for (AgentConfig.Uplink uplink : config.hub().uplinks()) {
            if (uplink.address().toString().equals(InitCommand.NEW_HUB)) {
                warnings.add("uplink " + uplink.address()
                        + " is still the placeholder of edge-agent init; put in what edge-agent enrol printed");
            }
            if (uplink.insecurePlaintext()) {
                warnings.add(
                        "uplink " + uplink.address()
                                + " leaves this machine in plaintext, as insecure-plaintext says: signed, but readable on the way");
            }
        }
    }

    /** Whether the cards that are read can be sealed; a key that is named and missing has been told already. */
    private void cards(AgentConfig config, UnitFiles.Parts parts) {
        if (!gives(Reading.Type.TAP)
                || parts.vaultKey().isPresent()
                || config.hub().vaultKey().isPresent()) {
            return;
        }
        if (config.trust().isEmpty()) {
            warnings.add("hub.vault-key: is not set, so the cards that are read here name no ride; put in the file that"
                    + " hub-bridge vault key show printed");
        } else if (parts.trust().filter(TrustState::enrolled).isPresent()) {
            warnings.add(
                    "trust: has no vault key, so the cards that are read here name no ride: the hub had no vault when"
                            + " this unit enrolled; it gets the key with its next renewal after hub-bridge vault init, or by"
                            + " hub-bridge commands send UNIT re-enrol");
        }
    }

    private void place(AgentConfig config) {
        String kind = config.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (config.kind() == AgentConfig.Kind.TAXI) {
            config.place()
                    .ifPresent(place -> warnings.add("place: is for a unit that stands; while a " + kind
                            + " sees no satellites, its calls for help would come from there"));
        } else if (config.place().isEmpty() && !gives(Reading.Type.FIX)) {
            warnings.add("place: is not set, so what this " + kind
                    + " tells has no position; write where it stands: place: {lat: 37.5263, lon: 126.8962}");
        }
    }

    private boolean gives(Reading.Type type) {
        return profiles.values().stream().anyMatch(each -> each.readings().contains(type));
    }

    /** The name is an option that each profile calls as it likes. */
    private boolean unknownContact(String name) {
        return profiles.values().stream()
                .filter(each -> each.readings().contains(Reading.Type.CONTACT))
                .noneMatch(each -> each.effective().contains(name));
    }

    private void trust(TrustState state) {
        Instant now = SystemClock.synchronised() ? Instant.now() : HubTime.built();
        long days = Math.max(0, Duration.between(now, state.certificateEnd()).toDays());
        if (!now.isBefore(state.certificateEnd())) {
            warnings.add("trust: the certificate has ended on " + state.certificateEnd()
                    + "; run renews it before anything else, if the hub can be reached");
        } else if (!now.isBefore(state.renewalDue())) {
            warnings.add("trust: the certificate ends in " + days + " days; run renews it");
        } else if (state.renewing()) {
            warnings.add("trust: new keys are on their way; run goes on with that");
        }
        summary = "# unit " + state.unit().map(Id16::hex).orElse("") + ", certificate until " + state.certificateEnd()
                + " ("
                + days + " days), message key "
                + state.signer().map(key -> key.verifyKey().kid().hex()).orElse("") + "\n";
    }

    private void claim(Map<String, String> users, String device, String user, String why) {
        String other = users.putIfAbsent(device, user);
        if (other != null) {
            warnings.add("ports " + other + " and " + user + " share " + device + ": " + why);
        }
    }

    /** The file behind a device, if it has one whose presence says something. */
    private static Optional<Path> file(PortConfig port, String device) {
        return switch (port.wire()) {
            case SERIAL, EVDEV -> Optional.of(Path.of(device));
            case GPIO -> line(device);
            case TCP, PCSC -> Optional.empty();
        };
    }

    private static Optional<Path> line(String device) {
        if (device.startsWith(SIMULATED)) {
            return Optional.of(Path.of(device.substring(SIMULATED.length())));
        }
        // A bare number is a line of the board's header, whose chip only the kernel knows; as it knows the one with a
        // label.
        int slash = device.lastIndexOf('/');
        Path chip = DEV.resolve(slash < 0 ? FIRST_CHIP : device.substring(0, slash));
        return Optional.of(chip).filter(path -> path.getFileName().toString().startsWith(CHIP));
    }

    private void device(PortConfig port, Path device) {
        if (!Files.exists(device)) {
            warnings.add("port " + port.name() + ": there is no " + device + " now; the agent waits for it");
        } else if (!Files.isReadable(device)) {
            String group = switch (port.wire()) {
                case EVDEV -> "input";
                case GPIO -> "gpio";
                default -> "dialout";
            };
            warnings.add("port " + port.name() + ": this user may not read " + device + "; it needs the group " + group
                    + ": usermod -aG " + group + " USER");
        }
    }

    private void data(AgentConfig config) {
        Path existing = config.data().toAbsolutePath();
        if (!Files.exists(existing)) {
            warnings.add("data: there is no " + config.data() + " yet; run makes it");
        }
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            warnings.add("data: this user may not write to " + existing);
        }
        if (AtRest.thisMachine().encryption(existing).isEmpty()) {
            warnings.add(
                    "data: the file system at " + existing
                            + " is not seen to be encrypted (LUKS or fscrypt): who takes the disk out can read where the unit was");
        }
        try {
            long freeMib = Files.getFileStore(existing).getUsableSpace() / MIB;
            if (freeMib < config.journal().quotaMib()) {
                warnings.add("data: " + freeMib + " MiB are free at " + existing + ", less than the journal's quota of "
                        + config.journal().quotaMib() + " MiB");
            }
        } catch (IOException e) {
            warnings.add("data: the free space at " + existing + " cannot be read (" + e + ")");
        }
    }
}
