package ansim.hub.load;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ansim.wire.Command;
import ansim.wire.DownMessage;
import ansim.wire.Id8;
import ansim.wire.Lane;
import ansim.wire.Receipt;
import ansim.wire.Receipted;
import ansim.wire.SigningKey;
import ansim.wire.UpMessage;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What counts as receipted. */
final class ReceiptsTest {
    private final SigningKey hub = SigningKey.generate(new SecureRandom());
    private final LoadUnit unit = new LoadUnit(Fleet.of(1, 1), 0, 1_795_000_000_000L);
    private final Receipts receipts = new Receipts(1, hub.verifyKey());

    private byte[] receipt(Lane lane, Receipted receipted) {
        Command command = new Command(
                "hub", unit.id, OptionalLong.empty(), 1, 1, 0, new Receipt(Map.of(lane, List.of(receipted))));
        return DownMessage.sign(command, hub).bytes();
    }

    private static Receipted of(UpMessage message) {
        return new Receipted(message.batch().chain(), message.batch().n(), message.payloadHash8());
    }

    @Test
    void aReceiptOfTheNewestCountsForAllBeforeItInItsChain() {
        UpMessage first = unit.track(1_795_000_000_000L);
        UpMessage second = unit.track(1_795_000_030_000L);
        receipts.sent(0, first, 30);
        receipts.sent(0, second, 30);
        receipts.told(0, receipt(Lane.TRACK, of(second)));
        assertEquals(new Receipts.Counts(2, 2, 60, 1, 0), receipts.counts());
        assertEquals(0, receipts.unreceipted(0, Lane.TRACK));
    }

    @Test
    void anotherHashIsCountedAsWrongAndAnotherChainReceiptsNothing() {
        UpMessage message = unit.track(1_795_000_000_000L);
        receipts.sent(0, message, 30);
        receipts.told(0, receipt(Lane.TRACK, new Receipted(new Id8(1), 5, message.payloadHash8())));
        assertEquals(1, receipts.unreceipted(0, Lane.TRACK));
        receipts.told(0, receipt(Lane.TRACK, new Receipted(message.batch().chain(), 1, new Id8(1))));
        assertEquals(1, receipts.counts().wrong());
    }
}
