package ansim.hub;

import ansim.hub.api.NoticeDesk;
import ansim.hub.core.DistrictMap;
import ansim.hub.core.EntryReader;
import ansim.hub.deliver.Destination;
import ansim.hub.guardian.AppNotices;
import ansim.hub.guardian.GuardianFeed;
import ansim.hub.guardian.GuardianSettings;
import ansim.hub.guardian.Posting;
import ansim.hub.vault.GuardianPost;
import ansim.hub.vault.RemoteVault;
import ansim.hub.vault.Vault;
import ansim.journal.Journal;
import ansim.settings.CommandFailure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts together what tells guardians: the feed in the hub's process, the senders in the vault's, which may be the same. */
final class Guardians {
    private Guardians() {}

    /** Who sends; nobody when no guardians are set. */
    static final class Posts implements Closeable {
        private final @Nullable Posting posting;

        private Posts(@Nullable Posting posting) {
            this.posting = posting;
        }

        String words() {
            return posting == null ? "no guardian is told from here" : "guardians are told by " + posting.channels();
        }

        /** What waits for users of the city's app, for the API to serve; empty where the vault is in another process. */
        Optional<NoticeDesk> app() {
            return Optional.ofNullable(posting).map(Posting::app).map(AppDoor::new);
        }

        @Override
        public void close() {
            if (posting != null) {
                posting.close();
            }
        }
    }

    /** Serves the API. */
    private record AppDoor(AppNotices notices) implements NoticeDesk {
        @Override
        public List<Notice> waiting(Optional<String> after, int most) throws IOException {
            return notices.waiting(after, most).stream()
                    .map(each -> new Notice(
                            each.id(),
                            each.user(),
                            each.since(),
                            each.language(),
                            each.text().kind(),
                            each.text().title(),
                            each.text().body(),
                            each.text().fields()))
                    .toList();
        }

        @Override
        public boolean taken(String id) throws IOException {
            return notices.taken(id);
        }
    }

    /** Follows the log for them; nothing when no guardians are set. */
    static final class Feed implements Closeable {
        private final @Nullable GuardianFeed feed;
        private final @Nullable RemoteVault remote;

        private Feed(@Nullable GuardianFeed feed, @Nullable RemoteVault remote) {
            this.feed = feed;
            this.remote = remote;
        }

        /** What nobody was told of, by reason. */
        Map<String, Long> quiet() {
            return feed == null ? Map.of() : feed.quiet();
        }

        /** Whether what was erased up to an entry of the log is in no file of theirs. */
        boolean holdsNothingErasedBefore(long index) {
            return feed == null || feed.holdsNothingErasedBefore(index);
        }

        @Override
        public void close() throws IOException {
            try {
                if (feed != null) {
                    feed.close();
                }
            } finally {
                if (remote != null) {
                    remote.close();
                }
            }
        }
    }

    /** Starts the senders beside a vault in this process, if guardians are set. */
    static Posts send(Optional<Vault> vault, Optional<GuardianSettings> settings) throws IOException {
        return vault.isPresent() && settings.isPresent()
                ? new Posts(send(vault.get(), settings.get()))
                : new Posts(null);
    }

    /** Starts the senders; also without any way, for then what is handed in is given up in time. */
    static Posting send(Vault vault, GuardianSettings settings) throws IOException {
        return Posting.start(vault.outbox(), settings, Guardians::secret, Clock.systemUTC());
    }

    static String secret(Path file) throws IOException {
        return OwnerFile.read(file)
                .map(String::strip)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> new CommandFailure(
                        "there is no secret in " + file,
                        "a file with one line, readable by its owner only (chmod 600)"));
    }

    /** What the feed needs of the hub. */
    record Hub(Journal log, EntryReader reader, Supplier<DistrictMap> districts) {}

    /** Starts the feed to the vault in this process, or to the one at the other end of its socket. */
    static Feed follow(HubConfig config, Optional<Vault> vault, Hub hub) throws IOException {
        Optional<GuardianSettings> settings = config.guardians();
        Optional<Path> socket = config.vault().socket();
        if (settings.isEmpty() || (vault.isEmpty() && socket.isEmpty())) {
            return new Feed(null, null);
        }
        Set<String> centres =
                config.centres().stream().map(Destination::district).collect(Collectors.toSet());
        boolean all = centres.contains(Destination.ALL);
        GuardianFeed.Rules rules =
                new GuardianFeed.Rules(settings.get().late(), code -> all || centres.contains(code), hub.districts());
        // Of its own: the one that names rides may wait for an answer.
        @Nullable RemoteVault remote = socket.map(RemoteVault::new).orElse(null);
        GuardianPost post = remote == null ? vault.orElseThrow() : remote;
        return new Feed(
                GuardianFeed.start(hub.log(), hub.reader(), post, config.data().resolve(SideFiles.GUARDIANS), rules),
                remote);
    }
}
