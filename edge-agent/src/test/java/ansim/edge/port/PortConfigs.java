package ansim.edge.port;

import ansim.settings.Section;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Port configurations as tests write them. */
public final class PortConfigs {
    private PortConfigs() {}

    public static PortConfig serial(String name, String profile, Object device) {
        return serial(name, profile, device, Section.empty());
    }

    public static PortConfig serial(String name, String profile, Object device, Section options) {
        return new PortConfig(
                name,
                profile,
                Optional.of(device.toString()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                options);
    }

    public static PortConfig gpio(String name, String profile, String... lines) {
        return gpio(name, profile, Map.of(), lines);
    }

    public static PortConfig gpio(String name, String profile, Map<String, String> options, String... lines) {
        return new PortConfig(
                name,
                profile,
                Optional.empty(),
                Optional.of(List.of(lines)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Section.of("test", options));
    }

    public static PortConfig tcp(String name, String profile, String address) {
        return tcp(name, profile, address, Section.empty());
    }

    public static PortConfig pcsc(String name, String profile, String reader) {
        return new PortConfig(
                name,
                profile,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(reader),
                Section.empty());
    }

    public static PortConfig tcp(String name, String profile, String address, Section options) {
        return new PortConfig(
                name,
                profile,
                Optional.empty(),
                Optional.empty(),
                Optional.of(address),
                Optional.empty(),
                Optional.empty(),
                options);
    }

    public static PortConfig evdev(String name, String profile, Object device) {
        return new PortConfig(
                name,
                profile,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(device.toString()),
                Optional.empty(),
                Section.empty());
    }
}
