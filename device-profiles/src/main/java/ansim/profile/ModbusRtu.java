package ansim.profile;

import ansim.profile.ModbusMap.Register;
import ansim.profile.ModbusMap.Request;
import ansim.profile.ModbusMap.Threshold;
import ansim.profile.ModbusMap.Words;
import ansim.settings.Default;
import ansim.settings.Range;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads the values of a Modbus RTU device (MODBUS Application Protocol 1.1b3, functions 1 to 4) in rounds, and never writes. Each
 * value is a measure in each round; thresholds are contacts. A device that does not answer is a fault.
 *
 * <p>Not guaranteed: that an answer that comes more than {@code timeout} plus {@value LengthFramer#GAP_MS} ms late is not taken for
 * that of a later request of the same function and length: Modbus RTU numbers nothing.
 */
final class ModbusRtu implements Decoder {
    /**
     * Options.
     *
     * @param address of the device
     * @param registers what is read
     * @param words which register of a 32-bit value comes first
     * @param mostPerRequest registers read by one request, at most; the standard allows 125, small boards fewer
     * @param interval from one round to the next
     * @param timeout how long an answer may take
     * @param quiet silence on the line before a request; 3.5 characters are 4 ms at 9600 baud and 32 ms at 1200
     * @param misses so many answers missing in a row are a fault
     */
    record Options(
            @Default("1") @Range(min = 1, max = 247) int address,
            List<Register> registers,
            @Default("high-first") Words words,
            @Default("32") @Range(min = 2, max = 125) int mostPerRequest,

            @Default("5s") @Range(min = 100, max = 3_600_000)
            Duration interval,

            @Default("1s") @Range(min = 100, max = 10_000) Duration timeout,
            @Default("20ms") @Range(min = 0, max = 1_000) Duration quiet,
            @Default("3") @Range(min = 1, max = 100) int misses) {
        private static final int MOST_REGISTERS = 32;

        Options {
            if (registers.isEmpty() || registers.size() > MOST_REGISTERS) {
                throw new IllegalArgumentException(
                        "registers must name 1 to " + MOST_REGISTERS + " values (got " + registers.size() + ")");
            }
            Set<String> contacts = new HashSet<>();
            for (Register value : registers) {
                for (Threshold threshold : value.thresholds()) {
                    if (!contacts.add(threshold.contact())) {
                        throw new IllegalArgumentException("two thresholds are contact " + threshold.contact());
                    }
                }
            }
        }
    }

    private static final int DATA = 3;

    private final Options options;
    private final List<Request> requests;
    private final Dialogue dialogue;
    private final Silence silence;
    private final Map<String, Boolean> beyond = new HashMap<>();
    private int next;
    private long roundMs;
    private long dueMs = Long.MIN_VALUE;

    ModbusRtu(Options options) {
        this.options = options;
        requests = ModbusMap.requests(options.registers(), options.mostPerRequest());
        dialogue = new Dialogue(options.timeout().toMillis());
        silence = new Silence(options.misses());
    }

    @Override
    public Reject checkFrame(byte[] frame, int length) {
        return ModbusAnswer.holds(frame, length) ? Reject.NONE : Reject.CHECKSUM;
    }

    @Override
    public Reject decodeBody(byte[] frame, int length, long monoMs, Consumer<Reading> sink) {
        Request request = requests.get(next);
        int function = frame[1] & 0xFF;
        if (!dialogue.waiting() || (function & ~ModbusAnswer.EXCEPTION) != request.function()) {
            return Reject.UNASKED;
        }
        boolean refused = function >= ModbusAnswer.EXCEPTION;
        int data = length - ModbusAnswer.OVERHEAD;
        if (!refused && (data != request.answerBytes() || (frame[2] & 0xFF) != data)) {
            return Reject.MALFORMED;
        }
        dialogue.over();
        silence.heard(sink);
        advance(monoMs);
        if (refused) {
            return Reject.REFUSED;
        }
        for (Register value : request.values()) {
            give(value, request.valueE3(value, frame, DATA, options.words()), sink);
        }
        return Reject.NONE;
    }

    @Override
    public boolean resume(Reading.Fault.What fault) {
        return silence.resume(fault);
    }

    @Override
    public void tick(long monoMs, long lastByteMs, Consumer<Reading> sink) {
        if (dialogue.late(monoMs)) {
            silence.missed(sink);
            // The answer may still come: it must not meet the next request.
            advance(monoMs + LengthFramer.GAP_MS);
        }
        if (dueMs == Long.MIN_VALUE) {
            dueMs = monoMs;
        }
        if (dialogue.waiting() || monoMs < dueMs) {
            return;
        }
        boolean babbling = monoMs - dueMs >= options.timeout().toMillis();
        if (babbling || monoMs - lastByteMs >= options.quiet().toMillis()) {
            if (next == 0) {
                roundMs = monoMs;
            }
            dialogue.ask(requests.get(next).bytes(options.address()), monoMs);
        }
    }

    @Override
    public byte[] ask(long monoMs) {
        return dialogue.toSend();
    }

    @Override
    public void opened(long monoMs) {
        dialogue.over();
        next = 0;
        dueMs = monoMs;
    }

    @Override
    public Set<Reject> rejects() {
        return EnumSet.of(Reject.CHECKSUM, Reject.MALFORMED, Reject.UNASKED, Reject.REFUSED);
    }

    private void advance(long earliestMs) {
        next = (next + 1) % requests.size();
        dueMs = next == 0 ? Math.max(earliestMs, roundMs + options.interval().toMillis()) : earliestMs;
    }

    private void give(Register value, long valueE3, Consumer<Reading> sink) {
        sink.accept(new Reading.Measure(value.name(), valueE3, value.unit()));
        for (Threshold threshold : value.thresholds()) {
            Boolean was = beyond.get(threshold.contact());
            boolean is = threshold.beyond(valueE3, was != null && was);
            if (was == null || was != is) {
                beyond.put(threshold.contact(), is);
                sink.accept(new Reading.ContactChange(threshold.contact(), is, is, was == null));
            }
        }
    }
}
