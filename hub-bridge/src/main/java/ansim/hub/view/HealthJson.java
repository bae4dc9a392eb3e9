package ansim.hub.view;

import ansim.wire.Health;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeMap;

/** A health record as the read model keeps it: CONTRACT's names, what was not sent left out. */
final class HealthJson {
    private HealthJson() {}

    static String of(Health health) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("uptimeS", health.uptimeS());
        health.diskFreeMiB().ifPresent(value -> out.put("diskFreeMiB", value));
        health.temperatureC().ifPresent(value -> out.put("temperatureC", value));
        list(out, "waiting", health.waiting());
        list(out, "dropped", health.dropped());
        health.signalDbm().ifPresent(value -> out.put("signalDbm", value));
        ObjectNode ports = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(health.ports()).forEach(ports::put);
        out.set("ports", ports);
        health.supplyMv().ifPresent(value -> out.put("supplyMv", value));
        list(out, "gnss", health.gnss());
        ObjectNode versions = JsonNodeFactory.instance.objectNode();
        new TreeMap<>(health.versions()).forEach(versions::put);
        out.set("versions", versions);
        health.certificateDays().ifPresent(value -> out.put("certificateDays", value));
        health.bootReason().ifPresent(value -> out.put("bootReason", value));
        health.clockStepMs().ifPresent(value -> out.put("clockStepMs", value));
        health.fsyncP99Us().ifPresent(value -> out.put("fsyncP99Us", value));
        return out.toString();
    }

    private static void list(ObjectNode out, String name, List<Long> values) {
        if (!values.isEmpty()) {
            ArrayNode array = out.putArray(name);
            values.forEach(array::add);
        }
    }
}
