package ansim.edge;

import ansim.edge.link.Uplink;
import ansim.edge.port.PortStatus;
import ansim.profile.Counters;
import ansim.profile.Reading.Fix;
import ansim.profile.Reading.Measure;
import ansim.wire.Health;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.tinylog.Logger;

/**
 * How the unit is: as the health record of lane 4, and as the file that {@code status} reads. The file lies in memory
 * ({@link StatusPlace}) and is replaced by rename; it says how old it is. The recorder's thread only.
 */
final class StatusReport {
    static final String FILE = "status.json";
    static final long EVERY_MS = 2_000;

    private static final long MIB = 1024 * 1024;
    private static final JsonFactory JSON = new JsonFactory();

    private final Sources from;
    private final long startedMs = SystemClock.monoMs();
    private final Path file;
    private long writtenMs = Long.MIN_VALUE / 2;

    /** Where the figures come from. */
    record Sources(
            Agent.Setup setup,
            Lanes lanes,
            Forwarder forwarder,
            UnitClock clock,
            Whereabouts whereabouts,
            Measures measures,
            ReadingQueue queue,
            Supplier<Map<String, PortStatus>> ports) {}

    StatusReport(Sources from) {
        this.from = from;
        this.file = StatusPlace.behind(from.setup().data().resolve(FILE));
    }

    /** The health record of lane 4. */
    Health health(long nowMs) {
        Lanes.Figures figures = from.lanes().figures();
        return new Health(
                (nowMs - startedMs) / 1_000,
                diskFreeMiB(),
                from.measures().temperatureC(nowMs),
                figures.waiting(),
                figures.dropped(),
                OptionalInt.empty(),
                ports(),
                from.measures().supplyMv(nowMs),
                gnss(nowMs),
                Map.of("agent", version(), "store", figures.failure().isPresent() ? "memory" : "disk"),
                from.setup().certificateDays().get(),
                OptionalInt.empty(),
                from.clock().lastStepMs() == 0
                        ? OptionalLong.empty()
                        : OptionalLong.of(from.clock().lastStepMs()),
                figures.fsyncP99Us());
    }

    /** Codes in a health record: starting 0, up 1, absent 2, broken profile 3. */
    private Map<String, Long> ports() {
        Map<String, Long> codes = new LinkedHashMap<>();
        from.ports().get().forEach((name, port) -> codes.put(name, code(port.state())));
        return codes;
    }

    private static long code(PortStatus.State state) {
        return switch (state) {
            case STARTING -> 0;
            case UP -> 1;
            case ABSENT -> 2;
            case BROKEN_PROFILE -> 3;
        };
    }

    private OptionalLong diskFreeMiB() {
        try {
            return OptionalLong.of(Files.getFileStore(from.setup().data()).getUsableSpace() / MIB);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Fix, satellites, HDOP x 10, seconds since the fix; empty for a unit that has had none. */
    private List<Long> gnss(long nowMs) {
        OptionalLong ageS = from.whereabouts().fixAgeS(nowMs);
        if (ageS.isEmpty()) {
            return List.of();
        }
        Optional<Fix> fix = from.whereabouts().fix(nowMs, Whereabouts.FRESH_MS);
        long kind = fix.map(known -> (long) known.quality().mode().orElse(1)).orElse(0L);
        long satellites =
                fix.map(known -> (long) known.quality().satellites().orElse(0)).orElse(0L);
        long hdop =
                fix.map(known -> (long) known.quality().hdopE2().orElse(0) / 10).orElse(0L);
        return List.of(kind, satellites, hdop, ageS.getAsLong());
    }

    static String version() {
        String version = StatusReport.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Writes the file if it is due. */
    void write(long nowMs, Recorder recorder) {
        if (nowMs - writtenMs < EVERY_MS) {
            return;
        }
        writtenMs = nowMs;
        Path fresh = file.resolveSibling(FILE + ".new");
        try {
            try (OutputStream out = Files.newOutputStream(fresh);
                    JsonGenerator json = JSON.createGenerator(out)) {
                json.writeStartObject();
                unit(json, nowMs, recorder);
                lanes(json);
                links(json, nowMs);
                json.writeEndObject();
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Logger.debug("the status cannot be written: {}", e.getMessage());
        }
    }

    private void unit(JsonGenerator json, long nowMs, Recorder recorder) throws IOException {
        json.writeStringField("unit", from.setup().unit().hex());
        json.writeNumberField("pid", ProcessHandle.current().pid());
        json.writeStringField("version", version());
        json.writeStringField("boot", from.setup().boot().hex());
        json.writeNumberField("writtenMonoMs", nowMs);
        json.writeNumberField("uptimeS", (nowMs - startedMs) / 1_000);
        OptionalLong days = from.setup().certificateDays().get();
        if (days.isPresent()) {
            json.writeNumberField("certificateDays", days.getAsLong());
        }
        UnitClock.Stamp now = from.clock().at(nowMs, nowMs);
        json.writeStringField("timeQuality", now.quality().name());
        json.writeNumberField("utcMs", now.utcMs());
        json.writeBooleanField("hired", recorder.hired());
        json.writeBooleanField("alarm", recorder.alarmed(nowMs));
        Commissioning commissioning = from.lanes().sealer().commissioning();
        if (commissioning.active(nowMs)) {
            json.writeNumberField(
                    "commissioningLeftS", commissioning.left(nowMs).toSeconds());
        }
        OptionalLong fixAgeS = from.whereabouts().fixAgeS(nowMs);
        if (fixAgeS.isPresent()) {
            json.writeNumberField("fixAgeS", fixAgeS.getAsLong());
        }
        json.writeObjectFieldStart("ports");
        for (Map.Entry<String, PortStatus> port : from.ports().get().entrySet()) {
            json.writeStringField(port.getKey(), describe(port.getValue()));
        }
        json.writeEndObject();
        json.writeObjectFieldStart("frames");
        for (Map.Entry<String, PortStatus> port : from.ports().get().entrySet()) {
            if (port.getValue().counters().isPresent()) {
                json.writeNumberField(
                        port.getKey(), port.getValue().counters().get().accepted());
            }
        }
        json.writeEndObject();
        json.writeObjectFieldStart("measures");
        for (Measure measure : from.measures().fresh(nowMs).values()) {
            json.writeStringField(
                    measure.name(), BigDecimal.valueOf(measure.valueE3(), 3).toPlainString() + " " + measure.unit());
        }
        json.writeEndObject();
        json.writeNumberField("positionsDropped", from.queue().positionsDropped());
        json.writeNumberField("readingsDropped", from.queue().othersDropped());
    }

    /** What an engineer at the device looks for: is it there, does it say anything, is it understood? */
    static String describe(PortStatus port) {
        String state = port.state().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return state
                + port.error()
                        .map(error -> ": " + error)
                        .orElseGet(
                                () -> port.counters().map(StatusReport::counted).orElse(""));
    }

    private static String counted(Counters counters) {
        StringBuilder text = new StringBuilder(", ").append(counters.accepted()).append(" read");
        counters.rejected().forEach((reason, count) -> {
            if (count > 0) {
                text.append(", ").append(count).append(' ').append(reason);
            }
        });
        if (counters.accepted() == 0 && counters.noiseBytes() > 0) {
            text.append(", ").append(counters.noiseBytes()).append(" bytes of noise");
        }
        return text.toString();
    }

    private void lanes(JsonGenerator json) throws IOException {
        Lanes.Figures figures = from.lanes().figures();
        array(json, "waiting", figures.waiting());
        array(json, "dropped", figures.dropped());
        json.writeNumberField("journalBytes", figures.bytes());
        if (figures.failure().isPresent()) {
            json.writeStringField("storeFailure", figures.failure().get());
        }
    }

    private static void array(JsonGenerator json, String name, List<Long> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (Long value : values) {
            json.writeNumber(value);
        }
        json.writeEndArray();
    }

    private void links(JsonGenerator json, long nowMs) throws IOException {
        json.writeArrayFieldStart("links");
        for (Uplink.Status link : new ArrayList<>(from.forwarder().links())) {
            json.writeStartObject();
            json.writeStringField("name", link.name());
            json.writeBooleanField("connected", link.connected());
            json.writeNumberField("attempts", link.attempts());
            if (!link.error().isEmpty()) {
                json.writeStringField("error", link.error());
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        Counts counts = from.forwarder().counts();
        json.writeNumberField("sent", counts.sent.sum());
        long receiptAtMs = counts.receiptAtMs.get();
        if (receiptAtMs >= 0) {
            json.writeNumberField("receiptAgeS", (nowMs - receiptAtMs) / 1_000);
        }
        json.writeNumberField("refusedByHub", counts.refusedByHub.sum());
        json.writeObjectFieldStart("refusedDown");
        for (Map.Entry<String, Long> reason : counts.refusedDown().entrySet()) {
            json.writeNumberField(reason.getKey(), reason.getValue());
        }
        json.writeEndObject();
    }

    /** The agent stops: there is no status of an agent that does not run. */
    void remove() {
        try {
            StatusPlace.remove(file);
        } catch (IOException e) {
            Logger.debug("the status cannot be removed: {}", e.getMessage());
        }
    }
}
