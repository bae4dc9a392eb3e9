package ansim.hub;

import ansim.hub.api.Api;
import ansim.hub.api.AppDesk;
import ansim.hub.console.Console;
import ansim.hub.core.Input;
import ansim.hub.core.Policy;
import ansim.hub.deliver.Delivery;
import ansim.hub.deliver.StreamHub;
import ansim.hub.intake.HubLog;
import ansim.hub.intake.Intake;
import ansim.hub.intake.SigningKeys;
import ansim.hub.keys.LogSeal;
import ansim.hub.keys.RideKeys;
import ansim.hub.ledger.LedgerKeys;
import ansim.hub.ledger.ProvisionLedger;
import ansim.hub.vault.RemoteVault;
import ansim.hub.vault.RiderVault;
import ansim.hub.vault.Vault;
import ansim.hub.view.Registry;
import ansim.hub.view.ViewTail;
import ansim.hub.view.Views;
import ansim.journal.Journal;
import ansim.journal.JournalException;
import ansim.journal.JournalFiles;
import ansim.journal.JournalOptions;
import ansim.settings.CommandFailure;
import ansim.wire.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.tinylog.Logger;
import org.tinylog.configuration.Configuration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * {@code hub-bridge run}: the hub itself, until SIGTERM or Ctrl-C.
 *
 * <p>Opened in this order, closed in reverse: registry, log and its mirror, ride keys, state and committer, what the registry holds, rider vault,
 * what guardians are told, provision ledger, event streams, deliveries, views, erasures, API, metrics, page, door.
 * When the log cannot be written it ends with 1: what is not on disk was not answered, and the next start rebuilds from the log.
 */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the hub until SIGTERM or Ctrl-C.",
            "The first start makes the data folder and the hub's signing key (hub-bridge key show)."
        })
final class RunCommand implements Callable<Integer> {
    private static final int CLOSE_S = 20;

    @Mixin
    private HubFolder hub = new HubFolder();

    /** Completed when the hub is to end; exceptionally when it has failed. */
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    private final CountDownLatch closed = new CountDownLatch(1);

    @Override
    public Integer call() throws InterruptedException {
        HubConfig config = hub.config();
        logAt(config.log().level());
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
        try {
            Files.createDirectories(config.data());
            run(config);
            return 0;
        } catch (JournalException e) {
            throw new CommandFailure(
                    String.valueOf(e.getMessage()),
                    e.reason() == JournalException.Reason.LOCKED
                            ? "stopping that process first, or give this hub a data folder of its own"
                            : "checking the disk under " + config.logDirectory() + ", then start again");
        } catch (IOException e) {
            throw new CommandFailure(Reasons.of(e), Reasons.advice(e));
        } finally {
            closed.countDown();
        }
    }

    private void run(HubConfig config) throws IOException, InterruptedException {
        Promotion.refuseUnfinished(config.data());
        try (Registry registry = Registry.open(config.registryFile());
                Journal log = Journal.open(config.logDirectory(), JournalOptions.hub(), JournalFiles.real())) {
            RegistryFeed.Ahead ahead = new RegistryFeed.Ahead(registry);
            if (!log.recovery().nothingLost()) {
                Logger.warn("the log was damaged by the last stop: {}", log.recovery());
            }
            if (config.log().mirror().isPresent()) {
                runMirrored(
                        config,
                        new Source(registry, ahead),
                        log,
                        config.log().mirror().get());
            } else {
                LiveHubKeys hubKeys = hubKeys(config);
                try (RideKeys keys = RideKeys.open(config.rideKeysFile(), log.journalId(), new SecureRandom());
                        Intake intake = Intake.start(
                                HubLog.alone(log).sealedBy(seal(log, keys)).seenThrough(indexed(config, log)),
                                config.snapshotDirectory(),
                                hubKeys,
                                this::failed)) {
                    run(
                            config,
                            new Parts(new Source(registry, ahead), log, keys, intake, hubKeys, () -> {}),
                            same -> hubKeys.reload());
                }
            }
        }
    }

    private void runMirrored(HubConfig config, Source source, Journal log, Path directory)
            throws IOException, InterruptedException {
        MirrorFolder mirror = new MirrorFolder(config.data(), directory);
        mirror.checkDisk();
        mirror.checkKey();
        mirror.checkAuthority();
        try (HubLog both = HubLog.mirrored(log, mirror.log(), JournalOptions.hub(), JournalFiles.real())) {
            LiveHubKeys hubKeys = hubKeys(config);
            try (mirror;
                    RideKeys keys = RideKeys.open(
                            config.rideKeysFile(), mirror.rideKeys(), log.journalId(), new SecureRandom());
                    Intake intake = Intake.start(
                            both.sealedBy(seal(log, keys)).seenThrough(indexed(config, log)),
                            config.snapshotDirectory(),
                            hubKeys,
                            this::failed)) {
                HubDoors.authority(config, Instant.now());
                mirror.start(hubKeys.keys());
                run(config, new Parts(source, log, keys, intake, hubKeys, mirror::copySnapshots), changed -> {
                    hubKeys.reload();
                    mirror.keepKeys(hubKeys.keys());
                    mirror.keepRegistry(changed);
                });
            }
        }
    }

    /** The first start makes one. */
    private static LiveHubKeys hubKeys(HubConfig config) throws IOException {
        Path file = config.data().resolve(HubFolder.KEY);
        SigningKey first = HubKey.open(file, new SecureRandom());
        return new LiveHubKeys(file, HubKey.keys(file).orElseGet(() -> HubKeys.of(first)), Clock.systemUTC());
    }

    private static long indexed(HubConfig config, Journal log) throws IOException {
        return Delivery.indexedThrough(config.indexDirectory(), log.journalId());
    }

    private static LogSeal seal(Journal log, RideKeys keys) {
        return new LogSeal(keys, log.journalId(), new SecureRandom());
    }

    /** The vault in this process, if there is one. */
    private static Optional<Vault> ownVault(HubConfig config) throws IOException {
        if (config.vault().socket().isPresent()) {
            return Optional.empty();
        }
        if (!Vault.isIn(config.vaultFolder())) {
            Logger.info("no rider vault in {}: cards stay sealed (hub-bridge vault init)", config.vaultFolder());
            return Optional.empty();
        }
        return Optional.of(Vault.open(config.vaultFolder(), "hub", Clock.systemUTC()));
    }

    /** Who turns sealed cards into riders: another process, this one if there is a vault, or nobody. */
    private static Optional<RiderVault> vault(HubConfig config, Optional<Vault> own) {
        Optional<Path> socket = config.vault().socket();
        return socket.isPresent() ? Optional.of(new RemoteVault(socket.get())) : own.map(RiderVault.class::cast);
    }

    /** The registry, and all that was in it at the start. */
    private record Source(Registry registry, RegistryFeed.Ahead ahead) {}

    /** What is open by then. */
    private record Parts(
            Source source, Journal log, RideKeys keys, Intake intake, SigningKeys hubKeys, Erasures.Copies copies) {}

    private void run(HubConfig config, Parts parts, RegistryFeed.Before before)
            throws IOException, InterruptedException {
        try (RegistryFeed feed = new RegistryFeed(parts.source.registry, parts.intake, before)) {
            feed.start(parts.source.ahead);
            set(config, parts.intake);
            warnAboutPlaintext(config);
            config.warnings().forEach(Logger::warn);
            if (!parts.log.recovery().lost().isEmpty()) {
                Logger.warn(
                        "entries of the log do not read and are taken from its mirror: {}; replace that disk, then"
                                + " hub-bridge promote",
                        parts.log.recovery().lost());
            }
            serve(config, parts, feed);
        }
    }

    /** In the log at every start: what is decided goes by it, and silence is measured from it. */
    private static void set(HubConfig config, Intake intake) throws IOException, InterruptedException {
        Policy policy = config.routing().policy();
        try {
            intake.change(new Input.SettingsChange(System.currentTimeMillis(), policy))
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailure known) {
                throw known;
            }
            throw new IOException("the settings could not be committed", e.getCause());
        }
        policy.everyRide().ifPresent(ground -> Logger.info("every ride goes to centres, on the ground of: {}", ground));
    }

    private static void warnAboutPlaintext(HubConfig config) {
        if (config.isInsecure()) {
            Logger.warn("insecure-plaintext: whoever reaches the door can be any unit; for tests on one machine only");
        }
    }

    private void serve(HubConfig config, Parts parts, RegistryFeed feed) throws IOException, InterruptedException {
        Journal log = parts.log;
        Intake intake = parts.intake;
        HubDoors doors = HubDoors.of(config, parts.hubKeys, feed::bringNow, Clock.systemUTC());
        Optional<Vault> own = ownVault(config);
        try (doors;
                HubTrace trace = HubTrace.start(config, intake);
                VaultFeed vault = VaultFeed.start(vault(config, own), log, intake);
                VaultDesk riders = VaultDesk.of(config, own);
                Guardians.Posts posts = Guardians.send(own, config.guardians());
                LedgerKeys ledgerKeys =
                        HubFolder.ledgerKeys(config.data(), config.log().mirror());
                LedgerKeys consoleKeys =
                        HubFolder.consoleKeys(config.data(), config.log().mirror());
                ProvisionLedger ledger = ProvisionLedger.open(
                        config.ledgerDirectory(),
                        ledgerKeys,
                        config.deliveries().ledger().perClass(),
                        Clock.systemUTC());
                StreamHub streams = doors.streams(log.journalId(), intake.generation());
                Delivery delivery = Delivery.start(
                        new Delivery.Setup(
                                log,
                                intake.reader(),
                                config.indexDirectory(),
                                new Delivery.Limits(config.deliveries().maxWaiting()),
                                ledger,
                                streams,
                                trace.told()),
                        config.centres());
                Views views =
                        Views.open(config.viewsFile(), log.journalId(), log.durableIndex(), ZoneId.systemDefault());
                ViewTail tail = ViewTail.start(log, intake.reader(), views);
                Guardians.Feed guardians =
                        Guardians.follow(config, own, new Guardians.Hub(log, intake.reader(), views::districts));
                Erasures erasures = new Erasures(
                        new Erasures.Parts(
                                log,
                                parts.keys,
                                List.of(ledgerKeys, consoleKeys),
                                intake,
                                views,
                                List.of(guardians::holdsNothingErasedBefore),
                                parts.copies),
                        config.retention().perClass(),
                        Clock.systemUTC());
                HubApi api = HubApi.start(
                        config,
                        doors.authority(),
                        views,
                        new Api.Hub(
                                views::districts,
                                delivery::status,
                                new AppDesk(
                                        intake::change,
                                        Optional.of((ride, to, atMs, key) -> intake.change(Input.DestinationSaid.at(
                                                Clock.systemUTC().millis(),
                                                ride,
                                                to,
                                                views.districts(),
                                                key.hex(),
                                                atMs))),
                                        riders,
                                        posts.app()),
                                ledgerKeys,
                                consoleKeys,
                                config.deliveries().ledger().longest(),
                                config.routing().everyRide().isPresent()),
                        Clock.systemUTC());
                HubProbes probes = HubProbes.start(
                        config,
                        new HubProbes.Rooms(
                                log,
                                intake,
                                delivery,
                                tail,
                                vault,
                                feed,
                                () -> counts(intake, doors, api, erasures, guardians, vault)));
                Console page = Console.start(
                        config.console().address(),
                        tail,
                        Clock.systemUTC(),
                        () -> counts(intake, doors, api, erasures, guardians, vault),
                        probes.probes());
                HubDoors.UnitDoor door = doors.open(intake)) {
            erasures.start();
            probes.doorsOpen();
            Logger.info(
                    "{}, the page is http://{}:{}/{}, {}, {} log entries, generation {}, hub key {}, {} cursors, {}",
                    door.words(),
                    config.console().address().getHostString(),
                    page.port(),
                    api.words(),
                    intake.machinery(),
                    log.durableIndex(),
                    intake.generation(),
                    parts.hubKeys.present().verifyKey().kid(),
                    delivery.status().size(),
                    posts.words());
            await();
            Logger.info(
                    "stopping; since the start: {}, {} sealed cards asked for",
                    counts(intake, doors, api, erasures, guardians, vault),
                    vault.asked());
        }
    }

    private static Map<String, Long> counts(
            Intake intake, HubDoors doors, HubApi api, Erasures erasures, Guardians.Feed guardians, VaultFeed vault) {
        Map<String, Long> counts = intake.counts();
        counts.putAll(api.counts());
        counts.putAll(doors.counts());
        erasures.addTo(counts);
        vault.addTo(counts);
        guardians.quiet().forEach((reason, count) -> counts.put("guardians not told: " + reason, count));
        return counts;
    }

    private void await() throws InterruptedException {
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailure known) {
                throw known;
            }
            throw new CommandFailure(
                    "the hub cannot go on: " + e.getCause(),
                    "checking the disk and the memory, then start again; nothing that was answered is lost");
        }
    }

    /** The intake has stopped for good. Should the disk not even let us close, the program ends all the same. */
    private void failed(Throwable why) {
        Logger.error(why, "the hub cannot go on and ends");
        Thread lastResort = new Thread(() -> haltUnlessClosed(CommandFailure.EXIT_CODE), "last-resort");
        lastResort.setDaemon(true);
        lastResort.start();
        end.completeExceptionally(why);
    }

    private void stop() {
        end.complete(null);
        haltUnlessClosed(CommandFailure.EXIT_CODE);
    }

    private void haltUnlessClosed(int code) {
        try {
            if (!closed.await(CLOSE_S, TimeUnit.SECONDS)) {
                Logger.error("could not close within {} s", CLOSE_S);
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void logAt(HubConfig.Level level) {
        if (!Configuration.isFrozen()) {
            Configuration.set("level", level.name().toLowerCase(Locale.ROOT));
        }
    }
}
