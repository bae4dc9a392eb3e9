package ansim.hub;

import ansim.trust.Authority;
import ansim.trust.TlsIdentity;
import ansim.trust.TlsKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who a door of the hub is: a key and a certificate of the hub's own authority, made at the start and again, whenever it is asked for, once
 * two thirds of its life are over. On no disk. Any thread.
 */
final class DoorIdentity implements Supplier<TlsIdentity> {
    private final Authority authority;
    private final List<String> names;
    private final InstantSource clock;
    private final SecureRandom random;
    private @Nullable TlsIdentity current;
    private Instant renewAt = Instant.MIN;

    /**
     * Nobody yet.
     *
     * @param names by which units reach the door
     */
    DoorIdentity(Authority authority, List<String> names, InstantSource clock, SecureRandom random) {
        this.authority = authority;
        this.names = List.copyOf(names);
        this.clock = clock;
        this.random = random;
    }

    @Override
    public synchronized TlsIdentity get() {
        Instant now = clock.instant();
        TlsIdentity known = current;
        if (known == null || !now.isBefore(renewAt)) {
            TlsKey key = TlsKey.generate(random);
            known = new TlsIdentity(key, List.of(authority.server(key.publicKey(), names, now)));
            Duration life = Duration.between(now, known.leaf().getNotAfter().toInstant());
            renewAt = now.plus(life.multipliedBy(2).dividedBy(3));
            current = known;
        }
        return known;
    }
}
