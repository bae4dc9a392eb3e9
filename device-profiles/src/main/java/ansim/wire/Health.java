package ansim.wire;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Kind 7: how the unit is (lane 4, every 60 s). Empty lists and maps are not sent.
 *
 * @param uptimeS seconds since the agent started, key 30
 * @param diskFreeMiB key 31
 * @param temperatureC degrees Celsius, key 32
 * @param waiting messages waiting in lanes 1 to 4 in order, key 33
 * @param dropped messages dropped from lanes 1 to 4 in order, key 34
 * @param signalDbm of the radio, key 35
 * @param ports state per port, key 36
 * @param supplyMv supply in millivolt, key 47
 * @param gnss fix, satellites, HDOP x 10, seconds since the last fix, key 48
 * @param versions of what runs, key 49
 * @param certificateDays days until the certificate ends, key 50
 * @param bootReason key 51: 1 power, 2 watchdog, 3 update, 4 command, 5 crash, 6 unknown
 * @param clockStepMs the last step of the wall clock, key 52
 * @param fsyncP99Us 99th percentile of an fsync in microseconds, key 53
 */
public record Health(
        long uptimeS,
        OptionalLong diskFreeMiB,
        OptionalInt temperatureC,
        List<Long> waiting,
        List<Long> dropped,
        OptionalInt signalDbm,
        Map<String, Long> ports,
        OptionalLong supplyMv,
        List<Long> gnss,
        Map<String, String> versions,
        OptionalLong certificateDays,
        OptionalInt bootReason,
        OptionalLong clockStepMs,
        OptionalLong fsyncP99Us)
        implements Body {
    public Health {
        Range.uint("uptime", uptimeS);
        Range.check("free disk", diskFreeMiB, 0, Long.MAX_VALUE);
        Range.check("supply", supplyMv, 0, Long.MAX_VALUE);
        Range.check("certificate days", certificateDays, 0, Long.MAX_VALUE);
        Range.check("boot reason", bootReason, 0, Integer.MAX_VALUE);
        Range.check("fsync", fsyncP99Us, 0, Long.MAX_VALUE);
        waiting = List.copyOf(waiting);
        dropped = List.copyOf(dropped);
        gnss = List.copyOf(gnss);
        waiting.forEach(count -> Range.uint("waiting", count));
        dropped.forEach(count -> Range.uint("dropped", count));
        gnss.forEach(value -> Range.uint("GNSS", value));
        ports = Map.copyOf(ports);
        ports.values().forEach(state -> Range.uint("state of a port", state));
        versions = Map.copyOf(versions);
    }

    @Override
    public Kind kind() {
        return Kind.HEALTH;
    }

    static Health read(Fields in) throws WireException {
        return new Health(
                in.integer(30, 0, Long.MAX_VALUE),
                in.maybeLong(31, 0, Long.MAX_VALUE),
                in.maybeInt(32, Integer.MIN_VALUE, Integer.MAX_VALUE),
                in.uints(33),
                in.uints(34),
                in.maybeInt(35, Integer.MIN_VALUE, Integer.MAX_VALUE),
                ports(in),
                in.maybeLong(47, 0, Long.MAX_VALUE),
                in.uints(48),
                versions(in),
                in.maybeLong(50, 0, Long.MAX_VALUE),
                in.maybeInt(51, 0, Integer.MAX_VALUE),
                in.maybeLong(52, Long.MIN_VALUE, Long.MAX_VALUE),
                in.maybeLong(53, 0, Long.MAX_VALUE));
    }

    private static Map<String, Long> ports(Fields in) throws WireException {
        Map<String, Long> states = new LinkedHashMap<>();
        Optional<Item> map = in.find(36);
        if (map.isPresent()) {
            List<Item> items = map.get().map(in.name(36));
            for (int i = 0; i < items.size(); i += 2) {
                states.put(items.get(i).text(in.name(36)), items.get(i + 1).integer(0, Long.MAX_VALUE, in.name(36)));
            }
        }
        return states;
    }

    private static Map<String, String> versions(Fields in) throws WireException {
        Map<String, String> versions = new LinkedHashMap<>();
        Optional<Item> map = in.find(49);
        if (map.isPresent()) {
            List<Item> items = map.get().map(in.name(49));
            for (int i = 0; i < items.size(); i += 2) {
                versions.put(items.get(i).text(in.name(49)), items.get(i + 1).text(in.name(49)));
            }
        }
        return versions;
    }

    MapOut fields() {
        return new MapOut()
                .put(30, uptimeS)
                .putLong(31, diskFreeMiB)
                .putInt(32, temperatureC)
                .putInts(33, waiting)
                .putInts(34, dropped)
                .putInt(35, signalDbm)
                .putTexts(36, ports, CborOut::integer)
                .putLong(47, supplyMv)
                .putInts(48, gnss)
                .putTexts(49, versions, CborOut::text)
                .putLong(50, certificateDays)
                .putInt(51, bootReason)
                .putLong(52, clockStepMs)
                .putLong(53, fsyncP99Us);
    }
}
