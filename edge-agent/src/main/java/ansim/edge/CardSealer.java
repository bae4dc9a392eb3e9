package ansim.edge;

import ansim.profile.CardNumber;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Seals the cards read on this unit to the rider vault's key, each for the one ride that it is read in. A unit that knows no vault seals
 * nothing: its rides have no name. The caller wipes the card.
 */
final class CardSealer {
    private final Supplier<Optional<SealingKey>> vault;
    private final Id16 unit;
    private final SecureRandom random;

    private CardSealer(Supplier<Optional<SealingKey>> vault, Id16 unit, SecureRandom random) {
        this.vault = vault;
        this.unit = unit;
        this.random = random;
    }

    static CardSealer to(SealingKey vault, Id16 unit, SecureRandom random) {
        return to(() -> Optional.of(vault), unit, random);
    }

    /**
     * To the key of the moment.
     *
     * @param vault empty while none is known
     */
    static CardSealer to(Supplier<Optional<SealingKey>> vault, Id16 unit, SecureRandom random) {
        return new CardSealer(vault, unit, random);
    }

    /** Seals nothing. */
    static CardSealer none() {
        return new CardSealer(Optional::empty, new Id16(0, 0), new SecureRandom());
    }

    /** The card for this ride; empty without a vault. */
    Optional<Bytes> seal(CardNumber card, Id8 ride) {
        return vault.get().map(key -> key.seal(card.characters(), unit, ride, random));
    }
}
