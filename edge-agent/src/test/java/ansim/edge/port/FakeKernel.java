package ansim.edge.port;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The kernel's GPIO device, as far as it is used, written from linux/gpio.h and drivers/gpio/gpiolib-cdev.c and not from the code
 * under test: chips with lines, requests that keep them, edges that are numbered in the interrupt and queued later.
 */
class FakeKernel implements LinuxCalls {
    private static final int EBADF = 9;

    final Path dev;
    final Map<String, Chip> chips = new HashMap<>();
    private final Map<Integer, Object> descriptors = new HashMap<>();
    private int nextFd = 3;

    static final class Chip {
        final String label;
        final Line[] lines;
        boolean gone;
        boolean withoutInterrupts;

        Chip(String label, int count) {
            this.label = label;
            lines = new Line[count];
            for (int i = 0; i < count; i++) {
                lines[i] = new Line();
            }
        }
    }

    static final class Line {
        boolean high;
        String consumer = "";
        /** Every level that the line has had as an output. */
        final List<Boolean> driven = new ArrayList<>();

        private long flags;
    }

    private static final class Request {
        final Chip chip;
        final int[] offsets;
        final int room;
        final ArrayDeque<byte[]> queue = new ArrayDeque<>();
        int seqno;

        Request(Chip chip, int[] offsets, int room) {
            this.chip = chip;
            this.offsets = offsets;
            this.room = room == 0 ? 16 * offsets.length : Math.min(room, 16 * 64);
        }
    }

    FakeKernel(Path dev) {
        this.dev = dev;
    }

    Chip chip(String name, String label, int lines) {
        return chip(name, label, lines, "socket-" + name);
    }

    /** A chip is plugged into a socket. */
    Chip chip(String name, String label, int lines, String socket) {
        try {
            Files.writeString(dev.resolve(name), "");
            Files.createDirectories(places());
            Files.createSymbolicLink(places().resolve(name), Path.of("../../../devices", socket, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Chip chip = new Chip(label, lines);
        chips.put(name, chip);
        return chip;
    }

    private Path places() {
        return dev.resolve("sys/bus/gpio/devices");
    }

    /** The chip goes, whoever has its lines; its number stays taken. */
    void unplug(String name) {
        try {
            Files.delete(dev.resolve(name));
            Files.delete(places().resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Chip chip = chips.remove(name);
        if (chip != null) {
            chip.gone = true;
        }
    }

    GpioChips view() {
        return new GpioChips(this, dev, places());
    }

    int openDescriptors() {
        return descriptors.size();
    }

    /** An interrupt whose thread has run: the event is queued. */
    void edge(Chip chip, int offset, boolean high, long timeMs) {
        chip.lines[offset].high = high;
        queue(interrupt(chip, offset, high, timeMs));
    }

    /** A level that changed without an interrupt. */
    void silently(Chip chip, int offset, boolean high) {
        chip.lines[offset].high = high;
    }

    /** An interrupt: numbered, not yet queued; empty where nobody has asked for that edge. */
    byte[] interrupt(Chip chip, int offset, boolean high, long timeMs) {
        long wanted = high ? 1 << 4 : 1 << 5;
        for (Object each : descriptors.values()) {
            if (each instanceof Request request && request.chip == chip && (chip.lines[offset].flags & wanted) != 0) {
                for (int own : request.offsets) {
                    if (own == offset) {
                        ByteBuffer event = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
                        event.putLong(timeMs * 1_000_000).putInt(high ? 1 : 2).putInt(offset);
                        return event.putInt(++request.seqno).array();
                    }
                }
            }
        }
        return new byte[0];
    }

    /** The thread of an interrupt runs. */
    void queue(byte[] event) {
        if (event.length == 0) {
            return;
        }
        int offset = ByteBuffer.wrap(event).order(ByteOrder.nativeOrder()).getInt(12);
        for (Object each : descriptors.values()) {
            if (each instanceof Request request) {
                for (int own : request.offsets) {
                    if (own == offset) {
                        if (request.queue.size() == request.room) {
                            request.queue.remove();
                        }
                        request.queue.add(event);
                    }
                }
            }
        }
    }

    @Override
    public int open(String path, int flags) {
        Chip chip = chips.get(Path.of(path).getFileName().toString());
        if (chip == null || chip.gone) {
            throw new LastErrorException(ENOENT);
        }
        descriptors.put(nextFd, chip);
        return nextFd++;
    }

    @Override
    public int close(int fd) {
        Object closed = descriptors.remove(fd);
        if (closed == null) {
            throw new LastErrorException(EBADF);
        }
        if (closed instanceof Request request) {
            for (int offset : request.offsets) {
                request.chip.lines[offset].consumer = "";
                request.chip.lines[offset].flags = 0;
            }
        }
        return 0;
    }

    @Override
    public int read(int fd, byte[] buffer, int length) {
        Request request = (Request) descriptors.get(fd);
        if (request == null || request.chip.gone) {
            Native.setLastError(ENODEV);
            return -1;
        }
        int at = 0;
        while (!request.queue.isEmpty() && at + 48 <= length) {
            System.arraycopy(request.queue.remove(), 0, buffer, at, 48 - 28);
            at += 48;
        }
        if (at == 0) {
            Native.setLastError(EAGAIN);
            return -1;
        }
        return at;
    }

    @Override
    public int fcntl(int fd, int command, int value) {
        return 0;
    }

    @Override
    public int ioctl(int fd, int request, byte[] argument) {
        Object target = descriptors.get(fd);
        ByteBuffer bytes = ByteBuffer.wrap(argument).order(ByteOrder.nativeOrder());
        if (target == null) {
            throw new LastErrorException(EBADF);
        }
        Chip chip = target instanceof Request held ? held.chip : (Chip) target;
        if (chip.gone) {
            throw new LastErrorException(ENODEV);
        }
        switch (request) {
            case 0x8044B401 -> {
                name(bytes, 32, chip.label);
                bytes.putInt(64, chip.lines.length);
            }
            case 0xC100B405 -> name(bytes, 32, chip.lines[bytes.getInt(64)].consumer);
            case 0xC250B407 -> bytes.putInt(588, request(chip, bytes));
            case 0xC010B40E -> {
                long levels = 0;
                int[] offsets = ((Request) target).offsets;
                for (int i = 0; i < offsets.length; i++) {
                    levels |= chip.lines[offsets[i]].high ? 1L << i : 0;
                }
                bytes.putLong(0, levels & bytes.getLong(8));
            }
            case 0xC010B40F -> drive(chip.lines[((Request) target).offsets[0]], bytes.getLong(0) == 1);
            default -> throw new LastErrorException(EINVAL);
        }
        return 0;
    }

    private int request(Chip chip, ByteBuffer in) {
        int[] offsets = new int[in.getInt(560)];
        for (int i = 0; i < offsets.length; i++) {
            offsets[i] = in.getInt(4 * i);
            if (offsets[i] >= chip.lines.length) {
                throw new LastErrorException(EINVAL);
            }
            if (!chip.lines[offsets[i]].consumer.isEmpty()) {
                throw new LastErrorException(EBUSY);
            }
        }
        if (chip.withoutInterrupts && (in.getLong(288) & (1 << 4 | 1 << 5)) != 0) {
            throw new LastErrorException(ENODEV);
        }
        byte[] consumer = new byte[32];
        in.get(256, consumer);
        for (int offset : offsets) {
            Line line = chip.lines[offset];
            line.consumer = new String(consumer, StandardCharsets.US_ASCII).trim();
            line.flags = in.getLong(288);
            if ((line.flags & 1 << 3) != 0) {
                drive(line, in.getInt(296) == 1 && in.getInt(320) == 2 && (in.getLong(328) & in.getLong(336)) == 1);
            }
        }
        descriptors.put(nextFd, new Request(chip, offsets, in.getInt(564)));
        return nextFd++;
    }

    private static void drive(Line line, boolean high) {
        line.high = high;
        line.driven.add(high);
    }

    private static void name(ByteBuffer bytes, int at, String name) {
        bytes.put(at, name.getBytes(StandardCharsets.US_ASCII));
    }
}
