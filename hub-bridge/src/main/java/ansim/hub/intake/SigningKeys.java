package ansim.hub.intake;

import ansim.wire.SigningKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** With which key the hub signs what it tells units. Any thread. */
public interface SigningKeys {
    /**
     * A key and its time.
     *
     * @param from it signs nothing before
     */
    record Dated(SigningKey key, Instant from) {}

    /** The key of now. */
    SigningKey present();

    /** The key before it, for units that have not heard of the present one. */
    Optional<SigningKey> before();

    /** All up to the key of now, oldest first; at least one. */
    List<Dated> soFar();

    /** One that never changes. */
    static SigningKeys of(SigningKey key) {
        return new SigningKeys() {
            @Override
            public SigningKey present() {
                return key;
            }

            @Override
            public Optional<SigningKey> before() {
                return Optional.empty();
            }

            @Override
            public List<Dated> soFar() {
                return List.of(new Dated(key, Instant.EPOCH));
            }
        };
    }
}
