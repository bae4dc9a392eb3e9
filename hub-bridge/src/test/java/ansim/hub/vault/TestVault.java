package ansim.hub.vault;

import ansim.hub.ledger.ConsoleReads;
import ansim.wire.Bytes;
import ansim.wire.Id16;
import ansim.wire.Id8;
import ansim.wire.SealingKey;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;

/** A vault with two riders: Ann of 11680 with two cards and two guardians, Ben of 11440 with one card and none. */
final class TestVault {
    static final String ANN = "62E3086CED";
    static final String ANNS_OTHER = "1010030000163931";
    static final String BEN = "2E00AF0EC9";
    static final String ANNS_MOTHER = "010-1234-5678";
    static final String RIDERS = """
            rider,card,home,language,channel,address
            1,62e3 086c ed,11680,ko,sms,%s
            1,1010-0300-0016-3931,11680,ko,mail,"father, at home <f@example.org>"
            2,2E00AF0EC9,11440,,,
            """.formatted(ANNS_MOTHER);

    static final Id16 UNIT = new Id16(1, 2);
    static final Id8 RIDE = new Id8(3);
    static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-11-27T03:04:05.678Z"));
    static final Began NOW = Began.at(CLOCK.millis());
    static final ConsoleReads.Reader BY = new ConsoleReads.Reader("kim as vault", "vault riders import", "case 42");
    private static final SecureRandom RANDOM = new SecureRandom();

    private TestVault() {}

    static SealingKey create(Path folder) throws IOException {
        SealingKey key = Vault.create(folder, RANDOM);
        bring(folder, RIDERS);
        return key;
    }

    static RidersImport.Imported bring(Path folder, String csv) throws IOException {
        return RidersImport.bring(
                folder, new BufferedReader(new StringReader(csv)), BY, CLOCK, RidersImport.Progress.NONE);
    }

    static Bytes seal(SealingKey key, String card, Id8 ride) {
        return key.seal(card.getBytes(StandardCharsets.US_ASCII), UNIT, ride, RANDOM);
    }
}
