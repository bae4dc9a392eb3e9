import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * A mosquitto on the unit with persistence and a bridge to a mosquitto at the centre. An event is a publish with QoS 1, answered by the
 * PUBACK. Nothing of it is on the disk before mosquitto has written its whole database anew, forced that file and renamed it over the
 * last one: that is what is waited for, by inotify. That the rename itself is not forced shows at the power cut.
 */
final class BridgeForwarding implements Forwarding {
    private static final long PATIENCE_MS = 60_000;
    private static final long CONNECT_PAUSE_MS = 5;
    private static final long QUIET_MS = 2_000;
    private static final int IN_FLIGHT = 20;
    private static final String TOPIC = "unit/events";
    private static final String ID = "bench-event-%08d ";
    private static final Pattern HELD = Pattern.compile("bench-event-(\\d{8}) ");

    private final Path dir;
    private final String mosquitto;
    private final boolean onChanges;
    private final int payloadBytes;
    private final int port = Ports.free();
    private final int remotePort = Ports.free();
    private final Program remote;
    private final Program local;
    private final MqttAsyncClient atCentre;
    private final AtomicLong arrived = new AtomicLong();
    private final Semaphore arrivals = new Semaphore(0);
    private Path store = Path.of("");
    private MqttAsyncClient publisher;
    private WatchService watch;
    private boolean link;
    private long last;
    /** Events of earlier stores. */
    private long before;

    BridgeForwarding(Path dir, String mosquitto, boolean onChanges, int payloadBytes)
            throws IOException, InterruptedException {
        this.dir = Files.createDirectories(dir);
        this.mosquitto = mosquitto;
        this.onChanges = onChanges;
        this.payloadBytes = payloadBytes;
        Path config = dir.resolve("remote.conf");
        Files.writeString(config, "listener " + remotePort + " 127.0.0.1\nallow_anonymous true\npersistence false\n");
        remote = program("remote", config);
        local = program("local", dir.resolve("local.conf"));
        remote.start();
        try {
            atCentre = connected(remotePort, "centre", remote);
            atCentre.subscribe("#", 1, (topic, message) -> {
                String text = new String(message.getPayload(), StandardCharsets.US_ASCII);
                Matcher event = HELD.matcher(text);
                if (event.lookingAt()) {
                    arrived.accumulateAndGet(Long.parseLong(event.group(1)), Math::max);
                    arrivals.release();
                }
            }).waitForCompletion(PATIENCE_MS);
        } catch (MqttException e) {
            throw new IOException("the mosquitto at the centre: " + e, e);
        }
    }

    private Program program(String name, Path config) {
        return new Program(
                "mosquitto-" + name, dir.resolve(name + ".log"), List.of(mosquitto, "-c", config.toString()), Map.of());
    }

    @Override
    public String name() {
        return onChanges ? "mosquitto, autosave on changes" : "mosquitto, as installed";
    }

    @Override
    public boolean durable() {
        return onChanges;
    }

    @Override
    public double start(Path folder, boolean toCentre) throws IOException, InterruptedException {
        before = Files.exists(folder.resolve("db")) ? before : last;
        store = Files.createDirectories(folder.resolve("db"));
        link = toCentre;
        Files.writeString(dir.resolve("local.conf"), """
                listener %d 127.0.0.1
                allow_anonymous true
                user root
                persistence true
                persistence_location %s/
                %sconnection centre
                address 127.0.0.1:%d
                topic # out 1
                cleansession false
                try_private false
                notifications false
                """.formatted(
                port, store, onChanges ? "autosave_interval 1\nautosave_on_changes true\n" : "", toCentre ? remotePort : Ports.free()));
        if (watch != null) {
            // Its broker was killed.
            watch.close();
            disconnect(publisher);
        }
        watch = store.getFileSystem().newWatchService();
        store.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
        long startNs = System.nanoTime();
        local.start();
        try {
            publisher = connected(port, "unit", local);
        } catch (MqttException e) {
            throw new IOException("mosquitto did not start, see " + local.log(), e);
        }
        publish();
        return (System.nanoTime() - startNs) / 1e6;
    }

    private static MqttAsyncClient connected(int port, String name, Program broker)
            throws MqttException, IOException, InterruptedException {
        while (broker.alive() && !listens(port)) {
            Thread.sleep(CONNECT_PAUSE_MS);
        }
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMaxInflight(IN_FLIGHT);
        MqttAsyncClient client = new MqttAsyncClient("tcp://127.0.0.1:" + port, name, new MemoryPersistence());
        client.connect(options).waitForCompletion(PATIENCE_MS);
        return client;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Publishes an event; returns when it was PUBACKed and, if that is to come at all, is on the disk. The time of the PUBACK, ns. */
    private long publish() throws IOException, InterruptedException {
        try {
            publisher.publish(TOPIC, payload(++last), 1, false).waitForCompletion(PATIENCE_MS);
        } catch (MqttException e) {
            throw new IOException("a publish failed, see " + local.log(), e);
        }
        long answeredNs = System.nanoTime();
        if (onChanges) {
            saved();
        }
        return answeredNs;
    }

    private byte[] payload(long n) {
        StringBuilder text = new StringBuilder(ID.formatted(n));
        while (text.length() < payloadBytes) {
            text.append((char) ('a' + text.length() % 26));
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** Until the database holds the last event or, with a link, it has gone on. */
    private void saved() throws IOException, InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (!holds(last) && !(link && arrived.get() >= last)) {
            WatchKey changed = watch.poll(link ? 1 : Math.max(0, endNs - System.nanoTime()) / 1_000_000, TimeUnit.MILLISECONDS);
            if (changed != null) {
                changed.pollEvents();
                changed.reset();
            } else if (System.nanoTime() > endNs) {
                throw new IOException("an event was not written, see " + local.log());
            }
        }
    }

    private boolean holds(long n) throws IOException {
        return content(store).contains(ID.formatted(n));
    }

    private static String content(Path folder) throws IOException {
        try {
            return Files.readString(folder.resolve("mosquitto.db"), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException notYet) {
            return "";
        }
    }

    @Override
    public Event event() throws IOException, InterruptedException {
        arrivals.drainPermits();
        long startNs = System.nanoTime();
        long answeredNs = publish();
        OptionalDouble durable =
                onChanges && !link ? OptionalDouble.of((System.nanoTime() - startNs) / 1e6) : OptionalDouble.empty();
        OptionalDouble arrivedMs = OptionalDouble.empty();
        if (link && arrivals.tryAcquire(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
            arrivedMs = OptionalDouble.of((System.nanoTime() - startNs) / 1e6);
        }
        return new Event((answeredNs - startNs) / 1e6, durable, arrivedMs);
    }

    @Override
    public double burst(int events) throws IOException, InterruptedException {
        Semaphore free = new Semaphore(IN_FLIGHT);
        IMqttActionListener acknowledged = new IMqttActionListener() {
            @Override
            public void onSuccess(IMqttToken token) {
                free.release();
            }

            @Override
            public void onFailure(IMqttToken token, Throwable error) {
                System.err.println("a publish failed: " + error);
            }
        };
        long startNs = System.nanoTime();
        try {
            for (int i = 0; i < events; i++) {
                free.acquire();
                publisher.publish(TOPIC, payload(++last), 1, false, null, acknowledged);
            }
        } catch (MqttException e) {
            throw new IOException("a publish failed, see " + local.log(), e);
        }
        if (!free.tryAcquire(IN_FLIGHT, PATIENCE_MS, TimeUnit.MILLISECONDS)) {
            throw new IOException("a publish was not answered, see " + local.log());
        }
        if (onChanges) {
            saved();
        }
        return events * 1e9 / (System.nanoTime() - startNs);
    }

    @Override
    public void second() throws IOException, InterruptedException {
        long endNs = System.nanoTime() + 1_000_000_000L;
        publish();
        Thread.sleep(Math.max(0, (endNs - System.nanoTime()) / 1_000_000));
    }

    @Override
    public void drain() throws IOException, InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (arrived.get() < last) {
            if (System.nanoTime() > endNs) {
                throw new IOException("the centre has not got everything, see " + local.log());
            }
            Thread.sleep(CONNECT_PAUSE_MS);
        }
        // What has arrived is still taken out of the database, message by message.
        WatchKey changed;
        do {
            changed = watch.poll(QUIET_MS, TimeUnit.MILLISECONDS);
            if (changed != null) {
                changed.pollEvents();
                changed.reset();
            }
        } while (changed != null);
    }

    @Override
    public Program program() {
        return local;
    }

    @Override
    public long answered() {
        return last - before;
    }

    @Override
    public long held(Path folder) throws IOException {
        Set<String> events = new HashSet<>();
        Matcher event = HELD.matcher(content(folder.resolve("db")));
        while (event.find()) {
            events.add(event.group(1));
        }
        return events.size();
    }

    @Override
    public int eventBytes() {
        return payloadBytes;
    }

    @Override
    public void end() throws IOException, InterruptedException {
        local.end(Duration.ofMillis(PATIENCE_MS));
        if (watch != null) {
            watch.close();
            disconnect(publisher);
        }
        watch = null;
    }

    /** The centre goes too. */
    void endAll() throws IOException, InterruptedException {
        end();
        disconnect(atCentre);
        remote.end(Duration.ofMillis(PATIENCE_MS));
    }

    private static void disconnect(MqttAsyncClient client) {
        try {
            client.disconnectForcibly(0, 1, false);
            client.close(true);
        } catch (MqttException alreadyGone) {
            System.err.println("note: " + alreadyGone.getMessage());
        }
    }
}
