package ansim.edge;

import ansim.edge.port.OutputConfig;
import ansim.edge.port.OutputLine;
import ansim.edge.port.PortStatus;
import ansim.profile.Relay;
import ansim.settings.SettingsException;
import ansim.wire.CommandAck.Outcome;
import ansim.wire.Id8;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.tinylog.Logger;

/**
 * The unit's outputs: sirens, beacons, buzzers, lights.
 *
 * <p>Guarantee: off when opened and when closed, never on for longer than their profile allows, and nothing that comes from outside
 * moves one while a silent alarm is open: orders are refused, those to switch off, too. What was on when the alarm began goes off
 * when it would have gone off anyway: staying on would tell as much.
 *
 * <p>An output whose line is absent or busy is reported, tried again once a second, and stops none of the others. Thread-safe.
 */
final class Outputs implements AutoCloseable {
    static final int MOST = 16;
    /** Alerts that an output is on for and that can be cancelled; of more the oldest are forgotten and end by their time. */
    static final int ALERTS_MOST = 8;

    private static final long RETRY_MS = 1_000;
    private static final long LOG_EVERY_MS = 60_000;
    private static final long MS_PER_S = 1_000;
    /** No output is on for longer: the most that a profile may say. */
    private static final long LONGEST_ON_MS = 86_400_000;

    private final List<OutputConfig> configs;
    private final BooleanSupplier silent;
    private final Map<String, Driven> outputs = new LinkedHashMap<>();
    private final List<OutputLine> lights = new ArrayList<>();
    /** The alerts that outputs were switched on for and when they end, CLOCK_MONOTONIC ms; the oldest first. */
    private final Map<Id8, Long> alerts = new LinkedHashMap<>();

    private final Map<String, String> broken = new LinkedHashMap<>();
    private long retryAtMs = Long.MIN_VALUE;
    private boolean closed;

    private static final class Driven {
        final OutputConfig config;
        final Relay relay;
        final OutputLine line;
        private boolean set;
        /** An alert has switched it on, and no order has switched it since. */
        private boolean byAlert;

        private OptionalLong loggedMs = OptionalLong.empty();

        Driven(OutputConfig config, Relay relay) {
            this.config = config;
            this.relay = relay;
            this.line = new OutputLine(config.gpio(), relay.activeHigh());
        }

        void follow(long nowMs) {
            if (set != relay.on()) {
                set = relay.on();
                line.set(set);
            }
            Optional<String> error = line.error();
            if (error.isPresent() && (loggedMs.isEmpty() || nowMs - loggedMs.getAsLong() >= LOG_EVERY_MS)) {
                loggedMs = OptionalLong.of(nowMs);
                Logger.warn("output {}: {}; trying again", config.name(), error.get());
            }
        }

        PortStatus status() {
            PortStatus.State state = line.error().isPresent() ? PortStatus.State.ABSENT : PortStatus.State.UP;
            return new PortStatus(state, line.error(), Optional.empty(), 1);
        }
    }

    /**
     * Touches no line yet.
     *
     * @param silent whether a silent alarm is open
     */
    Outputs(List<OutputConfig> configs, BooleanSupplier silent) {
        this.configs = configs;
        this.silent = silent;
    }

    /** None. */
    static Outputs none() {
        return new Outputs(List.of(), () -> false);
    }

    /** Takes the lines and switches them off, also those that a killed process left on. */
    synchronized void open(long nowMs) {
        for (OutputConfig config : configs) {
            try {
                Driven driven = new Driven(config, config.loaded().relay());
                outputs.put(config.name(), driven);
                driven.follow(nowMs);
            } catch (SettingsException e) {
                broken.put(config.name(), e.problems().get(0).toString());
                Logger.error("output {}: {}", config.name(), broken.get(config.name()));
            }
        }
    }

    /** Has a line that another one switches tried again, too, when it could not be set or its chip has gone. */
    synchronized void keep(OutputLine light) {
        lights.add(light);
    }

    /** Carries out an order of the hub. */
    synchronized Outcome order(String name, boolean on, OptionalLong atMostS, long nowMs) {
        Driven output = outputs.get(name);
        if (output == null) {
            return broken.containsKey(name) ? Outcome.FAILED : Outcome.REFUSED;
        } else if (silent.getAsBoolean() || closed) {
            return Outcome.REFUSED;
        }
        output.byAlert = false;
        if (on) {
            output.relay.on(nowMs, milliseconds(atMostS));
        } else {
            output.relay.off();
        }
        output.follow(nowMs);
        return output.line.error().isPresent() ? Outcome.FAILED : Outcome.DONE;
    }

    /** Whether an alert has anything to switch here. */
    boolean alerts() {
        return configs.stream().anyMatch(OutputConfig::onAlert);
    }

    /** Switches on what is to be switched on by an alert; failed when it could not for all of them. */
    synchronized Outcome alert(Id8 alert, OptionalLong forS, long nowMs) {
        Outcome outcome = Outcome.DONE;
        for (OutputConfig config : configs) {
            if (config.onAlert()) {
                Outcome one = order(config.name(), true, forS, nowMs);
                outcome = one == Outcome.DONE ? outcome : one;
                Driven output = outputs.get(config.name());
                if (output != null && one != Outcome.REFUSED) {
                    output.byAlert = true;
                    alerts.put(alert, milliseconds(forS).orElse(LONGEST_ON_MS) + nowMs);
                }
            }
        }
        alerts.values().removeIf(endMs -> endMs <= nowMs);
        if (alerts.size() > ALERTS_MOST) {
            alerts.remove(alerts.keySet().iterator().next());
        }
        return outcome;
    }

    /**
     * Switches off what this alert has switched on, unless another alert goes on or the hub has ordered it since. Done, too, when
     * nothing is on for it.
     */
    synchronized Outcome cancelAlert(Id8 alert, long nowMs) {
        if (silent.getAsBoolean() || closed) {
            return Outcome.REFUSED;
        }
        alerts.values().removeIf(endMs -> endMs <= nowMs);
        Outcome outcome = Outcome.DONE;
        if (alerts.remove(alert) != null && alerts.isEmpty()) {
            for (Map.Entry<String, Driven> output : outputs.entrySet()) {
                if (output.getValue().byAlert) {
                    Outcome one = order(output.getKey(), false, OptionalLong.empty(), nowMs);
                    outcome = one == Outcome.DONE ? outcome : one;
                }
            }
        }
        return outcome;
    }

    private static OptionalLong milliseconds(OptionalLong seconds) {
        return seconds.isPresent() ? OptionalLong.of(seconds.getAsLong() * MS_PER_S) : seconds;
    }

    /** Lets time pass; several times a second. */
    synchronized void tick(long nowMs) {
        boolean retry = nowMs >= retryAtMs;
        if (retry) {
            retryAtMs = nowMs + RETRY_MS;
            lights.forEach(OutputLine::retry);
        }
        for (Driven output : outputs.values()) {
            output.relay.tick(nowMs);
            output.follow(nowMs);
            if (retry) {
                output.line.retry();
            }
        }
    }

    /** How each output is, by name. */
    synchronized Map<String, PortStatus> states() {
        Map<String, PortStatus> states = new LinkedHashMap<>();
        outputs.forEach((name, output) -> states.put(name, output.status()));
        broken.forEach((name, why) -> states.put(
                name, new PortStatus(PortStatus.State.BROKEN_PROFILE, Optional.of(why), Optional.empty(), 0)));
        return states;
    }

    /** Switches all off and gives the lines back. */
    @Override
    public synchronized void close() {
        closed = true;
        List<Driven> all = new ArrayList<>(outputs.values());
        outputs.clear();
        all.forEach(output -> output.line.close());
    }
}
