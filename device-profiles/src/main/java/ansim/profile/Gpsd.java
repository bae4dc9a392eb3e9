package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The reports of gpsd (gpsd_json(5)): a TPV with mode 2 or 3, a time and a place is a fix, each time once; a SKY adds the satellites
 * used. Every other class says nothing.
 *
 * <p>gpsd is asked to report each time that it is connected. That a connection's other end is gone without a word is found out by the
 * connection, not here.
 */
final class Gpsd implements Decoder {
    /**
     * Options.
     *
     * @param device the path of one receiver, as gpsd names it; any takes all
     * @param lostAfter so long without a fix, and there is none
     * @param silentAfter so long without a report, and gpsd or its receiver is silent
     */
    record Options(
            @Default("any") String device,
            @Default("3s") @Range(min = 500, max = 600_000) Duration lostAfter,

            @Default("10s") @Range(min = 1_000, max = 600_000)
            Duration silentAfter) {}

    /** A SKY that is older says nothing of a fix. */
    static final long SKY_FRESH_MS = 10_000;

    private static final byte[] WATCH = "?WATCH={\"enable\":true,\"json\":true}\n".getBytes(StandardCharsets.US_ASCII);
    private static final long NOTHING = NmeaSentence.NOTHING;
    private static final String ANY = "any";
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            // Names whose hashes collide are slow; they must not become an exception.
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private final String device;
    private final long lostAfterMs;
    private final long silentAfterMs;
    private final FaultLatch silent = new FaultLatch(Reading.Fault.What.SILENT);

    private boolean toAsk;
    private long reportMs = NOTHING;
    private long lastFixMs = NOTHING;
    private long givenTimeMs = NOTHING;
    private boolean lost;
    private long skyMs = NOTHING;
    private long satellites = NOTHING;
    private long hdopE2 = NOTHING;

    Gpsd(Options options) {
        device = options.device();
        lostAfterMs = options.lostAfter().toMillis();
        silentAfterMs = options.silentAfter().toMillis();
    }

    /** A report has no check digits; that it is one JSON object and nothing else is all there is to check. */
    @Override
    public Reject checkFrame(byte[] frame, int length) {
        try (JsonParser json = JSON.createParser(frame, 0, length)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return Reject.MALFORMED;
            }
            json.skipChildren();
            return json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null
                    ? Reject.NONE
                    : Reject.MALFORMED;
        } catch (IOException malformed) {
            return Reject.MALFORMED;
        }
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        GpsdReport report;
        try (JsonParser json = JSON.createParser(frame, 0, length)) {
            report = GpsdReport.read(json);
        } catch (IOException malformed) {
            return Reject.MALFORMED;
        }
        boolean ours = device.equals(ANY) || device.equals(report.device());
        boolean tpv = report.type().equals("TPV");
        if (!ours || (!tpv && !report.type().equals("SKY"))) {
            return Reject.NONE;
        }
        reportMs = monoMs;
        silent.set(false, sink);
        if (tpv) {
            return tpv(report, monoMs, sink);
        }
        satellites = report.satellites() == NOTHING ? satellites : report.satellites();
        hdopE2 = report.hdopE2() == NOTHING ? hdopE2 : report.hdopE2();
        skyMs = monoMs;
        return Reject.NONE;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return silent.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        if (lastFixMs == NOTHING) {
            lastFixMs = monoMs;
            reportMs = monoMs;
        }
        if (monoMs - reportMs >= silentAfterMs) {
            silent.set(true, sink);
        }
        if (skyMs != NOTHING && monoMs - skyMs > SKY_FRESH_MS) {
            skyMs = NOTHING;
            satellites = NOTHING;
            hdopE2 = NOTHING;
        }
        if (!lost && monoMs - lastFixMs >= lostAfterMs) {
            lost = true;
            sink.accept(new Reading.NoFix());
        }
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.UNDATED);
    }

    @Override
    public void opened(long monoMs) {
        toAsk = true;
    }

    @Override
    public byte[] ask(long monoMs) {
        if (!toAsk) {
            return Decoder.NOTHING;
        }
        toAsk = false;
        return WATCH.clone();
    }

    private Reject tpv(GpsdReport report, long monoMs, Consumer<Reading> sink) {
        if (report.mode() < 2 || report.mode() > 3 || (report.latE7() == NOTHING && report.lonE7() == NOTHING)) {
            return Reject.NONE;
        }
        if (!report.timed()) {
            return Reject.UNDATED;
        }
        if (report.timeMs() == NOTHING || report.latE7() == NOTHING || report.lonE7() == NOTHING) {
            return Reject.MALFORMED;
        }
        if (report.timeMs() != givenTimeMs) {
            givenTimeMs = report.timeMs();
            lastFixMs = monoMs;
            lost = false;
            sink.accept(report.fix(satellites, hdopE2));
        }
        return Reject.NONE;
    }
}
