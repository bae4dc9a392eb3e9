package ansim.edge.port;

import ansim.profile.DeviceReader;
import ansim.profile.Reading;
import ansim.profile.SerialLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import jssc.SerialPort;
import jssc.SerialPortException;

/**
 * A serial port through jSSC, read by polling: asking for the number of waiting bytes costs next to nothing when idle and fails
 * at once when the device is unplugged, which neither a blocking read nor the event listener does.
 */
final class SerialDevice implements Device {
    /** At most so much is taken per poll; the kernel holds the rest for the next one. */
    private static final int POLL_BYTES = 4_096;

    private final SerialPort port;
    private final String device;

    SerialDevice(String device, SerialLine line) throws IOException {
        this.device = device;
        Path path = Path.of(device);
        if (!Files.exists(path)) {
            throw new IOException("no such device: " + device);
        }
        // The kernel's own name: jSSC then also opens names by-id and links to pseudo-terminals.
        Path real = path.toRealPath();
        port = new SerialPort(real.toString());
        try {
            port.openPort();
            boolean set = port.setParams(line.baud(), line.dataBits(), stopBits(line), parity(line));
            // On a pseudo-terminal it says false though it has set what there is to set.
            if (!set && !real.startsWith("/dev/pts")) {
                close();
                throw new IOException(device + " does not take " + line);
            }
        } catch (SerialPortException e) {
            close();
            throw new IOException(device + ": " + e.getExceptionType(), e);
        }
    }

    @Override
    public void poll(DeviceReader reader, long monoMs, Consumer<Reading> sink) throws IOException {
        try {
            int waiting = port.getInputBufferBytesCount();
            if (waiting > 0) {
                byte[] bytes = port.readBytes(Math.min(waiting, POLL_BYTES));
                reader.accept(bytes, 0, bytes.length, monoMs, sink);
                // It may have been a card's number.
                Arrays.fill(bytes, (byte) 0);
            }
        } catch (SerialPortException e) {
            throw new IOException(device + " is gone (" + e.getExceptionType() + ")", e);
        }
    }

    @Override
    public void send(byte[] request) throws IOException {
        try {
            if (!port.writeBytes(request)) {
                throw new IOException(device + " took only part of a request");
            }
        } catch (SerialPortException e) {
            throw new IOException(device + " is gone (" + e.getExceptionType() + ")", e);
        }
    }

    @Override
    public void close() {
        try {
            if (port.isOpened()) {
                port.closePort();
            }
        } catch (SerialPortException alreadyGone) {
            // An unplugged device cannot be closed in order; its descriptor is released all the same.
        }
    }

    private static int parity(SerialLine line) {
        return switch (line.parity()) {
            case NONE -> SerialPort.PARITY_NONE;
            case ODD -> SerialPort.PARITY_ODD;
            case EVEN -> SerialPort.PARITY_EVEN;
            case MARK -> SerialPort.PARITY_MARK;
            case SPACE -> SerialPort.PARITY_SPACE;
        };
    }

    private static int stopBits(SerialLine line) {
        return line.stopBits() == 2 ? SerialPort.STOPBITS_2 : SerialPort.STOPBITS_1;
    }
}
