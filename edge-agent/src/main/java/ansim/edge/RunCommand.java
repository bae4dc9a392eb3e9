package ansim.edge;

import ansim.edge.keys.HubTime;
import ansim.edge.keys.HubTrust;
import ansim.edge.keys.KeysException;
import ansim.edge.keys.TrustFiles;
import ansim.edge.keys.TrustFolder;
import ansim.edge.keys.UnitKeys;
import ansim.edge.link.CoapUplink;
import ansim.edge.link.MqttUplink;
import ansim.edge.link.Uplink;
import ansim.edge.port.OutputLine;
import ansim.edge.port.PortReading;
import ansim.edge.port.PortStatus;
import ansim.edge.port.Ports;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.profile.Reading.Fault;
import ansim.settings.CommandFailure;
import ansim.wire.Id16;
import ansim.wire.Pos;
import ansim.wire.SealingKey;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.tinylog.Logger;
import org.tinylog.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the agent until it is told to stop (SIGTERM, Ctrl-C) or a defect ends it. */
@Command(
        name = "run",
        description =
                "Run the agent: read the ports, keep what they say, forward it to the hub. Ends with SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private static final long STOP_S = 15;
    private static final double E7 = 1e7;
    private static final String HUB_TIME = "hub-time";

    @Option(
            names = {"-c", "--config"},
            defaultValue = "agent.yaml",
            paramLabel = "FILE",
            description = "The configuration (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("agent.yaml");

    @Override
    public Integer call() throws IOException, InterruptedException {
        UnitFiles files = UnitFiles.load(file);
        AgentConfig config = files.config();
        Configuration.set("level", config.log().level().name().toLowerCase(Locale.ROOT));
        Thread running = Thread.currentThread();
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running, closed), "stop"));
        Light stored = new Light(config.signals().stored());
        Light hub = new Light(config.signals().hub());
        Signals signals = new Signals(stored, hub);
        Outputs outputs = new Outputs(config.outputs(), signals::silent);
        Who who = Who.of(files);
        // Closed before the agent is: a siren does not wait for the journal.
        try (Agent agent = new Agent(setup(files, who), JournalFiles.real(), signals, outputs);
                Who renewed = who;
                Outputs driven = outputs) {
            stored.open(outputs);
            hub.open(outputs);
            driven.open(SystemClock.monoMs());
            agent.forwarder().alarmOnTwo(config.hub().alarmOnTwo());
            config.commissioning().contact().ifPresent(agent::commissionBy);
            agent.start((sink, faults) -> open(config, sink, faults), () -> uplinks(config, renewed));
            renewed.start(agent.lanes()::key);
            Logger.info("unit {} runs, version {}", renewed.unit(), StatusReport.version());
            agent.awaitDefect();
            return CommandFailure.EXIT_CODE;
        } catch (InterruptedException stopped) {
            Logger.info("stopped in order");
            return 0;
        } catch (JournalException e) {
            throw new CommandFailure(
                    "the journal in " + config.data() + " does not open: " + e.getMessage(),
                    "another data folder if another agent has this one; otherwise check the disk");
        } finally {
            stored.close();
            hub.close();
            closed.countDown();
        }
    }

    private static void stop(Thread running, CountDownLatch closed) {
        running.interrupt();
        try {
            if (!closed.await(STOP_S, TimeUnit.SECONDS)) {
                Logger.warn("not everything closed within {} s", STOP_S);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The unit's id and keys: of the folder of keys, or made by hand. */
    private record Who(Id16 unit, SigningKey key, HubTrust hub, Optional<UnitKeys> keys) implements AutoCloseable {
        static Who of(UnitFiles files) {
            AgentConfig config = files.config();
            if (config.trust().isEmpty()) {
                Id16 unit = Id16.parse(config.unit().orElseThrow().toString());
                return new Who(
                        unit,
                        files.key().orElseThrow(),
                        HubTrust.fixed(files.hubKey().orElseThrow()),
                        Optional.empty());
            }
            HubTime time = new HubTime(
                    config.data().resolve(HUB_TIME),
                    TrustFiles.real(),
                    HubTime.built(),
                    SystemClock::synchronised,
                    Instant::now);
            try {
                UnitKeys keys = new UnitKeys(
                        TrustFolder.at(config.trust().get()),
                        time,
                        UnitKeys.Pace.of(config.renewal().messageKey()),
                        new SecureRandom());
                return new Who(keys.unit(), keys.signer(), keys, Optional.of(keys));
            } catch (KeysException e) {
                throw new CommandFailure(e.error(), e.tryThis());
            }
        }

        void start(Consumer<SigningKey> newSigner) {
            keys.ifPresent(all -> all.start(newSigner));
        }

        OptionalLong certificateDays() {
            return keys.isPresent() ? OptionalLong.of(keys.get().certificateDays()) : OptionalLong.empty();
        }

        @Override
        public void close() {
            keys.ifPresent(UnitKeys::close);
        }
    }

    private static Agent.Setup setup(UnitFiles files, Who who) throws IOException {
        AgentConfig config = files.config();
        AgentConfig.Live live = config.live();
        return new Agent.Setup(
                who.unit(),
                SystemClock.boot(),
                who.key(),
                who.hub(),
                who::certificateDays,
                CardSealer.to(vault(files, who.keys()), who.unit(), new SecureRandom()),
                config.data(),
                config.journal().quota(),
                config.place().map(RunCommand::position),
                config.ride(),
                new Recorder.Pace(
                        config.track().sealAfter().toMillis(),
                        live.ride().toMillis(),
                        live.emergency().toMillis(),
                        live.presence().toMillis(),
                        live.health().toMillis()));
    }

    /** The key that the settings name; else, on an enrolled unit, what the hub told last: it may come while the agent runs. */
    private static Supplier<Optional<SealingKey>> vault(UnitFiles files, Optional<UnitKeys> keys) {
        boolean named = files.config().hub().vaultKey().isPresent();
        return named || keys.isEmpty() ? files::vaultKey : keys.get()::vault;
    }

    private static Pos position(AgentConfig.Place place) {
        return new Pos((int) Math.round(place.lat() * E7), (int) Math.round(place.lon() * E7), OptionalInt.empty());
    }

    /** A light that stays dark until the data folder is ours: before that it may be another agent's. */
    private static final class Light implements Consumer<Boolean>, AutoCloseable {
        private final Optional<String> line;
        private volatile Optional<OutputLine> output = Optional.empty();

        Light(Optional<String> line) {
            this.line = line;
        }

        void open(Outputs outputs) {
            output = line.map(OutputLine::new);
            output.ifPresent(outputs::keep);
        }

        @Override
        public void accept(Boolean on) {
            output.ifPresent(open -> open.set(on));
        }

        @Override
        public void close() {
            output.ifPresent(OutputLine::close);
        }
    }

    private static List<Uplink> uplinks(AgentConfig config, Who who) {
        List<Uplink> uplinks = new ArrayList<>();
        for (AgentConfig.Uplink uplink : config.hub().uplinks()) {
            uplinks.add(uplink(uplink, who));
        }
        return uplinks;
    }

    private static Uplink uplink(AgentConfig.Uplink setting, Who who) {
        String address = setting.address().toString();
        if (setting.coap().isPresent()) {
            return new CoapUplink(setting.address(), who.keys().orElseThrow(), SystemClock::monoMs, new SecureRandom());
        }
        return setting.tls()
                ? new MqttUplink(address, who.unit(), who.keys().orElseThrow(), SystemClock::monoMs, new SecureRandom())
                : new MqttUplink(address, who.unit(), SystemClock::monoMs, new SecureRandom());
    }

    private static Agent.Inputs open(
            AgentConfig config, Consumer<PortReading> sink, Map<String, Set<Fault.What>> faults) {
        Ports.Between resumed = (port, reader) -> {
            reader.resume(
                    faults.getOrDefault(port, Set.of()),
                    reading -> sink.accept(new PortReading(port, reading, SystemClock.monoMs())));
            return reader;
        };
        Ports ports = Ports.open(config.ports(), sink, SystemClock::monoMs, resumed);
        return new Agent.Inputs() {
            @Override
            public Map<String, PortStatus> states() {
                return ports.states();
            }

            @Override
            public void close() {
                ports.close();
            }
        };
    }
}
