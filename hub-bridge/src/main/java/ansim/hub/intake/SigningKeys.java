package ansim.hub.intake;

import ansim.wire.SigningKey;
import java.util.Optional;

/** With which key the hub signs what it tells units. Any thread. */
public interface SigningKeys {
    /** The key of now. */
    SigningKey present();

    /** The key before it, for units that have not heard of the present one. */
    Optional<SigningKey> before();

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
        };
    }
}
