package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Contactless cards at a reader behind PC/SC: asks each card for its UID (PC/SC part 3, 3.2.2.1.3) and, if so set, for its transit
 * purse. Which number a card is known by is {@link ContactlessCard}'s rule. A reader that tells nothing any more is a fault.
 */
final class Pcsc implements Decoder {
    /**
     * Options.
     *
     * @param purse whether a KS X 6924 purse is looked for
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     * @param timeout how long a card may take for an answer
     * @param silentAfter a reader that is not there for so long is a fault
     */
    record Options(
            @Default("none") ContactlessCard.Purse purse,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard,
            @Default("2s") @Range(min = 200, max = 10_000) Duration timeout,

            @Default("10s") @Range(min = 3_000, max = 600_000)
            Duration silentAfter) {}

    private static final byte[] GET_UID = HexFormat.of().parseHex("FFCA000000");
    private static final int SHORTEST_UID = 4;
    private static final int LONGEST_UID = 10;
    private static final int STATUS_BYTES = 2;

    private final Options options;
    private final Dialogue dialogue;
    private final Silence silence = new Silence(1);
    private final ContactlessCard card;
    private boolean uidAsked;

    Pcsc(Options options) {
        this.options = options;
        dialogue = new Dialogue(options.timeout().toMillis());
        card = new ContactlessCard(options.purse(), options.sameCard().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return PcscMessage.check(frame, length);
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        silence.heard(sink);
        switch (frame[0]) {
            case PcscMessage.CARD -> {
                uidAsked = true;
                dialogue.ask(GET_UID.clone(), monoMs);
            }
            case PcscMessage.GONE -> {
                dialogue.over();
                card.forget();
            }
            case PcscMessage.RESPONSE -> {
                return response(frame, length, monoMs, sink);
            }
            default -> {}
        }
        return Reject.NONE;
    }

    private Reject response(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        if (!dialogue.waiting()) {
            return Reject.UNASKED;
        }
        dialogue.over();
        if (uidAsked) {
            uidAsked = false;
            int bytes = length - PcscMessage.HEAD - STATUS_BYTES;
            boolean told = KsX6924.succeeded(frame, PcscMessage.HEAD, length);
            if (told && (bytes < SHORTEST_UID || bytes > LONGEST_UID)) {
                return Reject.MALFORMED;
            }
            if (!told && options.purse() == ContactlessCard.Purse.NONE) {
                return Reject.REFUSED;
            }
            card.found(frame, PcscMessage.HEAD, told ? PcscMessage.HEAD + bytes : PcscMessage.HEAD, true);
        } else {
            card.answered(frame, PcscMessage.HEAD, length);
        }
        byte[] apdu = card.nextApdu();
        if (apdu.length > 0) {
            dialogue.ask(apdu, monoMs);
            return Reject.NONE;
        }
        return card.conclude(monoMs, sink);
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return silence.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        card.tick(monoMs);
        if (monoMs - lastByteMs >= options.silentAfter().toMillis()) {
            silence.missed(sink);
        }
        if (dialogue.late(monoMs)) {
            // The card went away while it was asked.
            uidAsked = false;
            card.forget();
        }
    }

    @Override
    public byte[] ask(long monoMs) {
        return dialogue.toSend();
    }

    @Override
    public void opened(long monoMs) {
        dialogue.over();
        card.forget();
        uidAsked = false;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.MALFORMED, Reject.UNASKED, Reject.REFUSED, Reject.ANONYMOUS);
    }
}
