package ansim.edge;

import ansim.profile.Counters;
import ansim.profile.DeviceReader;
import ansim.profile.Profile;
import ansim.profile.Reading;
import ansim.profile.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Writes what passes between a device and its reader: bytes as they are when the device speaks by itself, rows of a conversation
 * when it is asked, rows of levels for GPIO lines. Masks runs of four or more hex digits when told to. The port's thread only,
 * except {@link #bytes} and {@link #full}; {@link #end} after the port has stopped.
 */
final class PortTap {
    /** A longer run of digits is written in pieces; each piece is still masked. */
    private static final int HELD_MOST = 256;

    private static final int SHORTEST_MASKED = 4;

    private final Profile profile;
    private final OutputStream out;
    private final boolean masked;
    private final long maxBytes;
    private final boolean conversation;
    private final ByteArrayOutputStream digits = new ByteArrayOutputStream(HELD_MOST);
    private OptionalLong startMs = OptionalLong.empty();
    private boolean inRun;
    private final AtomicLong bytes = new AtomicLong();
    private volatile Optional<IOException> failure = Optional.empty();

    PortTap(Profile profile, OutputStream out, boolean masked, long maxBytes) {
        this.profile = profile;
        this.out = out;
        this.masked = masked;
        this.maxBytes = maxBytes;
        this.conversation = profile.wire() == Wire.PCSC || profile.asks();
    }

    void head(List<String> lines) throws IOException {
        for (String line : lines) {
            String safe = line.replaceAll("\\p{Cntrl}", " ");
            out.write(("# " + safe + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Bytes and levels recorded. */
    long bytes() {
        return bytes.get();
    }

    /** Nothing more is taken. */
    boolean full() {
        return failure.isPresent() || bytes() >= maxBytes;
    }

    /** Writes what was held back, and tells of a write that failed meanwhile. */
    void end() throws IOException {
        flushDigits();
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    DeviceReader around(DeviceReader reader) {
        return new DeviceReader() {
            private final boolean[] levels =
                    new boolean[Math.max(1, profile.lines().size())];
            private final boolean[] seen = new boolean[levels.length];

            @Override
            public void resume(Set<Reading.Fault.What> faults, Consumer<Reading> sink) {
                reader.resume(faults, sink);
            }

            @Override
            public void opened(long monoMs, Consumer<Reading> sink) {
                reader.opened(monoMs, sink);
            }

            @Override
            public void accept(byte[] buffer, int offset, int length, long monoMs, Consumer<Reading> sink) {
                if (conversation) {
                    row(
                            monoMs,
                            "in " + HexFormat.of().withUpperCase().formatHex(buffer, offset, offset + length),
                            length);
                } else {
                    raw(buffer, offset, length);
                }
                reader.accept(buffer, offset, length, monoMs, sink);
            }

            @Override
            public byte[] toSend(long monoMs) {
                byte[] request = reader.toSend(monoMs);
                if (request.length > 0) {
                    row(monoMs, "out " + HexFormat.of().withUpperCase().formatHex(request), request.length);
                }
                return request;
            }

            @Override
            public void level(int line, boolean high, long monoMs, Consumer<Reading> sink) {
                if (!seen[line] || levels[line] != high) {
                    seen[line] = true;
                    levels[line] = high;
                    row(monoMs, profile.lines().get(line) + (high ? " 1" : " 0"), 1);
                }
                reader.level(line, high, monoMs, sink);
            }

            @Override
            public void tick(long monoMs, Consumer<Reading> sink) {
                reader.tick(monoMs, sink);
            }

            @Override
            public Counters counters() {
                return reader.counters();
            }
        };
    }

    private void row(long monoMs, String text, int length) {
        if (full()) {
            return;
        }
        if (startMs.isEmpty()) {
            startMs = OptionalLong.of(monoMs);
        }
        write(((monoMs - startMs.getAsLong()) + " " + text + "\n").getBytes(StandardCharsets.US_ASCII));
        bytes.addAndGet(length);
    }

    private void raw(byte[] buffer, int offset, int length) {
        if (full()) {
            return;
        }
        bytes.addAndGet(length);
        if (!masked) {
            write(Arrays.copyOfRange(buffer, offset, offset + length));
            return;
        }
        for (int i = offset; i < offset + length; i++) {
            if (Character.digit(buffer[i], 16) >= 0) {
                digits.write(buffer[i]);
                if (digits.size() == HELD_MOST) {
                    inRun = true;
                    flushDigits();
                    inRun = true;
                }
            } else {
                flushDigits();
                write(new byte[] {buffer[i]});
            }
        }
    }

    private void flushDigits() {
        byte[] run = digits.toByteArray();
        digits.reset();
        if (inRun || run.length >= SHORTEST_MASKED) {
            Arrays.fill(run, (byte) '0');
        }
        inRun = false;
        write(run);
    }

    private void write(byte[] some) {
        try {
            out.write(some);
        } catch (IOException e) {
            // Told by end(): a port thread has nobody to tell.
            failure = Optional.of(e);
        }
    }
}
