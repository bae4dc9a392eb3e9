package ansim.profile;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** A device on a line of bytes: a framer and a decoder, and the counters over both. */
final class ByteReader implements DeviceReader, Framer.FrameSink {
    private final Framer framer;
    private final Decoder decoder;
    private final Set<Reading.Type> wanted;
    private final Map<Reject, Long> rejected = new EnumMap<>(Reject.class);
    private final Consumer<Reading> filter = this::give;

    private Consumer<Reading> sink = reading -> {};
    private long nowMs;
    private long lastByteMs;
    private long openedMs = Long.MIN_VALUE;
    private boolean heard;
    private long bytes;
    private long noiseBytes;
    private long frames;
    private long accepted;
    private long readings;

    ByteReader(Framer framer, Decoder decoder, Set<Reading.Type> wanted) {
        this.framer = framer;
        this.decoder = decoder;
        this.wanted = wanted;
        framer.rejects().forEach(reason -> rejected.put(reason, 0L));
        decoder.rejects().forEach(reason -> rejected.put(reason, 0L));
    }

    @Override
    public void accept(byte[] buffer, int offset, int length, long monoMs, Consumer<Reading> to) {
        // Once per moment: where a chunk is cut must not say when the device is asked, and so which answer is awaited.
        if (!heard || monoMs != nowMs) {
            tick(monoMs, to);
        }
        sink = to;
        for (int i = offset; i < offset + length; i++) {
            framer.accept(buffer[i], this);
        }
        bytes += length;
        lastByteMs = monoMs;
    }

    @Override
    public void resume(Set<Reading.Fault.What> faults, Consumer<Reading> to) {
        for (Reading.Fault.What fault : faults) {
            if (!wanted.contains(Reading.Type.FAULT) || !decoder.resume(fault)) {
                to.accept(new Reading.Fault(fault, false));
            }
        }
    }

    @Override
    public void opened(long monoMs, Consumer<Reading> to) {
        tick(monoMs, to);
        framer.silence(Long.MAX_VALUE, this);
        openedMs = monoMs;
        decoder.opened(monoMs);
    }

    @Override
    public byte[] toSend(long monoMs) {
        return decoder.ask(monoMs);
    }

    @Override
    public void level(int line, boolean high, long monoMs, Consumer<Reading> to) {
        throw new IllegalStateException("a profile of bytes has no GPIO lines");
    }

    @Override
    public void tick(long monoMs, Consumer<Reading> to) {
        if (!heard) {
            heard = true;
            lastByteMs = monoMs;
        }
        nowMs = monoMs;
        sink = to;
        framer.silence(monoMs - Math.max(lastByteMs, openedMs), this);
        decoder.tick(monoMs, lastByteMs, filter);
    }

    @Override
    public Counters counters() {
        Map<String, Long> byReason = new LinkedHashMap<>();
        rejected.forEach((reason, count) -> byReason.put(reason.word(), count));
        return new Counters(bytes, noiseBytes, frames, accepted, byReason, readings);
    }

    /** Bytes of a frame that has not ended. */
    int pending() {
        return framer.pending();
    }

    @Override
    public void frame(byte[] frame, int length) {
        Reject verdict = decoder.checkFrame(frame, length);
        if (verdict == Reject.NONE) {
            verdict = decoder.decodeBody(frame, length, nowMs, filter);
        }
        frames++;
        if (verdict == Reject.NONE) {
            accepted++;
        } else {
            rejected.merge(verdict, 1L, Long::sum);
        }
    }

    @Override
    public void broken(Reject reason) {
        frames++;
        rejected.merge(reason, 1L, Long::sum);
    }

    @Override
    public void noise() {
        noiseBytes++;
    }

    private void give(Reading reading) {
        if (wanted.contains(reading.type())) {
            readings++;
            sink.accept(reading);
        } else if (reading.type() == Reading.Type.TAP) {
            ((Reading.Tap) reading).card().wipe();
        }
    }
}
