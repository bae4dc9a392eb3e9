package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Contactless cards at an NXP PN532 (UM0701-02): wakes it, sets it up, and asks again and again for one ISO/IEC 14443 A card. A
 * reader that misses an answer may have lost its power, so it is woken and set up anew. Which number a card is known by is
 * {@link ContactlessCard}'s rule.
 */
final class Pn532 implements Decoder {
    /**
     * Options.
     *
     * @param purse whether a KS X 6924 purse is looked for
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     * @param interval from one look for a card to the next
     * @param timeout how long an answer may take
     * @param misses so many answers missing in a row are a fault
     */
    record Options(
            @Default("none") ContactlessCard.Purse purse,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard,
            @Default("200ms") @Range(min = 50, max = 10_000) Duration interval,
            @Default("1s") @Range(min = 200, max = 10_000) Duration timeout,
            @Default("3") @Range(min = 1, max = 100) int misses) {}

    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to the array
    private enum Step {
        /** SAMConfiguration: normal mode, time-out 1 s, IRQ pin; before it the bytes that end the reader's sleep. */
        WAKE(0x14, 0x01, 0x14, 0x01),
        /** RFConfiguration item 5: try a card a few times, then say that there is none. Without it nothing is said until one comes. */
        RETRIES(0x32, 0x05, 0xFF, 0x01, 0x02),
        /** InListPassiveTarget: one card, 106 kbit/s type A. */
        LIST(0x4A, 0x01, 0x00),
        /** InDataExchange with card 1; an APDU follows. */
        EXCHANGE(0x40, 0x01),
        /** InRelease of all cards: one that was selected does not answer the next look. */
        RELEASE(0x52, 0x00);

        private final byte[] content;

        Step(int... content) {
            this.content = new byte[content.length];
            for (int i = 0; i < content.length; i++) {
                this.content[i] = (byte) content[i];
            }
        }

        byte[] command(byte... more) {
            byte[] all = new byte[content.length + more.length];
            System.arraycopy(content, 0, all, 0, content.length);
            System.arraycopy(more, 0, all, content.length, more.length);
            return Pn532Frame.command(all);
        }

        /** The code of the answer. */
        byte answer() {
            return (byte) (content[0] + 1);
        }
    }

    private static final int WAKE_BYTES = 16;
    private static final byte WAKE_BYTE = 0x55;
    private static final int DATA_AT = Pn532Frame.TFI_AT + 2;
    /** In the answer of LIST, after the number of cards: card number, SENS_RES, SEL_RES, length of the UID. */
    private static final int SEL_RES_AT = DATA_AT + 4;

    private static final int UID_AT = DATA_AT + 6;
    private static final int ISO_14443_4 = 0x20;
    private static final int ERROR_BITS = 0x3F;

    private final Options options;
    private final Dialogue dialogue;
    private final Silence silence;
    private final ContactlessCard card;
    private Step step = Step.WAKE;
    private long dueMs = Long.MIN_VALUE;
    private byte[] apdu = NOTHING;

    Pn532(Options options) {
        this.options = options;
        dialogue = new Dialogue(options.timeout().toMillis());
        silence = new Silence(options.misses());
        card = new ContactlessCard(options.purse(), options.sameCard().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return Pn532Frame.check(frame, length);
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        if (!dialogue.waiting()) {
            return Reject.UNASKED;
        }
        if (Pn532Frame.acknowledges(frame)) {
            return Reject.NONE;
        }
        int from = frame[Pn532Frame.TFI_AT] & 0xFF;
        if (Pn532Frame.refuses(frame) || from == Pn532Frame.SYNTAX_ERROR) {
            silence.heard(sink);
            next(Step.WAKE, monoMs + options.interval().toMillis());
            return Reject.REFUSED;
        }
        int dataEnd = length - 2;
        if (from != Pn532Frame.FROM_DEVICE || dataEnd < DATA_AT || frame[DATA_AT - 1] != step.answer()) {
            return Reject.UNASKED;
        }
        silence.heard(sink);
        return answered(frame, dataEnd, monoMs, sink);
    }

    private Reject answered(byte[] frame, int dataEnd, long monoMs, Consumer<Reading> sink) {
        long laterMs = monoMs + options.interval().toMillis();
        switch (step) {
            case WAKE -> next(Step.RETRIES, monoMs);
            case RETRIES -> next(Step.LIST, monoMs);
            case LIST -> {
                next(Step.LIST, laterMs);
                return listed(frame, dataEnd, monoMs, sink);
            }
            case EXCHANGE -> {
                if (dataEnd == DATA_AT || (frame[DATA_AT] & ERROR_BITS) != 0) {
                    // It left the field before it said whether it has a purse: by its UID it would be another person.
                    card.forget();
                    next(Step.RELEASE, monoMs);
                    return Reject.NONE;
                }
                card.answered(frame, DATA_AT + 1, dataEnd);
                return exchange(monoMs, sink);
            }
            case RELEASE -> next(Step.LIST, laterMs);
            default -> throw new IllegalStateException("step " + step);
        }
        return Reject.NONE;
    }

    private Reject listed(byte[] frame, int dataEnd, long monoMs, Consumer<Reading> sink) {
        if (dataEnd == DATA_AT) {
            return Reject.MALFORMED;
        }
        if (frame[DATA_AT] == 0) {
            return Reject.NONE;
        }
        int uidBytes = dataEnd > UID_AT ? frame[UID_AT - 1] & 0xFF : 0;
        boolean known = uidBytes == 4 || uidBytes == 7 || uidBytes == 10;
        if (frame[DATA_AT] != 1 || !known || UID_AT + uidBytes > dataEnd) {
            return Reject.MALFORMED;
        }
        boolean exchanges = (frame[SEL_RES_AT] & ISO_14443_4) != 0;
        card.found(frame, UID_AT, UID_AT + uidBytes, exchanges);
        return exchange(monoMs, sink);
    }

    /** Goes on with the card, or is done with it. */
    private Reject exchange(long monoMs, Consumer<Reading> sink) {
        apdu = card.nextApdu();
        if (apdu.length > 0) {
            next(Step.EXCHANGE, monoMs);
            return Reject.NONE;
        }
        if (step == Step.EXCHANGE) {
            next(Step.RELEASE, monoMs);
        }
        return card.conclude(monoMs, sink);
    }

    private void next(Step then, long atMs) {
        dialogue.over();
        step = then;
        dueMs = atMs;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return silence.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        card.tick(monoMs);
        if (dialogue.late(monoMs)) {
            silence.missed(sink);
            card.forget();
            next(Step.WAKE, monoMs);
        }
        if (!dialogue.waiting() && monoMs >= dueMs) {
            dialogue.ask(
                    step == Step.WAKE ? wake() : step == Step.EXCHANGE ? step.command(apdu) : step.command(), monoMs);
        }
    }

    private static byte[] wake() {
        byte[] command = Step.WAKE.command();
        byte[] bytes = new byte[WAKE_BYTES + command.length];
        bytes[0] = WAKE_BYTE;
        bytes[1] = WAKE_BYTE;
        System.arraycopy(command, 0, bytes, WAKE_BYTES, command.length);
        return bytes;
    }

    @Override
    public byte[] ask(long monoMs) {
        return dialogue.toSend();
    }

    @Override
    public void opened(long monoMs) {
        card.forget();
        next(Step.WAKE, monoMs);
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM, Reject.MALFORMED, Reject.UNASKED, Reject.REFUSED, Reject.ANONYMOUS);
    }
}
