package ansim.edge.keys;

import ansim.wire.DownMessage;
import ansim.wire.Ed25519Verifier;
import ansim.wire.NextHubKey;
import ansim.wire.VerifyKey;
import java.io.IOException;

/** Whom a unit believes to be the hub in what comes down. Two: {@link UnitKeys} of an enrolled unit, and a key that was set by hand. */
public interface HubTrust {
    /** Whether the hub has signed this message. */
    boolean verifies(DownMessage message);

    /**
     * Takes the hub's next key, durably.
     *
     * @return false where the hub's key was set by hand
     */
    boolean follow(NextHubKey next) throws IOException;

    /**
     * Asks for new keys of the unit's own, durably.
     *
     * @return false where the unit's keys were set by hand
     */
    boolean renewKeys() throws IOException;

    /** One key, as a file gave it; what follows it comes by hand too. */
    static HubTrust fixed(VerifyKey key) {
        return new HubTrust() {
            @Override
            public boolean verifies(DownMessage message) {
                return message.verify(Ed25519Verifier.INSTANCE, key);
            }

            @Override
            public boolean follow(NextHubKey next) {
                return false;
            }

            @Override
            public boolean renewKeys() {
                return false;
            }
        };
    }
}
