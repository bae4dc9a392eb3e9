package ansim.edge.port;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * An OSDP reader in clear mode, written from the standard (IEC 60839-11-5) and not from the program: it numbers, repeats its last
 * answer to a repeated question, refuses a wrong number (NAK 4) and begins anew with number 0. Its faults come by chance from a
 * seed, each with the share that a test gives.
 */
final class OsdpReader extends FarEnd {
    private static final byte START = 0x53;
    private static final int LONGEST = 64;
    private static final int POLL = 0x60;
    private static final int ID = 0x61;
    private static final int LOCAL_STATUS = 0x64;
    private static final int ACK = 0x40;
    private static final int NAK = 0x41;
    private static final int PDID = 0x45;
    private static final int LSTATR = 0x48;
    private static final int RAW = 0x50;
    private static final int BUSY = 0x79;
    private static final int NO_CONVERSATION = -1;

    private final int address;
    private final Random random;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int last = NO_CONVERSATION;
    private byte[] lastAnswer = {};
    private boolean tampered;

    /** Answers that are lost, spoilt, preceded by noise, or put off, in percent. */
    volatile int lostPercent;

    volatile int spoiltPercent;
    volatile int noisyPercent;
    volatile int busyPercent;
    volatile boolean offline;

    final AtomicInteger polls = new AtomicInteger();
    final AtomicInteger repeated = new AtomicInteger();
    final AtomicInteger refusedNumbers = new AtomicInteger();

    OsdpReader(PseudoTerminal line, int address, long seed) {
        super(line);
        this.address = address;
        random = new Random(seed);
    }

    /** Holds a card of 26 bits to it; given with the next poll. */
    synchronized void hold(String hex) {
        byte[] bits = HexFormat.of().parseHex(hex);
        byte[] data = new byte[4 + bits.length];
        data[1] = 1;
        data[2] = 26;
        System.arraycopy(bits, 0, data, 4, bits.length);
        waiting.add(data);
    }

    synchronized void openCover() {
        tampered = true;
    }

    synchronized boolean allRead() {
        return waiting.isEmpty();
    }

    /** Its power goes and comes: it forgets the conversation, not the cards that it is yet to tell of. */
    synchronized void loseMemory() {
        last = NO_CONVERSATION;
        lastAnswer = new byte[0];
    }

    /** What does not begin as a packet is skipped, as is one whose length is none. */
    @Override
    int whole(byte[] bytes) {
        int start = 0;
        while (start < bytes.length && bytes[start] != START) {
            start++;
        }
        if (start > 0) {
            return start;
        }
        if (bytes.length < 4) {
            return 0;
        }
        int length = (bytes[2] & 0xFF) | (bytes[3] & 0xFF) << 8;
        if (length < 8 || length > LONGEST) {
            return 1;
        }
        return bytes.length >= length ? length : 0;
    }

    @Override
    synchronized byte[] answer(byte[] request) {
        boolean mine = request.length >= 8 && request[0] == START && request[1] == address;
        if (!mine || offline || crc(request, request.length - 2) != crcAt(request, request.length - 2)) {
            return new byte[0];
        }
        int number = request[4] & 3;
        byte[] answer;
        if (number != 0 && number == last) {
            repeated.incrementAndGet();
            answer = lastAnswer;
        } else if (chance(busyPercent)) {
            // Number 0, and the question counts as not asked.
            return packet(0, BUSY);
        } else if (number != 0 && (last == NO_CONVERSATION || number != last % 3 + 1)) {
            refusedNumbers.incrementAndGet();
            answer = packet(number, NAK, (byte) 4);
        } else {
            last = number;
            answer = content(number, request[5] & 0xFF);
            lastAnswer = answer;
        }
        return chance(lostPercent) ? new byte[0] : onTheLine(answer);
    }

    private byte[] content(int number, int command) {
        return switch (command) {
            case ID -> packet(number, PDID, HexFormat.of().parseHex("5C2623010278563412010203"));
            case LOCAL_STATUS -> status(number);
            case POLL -> poll(number);
            default -> packet(number, NAK, (byte) 3);
        };
    }

    private byte[] poll(int number) {
        polls.incrementAndGet();
        byte[] card = waiting.poll();
        if (card != null) {
            return packet(number, RAW, card);
        }
        return tampered ? status(number) : packet(number, ACK);
    }

    private byte[] status(int number) {
        return packet(number, LSTATR, (byte) (tampered ? 1 : 0), (byte) 0);
    }

    private byte[] onTheLine(byte[] answer) {
        byte[] said = answer.clone();
        if (chance(spoiltPercent)) {
            said[random.nextInt(said.length)] ^= (byte) (1 << random.nextInt(8));
        }
        if (!chance(noisyPercent)) {
            return said;
        }
        byte[] noise = new byte[1 + random.nextInt(12)];
        random.nextBytes(noise);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(noise);
        all.writeBytes(said);
        return all.toByteArray();
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    /** In pieces, as a converter hands over what has come so far. */
    @Override
    void say(PseudoTerminal to, byte[] answer) throws IOException {
        for (int from = 0; from < answer.length; ) {
            int until = Math.min(answer.length, from + 1 + random.nextInt(7));
            to.write(Arrays.copyOfRange(answer, from, until));
            LockSupport.parkNanos(500_000);
            from = until;
        }
    }

    private byte[] packet(int number, int code, byte... data) {
        byte[] packet = new byte[8 + data.length];
        packet[0] = START;
        packet[1] = (byte) (address | 0x80);
        packet[2] = (byte) packet.length;
        packet[4] = (byte) (number | 4);
        packet[5] = (byte) code;
        System.arraycopy(data, 0, packet, 6, data.length);
        int crc = crc(packet, packet.length - 2);
        packet[packet.length - 2] = (byte) crc;
        packet[packet.length - 1] = (byte) (crc >> 8);
        return packet;
    }

    private static int crcAt(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
    }

    /** Bit by bit: polynomial 1021, initial 1D0F. */
    private static int crc(byte[] bytes, int length) {
        int crc = 0x1D0F;
        for (int i = 0; i < length; i++) {
            crc ^= (bytes[i] & 0xFF) << 8;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
            }
        }
        return crc & 0xFFFF;
    }
}
