package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An OSDP reader in clear mode (IEC 60839-11-5): asks who it is and how it is, then polls it for cards and for its tamper switch.
 * A question without an answer is asked again under the same number, so that the reader repeats its answer and a card is neither
 * lost nor given twice; after {@code misses} the conversation begins anew.
 *
 * <p>Not guaranteed: secrecy. Whoever taps the cable reads the card numbers and can invent some: the secure channel is for later,
 * and a channel under the default key, which is in the standard for everybody to read, is refused.
 */
final class Osdp implements Decoder {
    /**
     * Options.
     *
     * @param address of the reader
     * @param name of the contact that is its tamper switch
     * @param key of a secure channel: none can be given yet
     * @param sameCard a repeat within this time of the last read is the same tap; 0s gives every read
     * @param interval from one poll to the next
     * @param timeout how long an answer may take; the standard gives a reader 200 ms
     * @param misses so many answers missing in a row are a fault
     */
    record Options(
            @Default("0") @Range(min = 0, max = 126) int address,
            @Default("reader-cover") String name,
            Optional<String> key,
            @Default("2s") @Range(min = 0, max = 60_000) Duration sameCard,
            @Default("200ms") @Range(min = 50, max = 5_000) Duration interval,
            @Default("500ms") @Range(min = 200, max = 5_000) Duration timeout,
            @Default("3") @Range(min = 1, max = 100) int misses) {
        private static final String DEFAULT_KEY = "303132333435363738393a3b3c3d3e3f";

        Options {
            Contact.checkName("name", name);
            String given = key.orElse("").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
            if (given.equals(DEFAULT_KEY) || given.startsWith("scbk") || given.equals("default")) {
                throw new IllegalArgumentException(
                        "key must not be the default key SCBK-D: it is printed in the standard,"
                                + " so a channel under it only looks secure");
            }
            if (key.isPresent()) {
                throw new IllegalArgumentException(
                        "key cannot be used yet: this version speaks OSDP in the clear; leave it out");
            }
        }
    }

    @SuppressWarnings("ImmutableEnumChecker") // nobody writes to the array
    private enum Step {
        ID(0x61, (byte) 0),
        LOCAL_STATUS(0x64),
        POLL(0x60);

        private final int code;
        private final byte[] data;

        Step(int code, byte... data) {
            this.code = code;
            this.data = data;
        }
    }

    private static final int NAK = 0x41;
    private static final int LSTATR = 0x48;
    private static final int RAW = 0x50;
    private static final int BUSY = 0x79;
    private static final byte WRONG_SEQUENCE = 4;
    private static final int LAST_SEQUENCE = 3;
    /** In RAW: reader number, format, number of bits. */
    private static final int BITS_AT = OsdpReply.DATA_AT + 4;

    private final Options options;
    private final Dialogue dialogue;
    private final Silence silence;
    private final RecentCards recent;
    private Step step = Step.ID;
    private int sequence;
    private int misses;
    private long dueMs = Long.MIN_VALUE;
    private Optional<Boolean> tampered = Optional.empty();

    Osdp(Options options) {
        this.options = options;
        dialogue = new Dialogue(options.timeout().toMillis());
        silence = new Silence(options.misses());
        recent = new RecentCards(options.sameCard().toMillis());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return OsdpReply.check(frame, length);
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        int code = frame[OsdpReply.CODE_AT] & 0xFF;
        int ctrl = frame[OsdpReply.CTRL_AT];
        if (!dialogue.waiting() || (code != BUSY && (ctrl & OsdpReply.SEQUENCE) != sequence)) {
            return Reject.UNASKED;
        }
        if ((ctrl & OsdpReply.WITH_SECURITY) != 0) {
            return Reject.MALFORMED;
        }
        dialogue.over();
        silence.heard(sink);
        misses = 0;
        dueMs = monoMs + options.interval().toMillis();
        if (code == BUSY) {
            return Reject.NONE;
        }
        int dataEnd = length - 2;
        if (code == NAK && dataEnd > OsdpReply.DATA_AT && frame[OsdpReply.DATA_AT] == WRONG_SEQUENCE) {
            begin();
            return Reject.REFUSED;
        }
        sequence = sequence == LAST_SEQUENCE ? 1 : sequence + 1;
        step = step == Step.ID ? Step.LOCAL_STATUS : Step.POLL;
        return switch (code) {
            case NAK -> Reject.REFUSED;
            case LSTATR -> status(frame, dataEnd, sink);
            case RAW -> card(frame, dataEnd, monoMs, sink);
            default -> Reject.NONE;
        };
    }

    private Reject status(byte[] frame, int dataEnd, Consumer<Reading> sink) {
        if (dataEnd < OsdpReply.DATA_AT + 2) {
            return Reject.MALFORMED;
        }
        boolean is = frame[OsdpReply.DATA_AT] != 0;
        if (tampered.isEmpty() || tampered.get() != is) {
            boolean initial = tampered.isEmpty();
            tampered = Optional.of(is);
            sink.accept(new Reading.ContactChange(options.name(), !is, is, initial));
        }
        return Reject.NONE;
    }

    private Reject card(byte[] frame, int dataEnd, long monoMs, Consumer<Reading> sink) {
        if (dataEnd < BITS_AT) {
            return Reject.MALFORMED;
        }
        int bits = (frame[BITS_AT - 2] & 0xFF) | ((frame[BITS_AT - 1] & 0xFF) << Byte.SIZE);
        int bytes = (bits + Byte.SIZE - 1) / Byte.SIZE;
        if (bits == 0 || BITS_AT + bytes > dataEnd) {
            return Reject.MALFORMED;
        }
        byte[] number = new byte[bytes];
        System.arraycopy(frame, BITS_AT, number, 0, bytes);
        // The bits stand to the left; what is behind them is nobody's.
        number[bytes - 1] &= (byte) (0xFF << (bytes * Byte.SIZE - bits));
        recent.read(CardNumber.ofBytes(number, 0, bytes), monoMs, sink);
        Arrays.fill(number, (byte) 0);
        return Reject.NONE;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return silence.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        recent.forget(monoMs);
        if (dialogue.late(monoMs)) {
            silence.missed(sink);
            misses++;
            if (misses >= options.misses()) {
                begin();
            }
        }
        if (!dialogue.waiting() && monoMs >= dueMs) {
            dialogue.ask(OsdpReply.command(options.address(), sequence, step.code, step.data), monoMs);
        }
    }

    /** Number 0 tells the reader that the conversation begins anew. */
    private void begin() {
        sequence = 0;
        step = Step.ID;
        misses = 0;
    }

    @Override
    public byte[] ask(long monoMs) {
        return dialogue.toSend();
    }

    @Override
    public void opened(long monoMs) {
        dialogue.over();
        begin();
        dueMs = monoMs;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM, Reject.NO_CHECKSUM, Reject.MALFORMED, Reject.UNASKED, Reject.REFUSED);
    }
}
