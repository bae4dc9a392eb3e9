package ansim.profile;

import ansim.settings.Default;
import ansim.settings.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What is where in a Modbus device, and which requests read it: neighbours are read together. */
final class ModbusMap {
    private static final int BITS_PER_REGISTER = 16;

    private ModbusMap() {}

    /** How a value is stored. */
    enum Type {
        U16,
        S16,
        U32,
        S32,
        BIT
    }

    /** Which register of a 32-bit value comes first. */
    enum Words {
        HIGH_FIRST,
        LOW_FIRST
    }

    /**
     * One value.
     *
     * @param name of the measure, 1 to 32 bytes; {@code supply} in V and {@code temperature} in C are told in health
     * @param function 1 coils, 2 discrete inputs, 3 holding registers, 4 input registers
     * @param register as it is on the line, from 0: what a manual calls 40001 is function 3, register 0
     * @param type how it is stored; bit for functions 1 and 2
     * @param bit which bit of a register, for type bit with functions 3 and 4, from 0, the lowest
     * @param scale what is read times this is the value
     * @param unit of the value, up to 8 bytes
     * @param thresholds what becomes a contact
     */
    record Register(
            String name,
            @Default("3") @Range(min = 1, max = 4) int function,
            @Range(min = 0, max = 65_535) int register,
            @Default("u16") Type type,
            @Default("0") @Range(min = 0, max = 15) int bit,

            @Default("1") @Range(min = -1_000_000, max = 1_000_000)
            double scale,

            @Default("''") String unit,
            @Default("[]") List<Threshold> thresholds) {
        private static final int LONGEST_UNIT = 8;
        private static final int MOST_THRESHOLDS = 8;

        Register {
            Contact.checkName("name", name);
            if (function <= 2 && type != Type.BIT) {
                throw new IllegalArgumentException(
                        "functions 1 and 2 read bits: type must be bit (got " + ReadingJson.word(type) + ")");
            }
            if (register + words(type) > 65_536) {
                throw new IllegalArgumentException("register must be at most 65534 for 32 bits (got " + register + ")");
            }
            if (scale == 0) {
                throw new IllegalArgumentException("scale must not be 0");
            }
            if (unit.length() > LONGEST_UNIT || unit.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("unit must be up to " + LONGEST_UNIT + " characters");
            }
            if (thresholds.size() > MOST_THRESHOLDS) {
                throw new IllegalArgumentException("a register has at most " + MOST_THRESHOLDS + " thresholds");
            }
        }

        private static int words(Type type) {
            return type == Type.U32 || type == Type.S32 ? 2 : 1;
        }

        int words() {
            return words(type);
        }

        /** The value in 1/1000 of its unit, from the data of an answer that begins at this register. */
        long valueE3(byte[] data, int at, Words order) {
            int first = ((data[at] & 0xFF) << Byte.SIZE) | (data[at + 1] & 0xFF);
            long raw = first;
            if (type == Type.S16) {
                raw = (short) first;
            } else if (type == Type.BIT) {
                raw = (first >> bit) & 1;
            } else if (words() == 2) {
                int second = ((data[at + 2] & 0xFF) << Byte.SIZE) | (data[at + 3] & 0xFF);
                int both = order == Words.HIGH_FIRST
                        ? (first << BITS_PER_REGISTER) | second
                        : (second << BITS_PER_REGISTER) | first;
                raw = type == Type.S32 ? both : Integer.toUnsignedLong(both);
            }
            return scaledE3(raw);
        }

        long scaledE3(long raw) {
            return Math.round(raw * scale * 1000);
        }
    }

    /**
     * A value that is a contact, closed and an alarm while the value is beyond the limit.
     *
     * @param above the limit, if beyond is above it; one of above and below
     * @param below the limit, if beyond is below it
     * @param hysteresis how far the value must come back before the alarm ends
     * @param contact the contact's name, 1 to 32 bytes
     */
    record Threshold(
            Optional<Double> above,
            Optional<Double> below,
            @Default("0") double hysteresis,
            String contact) {
        Threshold {
            if (above.isPresent() == below.isPresent()) {
                throw new IllegalArgumentException("must have one of above and below");
            }
            if (hysteresis < 0) {
                throw new IllegalArgumentException("hysteresis must not be negative (got " + hysteresis + ")");
            }
            Contact.checkName("contact", contact);
        }

        /** Is it beyond, given whether it was? A value that comes back ends an alarm only past the hysteresis. */
        boolean beyond(long valueE3, boolean was) {
            long backE3 = was ? Math.round(hysteresis * 1000) : 0;
            return above.map(limit -> valueE3 > Math.round(limit * 1000) - backE3)
                    .orElseGet(() -> valueE3 < Math.round(below.orElseThrow() * 1000) + backE3);
        }
    }

    /**
     * Neighbours of one function that are read by one request.
     *
     * @param quantity registers, or bits for functions 1 and 2
     */
    record Request(int function, int register, int quantity, List<Register> values) {
        boolean ofBits() {
            return function <= 2;
        }

        /** Data bytes in the answer. */
        int answerBytes() {
            return ofBits() ? (quantity + Byte.SIZE - 1) / Byte.SIZE : 2 * quantity;
        }

        byte[] bytes(int address) {
            byte[] bytes = {
                (byte) address,
                (byte) function,
                (byte) (register >> Byte.SIZE),
                (byte) register,
                (byte) (quantity >> Byte.SIZE),
                (byte) quantity,
                0,
                0
            };
            Crc16.put(Crc16.modbus(bytes, bytes.length - 2), bytes, bytes.length - 2);
            return bytes;
        }

        long valueE3(Register value, byte[] frame, int dataAt, Words order) {
            int offset = value.register() - register;
            if (ofBits()) {
                return value.scaledE3((frame[dataAt + offset / Byte.SIZE] >> (offset % Byte.SIZE)) & 1);
            }
            return value.valueE3(frame, dataAt + 2 * offset, order);
        }
    }

    /** The requests that read all the values, neighbours together but at most so many registers at once, and no gaps. */
    static List<Request> requests(List<Register> values, int most) {
        List<Register> sorted = new ArrayList<>(values);
        sorted.sort(Comparator.comparingInt(Register::function).thenComparingInt(Register::register));
        List<Request> requests = new ArrayList<>();
        List<Register> run = new ArrayList<>();
        int end = 0;
        for (Register value : sorted) {
            int valueEnd = value.register() + value.words();
            boolean joins = !run.isEmpty()
                    && run.get(0).function() == value.function()
                    && value.register() <= end
                    && Math.max(end, valueEnd) - run.get(0).register() <= most;
            if (!joins) {
                close(run, end, requests);
                run = new ArrayList<>();
                end = valueEnd;
            }
            run.add(value);
            end = Math.max(end, valueEnd);
        }
        close(run, end, requests);
        return List.copyOf(requests);
    }

    private static void close(List<Register> run, int end, List<Request> requests) {
        if (!run.isEmpty()) {
            Register first = run.get(0);
            requests.add(new Request(first.function(), first.register(), end - first.register(), List.copyOf(run)));
        }
    }
}
