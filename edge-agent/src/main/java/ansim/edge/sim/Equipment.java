package ansim.edge.sim;

import ansim.edge.port.PseudoTerminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * What stands in a pole's cabinet and must be asked: a UPS that speaks Modbus RTU on a pseudo-terminal {@code ups}, and a
 * {@link Camera}. Both are well: 13.2 V, 21.5 C, on mains. A thread each, {@code ups} and {@code camera}, until
 * closed.
 */
final class Equipment implements AutoCloseable {
    private static final int ADDRESS = 1;
    private static final int READ_INPUT_REGISTERS = 4;
    /** Supply in 0.1 V, temperature in 0.1 C. */
    private static final int[] REGISTERS = {132, 215};

    private static final int REQUEST_BYTES = 8;
    private static final int MOST_HELD = 256;
    private static final long LOOK_NS = 10_000_000;
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;

    private final PseudoTerminal line;
    private final Camera camera;
    private volatile boolean open = true;

    Equipment(Path folder) throws IOException {
        camera = new Camera(cameraPort(folder));
        try {
            line = new PseudoTerminal(folder.resolve("ups"));
        } catch (IOException e) {
            camera.close();
            throw e;
        }
        Thread thread = new Thread(this::answerModbus, "ups");
        thread.setDaemon(true);
        thread.start();
    }

    /** Where the camera of this folder listens: known to both the simulator and the configuration that it prints. */
    static int cameraPort(Path folder) {
        return FIRST_PORT
                + Math.floorMod(folder.toAbsolutePath().normalize().toString().hashCode(), PORTS);
    }

    private void answerModbus() {
        ByteArrayOutputStream held = new ByteArrayOutputStream();
        while (open) {
            try {
                byte[] some = line.read();
                if (some.length == 0) {
                    LockSupport.parkNanos(LOOK_NS);
                    continue;
                }
                held.writeBytes(some);
                byte[] bytes = held.toByteArray();
                held.reset();
                int from = 0;
                while (bytes.length - from >= REQUEST_BYTES) {
                    byte[] answer = modbus(Arrays.copyOfRange(bytes, from, from + REQUEST_BYTES));
                    if (answer.length > 0) {
                        line.write(answer);
                    }
                    // What is no request is passed over byte by byte, as a board in step with the next pause would.
                    from += answer.length > 0 ? REQUEST_BYTES : 1;
                }
                held.write(bytes, from, Math.min(bytes.length - from, MOST_HELD));
            } catch (IOException unplugged) {
                open = false;
            }
        }
    }

    /** The answer to a request of input registers (MODBUS Application Protocol 1.1b3, 6.4); nothing to anything else. */
    static byte[] modbus(byte[] request) {
        int first = ((request[2] & 0xFF) << 8) | (request[3] & 0xFF);
        int count = ((request[4] & 0xFF) << 8) | (request[5] & 0xFF);
        int check = crc(request, REQUEST_BYTES - 2);
        boolean whole = request[6] == (byte) check && request[7] == (byte) (check >> 8);
        if (!whole
                || request[0] != ADDRESS
                || request[1] != READ_INPUT_REGISTERS
                || count < 1
                || first + count > REGISTERS.length) {
            return new byte[0];
        }
        byte[] answer = new byte[5 + 2 * count];
        answer[0] = ADDRESS;
        answer[1] = READ_INPUT_REGISTERS;
        answer[2] = (byte) (2 * count);
        for (int i = 0; i < count; i++) {
            answer[3 + 2 * i] = (byte) (REGISTERS[first + i] >> 8);
            answer[4 + 2 * i] = (byte) REGISTERS[first + i];
        }
        int crc = crc(answer, answer.length - 2);
        answer[answer.length - 2] = (byte) crc;
        answer[answer.length - 1] = (byte) (crc >> 8);
        return answer;
    }

    /** By the rule of the standard, not by the decoder's code: the simulator must not share its faults. */
    private static int crc(byte[] bytes, int length) {
        int crc = 0xFFFF;
        for (int i = 0; i < length; i++) {
            crc ^= bytes[i] & 0xFF;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : (crc >>> 1) ^ 0xA001;
            }
        }
        return crc;
    }

    @Override
    public void close() throws IOException {
        open = false;
        camera.close();
        line.close();
    }
}
