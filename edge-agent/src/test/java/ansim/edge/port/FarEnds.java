package ansim.edge.port;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Devices for the tests of the commands: each at the far end of a line. */
public final class FarEnds {
    private FarEnds() {}

    /** A PN532 without a card. */
    public static FarEnd pn532(PseudoTerminal line) {
        return new Pn532Chip(line);
    }

    /** An OSDP reader in good order. */
    public static FarEnd osdp(PseudoTerminal line, int address) {
        return new OsdpReader(line, address, 1);
    }

    /** A Modbus device at address 1 without holding registers: exception 2, illegal data address, with the CRC of a calculator. */
    public static FarEnd refusingModbus(PseudoTerminal line) {
        return new FarEnd(line) {
            private static final byte[] REFUSAL = {1, (byte) 0x83, 2, (byte) 0xC0, (byte) 0xF1};

            /** Skips what is no question of function 3 to it. */
            @Override
            int whole(byte[] bytes) {
                boolean begins = bytes.length > 0 && bytes[0] == 1 && (bytes.length == 1 || bytes[1] == 3);
                if (!begins) {
                    return Math.min(bytes.length, 1);
                }
                return bytes.length >= 8 ? 8 : 0;
            }

            @Override
            byte[] answer(byte[] request) {
                return request.length == 8 ? REFUSAL : new byte[0];
            }
        };
    }

    /** A plug that joins the two wires of a line. */
    public static FarEnd echo(PseudoTerminal line) {
        return new FarEnd(line) {
            @Override
            int whole(byte[] bytes) {
                return bytes.length;
            }

            @Override
            byte[] answer(byte[] request) {
                return request;
            }
        };
    }

    /** Something that says the same again and again, and counts what it is told. */
    public static Babbler babbler(PseudoTerminal line, String text) {
        return new Babbler(line, text);
    }

    /** See {@link #babbler}. */
    public static final class Babbler implements AutoCloseable {
        private static final long BETWEEN_NS = 100_000_000;

        private final PseudoTerminal line;
        private final byte[] text;
        private final AtomicInteger heard = new AtomicInteger();
        private volatile boolean over;

        private Babbler(PseudoTerminal line, String text) {
            this.line = line;
            this.text = text.getBytes(StandardCharsets.ISO_8859_1);
            Thread thread = new Thread(this::run, "babbler");
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                while (!over) {
                    heard.addAndGet(line.read().length);
                    line.write(text);
                    LockSupport.parkNanos(BETWEEN_NS);
                }
            } catch (IOException unplugged) {
                over = true;
            }
        }

        /** Bytes that it was told. */
        public int heard() {
            return heard.get();
        }

        @Override
        public void close() {
            over = true;
        }
    }
}
