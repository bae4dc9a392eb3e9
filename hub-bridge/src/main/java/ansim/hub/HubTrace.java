package ansim.hub;

import ansim.hub.intake.Intake;
import ansim.hub.trace.OtlpTrace;
import ansim.hub.trace.Trace;
import java.util.Optional;

/** Traces of single messages as the settings have them, or none. Opened and closed by one thread. */
final class HubTrace implements AutoCloseable {
    private final Optional<OtlpTrace> trace;

    private HubTrace(Optional<OtlpTrace> trace) {
        this.trace = trace;
    }

    static HubTrace start(HubConfig config, Intake intake) {
        HubTrace started = new HubTrace(config.telemetry().map(each -> OtlpTrace.start(each.otlp(), each.sample())));
        intake.trace(started.told());
        return started;
    }

    /** For the deliveries. */
    Trace told() {
        return trace.isPresent() ? trace.get() : Trace.NONE;
    }

    @Override
    public void close() {
        trace.ifPresent(OtlpTrace::close);
    }
}
