package ansim.hub.intake;

import ansim.wire.Id16;
import ansim.wire.Lane;
import ansim.wire.Receipted;
import ansim.wire.Refused;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One unit at one of the doors, as the verification and the committer see it. Any thread may call, also when it has long gone; no method
 * waits.
 */
interface Session {
    /** The unit that it is; all zero before that is known. */
    Id16 unit();

    /** Who to blame: the unit, if it is one of ours; otherwise the address. */
    String source();

    /** Whether receipts would reach it. */
    boolean isSubscribed();

    /** What it is still to be told; for the committer alone. */
    ReceiptsDue receiptsDue();

    /** Whether a receipt of everything has been asked for and not been given yet. */
    AtomicBoolean greeting();

    /** What became of these is settled, see {@link Incoming#fate}. */
    void answer(List<Incoming> messages);

    /** Gives these receipts to be signed and sent; none when there is nothing to receipt yet. */
    void receipt(List<Map<Lane, List<Receipted>>> receipts);

    /** Gives a refusal to be signed and sent; {@link #answer} comes after it. */
    void refused(Incoming incoming, Refused.Refusal refusal);
}
